"""Bradley-Terry with something else that moves verdicts: who stood first, or whose text is longer.

``logit P(first wins) = theta_first - theta_second + x' gamma + shift``, with features ``x`` that change sign when the
two sides change places (a constant 1 is the slot, Davidson & Beaver 1977). Here rows cannot be summed to pairs, since
each has its own ``x``; Newton's method runs over the rows (see ``feature_rows``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from arena_write.ratings.blocks import blocks
from arena_write.ratings.bradley_terry import fit, generalised_inverse
from arena_write.ratings.columns import (
    BoolArray,
    Comparisons,
    FloatArray,
    IntArray,
    cluster_index,
    clusters_per_entrant,
    sum_by,
)
from arena_write.ratings.errors import ConvergenceError, RatingError, TooFewPromptsError
from arena_write.ratings.feature_rows import Rows, derivatives
from arena_write.ratings.intervals import FEW_CLUSTERS, hanging_on_one_cluster
from arena_write.ratings.pairs import compress_by_cluster

_STEPS = 60
_HALVINGS = 40
_LAST_STEP = 1e-8
_MANY_ROWS = 1 << 17
_LONGEST_STEP = 10.0
# A slope leans on the prompts where its feature is large, so CR1 is too narrow for longer than with strengths alone:
# simulated, 92.7 % at 40 prompts where the jackknife has 94.9 %, and no difference at 100.
_FEW_CLUSTERS = 100
# A feature of which the entrants explain all but this share of its information cannot be told from them: what is left
# would be mostly rounding, and its inverse no error of anything.
_OWN_SHARE = 1e-6
# The same of what is known of an entrant, or a feature, without a prompt.
_LEFT = 1e-9
_SEPARATED = "a feature decides (nearly) every battle, or the results are too close to separation"


@dataclass(frozen=True, slots=True, eq=False)
class CovariateFit:
    """Strengths of K entrants and slopes of F features.

    Attributes:
        names: the K entrants.
        theta: (K,) strengths in natural-log units; their sum is 0, or the frozen ones are as given.
        free: (K,) true where the strength was estimated.
        gamma: (F,) slopes in natural-log units per unit of feature.
        covariance: (K + F, K + F) of theta and gamma, clustered by prompt.
        hessian: (K + F, K + F) the information that independent battles would hold.
        method: how the covariance was made.
        clusters: number of prompts.
        battles: rows.
    """

    names: tuple[str, ...]
    theta: FloatArray
    free: BoolArray
    gamma: FloatArray
    covariance: FloatArray
    hessian: FloatArray
    method: Literal["CR1", "jackknife"]
    clusters: int
    battles: int


def fit_covariates(
    comparisons: Comparisons,
    features: ArrayLike,
    *,
    offsets: Mapping[str, float] | None = None,
    shift: ArrayLike | None = None,
) -> CovariateFit:
    """Fit strengths and slopes together.

    Args:
        comparisons: the rows; each cluster is a prompt.
        features: (N, F) or (N,), one line per row, positive where they favour the first. F may be 0.
        offsets: strengths, in natural-log units, of frozen entrants; without any, strengths have sum 0.
        shift: (N,) known addition to each row's logit; ``None`` is 0.

    Raises:
        ColumnError: features or shift have another length than the comparisons, or are not finite.
        NotConnectedError: strengths alone already have no finite estimate.
        RatingError: a feature cannot be told from the strengths; an offset names nobody or is not finite.
        TooFewPromptsError: there is one prompt only.
        ConvergenceError: no finite slope exists (a feature decides every battle), or the numbers are too extreme.
    """
    rows = Rows.of(comparisons, features, shift)
    plain = fit(comparisons, offsets=offsets)  # refuses what has no strengths, and is a start near the end
    theta, free = plain.theta, plain.free
    both = np.concatenate([free, np.ones(rows.features.shape[1], dtype=bool)])
    estimate, hessian = _maximise(rows, np.concatenate([theta, np.zeros(rows.features.shape[1])]), both)
    method = _method(rows, comparisons, free)
    # What is left without a prompt may be a small difference of large numbers: they have to be those of the maximum.
    if method == "jackknife" or len(comparisons) < _MANY_ROWS:
        hessian = derivatives(rows, estimate)[1]
    covariance, clusters = _cluster_covariance(rows, comparisons, estimate, hessian, both, method)
    size = len(theta)
    for array in (estimate, free, covariance, hessian):
        array.setflags(write=False)
    return CovariateFit(
        names=comparisons.names,
        theta=estimate[:size],
        free=free,
        gamma=estimate[size:],
        covariance=covariance,
        hessian=hessian,
        method=method,
        clusters=clusters,
        battles=int((comparisons.weights > 0).sum()),
    )


def _maximise(rows: Rows, estimate: FloatArray, free: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Climb to the maximum; return it and the Hessian there (of the last step but one, 1e-8 away at most)."""
    gradient, hessian = derivatives(rows, estimate)
    if _own_share(hessian, free, rows.size) < _OWN_SHARE:
        raise RatingError(
            "a feature is 0 in every battle, or the difference of something that belongs to the entrants or to another "
            "feature: it has no slope of its own"
        )
    for _ in range(_STEPS):
        step = _inverse(hessian, free, rows.size) @ gradient
        longest = float(np.abs(step).max(initial=0.0))
        if longest <= _LAST_STEP:
            return estimate + step, hessian
        step *= min(1.0, _LONGEST_STEP / longest)
        slope = float(gradient @ step)
        for _ in range(_HALVINGS):
            there, curved = derivatives(rows, estimate + step)
            # The likelihood is concave: a step that does not run far beyond the top of its line has climbed.
            if float(there @ step) >= -0.5 * slope:
                break
            step *= 0.5
            slope *= 0.5
        estimate, gradient, hessian = estimate + step, there, curved
    raise ConvergenceError(f"no maximum after {_STEPS} Newton steps: {_SEPARATED}")


