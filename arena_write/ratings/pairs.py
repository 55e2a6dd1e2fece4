"""Columns compressed to one line per pair of entrants: all that a fit and a connectivity check need to see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from arena_write.ratings.columns import BoolArray, Comparisons, FloatArray, IntArray, cluster_index, sum_by


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """P distinct pairs among K entrants.

    Attributes:
        size: K.
        low: (P,) code of the one with the lower code.
        high: (P,) code of the other.
        weight: (P,) battles between them (sum of weights).
        score: (P,) what ``low`` got in all of them (sum of weight x score).
        rows: (P,) number of rows.
        low_scored: (P,) number of rows in which ``low`` got more than 0.
        high_scored: (P,) number of rows in which ``high`` got more than 0.
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


def compress(comparisons: Comparisons) -> Pairs:
    """Sum the rows of each pair."""
    return _sum_pairs(comparisons)[0]


@dataclass(frozen=True, slots=True, eq=False)
class PairsByCluster:
    """The same sums for the whole and for each of G clusters, so that a cluster can be taken out.

    Attributes:
        whole: the sums over all rows.
        weight: (G, P) as in :class:`Pairs`, within a cluster; so are the others.
        score: (G, P).
        rows: (G, P).
        low_scored: (G, P).
        high_scored: (G, P).
    """

    whole: Pairs
    weight: FloatArray
    score: FloatArray
    rows: IntArray
    low_scored: IntArray
    high_scored: IntArray

    @property
    def clusters(self) -> int:
        """Number of clusters G."""
        return len(self.rows)

    def without(self, cluster: int) -> Pairs:
        """Return the sums with one cluster left out; pairs that met only there stay, with zero rows."""
        return Pairs(
            size=self.whole.size,
            low=self.whole.low,
            high=self.whole.high,
            weight=self.whole.weight - self.weight[cluster],
            score=self.whole.score - self.score[cluster],
            rows=self.whole.rows - self.rows[cluster],
            low_scored=self.whole.low_scored - self.low_scored[cluster],
            high_scored=self.whole.high_scored - self.high_scored[cluster],
        )

    def twice(self) -> Pairs:
        """Return the pairs with only those links that occur in two clusters or more.

        Links that survive here survive the loss of any one cluster, so one look at this graph usually spares G looks.
        ``weight`` and ``score`` are those of the whole.
        """
        return Pairs(
            size=self.whole.size,
            low=self.whole.low,
            high=self.whole.high,
            weight=self.whole.weight,
            score=self.whole.score,
            rows=_in_two(self.rows),
            low_scored=_in_two(self.low_scored),
            high_scored=_in_two(self.high_scored),
        )


def compress_by_cluster(comparisons: Comparisons) -> PairsByCluster:
    """Sum the rows of each pair, in all and within each cluster (in the order of the cluster codes)."""
    whole, pair, score = _sum_pairs(comparisons)
    index, clusters = cluster_index(comparisons)
    shape = (clusters, len(whole.low))
    cell = index * shape[1] + pair

    def sums(values: FloatArray) -> FloatArray:
        return sum_by(cell, values, shape[0] * shape[1]).reshape(shape)

    def counts(chosen: BoolArray) -> IntArray:
        return np.bincount(cell[chosen], minlength=shape[0] * shape[1]).reshape(shape)

    weight = comparisons.weights
    return PairsByCluster(
        whole=whole,
        weight=sums(weight),
        score=sums(weight * score),
        rows=counts(weight > 0),
        low_scored=counts((weight > 0) & (score > 0)),
        high_scored=counts((weight > 0) & (score < 1)),
    )


def _sum_pairs(comparisons: Comparisons) -> tuple[Pairs, IntArray, FloatArray]:
    """Return the sums, each row's pair (N,), and the score of that pair's lower code in each row (N,)."""
    size = len(comparisons.names)
    swap = comparisons.first > comparisons.second
    low = np.where(swap, comparisons.second, comparisons.first)
    high = np.where(swap, comparisons.first, comparisons.second)
    score = np.where(swap, 1.0 - comparisons.score, comparisons.score)
    weight = comparisons.weights
    keys, pair = np.unique(low * size + high, return_inverse=True)
    alive = weight > 0

    def counts(chosen: BoolArray) -> IntArray:
        return np.bincount(pair[chosen], minlength=len(keys))

    pairs = Pairs(
        size=size,
        low=keys // size,
        high=keys % size,
        weight=sum_by(pair, weight, len(keys)),
        score=sum_by(pair, weight * score, len(keys)),
        rows=counts(alive),
        low_scored=counts(alive & (score > 0)),
        high_scored=counts(alive & (score < 1)),
    )
    return pairs, pair, score


def _in_two(counts: IntArray) -> IntArray:
    supported: IntArray = ((counts > 0).sum(axis=0) >= 2).astype(np.int64)
    return supported
