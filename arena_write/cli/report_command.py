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
    app.command("report")(report)


def report(
    results: ResultsOption = Path("results"),
    benchmark: Annotated[
        str | None, typer.Option(help="Id of the benchmark, such as starter@1. Needed only where there are several.")
    ] = None,
    judge: Annotated[
        str | None, typer.Option(help="Name or id of the judge. Needed only where there are several.")
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="table, md (Markdown) or json.")] = Format.TABLE,
) -> None:
    """Print a board that `arena-write eval` stored."""
    from arena_write.reports.finding import find_board
    from arena_write.reports.markdown import to_markdown
    from arena_write.reports.terminal import make_console, render

    board = find_board(results, benchmark=benchmark, judge=judge)
    if format is Format.TABLE:
        make_console().print(render(board))
    else:
        data = board.to_json() if format is Format.JSON else to_markdown(board).encode("utf-8")
        sys.stdout.buffer.write(data)
