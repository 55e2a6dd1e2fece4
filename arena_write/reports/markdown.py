"""A board in Markdown, for a pull request, a model card or a CI summary."""

from arena_write.names import printable
from arena_write.reports import wording
from arena_write.reports.board import Board
from arena_write.reports.tables import Table, evidence_table, rating_table


def to_markdown(board: Board) -> str:
    """Return a board as a Markdown document.

    Names come from people and models: what Markdown or HTML would read in them is escaped.
    """
    section = board.sections[0]
    parts = [
        f"## {_escape(wording.heading(board))}",
        f"{_escape(wording.subject(board))}. {_escape(wording.method(board, section))}.",
        _table(rating_table(board)),
        "\\* baseline",
        _table(evidence_table(section)),
    ]
    notes = wording.notes(board, section)
    if notes:
        parts.append("\n".join(f"- {_escape(note)}" for note in notes))
    return "\n\n".join(parts) + "\n"


def _table(table: Table) -> str:
    rule = tuple("---" for _ in table.columns)
    cells = [tuple(_escape(cell) for cell in row) for row in (table.columns, *table.rows)]
    lines = [cells[0], rule, *cells[1:]]
    return "\n".join("| " + " | ".join(cell for cell in line) + " |" for line in lines)


def _escape(text: str) -> str:
    text = printable(text).replace("&", "&amp;")
    for sign in "\\`*_{}[]<>#|~":
        text = text.replace(sign, "\\" + sign)
    return text.replace("@", "&#64;").replace("://", "&#58;//")
