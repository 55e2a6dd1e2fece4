"""The prompt bootstrap: intervals by drawing prompts again, as a check of those by formula.

Prompts are drawn with replacement, each with all its battles; drawing battles instead would take battles on one prompt
as independent. Percentiles are those of the drawn ratings; the bootstrap-t draws ``(rating - estimate) / error`` with
each draw's own clustered error, which corrects for skewness (Efron & Tibshirani 1993, chapters 12 and 13).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from arena_write.ratings.bradley_terry import fit, win_probability
from arena_write.ratings.columns import Comparisons, FloatArray
from arena_write.ratings.elo import BASELINE_MEAN, ELO_PER_NAT, from_baselines, to_theta
from arena_write.ratings.pairs import PairsByCluster, compress_by_cluster
from arena_write.ratings.quantiles import two_sided
from arena_write.ratings.rate import rate
from arena_write.ratings.refits import Refits, refit, sides

# Where more draws than this share have no finite ratings, percentiles of the rest would be those of the easy prompts.
_MISSING_ALLOWED = 0.05


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
    facts = comparisons.canonical()
    facts = facts.among(np.array([name in ratings.names for name in facts.names]))
    fitted = fit(facts, offsets={name: to_theta(elo) for name, elo in frozen.items() if name in facts.names})
    table = compress_by_cluster(facts)
    if frozen:
        contrast = np.eye(len(facts.names)) * ELO_PER_NAT
    else:
        contrast = from_baselines(len(facts.names), [facts.names.index(name) for name in baselines]) * ELO_PER_NAT
    chance = np.full(table.clusters, 1.0 / table.clusters)
    times = np.random.default_rng(seed).multinomial(table.clusters, chance, draws).astype(np.float64)
    once = np.ones((1, table.clusters))
    centre = refit(table, once, start=fitted.theta, free=fitted.free)
    drawn = refit(table, times, start=fitted.theta, free=fitted.free)
    elo = BASELINE_MEAN + drawn.theta[drawn.exist] @ contrast.T
    estimate = BASELINE_MEAN + centre.theta[0] @ contrast.T
    error = _errors(table, once, centre, contrast)[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        standard = (elo - estimate) / _errors(table, times, drawn, contrast)[drawn.exist]
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


def _errors(table: PairsByCluster, times: FloatArray, refits: Refits, contrast: FloatArray) -> FloatArray:
    """(R, K) CR1 standard errors of each refit's own ratings, Elo; a prompt drawn twice counts as two."""
    clusters = table.clusters
    found = np.zeros((len(times), len(contrast)))
    lines = sides(table)
    for number in np.flatnonzero(refits.exist):
        theta = refits.theta[number]
        chance = win_probability(theta[table.whole.low] - theta[table.whole.high])
        lever = lines @ refits.bread[number] @ contrast.T
        influence = (table.score - table.weight * chance) @ lever
        found[number] = np.sqrt(times[number] @ influence**2 * clusters / (clusters - 1))
    return found
