"""Many refits at once: the same battles, with each prompt taken so many times, as a jackknife and a bootstrap need.

A refit differs little from the fit to everything, so Newton's method with that fit's Hessian for all of them (the chord
method) gains a digit or more a step, and a step is a few passes over pairs x refits. With worth ``w = e^theta`` the
expected score of i is ``w_i sum_j n_ij / (w_i + w_j)`` (Zermelo 1929): no exponential per pair. The few refits that do
not settle that way are solved one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self, TypeAlias

import numpy as np

from arena_write.ratings.bradley_terry import Fit, generalised_inverse, maximise
from arena_write.ratings.columns import BoolArray, FloatArray, IntArray, sum_by
from arena_write.ratings.connectivity import is_connected
from arena_write.ratings.pairs import PairsByCluster

# A scipy.sparse or a numpy matrix: scipy ships no types.
Matrix: TypeAlias = Any

_CHORDS = 40
# Pairs x refits worked on together: a few arrays of this size stay in the processor's cache.
_AT_ONCE = 1 << 19
# Cells up to which a dense matrix is faster than a sparse one.
_SMALL = 1 << 13
# Battles of a pair that 16-bit integers count; they sum four times as fast as doubles.
_MOST_BATTLES = np.iinfo(np.int16).max


@dataclass(frozen=True, slots=True, eq=False)
class Refits:
    """What all refits share.

    Attributes:
        table: the sums by cluster.
        fit: the fit to all of them.
        inverse: (K, K) generalised inverse of its Hessian.
        battles: (P, G) weight of each pair in each cluster.
        points: (K, G) what each entrant got in each cluster.
        members: (P, K) 1 for the two of each pair.
        pairs: (K, P) its transpose.
        block: number of refits to ask for at a time.
    """

    table: PairsByCluster
    fit: Fit
    inverse: FloatArray
    battles: Matrix
    points: Matrix
    members: Matrix
    pairs: Matrix
    block: int

    @classmethod
    def of(cls, table: PairsByCluster, fit: Fit) -> Self:
        """Prepare the refits of a table and the fit to it."""
        whole, size, count = table.whole, table.whole.size, len(table.whole.low)
        pair, entrant = np.tile(np.arange(count), 2), np.concatenate([whole.low, whole.high])
        scored = np.concatenate([table.score, table.weight - table.score])
        ends = np.concatenate([whole.low[table.pair], whole.high[table.pair]])
        battles = _matrix((count, table.clusters), table.pair, table.cluster, table.weight)
        if _is_sparse(battles) and (table.weight == np.rint(table.weight)).all() and battles.max() <= _MOST_BATTLES:
            battles = battles.astype(np.int16)
        return cls(
            table=table,
            fit=fit,
            inverse=generalised_inverse(fit.hessian, fit.free),
            battles=battles,
            points=_matrix((size, table.clusters), ends, np.tile(table.cluster, 2), scored, emptiest=0.9),
            members=_matrix((count, size), pair, entrant, np.ones(2 * count)),
            pairs=_matrix((size, count), entrant, pair, np.ones(2 * count)),
            block=int(np.clip(_AT_ONCE // count, 16, 1024)),
        )

    def solve(self, times: FloatArray, *, tolerance: float) -> FloatArray:
        """Refit with every cluster taken so many times.

        Args:
            times: (B, G) 0 or more; best called with ``block`` lines at a time.
            tolerance: how far, in natural-log units, a strength may be from the maximum.

        Returns:
            (B, K) strengths; a line of NaN where no finite estimate exists.

        Raises:
            ConvergenceError: one exists, but not in double precision.
        """
        theta, settled = self._chords(np.ascontiguousarray(times.T, dtype=np.float64), tolerance)
        for line in np.flatnonzero(~settled):
            rest = self.table.repeated(times[line])
            theta[line] = np.nan
            if is_connected(rest, frozen=~self.fit.free):
                theta[line] = maximise(rest, start=self.fit.theta, free=self.fit.free)[0]
        return theta

    def _chords(self, times: FloatArray, tolerance: float) -> tuple[FloatArray, BoolArray]:
        """Return (B, K) strengths for (G, B) ``times``, and (B,) true where they have settled."""
        total, theta = self._count(times), np.repeat(self.fit.theta[:, np.newaxis], times.shape[1], axis=1)
        points = self.points @ times
        centre = (theta.max() + theta.min()) / 2.0
        moving, last = np.arange(times.shape[1]), np.zeros(times.shape[1])
        found, settled = theta.copy(), np.zeros(times.shape[1], dtype=bool)
        with np.errstate(all="ignore"):
            for _ in range(_CHORDS):
                worth = np.exp(theta - centre)
                share = self.members @ worth
                np.divide(total, share, out=share)
                step = self.inverse @ (points - worth * (self.pairs @ share))
                theta += step
                size = np.abs(step).max(axis=0)
                # Steps shrink by a factor, size / last, so the next one is known; a tenth at best, for other
                # directions may shrink more slowly.
                done = (size <= 0.5 * last) & (size * np.maximum(size, 0.1 * last) <= tolerance * last)
                found[:, moving[done]], settled[moving[done]] = theta[:, done], True
                last = size
                if done.all():
                    break
                if 2 * done.sum() > len(done):
                    keep = ~done
                    moving, last = moving[keep], last[keep]
                    total, points, theta = total[:, keep], points[:, keep], theta[:, keep]
        return found.T.copy(), settled

    def _count(self, times: FloatArray) -> FloatArray:
        """Return (P, B) battles of each pair."""
        if self.battles.dtype == np.int16 and (times == np.rint(times)).all():
            by_pair = self.table.whole.weight.max() * times.max()
            by_cluster = float(self.battles.max()) * times.sum(axis=0).max()
            if min(by_pair, by_cluster) <= _MOST_BATTLES:
                return np.asarray(self.battles @ times.astype(np.int16), dtype=np.float64)
        return np.asarray(self.battles.astype(np.float64, copy=False) @ times, dtype=np.float64)


def _matrix(
    shape: tuple[int, int], rows: IntArray, columns: IntArray, values: FloatArray, *, emptiest: float = 0.0
) -> Matrix:
    """Return the matrix with (N,) ``values`` at their places: sparse, but dense where it is small.

    Args:
        shape: of the matrix.
        rows: (N,) codes; no two values have the same place, or they are added up.
        columns: (N,) codes.
        values: (N,).
        emptiest: share of zeros up to which a large one is dense as well.
    """
    cells = shape[0] * shape[1]
    if cells <= max(_SMALL, len(values) / (1.0 - emptiest)):
        return sum_by(rows * shape[1] + columns, values, cells).reshape(shape)
    from scipy.sparse import coo_array

    return coo_array((values, (rows, columns)), shape=shape).tocsr()


def _is_sparse(matrix: Matrix) -> bool:
    return not isinstance(matrix, np.ndarray)
