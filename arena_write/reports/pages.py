"""What is shown of a board, in order: shared by the terminal, Markdown and the app."""

from collections.abc import Sequence
from dataclasses import dataclass

from arena_write.reports import wording
from arena_write.reports.board import Board, BoardRow, RubricRow, Scope
from arena_write.reports.import_wording import imported, score_notes
from arena_write.reports.query_tables import aggregate_tables, difference_tables
from arena_write.reports.tables import Table, evidence_table, rating_table, rubric_evidence_table, rubric_table


@dataclass(frozen=True, slots=True)
class Estimated:
    """A value with its interval: what a chart draws."""

    name: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a board.

    Args:
        label: What its numbers are, in a few words.
        subject: The same, and who judged.
        method: How they were made, and on how much.
        habits: What they say about the judge; empty where nothing.
        unit: What a chart's axis is called.
        estimates: What a chart draws, best first.
        tables: The numbers, and what lies behind them.
        further: Means by domain and requirement, and differences between entrants; where there are any.
        legend: What the marks on names mean.
        notes: What else must be known.
    """

    label: str
    subject: str
    method: str
    habits: str
    unit: str
    estimates: tuple[Estimated, ...]
    tables: tuple[Table, Table]
    legend: str
    notes: tuple[str, ...]
    further: tuple[Table, ...] = ()


def list_blocks(board: Board, scope: Scope = "all") -> list[Block]:
    """Return the parts of a board over the prompts of `scope`: ratings, then mean scores."""
    blocks = []
    if section := board.section(scope):
        blocks.append(
            Block(
                label=board.judge.label,
                subject=wording.subject(board),
                method=wording.method(board, section),
                habits=wording.habits(board, section),
                unit="Elo",
                estimates=_estimates([(row, row.elo) for row in section.rows]),
                tables=(rating_table(board, section), evidence_table(board, section)),
                legend=_legend(section.rows),
                notes=(*wording.notes(section), *imported(board)),
            )
        )
    if rubric := board.rubric_section(scope):
        blocks.append(
            Block(
                label=wording.rubric_label(board),
                subject=wording.rubric_subject(board),
                method=wording.rubric_method(board, rubric),
                habits="",
                unit="mean score",
                estimates=_estimates([(row, row.mean) for row in rubric.rows]),
                tables=(rubric_table(board, rubric), rubric_evidence_table(board, rubric)),
                legend=_legend(rubric.rows),
                notes=(*wording.rubric_notes(board, rubric), *score_notes(board, rubric)),
                further=(*aggregate_tables(rubric), *difference_tables(rubric)),
            )
        )
    return blocks


def _estimates(rows: Sequence[tuple[BoardRow | RubricRow, float | None]]) -> tuple[Estimated, ...]:
    return tuple(Estimated(wording.name(row), value, row.low, row.high) for row, value in rows if value is not None)


def _legend(rows: Sequence[BoardRow | RubricRow]) -> str:
    return "* baseline" if any(row.role == "baseline" for row in rows) else ""
