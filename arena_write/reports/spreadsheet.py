"""Boards as CSV, for spreadsheets and data frames: long, one row for each part, set of prompts and entrant, all digits.

The parts are `rating` (battles), `win_rate` (one row for each baseline met) and `rubric` (mean scores).
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields

from arena_write.names import printable
from arena_write.reports import wording
from arena_write.reports.board import Board, BoardRow, RubricRow, Texts
from arena_write.spreadsheets import guard_cell

_COUNTS = ("prompts", "planned", "judged", "identical", "failed", "invalid", "open", "no_output", "coverage")
COLUMNS = (
    *("benchmark", "judge", "judge_id", "part", "measure", "scope"),
    *("entrant", "name", "role", "origin", "against"),
    *("bound", "value", "low", "high", "best_rank", "worst_rank", "reason"),
    *_COUNTS,
    *("saturation", "design_effect", "if_excluded", "worst_case", "best_case", "censored"),
    *(field.name for field in fields(Texts)),
)


def to_csv(boards: Sequence[Board]) -> str:
    """Return boards as CSV with one header; cells that do not apply are empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for row in list_rows(boards):
        writer.writerow({column: _cell(value) for column, value in row.items()})
    return out.getvalue()


def list_rows(boards: Sequence[Board]) -> Iterator[dict[str, object]]:
    """Yield the rows of boards, values by column; those that do not apply are left out."""
    for board in boards:
        yield from _rows(board)


def _rows(board: Board) -> Iterator[dict[str, object]]:
    judge = board.judge
    common: dict[str, object] = {"benchmark": board.benchmark, "judge": judge.name, "judge_id": judge.id}
    for section in board.sections:
        names = {row.entrant: row.name for row in section.rows}
        shared = common | {"measure": judge.label, "scope": section.scope}
        for row in section.rows:
            yield shared | {"part": "rating", "value": row.elo} | _facts(row)
        for row in section.rows:
            for rate in row.win_rates:
                mine = {name: getattr(row, name) for name in ("entrant", "name", "role", "origin")}
                against = names.get(rate.baseline, rate.baseline)
                value = {"against": against, "value": rate.score, "judged": rate.cells}
                yield shared | {"part": "win_rate"} | mine | value
    for rubric in board.rubric:
        shared = common | {"measure": wording.rubric_label(board), "scope": rubric.scope}
        for scored in rubric.rows:
            yield shared | {"part": "rubric", "value": scored.mean} | _facts(scored)


def _facts(row: BoardRow | RubricRow) -> dict[str, object]:
    """Return what a row of a board says, its answers included, by column."""
    said = asdict(row)
    said |= said.pop("texts")
    return {column: said[column] for column in COLUMNS if column in said}


def _cell(value: object) -> object:
    """Return a value as CSV holds it; text that a spreadsheet would compute gets an apostrophe in front."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return value
    return guard_cell(printable(value))
