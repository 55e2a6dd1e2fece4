"""The numbers of the rated core: Elo, covariance by prompt, and what independent battles would have claimed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from arena_write.ratings.bounds import cluster_size, correlation_within
from arena_write.ratings.bradley_terry import fit
from arena_write.ratings.columns import Comparisons, FloatArray, IntArray, cluster_index, sum_by
from arena_write.ratings.elo import BASELINE_MEAN, to_elo, to_theta
from arena_write.ratings.intervals import cluster_covariance, design_effects, fisher_covariance

# Degrees of freedom of somebody whose rating is given and not estimated: never the smaller of a pair's two.
GIVEN_DF = 10**9


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """The core's K entrants on the Elo scale.

    Attributes:
        names: the K entrants.
        elo: (K,) ratings.
        covariance: (K, K) clustered by prompt, Elo squared.
        naive_variance: (K,) variances that independent battles would give, Elo squared; 0 where the rating is given.
        df: (K,) degrees of freedom of each interval.
        method: how the covariance was made.
        clusters: prompts in the fit.
        battles: rows in the fit.
        deff: variance of mean scores by prompt over that of independent battles.
        correlation: of two battles on one prompt, in [0, 1].
    """

    names: tuple[str, ...]
    elo: FloatArray
    covariance: FloatArray
    naive_variance: FloatArray
    df: IntArray
    method: Literal["CR1", "jackknife", "none"]
    clusters: int
    battles: int
    deff: float | None
    correlation: float


def estimate(comparisons: Comparisons, *, baselines: Sequence[str], offsets: Mapping[str, float]) -> Estimate:
    """Fit a strongly connected core.

    Args:
        comparisons: the core's rows.
        baselines: whose mean is 1000; not used where ``offsets`` are given.
        offsets: frozen Elo by name; empty for a joint fit.
    """
    names = comparisons.names
    fitted = fit(comparisons, offsets={name: to_theta(elo) for name, elo in offsets.items()})
    clustered = cluster_covariance(comparisons, fitted)
    codes = None if offsets else [names.index(name) for name in baselines]
    elo, covariance = to_elo(fitted.theta, clustered.matrix, baselines=codes)
    naive = np.diag(to_elo(fitted.theta, fisher_covariance(fitted), baselines=codes)[1])
    effects, information = design_effects(comparisons, fitted), np.diag(fitted.hessian)[fitted.free]
    battles = battles_per_cluster(comparisons)
    sizes = np.array([cluster_size(battles[code]) for code in np.flatnonzero(fitted.free)])
    return Estimate(
        names=names,
        elo=elo,
        covariance=covariance,
        naive_variance=naive,
        df=np.where(fitted.free, clustered.clusters_per_entrant - 1, GIVEN_DF),
        method=clustered.method,
        clusters=clustered.clusters,
        battles=fitted.battles,
        deff=float(effects @ information / information.sum()),
        correlation=correlation_within(effects, sizes),
    )


def given(names: Sequence[str], offsets: Mapping[str, float]) -> Estimate:
    """Return the core where there is nothing to estimate: frozen entrants only, or a single baseline at 1000."""
    nothing = np.zeros(len(names))
    return Estimate(
        names=tuple(names),
        elo=np.array([offsets.get(name, BASELINE_MEAN) for name in names]),
        covariance=np.zeros((len(names), len(names))),
        naive_variance=nothing,
        df=np.full(len(names), GIVEN_DF),
        method="none",
        clusters=0,
        battles=0,
        deff=None,
        correlation=1.0,
    )


def battles_per_cluster(comparisons: Comparisons) -> list[FloatArray]:
    """Return for each of K entrants the battles (summed weights) in each cluster it took part in."""
    index, count = cluster_index(comparisons)
    size = len(comparisons.names)
    totals = sum_by(comparisons.first * count + index, comparisons.weights, size * count)
    totals += sum_by(comparisons.second * count + index, comparisons.weights, size * count)
    return [row[row > 0] for row in totals.reshape(size, count)]
