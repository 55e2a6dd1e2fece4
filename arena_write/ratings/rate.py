"""Comparisons in, ratings out: the whole way in one call, the same bytes for the same facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from arena_write.ratings.bounds import effective_battles, perfect_record_gap
from arena_write.ratings.columns import Comparisons, FloatArray, IntArray, clusters_per_entrant, sum_by
from arena_write.ratings.connectivity import describe
from arena_write.ratings.core import Core, find_core
from arena_write.ratings.elo import checked_baselines
from arena_write.ratings.errors import RatingError
from arena_write.ratings.estimate import GIVEN_DF, Estimate, battles_per_cluster, estimate, given
from arena_write.ratings.pairs import compress
from arena_write.ratings.quantiles import normal_quantile, t_quantile, two_sided
from arena_write.ratings.ranks import RankRanges, rank_ranges, ranks_from
from arena_write.ratings.results import FLAT, NO_WIDTH, EntrantRating, Ratings

_ORDER = {"interval": 0, "at_least": 1, "at_most": 2, "unrated": 3}


def rate(
    comparisons: Comparisons,
    *,
    baselines: Sequence[str],
    offsets: Mapping[str, float] | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> Ratings:
    """Rate everybody who can be rated, and say of everybody else why not.

    The result depends on the facts alone: not on the order of rows or names, nor on who stood first in a row.

    Args:
        comparisons: the battles.
        baselines: entrants whose mean is 1000.
        offsets: frozen Elo of entrants judged before, the baselines among them. They are then taken as given, battles
            among them change nothing, and intervals are conditional on them. ``None``: a joint fit of everybody.
        confidence: of intervals, bounds and rank ranges.
        seed: of the draws behind the rank ranges.

    Raises:
        NotConnectedError: the baselines are not tied to each other, so there is no scale.
        TooFewPromptsError: they are, but by one prompt only.
        RatingError: unknown or doubled baselines or offsets; a confidence outside (0, 1).
        ConvergenceError: the results are too close to separation for double precision.
    """
    facts = comparisons.canonical()
    frozen = dict(sorted((offsets or {}).items()))
    anchors = checked_baselines(facts.names, baselines, frozen)
    two_sided(confidence)
    held = np.array([name in frozen for name in facts.names])
    informative = ~(held[facts.first] & held[facts.second])
    if not informative.any():
        raise RatingError("every battle is between entrants with frozen ratings: there is nobody to rate")
    useful = facts.select(informative)
    core = find_core(useful, baselines=[facts.names.index(name) for name in anchors], frozen=held)
    fitted = _fit_core(useful, core, anchors, frozen)
    rated = _rated_rows(fitted, confidence, at_1000=anchors[0] if len(anchors) == 1 else None)
    others = _other_rows(useful, core, fitted, confidence)
    ranks = rank_ranges(fitted.elo, fitted.covariance, df=fitted.df, confidence=confidence, seed=seed)
    rows = _with_totals(with_ranks(rated, others, ranks), facts)
    return Ratings(
        entrants=tuple(sorted(rows, key=board_order)),
        baselines=tuple(anchors),
        frozen=tuple(frozen),
        confidence=confidence,
        method=fitted.method,
        df=max(0, fitted.clusters - 1),
        clusters=fitted.clusters,
        battles=fitted.battles,
        deff=fitted.deff,
        critical=ranks.critical,
        names=fitted.names,
        covariance=tuple(tuple(line) for line in fitted.covariance.tolist()),
    )


def _fit_core(facts: Comparisons, core: Core, baselines: Sequence[str], frozen: Mapping[str, float]) -> Estimate:
    names = [name for name, member in zip(facts.names, core.members, strict=True) if member]
    if len(names) < 2 or all(name in frozen for name in names):
        return given(names, frozen)
    return estimate(facts.among(core.members), baselines=baselines, offsets=frozen)


def _rated_rows(fitted: Estimate, confidence: float, *, at_1000: str | None) -> list[EntrantRating]:
    """Rows of the core; that of a single baseline is 1000 by definition, which needs no interval."""
    upper = two_sided(confidence)
    z = normal_quantile(upper)
    rows = []
    for code, name in enumerate(fitted.names):
        variance, naive = max(0.0, float(fitted.covariance[code, code])), float(fitted.naive_variance[code])
        elo, se, df = float(fitted.elo[code]), variance**0.5, int(fitted.df[code])
        if se < NO_WIDTH and df != GIVEN_DF and name != at_1000:
            rows.append(EntrantRating(name=name, kind="interval", elo=elo, se=0.0, df=df, reason=FLAT))
            continue
        half = t_quantile(upper, df) * se
        rows.append(
            EntrantRating(
                name=name,
                kind="interval",
                elo=elo,
                se=se,
                low=elo - half,
                high=elo + half,
                df=None if df == GIVEN_DF else df,
                naive_half_width=z * naive**0.5,
                deff=variance / naive if naive else None,
            )
        )
    return rows


def _other_rows(facts: Comparisons, core: Core, fitted: Estimate, confidence: float) -> list[EntrantRating]:
    """Rows of those outside the core: a bound where they met it, a reason where not."""
    strength = np.full(len(facts.names), np.nan)
    strength[core.members] = fitted.elo
    rows = []
    for code in np.flatnonzero(~core.members):
        name = facts.names[code]
        if core.on_one_prompt[code]:
            reason = "tied to the baselines by one prompt only: no second prompt says how much that varies"
            rows.append(EntrantRating(name=name, kind="unrated", reason=reason))
            continue
        met = ((facts.first == code) & core.members[facts.second]) | (
            (facts.second == code) & core.members[facts.first]
        )
        if not met.any():
            reason = describe(facts, [name])
            if not reason.endswith("no battles"):
                reason = f"{name} never met a rated entrant"
            rows.append(EntrantRating(name=name, kind="unrated", reason=reason))
            continue
        rows.append(_one_sided(facts.select(met), int(code), strength, fitted.correlation, confidence))
    return rows


def _one_sided(
    met: Comparisons, code: int, strength: FloatArray, correlation: float, confidence: float
) -> EntrantRating:
    """Bound somebody whose (all won or all lost) battles against the core are given."""
    ahead = met.first == code
    opponents = np.where(ahead, met.second, met.first)
    mean = float(met.weights @ strength[opponents] / met.weights.sum())
    effective = effective_battles(battles_per_cluster(met)[code], correlation=correlation)
    gap = perfect_record_gap(effective, confidence=confidence)
    name, reason = met.names[code], describe(met, [met.names[code]])
    if float(met.score[0]) == (1.0 if ahead[0] else 0.0):
        return EntrantRating(name=name, kind="at_least", low=mean + gap, reason=reason)
    return EntrantRating(name=name, kind="at_most", high=mean - gap, reason=reason)


def with_ranks(rated: list[EntrantRating], others: list[EntrantRating], ranks: RankRanges) -> list[EntrantRating]:
    """Give ranks to all but the unrated.

    Among the rated they are simultaneous (max-t). Against one-sided rows, two intervals that do not overlap are taken
    as clearly apart, which asks for more than a difference test would.
    """
    placed = rated + [row for row in others if row.kind != "unrated"]
    low = np.array([-np.inf if row.low is None else row.low for row in placed])
    high = np.array([np.inf if row.high is None else row.high for row in placed])
    below = high[:, np.newaxis] < low[np.newaxis, :]
    below[: len(rated), : len(rated)] = ranks.below
    best, worst = ranks_from(below)
    ranked = [
        replace(row, best_rank=int(top), worst_rank=int(bottom))
        for row, top, bottom in zip(placed, best, worst, strict=True)
    ]
    return ranked + [row for row in others if row.kind == "unrated"]


def _with_totals(rows: list[EntrantRating], facts: Comparisons) -> list[EntrantRating]:
    """Give everybody the count of its rows and prompts and its mean score."""
    pairs, clusters = compress(facts), clusters_per_entrant(facts)

    def sums(low: FloatArray | IntArray, high: FloatArray | IntArray) -> FloatArray:
        return sum_by(pairs.low, low, pairs.size) + sum_by(pairs.high, high, pairs.size)

    battles, weight = sums(pairs.rows, pairs.rows), sums(pairs.weight, pairs.weight)
    score = sums(pairs.score, pairs.weight - pairs.score) / np.where(weight > 0, weight, 1.0)
    totals = {
        name: (int(battles[code]), int(clusters[code]), float(score[code]) if weight[code] > 0 else None)
        for code, name in enumerate(facts.names)
    }
    return [
        replace(row, battles=battles, clusters=clusters, score=score)
        for row in rows
        for battles, clusters, score in [totals[row.name]]
    ]


def board_order(row: EntrantRating) -> tuple[int, float, str]:
    """Return where a row stands: rated ones by Elo, then one-sided and unrated ones; ties by name."""
    value = next((value for value in (row.elo, row.low, row.high) if value is not None), 0.0)
    return _ORDER[row.kind], -round(value, 6), row.name