def _inverse(hessian: FloatArray, free: BoolArray, size: int) -> FloatArray:
    """Return the inverse on free entries; within sum 0 of the strengths where all of these are free."""
    if not free.all():
        return generalised_inverse(hessian, free)
    level = float(np.trace(hessian[:size, :size])) / size
    fixed = hessian.copy()
    fixed[:size, :size] += level / size
    try:
        inverse = np.linalg.inv(fixed)
        inverse[:size, :size] -= 1.0 / (level * size)
    except (np.linalg.LinAlgError, ZeroDivisionError):
        raise ConvergenceError(f"the information matrix is singular in double precision: {_SEPARATED}") from None
    return np.asarray(inverse, dtype=np.float64)


def _own_share(hessian: FloatArray, free: BoolArray, size: int) -> float:
    """Return the least share of a feature's information (or of a sum of features) that no strength explains."""
    if len(hessian) == size:
        return 1.0
    crossed = hessian[:size, size:]
    own = hessian[size:, size:] - crossed.T @ generalised_inverse(hessian[:size, :size], free[:size]) @ crossed
    total = np.diag(hessian[size:, size:])
    if not (total > 0).all():
        return 0.0
    return float(np.linalg.eigvalsh(own / np.sqrt(np.outer(total, total)))[0])


def _method(rows: Rows, comparisons: Comparisons, free: BoolArray) -> Literal["CR1", "jackknife"]:
    """Return how the covariance is made: CR1 where each entrant took part in 100 prompts (30 without features)."""
    present = clusters_per_entrant(comparisons)[free]
    few = _FEW_CLUSTERS if rows.features.shape[1] else FEW_CLUSTERS
    enough = int(present.min()) >= few if len(present) else cluster_index(comparisons)[1] >= few
    return "CR1" if enough else "jackknife"


def _cluster_covariance(
    rows: Rows,
    comparisons: Comparisons,
    estimate: FloatArray,
    hessian: FloatArray,
    free: BoolArray,
    method: Literal["CR1", "jackknife"],
) -> tuple[FloatArray, int]:
    """Return the covariance and the number of clusters.

    The jackknife is the linearised one: a Newton step from the full fit without each prompt.
    """
    index, count = cluster_index(comparisons)
    if count < 2:
        raise TooFewPromptsError("all battles come from one prompt: an interval needs at least two")
    scores = _cluster_scores(rows, comparisons, estimate, index, count) * free
    if method == "CR1":
        bread = _inverse(hessian, free, rows.size)
        shifts = scores @ bread
        return shifts.T @ shifts * (count / (count - 1)), count
    fragile = hanging_on_one_cluster(compress_by_cluster(comparisons), frozen=~free[: rows.size])
    shifts = np.empty_like(scores)
    for cluster in range(count):
        mine = index == cluster
        known = None if rows.shift is None else rows.shift[mine]
        inside = Rows.of(comparisons.select(mine), rows.features[mine], known)
        rest = hessian - derivatives(inside, estimate)[1]
        thin = (np.diag(rest) < _LEFT * np.diag(hessian))[free]
        if fragile.any() or thin.any() or _own_share(rest, free, rows.size) < _OWN_SHARE:
            raise TooFewPromptsError("one prompt alone ties somebody, or a slope, to the rest: it has no interval")
        shifts[cluster] = -_inverse(rest, free, rows.size) @ scores[cluster]
    return shifts.T @ shifts * ((count - 1) / count), count


def _cluster_scores(
    rows: Rows, comparisons: Comparisons, estimate: FloatArray, index: IntArray, count: int
) -> FloatArray:
    """(G, K + F) the summed scores ``w (y - p) x`` of each cluster."""
    residual = np.concatenate([rows.score[block] - rows.expected(estimate, block) for block in blocks(len(rows.pair))])
    if rows.weight is not None:
        residual *= rows.weight
    size = rows.size
    own = sum_by(index * size + comparisons.first, residual, count * size)
    own -= sum_by(index * size + comparisons.second, residual, count * size)
    slopes = [sum_by(index, residual * feature, count) for feature in rows.features.T]
    return np.column_stack([own.reshape(count, size), *slopes])
