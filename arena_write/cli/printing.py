"""How verbs print boards: one set of formats for all."""

import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from arena_write.reports.board import Board
    from arena_write.reports.finding import BoardPlace


class Format(StrEnum):
    """How boards are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MD = "md"
    LATEX = "latex"


FormatOption = Annotated[
    Format,
    typer.Option(
        "--format",
        help="table; json: board.json of one board; csv: a row for each entrant and set of prompts, all digits; md: "
        "Markdown; latex: tables for a paper (booktabs).",
    ),
]
BenchmarkOption = Annotated[
    str | None, typer.Option("--benchmark", help="Only the boards of this benchmark, by its id, such as starter@1.")
]
JudgeOption = Annotated[str | None, typer.Option("--judge", help="Only the boards of this judge, by its name or id.")]


def check_format(format: Format, places: "Sequence[BoardPlace]") -> None:
    """Refuse to print several boards as JSON, which is one."""
    from arena_write.reports.finding import name_places

    if format is Format.JSON and len(places) > 1:
        raise typer.BadParameter(f"json is one board, and several match; choose one with {name_places(places)}")


def print_boards(boards: "Sequence[Board]", format: Format) -> None:
    """Print boards on standard output; see `check_format`."""
    from arena_write.reports.latex import to_latex
    from arena_write.reports.markdown import to_markdown
    from arena_write.reports.spreadsheet import to_csv
    from arena_write.reports.terminal import make_console, render

    if format is Format.TABLE:
        console = make_console()
        for number, board in enumerate(boards):
            console.print(*([""] if number else []), render(board), sep="\n")
    elif format is Format.JSON:
        sys.stdout.buffer.write(boards[0].to_json())
    elif format is Format.CSV:
        sys.stdout.buffer.write(to_csv(boards).encode("utf-8"))
    else:
        write = to_markdown if format is Format.MD else to_latex
        sys.stdout.buffer.write("\n".join(map(write, boards)).encode("utf-8"))
