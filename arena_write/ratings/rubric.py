"""Scores in, mean scores out, with intervals that take queries, not judgements, as the unit of evidence.

The headline is WritingBench's own number: the sum of all scores over their number. The criteria of an answer agree
with each other, so the scores of a query count as one piece of evidence (see ``means``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from arena_write.ratings.columns import FloatArray, IntArray, sum_by
from arena_write.ratings.components import VarianceComponents, correlation_of_criteria, variance_components
from arena_write.ratings.errors import RatingError
from arena_write.ratings.intervals import Method
from arena_write.ratings.means import NO_SPREAD, method_for, ratio_means
from arena_write.ratings.quantiles import t_quantile, two_sided
from arena_write.ratings.ranks import rank_ranges
from arena_write.ratings.score_differences import detectable_effect
from arena_write.ratings.scores import Scores, ScoreScale, numbered

ESTIMAND = "mean over queries like these, with new answers and new judgements"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrantScores:
    """One row of a rubric board, in points of the scale; ``None`` where there is honestly no value.

    Attributes:
        name: the entrant.
        mean: sum of its scores over their number.
        se: standard error of ``mean``, clustered by query.
        low: lower end of the interval of ``mean``, cut where the scale ends.
        high: upper end of the interval, likewise.
        df: degrees of freedom of the interval: its queries minus 1.
        method: how ``se`` was made.
        best_rank: best rank the data allow, 1 is top, among those with an interval; all ranges hold at once.
        worst_rank: worst rank the data allow.
        macro_mean: mean over queries of the mean score there.
        queries: queries with at least one score.
        judgements: scores.
        saturation: share of scores at the top of the scale (9 and 10 of 10), in [0, 1].
        naive_se: standard error that independent judgements would give.
        deff: variance of ``mean`` over the naive one: how many judgements weigh as one.
        criterion_correlation: of two criteria of one answer, around the entrant's mean.
        reason: why there is no interval, in words; empty where there is one.
    """

    name: str
    mean: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    df: int | None = None
    method: Method | None = None
    best_rank: int | None = None
    worst_rank: int | None = None
    macro_mean: float | None = None
    queries: int = 0
    judgements: int = 0
    saturation: float | None = None
    naive_se: float | None = None
    deff: float | None = None
    criterion_correlation: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricRatings:
    """All mean scores of one set of judgements.

    Attributes:
        entrants: by mean, best first, those without scores last; ties by name.
        confidence: of every interval and rank range.
        estimand: what the intervals are about.
        queries: queries with scores.
        judgements: scores.
        components: where the scores vary, and how reliable means are.
        detectable: difference of two entrants' means that a one-sided 5 % test on the queries common to all would find
            in 80 % of studies, from these entrants' own spread. ``None`` where that is unknown.
        critical: the max-t critical value behind the rank ranges.
        names: the entrants with an interval, sorted; the order of ``covariance``.
        covariance: their covariance, points squared, from the queries they share.
    """

    entrants: tuple[EntrantScores, ...]
    confidence: float
    estimand: str
    queries: int
    judgements: int
    components: VarianceComponents
    detectable: float | None
    critical: float | None
    names: tuple[str, ...]
    covariance: tuple[tuple[float, ...], ...]

    def entrant(self, name: str) -> EntrantScores:
        """Return the row of one entrant.

        Raises:
            RatingError: there is no such entrant.
        """
        for row in self.entrants:
            if row.name == name:
                return row
        raise RatingError(f"{name!r} is not among the entrants")


def rate_scores(scores: Scores, *, confidence: float = 0.95, seed: int = 0) -> RubricRatings:
    """Say of every entrant how it scores and how sure that is, and where not, why not.

    The result depends on the facts alone, not on the order of rows or names.

    Args:
        scores: the judgements.
        confidence: of intervals and rank ranges.
        seed: of the draws behind the rank ranges.

    Raises:
        RatingError: a confidence outside (0, 1).
    """
    two_sided(confidence)
    facts = scores.canonical()
    table = _tabulate(facts)
    correlation = correlation_of_criteria(facts)
    rows = [_row(table, code, float(correlation[code]), confidence) for code in range(len(facts.names))]
    told = [code for code, row in enumerate(rows) if row.low is not None]
    covariance = table.influence[told] @ table.influence[told].T
    critical = None
    if told:
        ranks = rank_ranges(
            np.array([table.mean[code] for code in told]),
            covariance,
            df=[table.queries[code] - 1 for code in told],
            confidence=confidence,
            seed=seed,
        )
        critical = ranks.critical
        for code, best, worst in zip(told, ranks.best.tolist(), ranks.worst.tolist(), strict=True):
            rows[code] = replace(rows[code], best_rank=best, worst_rank=worst)
    components = variance_components(facts)
    return RubricRatings(
        entrants=tuple(sorted(rows, key=_board_order)),
        confidence=confidence,
        estimand=ESTIMAND,
        queries=table.influence.shape[1],
        judgements=len(facts),
        components=components,
        detectable=None
        if components.residual is None
        else detectable_effect((2.0 * components.residual) ** 0.5, components.queries),
        critical=critical,
        names=tuple(facts.names[code] for code in told),
        covariance=tuple(tuple(line) for line in covariance.tolist()),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Sums over judgements of K entrants on G queries; means are NaN where an entrant has no scores.

    ``influence`` is (K, G), see ``ratio_means``.
    """

    names: tuple[str, ...]
    mean: FloatArray
    macro_mean: FloatArray
    queries: IntArray
    judgements: FloatArray
    squares: FloatArray
    saturated: FloatArray
    influence: FloatArray
    scale: ScoreScale


