"""Rank ranges, and how far chance may move them.

Two entrants are apart where their difference exceeds c standard errors, c being the 95 % quantile of the largest of all
standardised differences when nobody differs (max-t; Mogstad, Romano, Shaikh & Wilhelm 2024), translated to Student's t.
The board draws c by simulation, and so does this module, by other draws; so c is known to a Monte Carlo error only. Of
two entrants c is the normal quantile itself, and nothing is drawn.

The rule: **ranks are wrong where no c within five Monte Carlo standard errors of ours gives all of them at once.** A
board is taken to have used 10,000 draws.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtr

from arena_write.verification.rules import CONFIDENCE
from arena_write.verification.strengths import Array

Flags = npt.NDArray[np.bool_]
Ranks = Mapping[str, tuple[int, int]]
"""Best and worst rank by entrant."""

_OUR_DRAWS = 40_000
_BOARD_DRAWS = 10_000
_BAND = 5.0
_SEED = 20_260_101
_SAME = 1e-12
"""Share of the largest variance under which a difference has none."""


@dataclass(frozen=True)
class Estimates:
    """K estimates that are ranked together.

    Args:
        names: Entrants.
        values: (K,) estimates in any unit.
        covariance: (K, K) their covariance.
        df: (K,) degrees of freedom of each; a pair has the smaller of its two.
    """

    names: Sequence[str]
    values: Array
    covariance: Array
    df: Sequence[float]


def possible_ranks(estimates: Estimates, intervals: Mapping[str, tuple[float, float]] | None = None) -> list[Ranks]:
    """Return the ranks that chance in the draws allows, those of our own critical value first.

    Args:
        estimates: Those with an interval on both sides.
        intervals: Of these and of those with a one-sided bound, who are ranked with them: lower and upper ends,
            infinite on the open side. Against one of the latter two are apart where their intervals do not meet.
    """
    below, levels = _levels(estimates)
    critical, error = _critical_value(estimates)
    low, high = critical - _BAND * error, critical + _BAND * error
    turns = sorted({low, high, *(level for level in levels.ravel().tolist() if low < level < high)})
    tried = [critical, *((one + other) / 2.0 for one, other in pairwise(turns))]
    found: list[Ranks] = []
    for value in tried:
        ranks = _count(estimates.names, below & (levels > value), intervals or {})
        if ranks not in found:
            found.append(ranks)
    return found


def _levels(estimates: Estimates) -> tuple[Flags, Array]:
    """Return (K, K) who is below whom, and up to which critical value the two are apart."""
    values = estimates.values
    gaps = values[np.newaxis, :] - values[:, np.newaxis]
    errors = _errors(estimates.covariance)
    df = np.minimum.outer(np.array(estimates.df, dtype=float), np.array(estimates.df, dtype=float))
    below = gaps > 1e-9 * max(1.0, float(np.abs(values).max()))
    with np.errstate(divide="ignore", invalid="ignore"):
        levels = np.where(errors > 0.0, ndtri(stdtr(df, gaps / errors)), np.inf)
    return below, np.asarray(levels, dtype=np.float64)


def _critical_value(estimates: Estimates) -> tuple[float, float]:
    """Return the critical value by draws of our own, and the Monte Carlo error of its distance from the board's."""
    errors = _errors(estimates.covariance)
    if len(errors) <= 2 or not errors.any():
        return float(ndtri(0.5 + CONFIDENCE / 2.0)), 0.0
    size = len(errors)
    values, vectors = np.linalg.eigh(estimates.covariance)
    # Variances by a candidate's own prompts and covariances by everybody's may not quite fit together.
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    draws = np.random.default_rng(_SEED).standard_normal((_OUR_DRAWS, size)) @ root.T
    largest = np.zeros(_OUR_DRAWS)
    for one in range(size):
        for other in range(one + 1, size):
            if errors[one, other] > 0.0:
                largest = np.maximum(largest, np.abs(draws[:, one] - draws[:, other]) / errors[one, other])
    before, critical, behind = np.quantile(largest, [CONFIDENCE - 0.01, CONFIDENCE, CONFIDENCE + 0.01]).tolist()
    slope = (behind - before) / 0.02  # of the quantile: the inverse of the density
    shares = CONFIDENCE * (1.0 - CONFIDENCE) * (1.0 / _OUR_DRAWS + 1.0 / _BOARD_DRAWS)
    return critical, slope * shares**0.5


def _errors(covariance: Array) -> Array:
    """Return (K, K) standard errors of differences; 0 where the two are the same thing twice."""
    variance = np.diag(covariance)
    squares = variance[:, np.newaxis] + variance[np.newaxis, :] - 2.0 * covariance
    squares = np.where(squares <= _SAME * variance.max(initial=0.0), 0.0, squares)
    return np.asarray(np.sqrt(squares), dtype=np.float64)


def _count(names: Sequence[str], below: Flags, intervals: Mapping[str, tuple[float, float]]) -> Ranks:
    """Return the ranks where (K, K) flags say which of the names is clearly below which."""
    place = {name: code for code, name in enumerate(names)}
    everybody = [*names, *(name for name in intervals if name not in place)]

    def is_below(one: str, other: str) -> bool:
        if one in place and other in place:
            return bool(below[place[one], place[other]])
        return intervals[one][1] < intervals[other][0]

    return {
        name: (
            1 + sum(is_below(name, other) for other in everybody),
            len(everybody) - sum(is_below(other, name) for other in everybody),
        )
        for name in everybody
    }
