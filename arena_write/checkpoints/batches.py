"""Which waiting calls are computed together."""

from collections.abc import Sequence
from dataclasses import dataclass

from arena_write.endpoints.settings import RequestSettings

PROMPT_TOKENS = 32_768
"""Tokens of prompts in a batch, padding included: what is computed at once before the first token."""

FREE_PADDING = 2_048
"""Tokens of padding that cost less than a batch more."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One call.

    Args:
        ids: Tokens of the prompt.
        settings: Sampling and shape of the reply.
        budget: Tokens that the reply may have.
        seed: Draws the reply.
    """

    ids: tuple[int, ...]
    settings: RequestSettings
    budget: int
    seed: int


def choose_batch(waiting: Sequence[Ask], *, cache_tokens: int) -> list[int]:
    """Return the places of the calls to compute next: the one that waits longest, and those most like it in length.

    Calls of one batch have the same settings. It grows while its prompts, padded to the longest, have at most
    `PROMPT_TOKENS` tokens of which no more than half are padding, and while a cache for prompts and whole replies fits.
    One call alone is always a batch.

    Args:
        waiting: Calls in the order in which they came; at least one.
        cache_tokens: Tokens for which a cache fits into memory.
    """
    alike = sorted(
        (place for place, ask in enumerate(waiting) if ask.settings == waiting[0].settings),
        key=lambda place: (len(waiting[place].ids), place),
    )
    low = high = alike.index(0)
    length = len(waiting[0].ids)
    while low > 0 or high < len(alike) - 1:
        below = length - len(waiting[alike[low - 1]].ids) if low > 0 else None
        above = len(waiting[alike[high + 1]].ids) - length if high < len(alike) - 1 else None
        grown = (low - 1, high) if above is None or (below is not None and below <= above) else (low, high + 1)
        if not _fits([waiting[place] for place in alike[grown[0] : grown[1] + 1]], cache_tokens):
            break
        low, high = grown
    return alike[low : high + 1]


def _fits(batch: Sequence[Ask], cache_tokens: int) -> bool:
    real = sum(len(ask.ids) for ask in batch)
    padded = len(batch) * max(len(ask.ids) for ask in batch)
    replies = len(batch) * max(ask.budget for ask in batch)
    return padded <= PROMPT_TOKENS and padded - real <= max(real, FREE_PADDING) and padded + replies <= cache_tokens