def _tabulate(facts: Scores) -> _Table:
    query, queries = numbered(facts.query)
    size = len(facts.names)
    cell = facts.entrant * queries + query
    counts = np.bincount(cell, minlength=size * queries).reshape(size, queries).astype(np.float64)
    sums = sum_by(cell, facts.score, size * queries).reshape(size, queries)
    total, answered = counts.sum(axis=1), (counts > 0).sum(axis=1)
    mean, influence = ratio_means(sums, counts)
    with np.errstate(invalid="ignore", divide="ignore"):
        macro = np.where(counts > 0, sums / counts, 0.0).sum(axis=1) / answered
    residual = facts.score - mean[facts.entrant]
    return _Table(
        names=facts.names,
        mean=mean,
        macro_mean=macro,
        queries=answered.astype(np.int64),
        judgements=total,
        squares=sum_by(facts.entrant, residual * residual, size),
        saturated=sum_by(facts.entrant, (facts.score >= facts.scale.saturated).astype(np.float64), size),
        influence=influence,
        scale=facts.scale,
    )


def _row(table: _Table, code: int, correlation: float, confidence: float) -> EntrantScores:
    name, queries, judgements = table.names[code], int(table.queries[code]), int(table.judgements[code])
    if not judgements:
        return EntrantScores(name=name, reason="it has no scores")
    mean = float(table.mean[code])
    naive = (float(table.squares[code]) / (judgements - 1) / judgements) ** 0.5 if judgements > 1 else None
    row = EntrantScores(
        name=name,
        mean=mean,
        macro_mean=float(table.macro_mean[code]),
        queries=queries,
        judgements=judgements,
        saturation=float(table.saturated[code]) / judgements,
        naive_se=naive,
        criterion_correlation=None if np.isnan(correlation) else correlation,
    )
    if queries < 2:
        return replace(row, reason="it has scores on one query only: nothing says how much queries vary")
    se = float(np.sqrt(table.influence[code] @ table.influence[code]))
    row = replace(row, se=se, df=queries - 1, method=method_for(queries), deff=(se / naive) ** 2 if naive else None)
    if se < NO_SPREAD:
        same = f"its mean is {mean:.3g} on each of {queries} queries: nothing says how much others would vary"
        return replace(row, se=0.0, reason=same)
    half = t_quantile(two_sided(confidence), queries - 1) * se
    return replace(row, low=max(table.scale.lowest, mean - half), high=min(table.scale.highest, mean + half))


def _board_order(row: EntrantScores) -> tuple[bool, float, str]:
    return row.mean is None, -round(row.mean or 0.0, 9), row.name
