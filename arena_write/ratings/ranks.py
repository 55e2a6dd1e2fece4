"""Rank ranges that hold for all entrants at once.

Whoever is not *clearly* above or below an entrant leaves its rank open. "Clearly" is a difference larger than c
standard errors, with c the quantile of the largest of all standardised differences under "no difference" (max-t;
Mogstad, Romano, Shaikh & Wilhelm 2024), so all ranges together cover all true ranks with the stated confidence.
Percentiles of bootstrapped ranks, the usual alternative, fail where entrants are nearly tied.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from arena_write.ratings.blocks import blocks
from arena_write.ratings.columns import BoolArray, FloatArray, IntArray
from arena_write.ratings.errors import RatingError
from arena_write.ratings.quantiles import normal_quantile, t_for_normal, two_sided

DRAWS = 10_000
# Draws looked at together, so that they stay in the processor's cache.
_AT_ONCE = 5000
# Below this share of the largest variance a difference counts as having none: the two are the same thing twice.
_NO_VARIANCE = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class RankRanges:
    """Ranks of K entrants, 1 is best.

    Attributes:
        best: (K,) best rank the data allow.
        worst: (K,) worst rank the data allow.
        below: (K, K) true at [i, j] where i is clearly below j.
        critical: the max-t critical value c, in standard errors.
    """

    best: IntArray
    worst: IntArray
    below: BoolArray
    critical: float


def rank_ranges(
    estimates: FloatArray,
    covariance: FloatArray,
    *,
    df: ArrayLike | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> RankRanges:
    """Return simultaneous rank ranges.

    Args:
        estimates: (K,) ratings in any unit.
        covariance: (K, K) their covariance in that unit squared.
        df: (K,) degrees of freedom of each entrant's interval; a pair has the smaller of its two, and c is translated
            to Student's t with them. With two entrants the ranges then part exactly where the interval of their
            difference leaves 0 out. ``None``: normal.
        confidence: probability that all ranges hold together.
        seed: of the 10,000 normal draws; same seed, same ranges.
    """
    errors = _standard_errors(covariance)
    critical = max_t_quantile(covariance, confidence=confidence, seed=seed)
    if df is None:
        threshold = np.full_like(errors, critical)
    else:
        each = np.asarray(df, dtype=np.int64)
        threshold = t_for_normal(critical, np.minimum.outer(each, each))
    gap = estimates[np.newaxis, :] - estimates[:, np.newaxis]
    rounding = 1e-9 * max(1.0, float(np.abs(estimates).max(initial=0.0)))
    below: BoolArray = gap > threshold * errors + rounding
    best, worst = ranks_from(below)
    return RankRanges(best=best, worst=worst, below=below, critical=critical)


def ranks_from(below: BoolArray) -> tuple[IntArray, IntArray]:
    """Return (K,) best and (K,) worst ranks from a (K, K) matrix, true at [i, j] where i is clearly below j."""
    best: IntArray = 1 + below.sum(axis=1, dtype=np.int64)
    worst: IntArray = len(below) - below.sum(axis=0, dtype=np.int64)
    return best, worst


def max_t_quantile(covariance: FloatArray, *, confidence: float = 0.95, seed: int = 0) -> float:
    """Return the ``confidence`` quantile of ``max_ij |Z_i - Z_j| / se_ij``, Z normal with the (K, K) covariance.

    Pairs whose difference has no variance are left out. A single pair, or none, needs no draws: its value is exact, the
    one that the interval of the difference has.

    Raises:
        RatingError: the covariance is not finite, or the confidence is not strictly between 0 and 1.
    """
    upper = two_sided(confidence)
    if not np.isfinite(covariance).all():
        raise RatingError("the covariance holds values that are not finite")
    errors = _standard_errors(covariance)
    if len(errors) <= 2 or not errors.any():
        return normal_quantile(upper)
    values, vectors = np.linalg.eigh(covariance)
    # The symmetric root: unlike the vectors, whose signs a linear algebra library chooses, it is one and the same.
    root = (vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T
    draws = root @ np.random.default_rng(seed).standard_normal((DRAWS, len(errors))).T
    scale = np.divide(1.0, errors, out=np.zeros_like(errors), where=errors > 0)
    largest = np.zeros(DRAWS)
    for part in blocks(DRAWS, _AT_ONCE):
        for entrant in range(len(errors) - 1):
            gaps = draws[entrant + 1 :, part] - draws[entrant, part]
            np.abs(gaps, out=gaps)
            gaps *= scale[entrant + 1 :, entrant, np.newaxis]
            np.maximum(largest[part], gaps.max(axis=0), out=largest[part])
    return float(np.quantile(largest, confidence))


def _standard_errors(covariance: FloatArray) -> FloatArray:
    """(K, K) standard errors of all differences; exactly 0 where there is no variance."""
    variance = np.diag(covariance)
    differences = variance[:, np.newaxis] + variance[np.newaxis, :] - covariance - covariance.T
    differences[differences <= _NO_VARIANCE * variance.max(initial=0.0)] = 0.0
    errors: FloatArray = np.sqrt(differences)
    return errors
