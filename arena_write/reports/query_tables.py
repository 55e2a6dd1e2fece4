"""Tables of rubric scores by domain and requirement, and of differences between entrants."""

from collections.abc import Sequence
from itertools import combinations, pairwise

from arena_write.reports import wording
from arena_write.reports.board import RubricRow, RubricSection
from arena_write.reports.query_scores import DifferenceRow, QueryScores
from arena_write.reports.tables import Table

ENTRANTS_A_TABLE = 5
"""Entrants stand side by side; more of them take several tables."""
ALL_PAIRS = 4
"""Up to so many entrants every pair is shown; beyond, those that stand next to each other. `board.json` has all."""

NOT_SCORED = "not scored"


def aggregate_tables(section: RubricSection) -> tuple[Table, ...]:
    """Return the means of all entrants by domain and requirement, with the number of queries or pairs behind each."""
    aggregates = {one.entrant: one for one in section.aggregates}
    rows = [row for row in section.rows if row.entrant in aggregates]
    return tuple(
        _aggregate_table(chunk, [aggregates[row.entrant] for row in chunk])
        for chunk in (rows[start : start + ENTRANTS_A_TABLE] for start in range(0, len(rows), ENTRANTS_A_TABLE))
    )


def difference_tables(section: RubricSection) -> tuple[Table, ...]:
    """Return the differences between entrants, the better one first; no table without two means."""
    rows = [row for row in section.rows if row.mean is not None]
    pairs = list(combinations(rows, 2) if len(rows) <= ALL_PAIRS else pairwise(rows))
    known = {(one.first, one.second): one for one in section.differences}
    lines = []
    for better, other in pairs:
        if (better.entrant, other.entrant) in known:
            lines.append(_difference(better, other, known[better.entrant, other.entrant], 1.0))
        elif (other.entrant, better.entrant) in known:
            lines.append(_difference(better, other, known[other.entrant, better.entrant], -1.0))
    if not lines:
        return ()
    return (
        Table(
            title="Differences on the same queries",
            columns=("entrant", "above", "difference", "95 % interval", "would show", "queries"),
            rows=tuple(lines),
        ),
    )


def _aggregate_table(rows: Sequence[RubricRow], aggregates: Sequence[QueryScores]) -> Table:
    domains = list(dict.fromkeys(group.name for one in aggregates for group in one.domains))
    means = [{group.name: (group.mean, group.queries) for group in one.domains} for one in aggregates]
    requirements = [{row.name: row for row in one.requirements} for one in aggregates]
    names = list(dict.fromkeys(name for one in requirements for name in one))
    withheld = [one.overall is None and row.planned > 0 for row, one in zip(rows, aggregates, strict=True)]
    lines = [
        ("overall, times ten", *(_mean(one.overall and one.overall * 10, one.queries, 1) for one in aggregates)),
        ("overall (scores alike)", *(_mean(one.overall, one.queries) for one in aggregates)),
        ("overall (queries alike)", *(_mean(one.macro, one.queries) for one in aggregates)),
        *((name, *(_mean(*one.get(name, (None, 0))) for one in means)) for name in domains),
    ]
    for name in names:
        lines.append((f"{name} R", *(_mean(one[name].r, one[name].queries) for one in requirements)))
        lines.append((f"{name} C", *(_mean(one[name].c, one[name].pairs) for one in requirements)))
    return Table(
        title="By domain and requirement",
        columns=("figure", *(wording.name(row) for row in rows)),
        rows=tuple(
            (name, *("withheld" if gone else cell for cell, gone in zip(cells, withheld, strict=True)))
            for name, *cells in lines
        ),
    )


def _mean(mean: float | None, count: int, digits: int = 2) -> str:
    return NOT_SCORED if mean is None else f"{mean:.{digits}f} ({count})"


def _difference(better: RubricRow, other: RubricRow, row: DifferenceRow, sign: float) -> tuple[str, ...]:
    low, high = (row.low, row.high) if sign > 0 else (row.high, row.low)
    return (
        wording.name(better),
        wording.name(other),
        wording.UNKNOWN if row.difference is None else f"{sign * row.difference + 0.0:+.2f}",
        wording.UNKNOWN if low is None or high is None else f"{sign * low:+.2f} to {sign * high:+.2f}",
        wording.UNKNOWN if row.detectable is None else f"{row.detectable:.2f}",
        str(row.queries),
    )
