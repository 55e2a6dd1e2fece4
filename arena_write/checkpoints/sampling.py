"""Choosing the next token: the same seed gives the same answer, alone or beside others, on any device.

A row draws from a stream of random numbers of its own, one number a token, and the number picks the token from the
cumulative distribution. Nothing is drawn from a generator that rows share, and transformers does not sample: what this
module leaves of the scores is one token a row. What is left to chance is rounding: a batch computes scores that differ
in their last digits from those of a row alone, and where a number falls within that difference of a border, another
token follows.
"""

import random
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from arena_write.checkpoints.errors import BrokenWeightsError
from arena_write.endpoints.settings import RequestSettings

if TYPE_CHECKING:
    from torch import Tensor

Processor = Callable[["Tensor", "Tensor"], "Tensor"]
"""Takes token ids (rows, tokens so far) and scores (rows, vocabulary) and returns scores; a `LogitsProcessor`."""


def make_processors(settings: RequestSettings, seeds: Sequence[int], *, grammar: Processor | None) -> list[Processor]:
    """Return what a batch's scores pass through, in this order: the grammar, the warpers, the draw.

    The grammar comes first, so that the warpers choose among tokens that it allows and the draw never leaves it. A
    temperature that is not set is 1, as with servers; 0 takes the likeliest token and draws nothing.

    Args:
        settings: Sampling of the batch.
        seeds: A seed a row.
        grammar: What holds replies to a shape.
    """
    from transformers import MinPLogitsWarper, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

    processors: list[Processor] = [_check_numbers, *([] if grammar is None else [grammar])]
    if settings.temperature == 0:
        return processors
    if settings.temperature not in (None, 1):
        processors.append(TemperatureLogitsWarper(float(settings.temperature or 1)))
    if settings.min_p is not None:
        processors.append(MinPLogitsWarper(settings.min_p))
    if settings.top_k is not None and settings.top_k > 0:
        processors.append(TopKLogitsWarper(settings.top_k))
    if settings.top_p is not None and settings.top_p < 1:
        processors.append(TopPLogitsWarper(settings.top_p))
    return [*processors, Draw(seeds)]


class Draw:
    """Leaves of each row's scores the one token that the row's own random number picks.

    Args:
        seeds: A seed a row.
    """

    def __init__(self, seeds: Sequence[int]) -> None:
        self._streams = [random.Random(seed) for seed in seeds]

    def __call__(self, ids: "Tensor", scores: "Tensor") -> "Tensor":
        """Return scores of minus infinity but for one token a row."""
        import torch

        sums = scores.double().softmax(-1).cumsum(-1)
        numbers = torch.tensor([[stream.random()] for stream in self._streams], dtype=sums.dtype, device=sums.device)
        chosen = torch.searchsorted(sums, numbers * sums[:, -1:], right=True)
        # A number that rounds up to the whole sum is behind the last token; it counts as the likeliest one.
        chosen = torch.where(chosen < scores.shape[-1], chosen, scores.argmax(-1, keepdim=True))
        return torch.full_like(scores, float("-inf")).scatter(-1, chosen, 0.0)


def _check_numbers(ids: "Tensor", scores: "Tensor") -> "Tensor":
    if bool(scores.isnan().any()):
        raise BrokenWeightsError(
            "the model's scores are no numbers: its weights are damaged or diverged, or too large for their type"
        )
    return scores
