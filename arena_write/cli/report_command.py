"""`arena-write report`: a stored board as a table, Markdown or JSON."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from arena_write.cli.options import ResultsOption


class Format(StrEnum):
    """How a board is written."""

    TABLE = "table"
    MD = "md"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("report", short_help="Print stored boards: table, Markdown, JSON.")(report)


def report(
    results: ResultsOption = Path("results"),
    benchmark: Annotated[
        str | None, typer.Option(help="Only the boards of this benchmark, by its id, such as starter@1.")
    ] = None,
    judge: Annotated[str | None, typer.Option(help="Only the boards of this judge, by its name or id.")] = None,
    format: Annotated[
        Format, typer.Option("--format", help="table, md (Markdown) or json (one board).")
    ] = Format.TABLE,
) -> None:
    """Print the boards that `arena-write eval` stored."""
    from arena_write.reports.finding import find_boards, name_boards
    from arena_write.reports.markdown import to_markdown
    from arena_write.reports.terminal import make_console, render

    boards = find_boards(results, benchmark=benchmark, judge=judge)
    if format is Format.JSON:
        if len(boards) > 1:
            raise typer.BadParameter(f"json is one board, and several match; choose one with {name_boards(boards)}")
        sys.stdout.buffer.write(boards[0].to_json())
    elif format is Format.MD:
        sys.stdout.buffer.write("\n".join(map(to_markdown, boards)).encode("utf-8"))
    else:
        console = make_console()
        for number, board in enumerate(boards):
            console.print(*([""] if number else []), render(board), sep="\n")
