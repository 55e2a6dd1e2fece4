"""How verbs print boards: one set of formats for all."""

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
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
PublishedOption = Annotated[
    bool,
    typer.Option(
        "--published",
        help="Below a board of Arena-Write or WritingBench, what others have published: the CSV files in published/ of "
        "the results folder, and the project's own. Never on the board's axis; with table, md and latex.",
    ),
]


def check_format(format: Format, places: "Sequence[BoardPlace]", *, published: bool = False) -> None:
    """Refuse to print several boards as JSON, which is one, and published figures where only a board may stand."""
    from arena_write.reports.finding import name_places

    if published and format in (Format.JSON, Format.CSV):
        raise typer.BadParameter("published figures are no part of a board: --published goes with table, md and latex")
    if format is Format.JSON and len(places) > 1:
        raise typer.BadParameter(f"json is one board, and several match; choose one with {name_places(places)}")


def print_boards(boards: "Sequence[Board]", format: Format, *, published: Path | None = None) -> None:
    """Print boards on standard output, and published figures below them from a results folder; see `check_format`."""
    from arena_write.reports.latex import published_to_latex, to_latex
    from arena_write.reports.markdown import published_to_markdown, to_markdown
    from arena_write.reports.published import find_figures, list_published
    from arena_write.reports.spreadsheet import to_csv
    from arena_write.reports.terminal import make_console, render, render_published

    figures = find_figures(published) if published else []
    below = [list_published(board, figures) for board in boards]

    if format is Format.TABLE:
        console = make_console()
        for number, (board, blocks) in enumerate(zip(boards, below, strict=True)):
            console.print(*([""] if number else []), render(board), sep="\n")
            if blocks:
                console.print(render_published(blocks))
    elif format is Format.JSON:
        sys.stdout.buffer.write(boards[0].to_json())
    elif format is Format.CSV:
        sys.stdout.buffer.write(to_csv(boards).encode("utf-8"))
    else:
        write, add = (to_markdown, published_to_markdown) if format is Format.MD else (to_latex, published_to_latex)
        parts = [
            part for board, blocks in zip(boards, below, strict=True) for part in (write(board), add(blocks)) if part
        ]
        sys.stdout.buffer.write("\n".join(parts).encode("utf-8"))
