"""How long work takes on a CPU: told by a short probe before it begins."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arena_write.checkpoints.loading import Loaded

if TYPE_CHECKING:
    from torch import Tensor

LIMIT_SECONDS = 30 * 60.0
_PROMPT = 64
_STEPS = 5


@dataclass(frozen=True, slots=True)
class Workload:
    """Calls that a model has before it.

    Args:
        model: Id of the model.
        calls: How many there are.
        prompt_tokens: Tokens of all prompts, about.
        reply_tokens: Tokens of all replies, about.
    """

    model: str
    calls: int
    prompt_tokens: float
    reply_tokens: float


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a checkpoint is here.

    Args:
        prompt_second: Tokens of prompts that are read in a second.
        step_seconds: Seconds for one token of every row of a batch.
        rows: Rows of such a batch.
    """

    prompt_second: float
    step_seconds: float
    rows: int

    def predict(self, work: Iterable[Workload]) -> float:
        """Return about how many seconds the work takes; attention over long texts, which adds to it, is not counted."""
        return sum(
            item.prompt_tokens / self.prompt_second
            + item.reply_tokens / min(self.rows, max(item.calls, 1)) * self.step_seconds
            for item in work
        )


def measure(loaded: Loaded, *, rows: int) -> Pace:
    """Have a checkpoint read one prompt of 64 tokens, and write 5 tokens in a batch, and time it: seconds at most for
    models that one would run on a CPU.

    Args:
        loaded: The checkpoint.
        rows: Rows of a batch.
    """
    clock = _Clock()
    _generate(loaded, rows=rows, prompt=2, steps=_STEPS, clock=clock)
    steps = sorted(after - before for before, after in zip(clock.times, clock.times[1:], strict=False))
    started = time.perf_counter()
    _generate(loaded, rows=1, prompt=_PROMPT, steps=1, clock=_Clock())
    return Pace(_PROMPT / (time.perf_counter() - started), steps[len(steps) // 2], rows)


class _Clock:
    """Notes the time of each token; a `StoppingCriteria` that stops nothing."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def __call__(self, ids: "Tensor", scores: "Tensor") -> "Tensor":
        self.times.append(time.perf_counter())
        return ids.new_zeros(ids.shape[0]).bool()


def _generate(loaded: Loaded, *, rows: int, prompt: int, steps: int, clock: _Clock) -> None:
    import torch
    from transformers import GenerationConfig

    ids = torch.arange(rows * prompt).reshape(rows, prompt) % loaded.vocabulary
    loaded.model.generate(
        input_ids=ids.to(loaded.device),
        attention_mask=torch.ones_like(ids).to(loaded.device),
        generation_config=GenerationConfig(max_new_tokens=steps, do_sample=False, pad_token_id=loaded.pad_token),
        stopping_criteria=[clock],
    )
