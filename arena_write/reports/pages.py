"""What is shown of a board, in order: shared by the terminal, Markdown and the app."""

from collections.abc import Sequence
from dataclasses import dataclass

from arena_write.reports import length_tables, wording
from arena_write.reports.board import Board, BoardRow, RubricRow, Scope
from arena_write.reports.import_wording import imported, score_notes
from arena_write.reports.length_scores import LengthRow
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
        tables: The numbers, then what lies behind them and beside them.
        legend: What the marks on names mean.
        notes: What else must be known.
    """

    label: str
    subject: str
    method: str
    habits: str
    unit: str
    estimates: tuple[Estimated, ...]
    tables: tuple[Table, ...]
    legend: str
    notes: tuple[str, ...]


def list_blocks(board: Board, scope: Scope = "all") -> list[Block]:
    """Return the parts of a board over the prompts of `scope`: ratings, mean scores, and LongBench-Write's lengths."""
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
                tables=(
                    rubric_table(board, rubric),
                    rubric_evidence_table(board, rubric),
                    *aggregate_tables(rubric),
                    *difference_tables(rubric),
                ),
                legend=_legend(rubric.rows),
                notes=(
                    *wording.rubric_notes(board, rubric),
                    *wording.rubric_cautions(board),
                    *score_notes(board, rubric),
                ),
            )
        )
    if lengths := board.length_section(scope):
        scored = [(row, row.buckets[0].length) for row in lengths.rows]
        blocks.append(
            Block(
                label=length_tables.LENGTH_LABEL,
                subject=length_tables.subject(board, lengths),
                method=length_tables.method(board, lengths),
                habits="",
                unit="S_L",
                estimates=tuple(Estimated(row.name, one.mean, one.low, one.high) for row, one in scored if one),
                tables=length_tables.list_tables(lengths, quality=length_tables.quality_label(board)),
                legend=_legend(lengths.rows),
                notes=tuple(length_tables.notes(board, lengths)),
            )
        )
    return blocks


def _estimates(rows: Sequence[tuple[BoardRow | RubricRow, float | None]]) -> tuple[Estimated, ...]:
    return tuple(Estimated(wording.name(row), value, row.low, row.high) for row, value in rows if value is not None)


def _legend(rows: Sequence[BoardRow | RubricRow | LengthRow]) -> str:
    return "* baseline" if any(row.role == "baseline" for row in rows) else ""
