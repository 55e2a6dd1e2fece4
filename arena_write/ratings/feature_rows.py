"""Rows with features: win probabilities and the derivatives of the likelihood, in blocks that stay in the cache."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from arena_write.ratings.blocks import blocks
from arena_write.ratings.columns import Comparisons, FloatArray, IntArray
from arena_write.ratings.errors import ColumnError


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """N rows among K entrants.

    Attributes:
        size: K.
        pair: (N,) first * K + second, so that strengths enter by one look-up.
        score: (N,) what the first got.
        weight: (N,) battles a row stands for; ``None`` means 1 each.
        features: (N, F) features, each one contiguous.
        constant: (F,) the value of features that are the same in all rows, such as the slot; NaN for others.
        shift: (N,) known addition to the logit, or ``None``.
    """

    size: int
    pair: IntArray
    score: FloatArray
    weight: FloatArray | None
    features: FloatArray
    constant: FloatArray
    shift: FloatArray | None

    @classmethod
    def of(cls, comparisons: Comparisons, features: ArrayLike, shift: ArrayLike | None) -> Rows:
        """Check and take the columns; a single feature may be (N,).

        Raises:
            ColumnError: features or shift have another length than the comparisons, or are not finite.
        """
        table = np.asarray(features, dtype=np.float64)
        table = table[:, np.newaxis] if table.ndim == 1 else table
        known = None if shift is None else np.asarray(shift, dtype=np.float64)
        for label, column in (("features", table), ("shift", known)):
            if column is None:
                continue
            if len(column) != len(comparisons):
                raise ColumnError(f"{label} has {len(column)} rows, the comparisons have {len(comparisons)}")
            finite = np.isfinite(column)
            if not finite.all():
                bad = ~finite.reshape(len(column), -1).all(axis=1)
                raise ColumnError(f"row {int(np.argmax(bad))}: {label} is not finite")
        return cls(
            size=len(comparisons.names),
            pair=comparisons.first * np.int64(len(comparisons.names)) + comparisons.second,
            score=comparisons.score,
            weight=comparisons.weight,
            features=np.ascontiguousarray(table.T).T,
            constant=np.array([_constant(column) for column in table.T]),
            shift=known,
        )

    def expected(self, estimate: FloatArray, block: slice) -> FloatArray:
        """Return the win probability of the first in each row of a block."""
        gaps = np.subtract.outer(estimate[: self.size], estimate[: self.size]).ravel()
        logit = gaps[self.pair[block]]
        for slope, feature in zip(estimate[self.size :], self.features.T, strict=True):
            logit += slope * feature[block]
        if self.shift is not None:
            logit += self.shift[block]
        np.negative(logit, out=logit)
        # Beyond 700 the exponential leaves the number range, and the probability is 0 in double precision anyway.
        np.minimum(logit, 700.0, out=logit)
        np.exp(logit, out=logit)
        logit += 1.0
        np.reciprocal(logit, out=logit)
        return logit

    def spread(self, by_pair: FloatArray) -> FloatArray:
        """Return (K,) what (K * K,) sums by ordered pair add to the first minus what they take from the second."""
        square = by_pair.reshape(self.size, self.size)
        net: FloatArray = square.sum(axis=1) - square.sum(axis=0)
        return net


def derivatives(rows: Rows, estimate: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the (K + F,) gradient and the (K + F, K + F) negative second derivative of the log-likelihood."""
    size, count = rows.size, rows.features.shape[1]
    residuals, information = np.zeros(size * size), np.zeros(size * size)
    crossed, slopes, squares = np.zeros((count, size * size)), np.zeros(count), np.zeros((count, count))
    varying, constant = np.flatnonzero(np.isnan(rows.constant)), np.flatnonzero(~np.isnan(rows.constant))
    for block in blocks(len(rows.pair)):
        pair, expected = rows.pair[block], rows.expected(estimate, block)
        residual = rows.score[block] - expected
        expected *= 1.0 - expected
        if rows.weight is not None:
            residual *= rows.weight[block]
            expected *= rows.weight[block]
        residuals += np.bincount(pair, residual, size * size)
        information += np.bincount(pair, expected, size * size)
        for number in varying:
            feature = rows.features[block, number]
            slopes[number] += _dot(residual, feature)
            scaled = expected * feature
            crossed[number] += np.bincount(pair, scaled, size * size)
            squares[number] += [_dot(scaled, rows.features[block, other]) for other in range(count)]
    slopes[constant] = rows.constant[constant] * residuals.sum()
    crossed[constant] = np.outer(rows.constant[constant], information)
    squares[constant] = np.outer(rows.constant[constant], crossed.sum(axis=1))
    squares[:, constant] = squares[constant].T
    hessian = np.zeros((size + count, size + count))
    square = information.reshape(size, size)
    hessian[:size, :size] = -(square + square.T)
    hessian[np.arange(size), np.arange(size)] += square.sum(axis=0) + square.sum(axis=1)
    for number in range(count):
        hessian[size + number, :size] = hessian[:size, size + number] = rows.spread(crossed[number])
    hessian[size:, size:] = squares
    return np.concatenate([rows.spread(residuals), slopes]), hessian


def _constant(column: FloatArray) -> float:
    """Return the value that all rows share, or NaN."""
    return float(column[0]) if len(column) and bool((column == column[0]).all()) else float("nan")


def _dot(one: FloatArray, other: FloatArray) -> float:
    """Return the sum of products without a linear algebra library, whose threads fight over a busy machine."""
    return float(np.einsum("i,i->", one, other))
