"""A board in Markdown, for a pull request, a model card or a CI summary."""

from collections.abc import Sequence

from arena_write.names import printable
from arena_write.reports import wording
from arena_write.reports.board import Board
from arena_write.reports.pages import list_blocks
from arena_write.reports.published import PublishedBlock
from arena_write.reports.tables import Table


def to_markdown(board: Board) -> str:
    """Return a board as a Markdown document.

    Names come from people and models: what Markdown or HTML would read in them is escaped.
    """
    parts = [f"## {escape(wording.heading(board))}"]
    for block in list_blocks(board):
        first, *behind = block.tables
        parts += [f"{escape(block.subject)}. {escape(block.method)}."]
        parts += [f"{escape(block.habits.capitalize())}."] if block.habits else []
        parts += [_table(first)]
        parts += [escape(block.legend)] if block.legend else []
        for table in behind:
            parts += [*map(escape, table.heading), _table(table)]
        parts += ["\n".join(f"- {escape(note)}" for note in block.notes)] if block.notes else []
    closing = [*wording.excluded(board), *(f"{wording.spending(line)}." for line in board.spending)]
    parts += ["\n".join(f"- {escape(line)}" for line in closing)] if closing else []
    return "\n\n".join(parts) + "\n"


def published_to_markdown(blocks: Sequence[PublishedBlock]) -> str:
    """Return published figures as Markdown: what stands below a board, apart from it."""
    parts = []
    for block in blocks:
        notes = "\n".join(f"- {escape(note)}" for note in block.notes)
        parts += [f"### {escape(block.heading)}", _table(block.table), notes]
    return "\n\n".join(parts) + "\n" if parts else ""


def _table(table: Table) -> str:
    rule = tuple("---" for _ in table.columns)
    cells = [tuple(escape(cell) for cell in row) for row in (table.columns, *table.rows)]
    lines = [cells[0], rule, *cells[1:]]
    return "\n".join("| " + " | ".join(cell for cell in line) + " |" for line in lines)


def escape(text: str) -> str:
    """Return a text that Markdown and HTML show as it is."""
    text = printable(text).replace("&", "&amp;")
    for sign in "\\`*_{}[]<>#|~":
        text = text.replace(sign, "\\" + sign)
    return text.replace("@", "&#64;").replace("://", "&#58;//")
