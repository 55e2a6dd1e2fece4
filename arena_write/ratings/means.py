"""Means of columns, with prompts or queries as the unit of evidence.

A mean of all rows is a ratio of two sums over clusters. Its variance is clustered (Cochran 1977, section 6.5; Liang &
Zeger 1986), with Student's t; under 30 clusters by a delete-one-cluster jackknife. Where every cluster has the same
number of rows both are ``sd(cluster means) / sqrt(clusters)``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from arena_write.ratings.columns import FloatArray, IntArray, sum_by
from arena_write.ratings.intervals import FEW_CLUSTERS, Method
from arena_write.ratings.quantiles import t_quantile, two_sided
from arena_write.ratings.scores import numbered

# A spread below this is rounding: every cluster has the same mean.
NO_SPREAD = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterMean:
    """A mean and how sure it is; ``None`` where the data cannot say.

    Attributes:
        mean: of all rows.
        se: its standard error by cluster; 0 where all clusters have one mean, and then there is no interval.
        low: lower end of the interval.
        high: upper end.
        df: clusters minus 1.
        method: how ``se`` was made.
    """

    mean: float
    se: float | None = None
    low: float | None = None
    high: float | None = None
    df: int | None = None
    method: Method | None = None


def cluster_mean(values: FloatArray, cluster: IntArray, *, confidence: float = 0.95) -> ClusterMean:
    """Return the mean of (N,) values, N of 1 or more, and its interval by (N,) cluster codes."""
    upper = two_sided(confidence)
    index, size = numbered(cluster)
    means, influence = ratio_means(
        sum_by(index, values, size)[np.newaxis], np.bincount(index, minlength=size).astype(np.float64)[np.newaxis]
    )
    found = ClusterMean(mean=float(means[0]))
    if size < 2:
        return found
    se = float(np.sqrt(influence[0] @ influence[0]))
    found = replace(found, se=se, df=size - 1, method=method_for(size))
    if se < NO_SPREAD:
        return replace(found, se=0.0)
    half = t_quantile(upper, size - 1) * se
    return replace(found, low=found.mean - half, high=found.mean + half)


def ratio_means(sums: FloatArray, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return (K,) means of K columns and (K, G) the influence of each cluster on them.

    The squares of a column's influences sum to the variance of its mean, its products with another column's to their
    covariance. NaN where a column has no rows; influences are NaN, too, where it has one cluster.

    Args:
        sums: (K, G) sums of each column's values in each cluster.
        counts: (K, G) number of values there; 0 where there are none.
    """
    total, present = counts.sum(axis=1, keepdims=True), (counts > 0).sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums.sum(axis=1, keepdims=True) / total
        shift = sums - mean * counts
        small = np.sqrt(present / (present - 1.0))
        # Leaving a cluster out moves the mean by -shift / (total - counts).
        jackknife = shift / (total - counts) / small
        influence = np.where(present < FEW_CLUSTERS, jackknife, shift / total * small)
    return mean[:, 0], influence


def method_for(clusters: int) -> Method:
    """Return which formula a mean over so many clusters takes."""
    return "jackknife" if clusters < FEW_CLUSTERS else "CR1"
