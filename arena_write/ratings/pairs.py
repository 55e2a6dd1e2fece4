"""Columns compressed to one line per pair of entrants: all that a fit and a connectivity check need to see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from arena_write.ratings.blocks import blocks
from arena_write.ratings.columns import BoolArray, Comparisons, FloatArray, IntArray, cluster_codes, sum_by

# From so many rows on, loading scipy.sparse pays: it adds up a table without a column of combined keys.
_MANY_ROWS = 1 << 17
# A battle adds this and its score to one number per pair: whole multiples count the battles, the rest is the score.
# Exact, since up to 2^25 battles the number has at most 52 bits down to the half point.
_ONE_BATTLE = float(1 << 26)
_MOST_BATTLES = 1 << 25

_Sums = tuple[FloatArray, FloatArray, IntArray, IntArray, IntArray]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """P distinct pairs among K entrants, sorted by ``low``, then ``high``.

    Attributes:
        size: K.
        low: (P,) code of the one with the lower code.
        high: (P,) code of the other.
        weight: (P,) battles between them (sum of weights).
        score: (P,) what ``low`` got in all of them (sum of weight x score).
        rows: (P,) number of rows.
        low_scored: (P,) 0 exactly where ``low`` never got more than 0: its half points, or the rows that gave it more.
        high_scored: (P,) the same for ``high``.
    """

    size: int
    low: IntArray
    high: IntArray
    weight: FloatArray
    score: FloatArray
    rows: IntArray
    low_scored: IntArray
    high_scored: IntArray

    def beats(self) -> BoolArray:
        """(K, K) true at [i, j] where i ever scored against j; a tie counts both ways."""
        edges = np.zeros((self.size, self.size), dtype=bool)
        edges[self.low, self.high] = self.low_scored > 0
        edges[self.high, self.low] = self.high_scored > 0
        return edges

    def met(self) -> BoolArray:
        """(K, K) symmetric, true where two entrants have a row."""
        edges = np.zeros((self.size, self.size), dtype=bool)
        edges[self.low, self.high] = self.rows > 0
        both: BoolArray = edges | edges.T
        return both


@dataclass(frozen=True, slots=True, eq=False)
class PairsByCluster:
    """The same sums for the whole and within each of G clusters, so that clusters can be taken out or repeated.

    There is one cell for each cluster and pair that has rows there, C in all, sorted by cluster, then pair.

    Attributes:
        whole: the sums over all rows.
        clusters: G.
        cluster: (C,) cluster of each cell, 0..G-1.
        pair: (C,) its pair, as an index into those of ``whole``.
        weight: (C,) as in :class:`Pairs`, within the cell; so are the others.
        score: (C,).
        rows: (C,).
        low_scored: (C,).
        high_scored: (C,).
    """

    whole: Pairs
    clusters: int
    cluster: IntArray
    pair: IntArray
    weight: FloatArray
    score: FloatArray
    rows: IntArray
    low_scored: IntArray
    high_scored: IntArray

    def repeated(self, times: FloatArray) -> Pairs:
        """Return the sums with each cluster taken (G,) ``times``, 0 or more; pairs without rows stay."""
        whole, copies = self.whole, times[self.cluster]
        sums = (self.weight, self.score, self.rows, self.low_scored, self.high_scored)
        added = _added(self.pair, len(whole.low), *(copies * column for column in sums))
        return Pairs(whole.size, whole.low, whole.high, *added)

    def twice(self) -> Pairs:
        """Return the pairs with only those links that occur in two clusters or more.

        Links that survive here survive the loss of any one cluster, so one look at this graph usually spares G looks.
        ``weight`` and ``score`` are those of the whole.
        """
        whole = self.whole

        def in_two(counts: IntArray) -> IntArray:
            supported: IntArray = (np.bincount(self.pair[counts > 0], minlength=len(whole.low)) >= 2).astype(np.int64)
            return supported

        return Pairs(
            size=whole.size,
            low=whole.low,
            high=whole.high,
            weight=whole.weight,
            score=whole.score,
            rows=in_two(self.rows),
            low_scored=in_two(self.low_scored),
            high_scored=in_two(self.high_scored),
        )


def compress(comparisons: Comparisons) -> Pairs:
    """Sum the rows of each pair."""
    size = len(comparisons.names)
    if comparisons.plain and size * size <= min(max(4 * len(comparisons), _MANY_ROWS), _MOST_BATTLES // 4):
        return _from_tables(size, *_battles_and_points(comparisons))
    low, high, pair, score = _oriented(comparisons)
    return Pairs(size, low, high, *_sums(comparisons, pair, score, len(low)))


def compress_by_cluster(comparisons: Comparisons) -> PairsByCluster:
    """Sum the rows of each pair, in all and within each cluster (in the order of the cluster codes)."""
    low, high, pair, score = _oriented(comparisons)
    clusters, count = cluster_codes(comparisons)
    key = clusters * np.int64(len(low)) + pair
    if comparisons.plain:
        # All that a row says is in one integer; sorted, the rows of a cell are neighbours.
        rows = np.sort(key * 4 + (score + score).astype(np.int64))
        cells, starts = _runs(rows >> 2)
        battles, points = np.diff(starts, append=len(rows)), np.add.reduceat(rows & 3, starts)
        sums: _Sums = (battles.astype(np.float64), points / 2.0, battles, points, 2 * battles - points)
    else:
        cells, index = np.unique(key, return_inverse=True)
        sums = _sums(comparisons, index, score, len(cells))
    pair_of_cell = cells % len(low)
    whole = Pairs(len(comparisons.names), low, high, *_added(pair_of_cell, len(low), *sums))
    return PairsByCluster(whole, count, cells // len(low), pair_of_cell, *sums)


def tabulate(shape: tuple[int, int], rows: IntArray, columns: IntArray, values: FloatArray) -> FloatArray:
    """Return a table of ``shape`` with (N,) values added up where their two codes say."""
    if len(values) < _MANY_ROWS:
        return sum_by(rows * np.int64(shape[1]) + columns, values, shape[0] * shape[1]).reshape(shape)
    from scipy.sparse import coo_array

    return np.asarray(coo_array((values, (rows, columns)), shape=shape).toarray(), dtype=np.float64)


def table_blocks(size: int, cells: int) -> Iterator[slice]:
    """Yield slices of ``size`` rows to be added up to tables of so many cells: long ones, for a table is work too."""
    return blocks(size, max(1 << 20, 4 * cells))


def _battles_and_points(comparisons: Comparisons) -> tuple[FloatArray, FloatArray]:
    """Return (K, K) tables by who stood first and who second: the battles, and what the first got in them."""
    shape = (len(comparisons.names),) * 2
    battles, points = np.zeros(shape), np.zeros(shape)
    for rows in table_blocks(len(comparisons), battles.size):
        packed = np.add(comparisons.score[rows], _ONE_BATTLE, dtype=np.float64)
        packed = tabulate(shape, comparisons.first[rows], comparisons.second[rows], packed)
        count = np.floor(packed / _ONE_BATTLE)
        battles += count
        points += packed - count * _ONE_BATTLE
    return battles, points


def _from_tables(size: int, battles: FloatArray, points: FloatArray) -> Pairs:
    low, high = np.nonzero(np.triu(battles + battles.T, 1))
    straight, turned = low * size + high, high * size + low
    ahead, behind = battles.ravel()[straight], battles.ravel()[turned]
    weight = ahead + behind
    score = points.ravel()[straight] + (behind - points.ravel()[turned])
    halves = (score + score).astype(np.int64)
    rows = weight.astype(np.int64)
    return Pairs(size, low, high, weight, score, rows, low_scored=halves, high_scored=2 * rows - halves)


def _oriented(comparisons: Comparisons) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """Return the (P,) lower and higher codes of the pairs, and of each row (N,) its pair and the lower code's score."""
    size = len(comparisons.names)
    low = np.minimum(comparisons.first, comparisons.second)
    high = np.maximum(comparisons.first, comparisons.second)
    score = np.where(comparisons.first == low, comparisons.score, 1.0 - comparisons.score)
    keys, pair = _numbered(low * np.int64(size) + high, size * size)
    return keys // size, keys % size, pair, score


