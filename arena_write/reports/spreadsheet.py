"""Boards as CSV, for spreadsheets and data frames: long, one row for each part, set of prompts and entrant, all digits.

The parts are `rating` (battles), `win_rate` (one row for each baseline met), `rubric` (mean scores), and of these
`macro`, `domain`, `subdomain`, `requirement_r` and `requirement_c` (named in `group`), and `difference` (one row for
every two entrants). Of LongBench-Write there are `length` (`group` is the range of required lengths) and `dimension`.
`method`, `degrees_of_freedom` and, of ratings, `design_effect` are those of the whole fit.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields

from arena_write.names import printable
from arena_write.reports import length_tables, wording
from arena_write.reports.board import Board, BoardRow, EqualLength, RubricRow, RubricSection, Section, Texts
from arena_write.reports.length_scores import LengthSection
from arena_write.spreadsheets import guard_cell

_COUNTS = ("prompts", "planned", "judged", "identical", "failed", "invalid", "open", "no_output", "coverage")
_LEVEL = tuple(f"equal_length_{field.name}" for field in fields(EqualLength))
COLUMNS = (
    *("benchmark", "judge", "judge_id", "part", "measure", "scope"),
    *("entrant", "name", "role", "origin", "against", "group"),
    *("bound", "value", "low", "high", "best_rank", "worst_rank", "reason"),
    *_COUNTS,
    *("method", "degrees_of_freedom", "design_effect", "low_with_anchors", "high_with_anchors", "misfit"),
    *_LEVEL,
    *("saturation", "if_excluded", "worst_case", "best_case", "censored"),
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
            yield shared | {"part": "rating", "value": row.elo} | _facts(row) | _fit(section, row)
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
        yield from (shared | row for row in _query_rows(rubric))
    for lengths in board.lengths:
        yield from (common | {"scope": lengths.scope} | row for row in _length_rows(board, lengths))


def _query_rows(rubric: RubricSection) -> Iterator[dict[str, object]]:
    """Yield means by domain and requirement, and differences. `prompts` counts queries, of C pairs with a criterion."""
    mine = {
        row.entrant: {name: getattr(row, name) for name in ("entrant", "name", "role", "origin")} for row in rubric.rows
    }
    for one in rubric.aggregates:
        who = mine[one.entrant]
        yield who | {"part": "macro", "value": one.macro, "prompts": one.queries}
        for part, groups in (("domain", one.domains), ("subdomain", one.subdomains)):
            for group in groups:
                yield who | {"part": part, "group": group.name, "value": group.mean, "prompts": group.queries}
        for row in one.requirements:
            yield who | {"part": "requirement_r", "group": row.name, "value": row.r, "prompts": row.queries}
            yield who | {"part": "requirement_c", "group": row.name, "value": row.c, "prompts": row.pairs}
    for gap in rubric.differences:
        said = {"value": gap.difference, "low": gap.low, "high": gap.high, "reason": gap.reason, "prompts": gap.queries}
        yield mine[gap.first] | {"part": "difference", "against": mine[gap.second]["name"]} | said


def _length_rows(board: Board, lengths: LengthSection) -> Iterator[dict[str, object]]:
    """Yield LongBench-Write's figures by the length required, and mean scores by criterion."""
    scores, quality = wording.rubric_label(board), length_tables.quality_label(board)
    for row in lengths.rows:
        who: dict[str, object] = {"entrant": row.entrant, "name": row.name, "role": row.role}
        for measure, found, mean in length_tables.list_figures(row, quality=quality):
            ends = {"value": mean.mean, "low": mean.low, "high": mean.high} if mean else {}
            counts = {"group": found.bucket, "planned": found.planned, "answers": found.answers}
            yield {**who, "part": "length", "measure": measure, **counts, **ends}
        for dimension in row.dimensions:
            said = {"group": dimension.name, "value": dimension.mean}
            yield {**who, "part": "dimension", "measure": scores, **said}


def _facts(row: BoardRow | RubricRow) -> dict[str, object]:
    """Return what a row of a board says, its answers included, by column."""
    said = asdict(row)
    said |= said.pop("texts")
    return {column: said[column] for column in COLUMNS if column in said}


def _fit(section: Section, row: BoardRow) -> dict[str, object]:
    """Return how the ratings of a section were made, of a row that has one, and what it would be at equal length."""
    said: dict[str, object] = {}
    if row.bound == "interval":
        said = {name: getattr(section, name) for name in ("method", "degrees_of_freedom", "design_effect")}
    level = asdict(row.equal_length) if row.equal_length else {}
    return said | {f"equal_length_{name}": value for name, value in level.items()}


def _cell(value: object) -> object:
    """Return a value as CSV holds it; text that a spreadsheet would compute gets an apostrophe in front."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return value
    return guard_cell(printable(value))
