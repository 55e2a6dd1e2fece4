"""Computing one batch with transformers."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from arena_write.checkpoints.batches import Ask
from arena_write.checkpoints.endings import Endings, cut_at_stop, make_decoder
from arena_write.checkpoints.errors import OutOfMemoryError
from arena_write.checkpoints.grammar import Grammars, read_schema
from arena_write.checkpoints.loading import Loaded
from arena_write.checkpoints.sampling import Processor, make_processors


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model wrote.

    Args:
        text: Its words, up to the stop string.
        tokens: How many tokens it wrote, the one that ended it included.
        finish_reason: `stop` or `length`.
    """

    text: str
    tokens: int
    finish_reason: str


class Generator:
    """Computes batches of one checkpoint, one at a time.

    Args:
        loaded: The checkpoint.
        given_up: Ends the batch under way when it is set.
    """

    def __init__(self, loaded: Loaded, given_up: threading.Event) -> None:
        self._loaded = loaded
        self._given_up = given_up
        self._decode = make_decoder(loaded.tokenizer, loaded.controls)
        self._grammars: Grammars | None = None

    def write(self, batch: Sequence[Ask]) -> list[Reply | OutOfMemoryError]:
        """Return the reply to each call; a batch that does not fit into memory is halved, which changes no text.

        Raises:
            BrokenWeightsError: The model computes something that is no number.
        """
        import torch

        try:
            return list(self._write(batch))
        except torch.OutOfMemoryError as error:
            reason = str(error).splitlines()[0]
        torch.cuda.empty_cache()
        if len(batch) == 1:
            size = len(batch[0].ids) + batch[0].budget
            return [OutOfMemoryError(f"an answer of up to {size} tokens does not fit into memory ({reason:.200})")]
        middle = len(batch) // 2
        return [*self.write(batch[:middle]), *self.write(batch[middle:])]

    def _write(self, batch: Sequence[Ask]) -> list[Reply]:
        import torch
        from transformers import GenerationConfig

        loaded, settings = self._loaded, batch[0].settings
        longest = max(len(ask.ids) for ask in batch)
        pads = [longest - len(ask.ids) for ask in batch]
        ids = [[loaded.pad_token] * pad + list(ask.ids) for pad, ask in zip(pads, batch, strict=True)]
        mask = [[0] * pad + [1] * len(ask.ids) for pad, ask in zip(pads, batch, strict=True)]
        endings = Endings(
            start=longest,
            budgets=[ask.budget for ask in batch],
            end_tokens=loaded.end_tokens,
            stop=settings.stop or (),
            decode=self._decode,
            given_up=self._given_up,
        )
        schema = read_schema(settings.response_format)
        written = loaded.model.generate(
            input_ids=torch.tensor(ids, device=loaded.device),
            attention_mask=torch.tensor(mask, device=loaded.device),
            generation_config=GenerationConfig(
                max_new_tokens=max(ask.budget for ask in batch),
                do_sample=False,
                eos_token_id=sorted(loaded.end_tokens) or None,
                pad_token_id=loaded.pad_token,
            ),
            logits_processor=make_processors(
                settings, [ask.seed for ask in batch], grammar=None if schema is None else self._grammar(schema)
            ),
            stopping_criteria=[endings],
        )
        rows = written[:, longest:].tolist()
        return [
            self._read(row[:length], settings.stop or ()) for row, length in zip(rows, endings.lengths, strict=True)
        ]

    def _grammar(self, schema: str) -> Processor:
        if self._grammars is None:
            self._grammars = Grammars(self._loaded)
        return self._grammars.processor(schema)

    def _read(self, ids: Sequence[int], stop: Sequence[str]) -> Reply:
        text, stopped = cut_at_stop(self._decode(ids), stop)
        ended = bool(ids) and ids[-1] in self._loaded.end_tokens
        return Reply(text, len(ids), "stop" if stopped or ended else "length")
