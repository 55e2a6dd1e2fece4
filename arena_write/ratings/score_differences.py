"""Two entrants on the same queries: the paired difference, a permutation test, and what could have been found.

Comparing two entrants by their own intervals wastes what the queries have in common. Pairing takes the difference on
each query and asks how it varies from query to query.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from arena_write.ratings.columns import FloatArray
from arena_write.ratings.errors import RatingError
from arena_write.ratings.quantiles import normal_quantile, t_quantile, two_sided
from arena_write.ratings.scores import Scores, means_by, numbered

FLIPS = 10_000
_BLOCK = 500
# Sums of the same differences in another order may differ by this share of their size and are still the same sum.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreDifference:
    """How many points ``first`` scores above ``second``, as a single comparison (not adjusted for many).

    Attributes:
        first: an entrant.
        second: the other.
        difference: mean over shared queries of the difference there, in points; ``None`` where none is shared.
        se: its standard error.
        low: lower end of the interval (Student's t over queries).
        high: upper end.
        df: shared queries minus 1.
        p: two-sided sign-flip permutation p-value of "no difference"; ``None`` where it was not asked for.
        exact: whether ``p`` counts all sign patterns; otherwise 10,000 random ones.
        detectable: the difference that a one-sided 5 % test on as many queries would find in 80 % of studies.
        queries: shared queries.
        cells: query-criterion cells in which both were judged; others do not count.
        reason: what could not be said and why; empty where all is said.
    """

    first: str
    second: str
    difference: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    df: int | None = None
    p: float | None = None
    exact: bool = False
    detectable: float | None = None
    queries: int = 0
    cells: int = 0
    reason: str = ""


def score_difference(
    scores: Scores, first: str, second: str, *, confidence: float = 0.95, seed: int = 0, test: bool = True
) -> ScoreDifference:
    """Compare two entrants on the queries and criteria on which both were judged.

    Samples and repeats are averaged within a criterion, criteria within a query, and queries count alike.

    Args:
        scores: the judgements; those of others are not looked at.
        first: an entrant.
        second: another.
        confidence: of the interval.
        seed: of the random sign patterns.
        test: whether to run the permutation test, most of the work.

    Raises:
        RatingError: an unknown name, twice the same, or a confidence outside (0, 1).
    """
    upper = two_sided(confidence)
    differences, cells = _differences(scores, *_pair(scores.names, first, second))
    count = len(differences)
    row = ScoreDifference(first=first, second=second, queries=count, cells=cells)
    if not count:
        return replace(row, reason="they were never judged on the same criterion of the same query")
    mean = float(differences.mean())
    row = replace(row, difference=mean)
    if count == 1:
        return replace(row, reason="they share one query only: nothing says how much queries vary")
    row = replace(row, df=count - 1)
    if test:
        p, exact = sign_flip_p(differences, seed=seed)
        row = replace(row, p=p, exact=exact)
    spread = float(differences.std(ddof=1))
    if spread <= _ROUNDING:
        same = f"the difference is {mean:.3g} on each of {count} queries: nothing says how much it varies"
        return replace(row, se=0.0, reason=same)
    se = spread / math.sqrt(count)
    half = t_quantile(upper, count - 1) * se
    detectable = detectable_effect(spread, count)
    return replace(row, se=se, low=mean - half, high=mean + half, detectable=detectable)


def sign_flip_p(differences: FloatArray, *, seed: int = 0) -> tuple[float, bool]:
    """Return the two-sided p-value of "symmetric about 0" and whether it is exact (Fisher 1935).

    All sign patterns of the (n,) differences that are not 0 are counted where there are at most 10,000; otherwise
    10,000 random ones, the one at hand among them, so that p is never 0 (Phipson & Smyth 2010).
    """
    moved = differences[np.abs(differences) > _ROUNDING]
    count = len(moved)
    if not count:
        return 1.0, True
    threshold = abs(float(moved.sum())) * (1.0 - _ROUNDING) - _ROUNDING
    if 2**count <= FLIPS:
        patterns = (np.arange(2**count)[:, np.newaxis] >> np.arange(count)) & 1
        sums = (1.0 - 2.0 * patterns) @ moved
        return float(np.mean(np.abs(sums) >= threshold)), True
    rng = np.random.default_rng(seed)
    beyond = 1
    for done in range(0, FLIPS - 1, _BLOCK):
        signs = 1.0 - 2.0 * rng.integers(0, 2, (min(_BLOCK, FLIPS - 1 - done), count), dtype=np.int8)
        beyond += int((np.abs(signs @ moved) >= threshold).sum())
    return beyond / FLIPS, False


def detectable_effect(spread: float, count: int, *, size: float = 0.05, power: float = 0.80) -> float:
    """Return ``(z_size + z_power) spread / sqrt(count)``: what a one-sided test would find with that power.

    Args:
        spread: standard deviation of the paired differences.
        count: number of pairs.
        size: of the test, one-sided.
        power: chance to find it.
    """
    return (normal_quantile(1.0 - size) + normal_quantile(power)) * spread / math.sqrt(count)


def _pair(names: tuple[str, ...], first: str, second: str) -> tuple[int, int]:
    for name in (first, second):
        if name not in names:
            raise RatingError(f"{name!r} is not among the entrants")
    if first == second:
        raise RatingError(f"{first!r} is compared with itself")
    return names.index(first), names.index(second)


def _differences(scores: Scores, first: int, second: int) -> tuple[FloatArray, int]:
    """Return (n,) differences of shared queries, first minus second, and the number of shared cells."""
    taken = (scores.entrant == first) | (scores.entrant == second)
    if not taken.any():
        return np.empty(0), 0
    facts = scores.select(taken).canonical()
    cell, cells = numbered(facts.query, facts.criterion)
    ahead = facts.entrant == facts.names.index(scores.names[first])
    counts = np.stack([np.bincount(cell[side], minlength=cells) for side in (ahead, ~ahead)])
    sums = np.stack([np.bincount(cell[side], facts.score[side], cells) for side in (ahead, ~ahead)])
    shared = (counts > 0).all(axis=0)
    if not shared.any():
        return np.empty(0), 0
    means = sums[:, shared] / counts[:, shared]
    index, queries = numbered(facts.query[np.unique(cell, return_index=True)[1]][shared])
    return means_by(index, means[0] - means[1], queries), int(shared.sum())
