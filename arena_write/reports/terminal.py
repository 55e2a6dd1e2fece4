"""A board in the terminal."""

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from arena_write.names import printable
from arena_write.reports import wording
from arena_write.reports.board import Board
from arena_write.reports.pages import list_blocks
from arena_write.reports.published import PublishedBlock
from arena_write.reports.tables import LEFT, Table

_COLUMN_WIDTH = 20
"""Numbers are narrow; a long title over them is wrapped."""
_WIDTH_WITHOUT_TERMINAL = 120


def make_console(*, stderr: bool = False) -> Console:
    """Return a console; without a terminal (a CI log, a pipe) wide enough for a board, and plain."""
    console = Console(stderr=stderr, highlight=False)
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=_WIDTH_WITHOUT_TERMINAL)


def render(board: Board) -> RenderableType:
    """Return a board for a console. Names are shown as text, never read as markup."""
    lines: list[RenderableType] = [Text(printable(wording.heading(board)), style="bold")]
    for number, block in enumerate(list_blocks(board)):
        first, *behind = block.tables
        lines += [Text()] if number else []
        lines += [
            Text(printable(block.subject)),
            Text(printable(block.method), style="dim"),
            *([Text(printable(block.habits), style="dim")] if block.habits else []),
            Text(),
            draw(first),
            *([Text(block.legend, style="dim")] if block.legend else []),
        ]
        for table in behind:
            lines += [Text(), *(Text(line, style="dim") for line in table.heading), draw(table)]
        lines += [Text(printable(f"! {note}"), style="yellow") for note in block.notes]
    lines += [Text(printable(f"! {note}"), style="yellow") for note in wording.excluded(board)]
    lines += [Text(printable(wording.spending(line)), style="dim") for line in board.spending]
    return Group(*lines)


def render_published(blocks: Sequence[PublishedBlock]) -> RenderableType:
    """Return published figures for a console: what stands below a board, apart from it."""
    lines: list[RenderableType] = []
    for block in blocks:
        notes = [Text(printable(note), style="dim") for note in block.notes]
        lines += [Text(), Text(printable(block.heading), style="bold"), Text(), draw(block.table), *notes]
    return Group(*lines)


def draw(table: Table) -> RichTable:
    """Return a table for a console."""
    drawn = RichTable(title=None, box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in table.columns:
        left = column in LEFT
        drawn.add_column(
            Text(printable(column)),
            justify="left" if left else "right",
            max_width=None if left else _COLUMN_WIDTH,
            overflow="fold",
        )
    for row in table.rows:
        drawn.add_row(*(Text(printable(cell)) for cell in row))
    return drawn
