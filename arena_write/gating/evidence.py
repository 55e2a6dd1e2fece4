"""What a gate has seen: scores of a candidate, by prompt, against what a gap to the reference would lead to expect.

The prompt is the unit of evidence. At a gap of ``c`` Elo the scores on prompt g exceed their expectation by

    U_g(c) = sum over the battles on g of  (y - expected(c)),

whose sum over prompts is centred where c is the true gap, however the battles of one prompt depend on each other. The
statistic is ``T = sum U / sqrt(m / (m - 1) sum (U - mean U)^2)`` over m prompts, read as Student's t with m - 1 degrees
of freedom, its skewness taken off, and told as the normal z of the same tail. No rating is fitted, so nothing
separates. Where candidate and reference meet directly it is the one-sample t test of the mean score.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from arena_write.ratings.columns import FloatArray, IntArray, sum_by
from arena_write.ratings.elo import ELO_PER_NAT

Function = Callable[[float], float]

FARTHEST = 2000.0
"""Elo beyond which a gap is not looked for: an expected score of 99.999 %."""

_NO_SPREAD = 1e-9


@dataclass(frozen=True, eq=False)
class Evidence:
    """Battles of a candidate that tell how far it is from the reference, a row each.

    Args:
        prompt: (n,) code of the prompt, any integers.
        score: (n,) score of the candidate, less that of the reference in the same place where both met a baseline.
        offset: (n,) Elo of the opponent relative to the reference: 0 where that is the reference itself.
        paired: Whether the reference's own score is taken off.
        identical: Whether each text of the candidate is the reference's own: then nothing is left to chance.

    Raises:
        ValueError: The columns do not fit together, are empty, or hold values that no score has.
    """

    prompt: IntArray
    score: FloatArray
    offset: FloatArray
    paired: bool = False
    identical: bool = False

    def __post_init__(self) -> None:
        """Refuse columns that are not of battles."""
        shapes = {column.shape for column in (self.prompt, self.score, self.offset)}
        if len(shapes) != 1 or self.prompt.ndim != 1 or not len(self.prompt):
            raise ValueError(f"evidence has columns of one length, at least 1, found {sorted(shapes)}")
        low = self._least
        if not ((self.score >= low) & (self.score <= 1.0)).all() or not np.isfinite(self.offset).all():
            raise ValueError(f"a score lies from {low:g} to 1 and an offset is finite")

    @classmethod
    def direct(cls, prompt: ArrayLike, score: ArrayLike, *, identical: bool = False) -> Evidence:
        """Return the evidence of battles between candidate and reference."""
        scores = np.asarray(score, dtype=np.float64)
        return cls(np.asarray(prompt, dtype=np.int64), scores, np.zeros_like(scores), identical=identical)

    @cached_property
    def _index(self) -> IntArray:
        return np.unique(self.prompt, return_inverse=True)[1].astype(np.int64)

    @cached_property
    def prompts(self) -> int:
        """Number of prompts."""
        return int(self._index.max()) + 1

    @property
    def _least(self) -> float:
        """The lowest score that a battle can have."""
        return -1.0 if self.paired else 0.0

    @property
    def battles(self) -> int:
        """Number of battles of the candidate."""
        return len(self.score)

    @cached_property
    def error(self) -> float:
        """Standard error of the mean score, by prompt; 0 where all texts are the same, and only there.

        Where all prompts say the same, one more is taken to have said the opposite, as in `z`.
        """
        if self.identical:
            return 0.0
        totals = self.excess(self.estimate)
        if np.ptp(totals) < _NO_SPREAD:
            mean = float(self.score.mean())
            least = self._least
            farthest = 1.0 if mean - least < 1.0 - mean else least
            totals = np.append(totals, totals[0] + (farthest - mean) * self.battles / self.prompts)
        return float(np.std(totals, ddof=1)) * math.sqrt(len(totals)) / self.battles

    def level(self, gap: float) -> float:
        """Return the mean score that a gap leads to expect, less that of an equal candidate."""
        return float(np.mean(self.expected(gap) - self.expected(0.0)))

    def expected(self, gap: float) -> FloatArray:
        """Return the (n,) expected scores where the candidate is ``gap`` Elo above the reference."""
        from scipy.special import expit

        ahead = expit((gap - self.offset) / ELO_PER_NAT)
        return np.asarray(ahead - expit(-self.offset / ELO_PER_NAT) if self.paired else ahead, dtype=np.float64)

    def excess(self, gap: float) -> FloatArray:
        """Return U: the (m,) sums by prompt of what the scores exceed their expectation by."""
        return sum_by(self._index, self.score - self.expected(gap), self.prompts)

    def z(self, gap: float) -> float:
        """Return how clearly the candidate is above ``gap``: normal z; negative where it is below.

        Where all prompts say the same, their spread would be 0 and the statistic infinite, though the next prompt may
        say otherwise. So one more prompt is taken to have said the opposite, as much as a prompt can; with a perfect
        record that is about as careful as the exact binomial bound.
        """
        totals = self.excess(gap)
        if self.identical:
            return math.copysign(math.inf, totals.sum()) if abs(totals.sum()) > _NO_SPREAD else 0.0
        if np.ptp(totals) < _NO_SPREAD:
            t = _t(np.append(totals, self._opposite(gap, against=totals[0])))
            return _as_normal(t, len(totals)) if t * totals[0] > 0.0 else 0.0
        return _as_normal(_straighten(totals), len(totals) - 1)

    def _opposite(self, gap: float, *, against: float) -> float:
        """Return the excess of a prompt whose every battle goes against the rest."""
        worst = self._least if against > 0.0 else 1.0
        return float((worst - self.expected(gap)).sum()) / self.prompts

    @cached_property
    def estimate(self) -> float:
        """Gap in Elo at which the scores are what is expected; infinite where no gap is."""
        return self._cross(lambda gap: float(self.excess(gap).sum()))

    def interval(self, critical: float) -> tuple[float, float]:
        """Return the gaps at which |z| stays under ``critical``: with a look's own boundary, the repeated interval.

        An end is infinite where no gap within 2,000 Elo is excluded.
        """
        if self.identical:
            return self.estimate, self.estimate
        return self._cross(lambda gap: self.z(gap) - critical), self._cross(lambda gap: self.z(gap) + critical)

    def _cross(self, falling: Function) -> float:
        """Return where a function that falls with the gap is 0."""
        from scipy.optimize import brentq

        if falling(-FARTHEST) <= 0.0:
            return -math.inf
        if falling(FARTHEST) >= 0.0:
            return math.inf
        return float(brentq(falling, -FARTHEST, FARTHEST, xtol=1e-7))


def _t(values: FloatArray) -> float:
    """Return the one-sample t of (m,) values against 0."""
    size = len(values)
    error = math.sqrt(size / (size - 1) * float(np.sum((values - values.mean()) ** 2)))
    return float(values.sum()) / error if error > 0.0 else 0.0


def _straighten(values: FloatArray) -> float:
    """Return the same t, freed of what skewness does to its tails by a monotone cubic (Hall 1992).

    Scores far from a half lean to one side, and a plain t then errs too often towards it: 6 % for 5 %.
    """
    size, centred = len(values), values - values.mean()
    scale = math.sqrt(float(np.mean(centred**2)))
    if scale == 0.0:
        return 0.0
    skew = float(np.mean(centred**3)) / scale**3
    shift = _t(values) / math.sqrt(size)
    return math.sqrt(size) * (shift + skew / 3.0 * shift**2 + skew**2 / 27.0 * shift**3 + skew / (6.0 * size))


def _as_normal(t: float, df: int) -> float:
    from scipy.special import ndtri, stdtr

    return math.copysign(float(-ndtri(stdtr(df, -abs(t)))), t)
