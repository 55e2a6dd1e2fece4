"""Where rubric scores vary: entrants, queries, their interaction, answers and the judge; and how reliable means are.

The model of an answer's score (its mean over criteria) is ``entrant + query + entrant x query + answer``, all random
but the mean (two-way random effects with replication; Searle, Casella & McCulloch 1992). The answer's part holds the
chance of its generation and of its judging. Parts are estimated by the analysis of variance of cell means on the
queries that every entrant answered, and set to 0 where the estimate is negative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from arena_write.ratings.columns import BoolArray, FloatArray, IntArray, sum_by
from arena_write.ratings.errors import RatingError
from arena_write.ratings.scores import Scores, means_by, numbered


@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceComponents:
    """Variances in squared points of the 1-10 scale; ``None`` where the data cannot tell, which ``unknown`` explains.

    Attributes:
        entrants: entrants M in the estimate: those with scores.
        queries: queries P that all of them answered.
        samples: answers n per entrant and query (harmonic mean).
        entrant: ``s2_m``, how much entrants differ.
        query: ``s2_p``, how much queries differ for everybody alike; it leaves comparisons.
        interaction: ``s2_mp``, how much some queries suit some entrants.
        answer: ``s2_e``, from one answer to the next by the same entrant on the same query, its judging included.
        judge: the part of ``answer`` that comes from judging: one judging of all of an answer's criteria.
        residual: ``s2_mp + s2_e / n``, what a query's score says beside the entrant and the query. Always separable.
        reliability: of the means over these P queries, ``s2_m / (s2_m + s2_mp / P + s2_e / (P n))``, in [0, 1].
        unknown: sentences, one for each part that could not be told, or told apart.
    """

    entrants: int
    queries: int
    samples: float | None = None
    entrant: float | None = None
    query: float | None = None
    interaction: float | None = None
    answer: float | None = None
    judge: float | None = None
    residual: float | None = None
    reliability: float | None = None
    unknown: tuple[str, ...] = ()

    def reliability_at(self, *, queries: int, samples: int = 1) -> float:
        """Return the reliability that means over so many queries and answers each would have.

        Raises:
            RatingError: the parts it needs are unknown; the message says why.
        """
        if self.entrant is None or self.interaction is None or self.answer is None:
            raise RatingError(f"no reliability of other designs: {'; '.join(self.unknown)}")
        return reliability(entrant=self.entrant, noise=self.interaction / queries + self.answer / (queries * samples))


def reliability(*, entrant: float, noise: float) -> float:
    """Return ``entrant / (entrant + noise)``, the share of the variance of means that is not noise; 0 without any."""
    return entrant / (entrant + noise) if entrant > 0 else 0.0


def variance_components(scores: Scores) -> VarianceComponents:
    """Estimate every part that the design can tell, and name the others.

    Answers that were judged on only some criteria count with those. Queries that some entrant did not answer are left
    out.
    """
    crossed, entrants, queries = _crossed(scores)
    if entrants < 2 or queries < 2:
        short = f"{entrants} entrant" if entrants < 2 else f"{queries} common quer{'y' if queries == 1 else 'ies'}"
        return VarianceComponents(
            entrants=entrants, queries=queries, unknown=(f"all parts: there is only {short}, two are needed",)
        )
    cell, cells = numbered(crossed.entrant, crossed.query, crossed.sample, crossed.criterion)
    answer, answers = numbered(crossed.entrant, crossed.query, crossed.sample)
    first_row = np.unique(cell, return_index=True)[1]
    answer_of_cell = answer[first_row]
    by_answer = means_by(answer_of_cell, means_by(cell, crossed.score, cells), answers)
    spot = numbered(crossed.entrant, crossed.query)[0][np.unique(answer, return_index=True)[1]]
    table = means_by(spot, by_answer, entrants * queries).reshape(entrants, queries)
    samples = _harmonic_mean(np.bincount(spot))
    by_entrant, by_query, residual = _mean_squares(table)
    within = _pooled(spot, by_answer)
    judge = _pooled(cell, crossed.score)
    if judge is not None:
        judge *= float(np.mean(1.0 / np.bincount(answer_of_cell)))
    signal = max(0.0, (by_entrant - residual) / queries)
    unknown = []
    if within is None:
        unknown.append("interaction and answer apart: every entrant gave one answer to each query, see residual")
    if judge is None:
        unknown.append("judge: no answer was judged twice on a criterion")
    return VarianceComponents(
        entrants=entrants,
        queries=queries,
        samples=samples,
        entrant=signal,
        query=max(0.0, (by_query - residual) / entrants),
        interaction=None if within is None else max(0.0, residual - within / samples),
        answer=within,
        judge=judge,
        residual=residual,
        reliability=reliability(entrant=signal, noise=residual / queries),
        unknown=tuple(unknown),
    )


def correlation_of_criteria(scores: Scores) -> FloatArray:
    """Return (K,) the correlation of two judgements of one answer on two criteria, around the entrant's mean.

    The intraclass correlation of a one-way analysis of variance, answers as groups (Fisher 1925; Donner 1986). It asks
    for no criterion common to two queries, as WritingBench has none. NaN where an entrant has fewer than two answers,
    no answer with two criteria, or no variance.
    """
    cell, cells = numbered(scores.entrant, scores.query, scores.sample, scores.criterion)
    rows = np.unique(cell, return_index=True)[1]
    value, entrant = means_by(cell, scores.score, cells), scores.entrant[rows]
    group, groups = numbered(scores.entrant[rows], scores.query[rows], scores.sample[rows])
    owner = entrant[np.unique(group, return_index=True)[1]]
    members, level = np.bincount(group).astype(np.float64), means_by(group, value, groups)
    size = len(scores.names)
    total, answers = np.bincount(entrant, minlength=size), np.bincount(owner, minlength=size)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sum_by(entrant, value, size) / total
        between = sum_by(owner, members * (level - mean[owner]) ** 2, size) / (answers - 1)
        within = sum_by(entrant, (value - level[group]) ** 2, size) / (total - answers)
        typical = (total - sum_by(owner, members**2, size) / total) / (answers - 1)
        correlation = (between - within) / (between + (typical - 1) * within)
    return np.where((answers > 1) & (total > answers), correlation, np.nan)


def _crossed(scores: Scores) -> tuple[Scores, int, int]:
    """Return the rows on queries that every entrant with scores answered, and the numbers of entrants and queries."""
    query, queries = numbered(scores.query)
    present = np.zeros((len(scores.names), queries), dtype=bool)
    present[scores.entrant, query] = True
    common: BoolArray = np.logical_and.reduce(present[present.any(axis=1)])
    kept = scores.select(common[query]) if common.any() else scores
    return kept, int(present.any(axis=1).sum()), int(common.sum())


def _mean_squares(table: FloatArray) -> tuple[float, float, float]:
    """Return the mean squares of rows, columns and the rest of a table without replication."""
    rows, columns = table.shape
    row, column, mean = table.mean(axis=1), table.mean(axis=0), table.mean()
    rest = table - row[:, np.newaxis] - column + mean
    return (
        float(columns * ((row - mean) ** 2).sum() / (rows - 1)),
        float(rows * ((column - mean) ** 2).sum() / (columns - 1)),
        float((rest**2).sum() / ((rows - 1) * (columns - 1))),
    )


def _pooled(group: IntArray, values: FloatArray) -> float | None:
    """Return the variance within groups, pooled; ``None`` where each holds one value."""
    groups = int(group.max()) + 1
    if groups == len(values):
        return None
    level = means_by(group, values, groups)
    return float(((values - level[group]) ** 2).sum() / (len(values) - groups))


def _harmonic_mean(counts: IntArray) -> float:
    values, times = np.unique(counts, return_counts=True)
    return float(times.sum() / (times / values).sum())
