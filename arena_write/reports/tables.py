"""The tables of a board as plain strings: what the terminal draws and Markdown writes."""

from dataclasses import dataclass

from arena_write.reports import wording
from arena_write.reports.board import Board, BoardRow, Section


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table of strings; every row has one string a column."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def rating_table(board: Board, section: Section | None = None) -> Table:
    """Return the ratings of a section; those over all prompts, the default, with each language's beside them."""
    shown = section or board.sections[0]
    others = board.sections[1:] if shown.scope == "all" else ()
    beside = [{row.entrant: row for row in other.rows} for other in others]
    return Table(
        title="Ratings",
        columns=("rank", "entrant", board.judge.label, *(other.scope for other in others), "prompts", "coverage"),
        rows=tuple(
            (
                wording.ranks(row),
                wording.name(row),
                wording.rating(row),
                *(wording.rating(rows.get(row.entrant)) for rows in beside),
                str(row.prompts),
                wording.percent(row.coverage),
            )
            for row in shown.rows
        ),
    )


MANY_BASELINES = 4
"""With more baselines than this, columns name them by number."""


def evidence_table(section: Section) -> Table:
    """Return what lies behind the ratings: results against each baseline, and what the answers are like."""
    baselines = [row for row in section.rows if row.role == "baseline"]
    numbered = len(baselines) > MANY_BASELINES
    numbers = {row.entrant: f"{number} " for number, row in enumerate(baselines, start=1)} if numbered else {}
    return Table(
        title="Behind them",
        columns=(
            "entrant",
            *(f"vs {numbers[row.entrant].strip() if numbered else row.name}" for row in baselines),
            "length obeyed",
            "no answer",
            "truncated",
            "invalid",
            "missing",
        ),
        rows=tuple(
            (
                numbers.get(row.entrant, "") + wording.name(row),
                *(_against(row, baseline) for baseline in baselines),
                wording.length_obeyed(row),
                str(row.texts.no_answer),
                str(row.texts.truncated),
                str(row.invalid),
                str(row.open + row.no_output),
            )
            for row in section.rows
        ),
    )


def _against(row: BoardRow, baseline: BoardRow) -> str:
    if row.entrant == baseline.entrant:
        return ""
    return wording.win_rate(next((rate for rate in row.win_rates if rate.baseline == baseline.entrant), None))
