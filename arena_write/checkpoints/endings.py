"""When an answer ends, and what of its tokens is its text."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedTokenizerBase

_TAGS = frozenset(f"<{slash}{name}>" for name in ("think", "thinking", "reasoning", "answer") for slash in ("", "/"))
"""Tags that say what of an answer is thought. Some tokenizers have them as control tokens, which else are no text."""


class Endings:
    """Ends each row of a batch at its end token, its stop string or its budget; a `StoppingCriteria`.

    Args:
        start: Length of the padded prompts.
        budgets: Tokens that each row may have.
        end_tokens: Ids that end an answer.
        stop: Strings that end an answer.
        decode: From token ids to text.
        given_up: Ends all rows at once when it is set.

    Attributes:
        lengths: How many tokens each row has; nothing while it goes on.
    """

    def __init__(
        self,
        *,
        start: int,
        budgets: Sequence[int],
        end_tokens: frozenset[int],
        stop: Sequence[str],
        decode: Callable[[Sequence[int]], str],
        given_up: threading.Event,
    ) -> None:
        self.lengths: list[int | None] = [None] * len(budgets)
        self._start, self._budgets, self._end_tokens, self._given_up = start, budgets, end_tokens, given_up
        self._stop, self._decode = tuple(stop), decode
        # A stop string of n bytes spreads over n tokens at most, but for tokens that are no text.
        self._reach = max((len(text.encode("utf-8")) for text in self._stop), default=0) + 8

    def __call__(self, ids: "Tensor", scores: "Tensor") -> "Tensor":
        """Return which rows have ended."""
        import torch

        count = ids.shape[1] - self._start
        newest = ids[:, -1].tolist()
        for row, length in enumerate(self.lengths):
            if length is None and (
                newest[row] in self._end_tokens or count >= self._budgets[row] or self._stops(ids[row], count)
            ):
                self.lengths[row] = count
        given_up = self._given_up.is_set()
        return torch.tensor([given_up or length is not None for length in self.lengths], device=ids.device)

    def _stops(self, ids: "Tensor", count: int) -> bool:
        if not self._stop:
            return False
        seen = self._decode(ids[-min(count, self._reach) :].tolist())
        return any(text in seen for text in self._stop)


def make_decoder(tokenizer: "PreTrainedTokenizerBase", controls: Mapping[str, int]) -> Callable[[Sequence[int]], str]:
    """Return what turns token ids into text: without control tokens, but for tags of thoughts and answers."""
    silent = frozenset(number for token, number in controls.items() if token not in _TAGS)

    def decode(ids: Sequence[int]) -> str:
        kept = [token for token in ids if token not in silent]
        return str(tokenizer.decode(kept, skip_special_tokens=False, clean_up_tokenization_spaces=False))

    return decode


def cut_at_stop(text: str, stop: Sequence[str]) -> tuple[str, bool]:
    """Return the text before the first of the stop strings, and whether there is one."""
    places = [place for place in (text.find(item) for item in stop) if place >= 0]
    return (text[: min(places)], True) if places else (text, False)
