"""The prompt bootstrap: intervals by drawing prompts again, as a check of those by formula.

Prompts are drawn with replacement, each with all its battles; drawing battles instead would take battles on one prompt
as independent. Percentiles are those of the drawn ratings; the bootstrap-t draws ``(rating - estimate) / error`` with
each draw's own clustered error, which corrects for skewness (Efron & Tibshirani 1993, chapters 12 and 13).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from arena_write.ratings.blocks import blocks
from arena_write.ratings.bradley_terry import Fit, derivatives, fit, generalised_inverse, win_probability
from arena_write.ratings.columns import BoolArray, Comparisons, FloatArray, sum_by
from arena_write.ratings.elo import BASELINE_MEAN, ELO_PER_NAT, from_baselines
from arena_write.ratings.pairs import PairsByCluster, compress_by_cluster
from arena_write.ratings.quantiles import two_sided
from arena_write.ratings.rate import rate
from arena_write.ratings.rated import rated_rows, thetas
from arena_write.ratings.refits import Refits

# Where more draws than this share have no finite ratings, percentiles of the rest would be those of the easy prompts.
_MISSING_ALLOWED = 0.05
# In natural-log units: a millionth of an Elo or two.
_TOLERANCE = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True)
class BootstrapInterval:
    """Bootstrap intervals of one rated entrant, in Elo; ``None`` where too many draws have no finite ratings.

    Attributes:
        name: the entrant.
        elo: its rating.
        low: lower percentile.
        high: upper percentile.
        t_low: lower end of the bootstrap-t interval.
        t_high: upper end.
        draws: draws with finite ratings.
        reason: why there is no interval; empty where there is one.
    """

    name: str
    elo: float
    low: float | None = None
    high: float | None = None
    t_low: float | None = None
    t_high: float | None = None
    draws: int = 0
    reason: str = ""


def bootstrap_intervals(
    comparisons: Comparisons,
    *,
    baselines: Sequence[str],
    offsets: Mapping[str, float] | None = None,
    confidence: float = 0.95,
    draws: int = 1000,
    seed: int = 0,
) -> tuple[BootstrapInterval, ...]:
    """Draw prompts again and rate each time; entrants in the order of their ratings, frozen ones left out.

    Args:
        comparisons: the battles.
        baselines: as for :func:`rate`.
        offsets: as for :func:`rate`.
        confidence: of the intervals.
        draws: how often.
        seed: of the draws.

    Raises:
        RatingError: anything that :func:`rate` raises.
    """
    upper = two_sided(confidence)
    frozen = dict(offsets or {})
    ratings = rate(comparisons, baselines=baselines, offsets=frozen, confidence=confidence)
    if ratings.method == "none":
        return ()
    facts, _ = rated_rows(comparisons.canonical(), ratings)
    fitted = fit(facts, offsets=thetas(facts, frozen))
    table = compress_by_cluster(facts)
    contrast: FloatArray = np.eye(len(facts.names)) * ELO_PER_NAT
    if not frozen:
        contrast = from_baselines(len(facts.names), [facts.names.index(name) for name in baselines]) * ELO_PER_NAT
    theta, errors = _draw(table, fitted, contrast, draws=draws, seed=seed)
    estimate = BASELINE_MEAN + contrast @ fitted.theta
    error = _errors(table, fitted.theta, fitted.free, np.ones(table.clusters), contrast)
    elo = BASELINE_MEAN + theta @ contrast.T
    with np.errstate(divide="ignore", invalid="ignore"):
        standard = (elo - estimate) / errors
    code = {name: number for number, name in enumerate(facts.names)}
    found = []
    for row in ratings.entrants:
        if row.name not in code or row.name in frozen:
            continue
        own, missing = code[row.name], draws - len(elo)
        plain = BootstrapInterval(name=row.name, elo=float(estimate[own]), draws=len(elo))
        if missing > _MISSING_ALLOWED * draws:
            reason = f"{missing} of {draws} draws of prompts give no finite ratings"
            found.append(BootstrapInterval(name=row.name, elo=plain.elo, draws=len(elo), reason=reason))
            continue
        low, high = np.quantile(elo[:, own], [1.0 - upper, upper])
        scores = np.where(np.isnan(standard[:, own]), 0.0, standard[:, own])
        t_high, t_low = plain.elo - error[own] * np.quantile(scores, [1.0 - upper, upper])
        found.append(
            BootstrapInterval(
                name=row.name,
                elo=plain.elo,
                low=float(low),
                high=float(high),
                t_low=float(t_low),
                t_high=float(t_high),
                draws=len(elo),
            )
        )
    return tuple(found)


def _draw(
    table: PairsByCluster, fitted: Fit, contrast: FloatArray, *, draws: int, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Return (D, K) strengths of the draws that have finite ones, and (D, K) standard errors of their ratings, Elo."""
    rng, refits = np.random.default_rng(seed), Refits.of(table, fitted)
    chance = np.full(table.clusters, 1.0 / table.clusters)
    found, errors = [], []
    for lines in blocks(draws, refits.block):
        times = rng.multinomial(table.clusters, chance, lines.stop - lines.start).astype(np.float64)
        for line, theta in zip(times, refits.solve(times, tolerance=_TOLERANCE), strict=True):
            if np.isfinite(theta).all():
                found.append(theta)
                errors.append(_errors(table, theta, fitted.free, line, contrast))
    shape = (len(found), len(contrast))
    return np.array(found).reshape(shape), np.array(errors).reshape(shape)


def _errors(
    table: PairsByCluster, theta: FloatArray, free: BoolArray, times: FloatArray, contrast: FloatArray
) -> FloatArray:
    """Return (K,) CR1 standard errors of the ratings in one draw; a prompt drawn twice counts as two."""
    whole, clusters, size = table.whole, table.clusters, len(theta)
    chance = win_probability(theta[whole.low] - theta[whole.high])
    residual = table.score - table.weight * chance[table.pair]
    scores = sum_by(table.cluster * size + whole.low[table.pair], residual, clusters * size)
    scores -= sum_by(table.cluster * size + whole.high[table.pair], residual, clusters * size)
    bread = generalised_inverse(derivatives(table.repeated(times), theta)[1], free)
    influence = scores.reshape(clusters, size) @ bread @ contrast.T
    error: FloatArray = np.sqrt(times @ influence**2 * clusters / (clusters - 1))
    return error
