"""Pairwise win rates: what the battles say before any model; valid even where strengths do not add up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from arena_write.ratings.columns import Comparisons, FloatArray
from arena_write.ratings.pairs import compress


@dataclass(frozen=True, slots=True)
class WinRates:
    """Mean scores of everybody against everybody.

    Attributes:
        names: the K entrants, sorted.
        rates: K x K mean score of the row's entrant against the column's, in [0, 1]; ``None`` where they never met.
        battles: K x K number of rows; 0 where they never met.
    """

    names: tuple[str, ...]
    rates: tuple[tuple[float | None, ...], ...]
    battles: tuple[tuple[int, ...], ...]

    def between(self, first: str, second: str) -> tuple[float | None, int]:
        """Return the mean score of ``first`` against ``second`` and the number of rows.

        Raises:
            ValueError: one of them is unknown.
        """
        row, column = self.names.index(first), self.names.index(second)
        return self.rates[row][column], self.battles[row][column]


def win_rates(comparisons: Comparisons) -> WinRates:
    """Average the score of each pair over its rows, weighted."""
    facts = comparisons.canonical()
    pairs = compress(facts)
    rate: FloatArray = pairs.score / pairs.weight
    size = pairs.size
    mean = np.zeros((size, size))
    mean[pairs.low, pairs.high], mean[pairs.high, pairs.low] = rate, 1.0 - rate
    count = np.zeros((size, size), dtype=np.int64)
    count[pairs.low, pairs.high] = count[pairs.high, pairs.low] = pairs.rows
    return WinRates(
        names=facts.names,
        rates=tuple(
            tuple(value if n else None for value, n in zip(values, counts, strict=True))
            for values, counts in zip(mean.tolist(), count.tolist(), strict=True)
        ),
        battles=tuple(tuple(counts) for counts in count.tolist()),
    )
