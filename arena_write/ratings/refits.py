"""Many fits at once: the same battles with prompts left out or drawn several times.

Newton's method on all of them together, as arrays with one line a refit. Each is checked on its own: where a choice of
prompts leaves no finite strengths, there is no refit, and nothing is put in its place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from arena_write.ratings.bradley_terry import win_probability
from arena_write.ratings.columns import BoolArray, FloatArray
from arena_write.ratings.pairs import PairsByCluster

_STEPS = 60
_LAST_STEP = 1e-8
_LONGEST_STEP = 2.0
_NUMBERS_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Refits:
    """R refits of K strengths.

    Attributes:
        theta: (R, K) strengths; of those that do not exist, anything.
        bread: (R, K, K) generalised inverses of the information; zero for frozen entrants.
        exist: (R,) whether finite strengths exist and were found.
    """

    theta: FloatArray
    bread: FloatArray
    exist: BoolArray


def refit(table: PairsByCluster, times: FloatArray, *, start: FloatArray, free: BoolArray) -> Refits:
    """Fit again with each cluster counted as often as asked.

    Args:
        table: sums by cluster.
        times: (R, G) how often each of G clusters counts in each refit, 0 or more.
        start: (K,) strengths of the fit to all; the frozen ones stay.
        free: (K,) entrants to be estimated; where all are, strengths have sum 0.
    """
    size = len(start)
    block = max(1, _NUMBERS_AT_ONCE // max(size * size, len(table.whole.low), table.clusters))
    parts = [_refit(table, times[begin : begin + block], start, free) for begin in range(0, len(times), block)]
    return Refits(
        theta=np.concatenate([part.theta for part in parts]),
        bread=np.concatenate([part.bread for part in parts]),
        exist=np.concatenate([part.exist for part in parts]),
    )


def sides(table: PairsByCluster) -> FloatArray:
    """(P, K) +1 for the lower and -1 for the higher code of each pair."""
    pairs = table.whole
    found = np.zeros((len(pairs.low), pairs.size))
    rows = np.arange(len(pairs.low))
    found[rows, pairs.low], found[rows, pairs.high] = 1.0, -1.0
    return found


def _refit(table: PairsByCluster, times: FloatArray, start: FloatArray, free: BoolArray) -> Refits:
    pairs, contrast = table.whole, sides(table)
    weight, score = times @ table.weight, times @ table.score
    exist = _connected(table, times, free)
    theta = np.tile(start, (len(times), 1))
    # Where everybody is free, the first stays where it is during the climb: any one gauge will do.
    moving = np.flatnonzero(free) if not free.all() else np.arange(1, len(start))
    open_rows = np.flatnonzero(exist)
    for _ in range(_STEPS):
        if not len(open_rows):
            break
        here = theta[open_rows]
        gap = here[:, pairs.low] - here[:, pairs.high]
        expected, missed = win_probability(gap), win_probability(-gap)
        lost = weight[open_rows] - score[open_rows]
        gradient = (score[open_rows] * missed - lost * expected) @ contrast
        hessian = _hessians(weight[open_rows] * expected * missed, table)
        step = np.linalg.solve(hessian[:, moving[:, np.newaxis], moving], gradient[:, moving, np.newaxis])[..., 0]
        longest = np.abs(step).max(axis=1, initial=0.0)
        step *= np.minimum(1.0, _LONGEST_STEP / np.maximum(longest, 1e-300))[:, np.newaxis]
        theta[open_rows[:, np.newaxis], moving] += step
        open_rows = open_rows[longest > _LAST_STEP]
    exist[open_rows] = False
    if free.all():
        theta -= theta.mean(axis=1, keepdims=True)
    return Refits(theta=theta, bread=_bread(table, weight, theta, free, exist), exist=exist)


def _hessians(held: FloatArray, table: PairsByCluster) -> FloatArray:
    """(R, K, K) from the (R, P) information of each pair."""
    pairs = table.whole
    found = np.zeros((len(held), pairs.size, pairs.size))
    found[:, pairs.low, pairs.high] = found[:, pairs.high, pairs.low] = -held
    diagonal = np.arange(pairs.size)
    found[:, diagonal, diagonal] = -found.sum(axis=2)
    return found


def _bread(
    table: PairsByCluster, weight: FloatArray, theta: FloatArray, free: BoolArray, exist: BoolArray
) -> FloatArray:
    gap = theta[:, table.whole.low] - theta[:, table.whole.high]
    hessian = _hessians(weight * win_probability(gap) * win_probability(-gap), table)[exist]
    size = len(free)
    found = np.zeros((len(theta), size, size))
    if free.all():
        level = np.trace(hessian, axis1=1, axis2=2)[:, np.newaxis, np.newaxis] / size
        found[exist] = np.linalg.inv(hessian + level / size) - 1.0 / (level * size)
    else:
        chosen = np.ix_(np.flatnonzero(exist), free, free)
        found[chosen] = np.linalg.inv(hessian[:, free][:, :, free])
    return found


def _connected(table: PairsByCluster, times: FloatArray, free: BoolArray) -> BoolArray:
    """(R,) whether results lead both ways between any two groups (Ford 1957)."""
    pairs = table.whole
    edges = np.zeros((len(times), pairs.size, pairs.size), dtype=bool)
    edges[:, pairs.low, pairs.high] = times @ table.low_scored > 0
    edges[:, pairs.high, pairs.low] = times @ table.high_scored > 0
    paths = edges | np.outer(~free, ~free) | np.eye(pairs.size, dtype=bool)
    for _ in range(max(1, int(np.ceil(np.log2(pairs.size))))):
        lengths = paths.astype(np.float32)
        paths = lengths @ lengths > 0
    whole: BoolArray = paths.reshape(len(times), -1).all(axis=1)
    return whole
