"""A board in Markdown, for a pull request, a model card or a CI summary."""

from arena_write.names import printable
from arena_write.reports import wording
from arena_write.reports.board import Board
from arena_write.reports.pages import list_blocks
from arena_write.reports.tables import Table


def to_markdown(board: Board) -> str:
    """Return a board as a Markdown document.

    Names come from people and models: what Markdown or HTML would read in them is escaped.
    """
    parts = [f"## {_escape(wording.heading(board))}"]
    for block in list_blocks(board):
        ratings, evidence = block.tables
        parts += [f"{_escape(block.subject)}. {_escape(block.method)}."]
        parts += [f"{_escape(block.habits.capitalize())}."] if block.habits else []
        parts += [_table(ratings)]
        parts += [_escape(block.legend)] if block.legend else []
        parts += [_table(evidence)]
        for table in block.further:
            parts += [f"{_escape(table.title)}:", _table(table)]
        parts += ["\n".join(f"- {_escape(note)}" for note in block.notes)] if block.notes else []
    closing = [*wording.excluded(board), *(f"{wording.spending(line)}." for line in board.spending)]
    parts += ["\n".join(f"- {_escape(line)}" for line in closing)] if closing else []
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