def _sums(comparisons: Comparisons, index: IntArray, score: FloatArray, size: int) -> _Sums:
    """Sum rows by an (N,) index in 0..size-1: weight, score, rows, and rows in which each of the two scored."""
    weight = comparisons.weights
    alive = weight > 0

    def counts(chosen: BoolArray) -> IntArray:
        return np.bincount(index[chosen], minlength=size)

    return (
        sum_by(index, weight, size),
        sum_by(index, weight * score, size),
        counts(alive),
        counts(alive & (score > 0)),
        counts(alive & (score < 1)),
    )


def _added(index: IntArray, size: int, weight: FloatArray, score: FloatArray, *counts: IntArray | FloatArray) -> _Sums:
    """Add up sums of cells that share an ``index`` in 0..size-1."""
    rows, low_scored, high_scored = (np.bincount(index, column, size).astype(np.int64) for column in counts)
    return sum_by(index, weight, size), sum_by(index, score, size), rows, low_scored, high_scored


def _numbered(keys: IntArray, span: int) -> tuple[IntArray, IntArray]:
    """Return the distinct keys, which lie in 0..span-1, sorted, and the (N,) index of each row's among them."""
    if span > max(4 * len(keys), _MANY_ROWS):
        return np.unique(keys, return_inverse=True)
    number = np.zeros(span, dtype=np.int64)
    number[keys] = 1
    found = np.flatnonzero(number)
    number[found] = np.arange(len(found))
    return found, number[keys]


def _runs(values: IntArray) -> tuple[IntArray, IntArray]:
    """Return the distinct values of a sorted column, and where the run of each starts."""
    starts = np.concatenate([[0], np.flatnonzero(values[1:] != values[:-1]) + 1])
    return values[starts], starts
