"""A board in LaTeX, for a paper: `tabular` environments with the rules of the package booktabs."""

import re
from collections.abc import Sequence

from arena_write.names import printable
from arena_write.reports import wording
from arena_write.reports.board import Board
from arena_write.reports.pages import list_blocks
from arena_write.reports.published import PublishedBlock
from arena_write.reports.tables import LEFT, Table

_SIGNS = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    # At the start of a line, behind the `\\` of the line before, these would be its arguments.
    "*": "{*}",
    "[": "{[}",
    "]": "{]}",
    "`": r"\textasciigrave{}",
    "±": r"\ensuremath{\pm}",
    "–": "--",
    "†": r"\dag{}",
} | {sign: f"\\{sign}" for sign in "&%$#_{}"}
_SIGN = re.compile(r"([-',])(?=\1)|.", re.DOTALL)
"""One sign; alone in the group where TeX would make another sign of it and the next."""


def to_latex(board: Board) -> str:
    """Return a board as LaTeX: comments that say what it is, and the tables of each of its parts.

    Names come from people and models: what TeX would read in them is escaped. Chinese names need XeLaTeX or LuaLaTeX.
    """
    parts = [_comment(f"{wording.heading(board)}. Needs \\usepackage{{booktabs}}.")]
    for block in list_blocks(board):
        first, *behind = block.tables
        legend = [block.legend] if block.legend else []
        parts += [
            _comment(f"{block.subject}. {block.method}."),
            _tabular(first),
            *map(_comment, legend),
            *(line for table in behind for line in (*map(_comment, table.heading), _tabular(table))),
            *map(_comment, block.notes),
        ]
    parts += map(_comment, wording.excluded(board))
    parts += [_comment(f"{wording.spending(line)}.") for line in board.spending]
    return "\n".join(parts) + "\n"


def published_to_latex(blocks: Sequence[PublishedBlock]) -> str:
    """Return published figures as LaTeX: what stands below a board, apart from it."""
    parts = [
        part
        for block in blocks
        for part in (_comment(block.heading), _tabular(block.table), *map(_comment, block.notes))
    ]
    return "\n".join(parts) + "\n" if parts else ""


def escape(text: str) -> str:
    """Return a text that TeX sets as it is."""
    return _SIGN.sub(lambda sign: sign[1] + "{}" if sign[1] else _SIGNS.get(sign[0], sign[0]), printable(text))


def _comment(text: str) -> str:
    return f"% {printable(text)}"


def _tabular(table: Table) -> str:
    places = "".join("l" if column in LEFT else "r" for column in table.columns)
    lines = [" & ".join(map(escape, cells)) + r" \\" for cells in (table.columns, *table.rows)]
    return "\n".join(
        [
            rf"\begin{{tabular}}{{@{{}}{places}@{{}}}}",
            r"\toprule",
            lines[0],
            r"\midrule",
            *lines[1:],
            r"\bottomrule",
            r"\end{tabular}",
        ]
    )
