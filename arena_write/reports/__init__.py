"""From rows to what people read: the board, and its tables, Markdown and JSON.

`build` and `imported` turn rows into a `Board`; everything else only puts its numbers into words.
"""

from arena_write.reports.board import BOARDS, Board, BoardRow, Section
from arena_write.reports.build import MIN_COVERAGE, build_board
from arena_write.reports.imported import build_imported_board
from arena_write.reports.imported_scores import build_score_import_board
from arena_write.reports.markdown import to_markdown

__all__ = [
    "BOARDS",
    "MIN_COVERAGE",
    "Board",
    "BoardRow",
    "Section",
    "build_board",
    "build_imported_board",
    "build_score_import_board",
    "to_markdown",
]
