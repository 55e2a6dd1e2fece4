"""`arena-write export`: what is stored, in the files of other tools."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from arena_write.cli.printing import BenchmarkOption, JudgeOption
from arena_write.names import printable


class To(StrEnum):
    """Whose files are written."""

    WRITINGBENCH = "writingbench"
    CSV = "csv"
    PARQUET = "parquet"
    DATASET = "dataset"
    LATEX = "latex"
    MARKDOWN = "markdown"


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("export", short_help="Write what is stored in the files of other tools.")(export)


def export(
    to: Annotated[
        To,
        typer.Option(
            help="writingbench: responses and scores as its own scripts read them; csv, parquet: prompts, answers, "
            "battles, scores and boards as rows; dataset: the same with a card, for the Hugging Face hub; latex, "
            "markdown: the tables of boards."
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder to write to; made where it is not there.")],
    where: Annotated[
        Path,
        typer.Argument(
            metavar="[BOARD|FOLDER]",
            help="A results folder, the folder of a benchmark in it, or that of a board. Default: results.",
            show_default=False,
        ),
    ] = Path("results"),
    benchmark: BenchmarkOption = None,
    judge: JudgeOption = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")] = False,
) -> None:
    """Write what is stored in the files of other tools. Nobody is asked, and what is stored stays as it is.

    Where a file would be overwritten, nothing is written, unless --overwrite says so.
    """
    from arena_write.exporting import ExportRequest
    from arena_write.exporting import export as export_files

    done = export_files(
        ExportRequest(
            where=where,
            to=to.value,
            out=out,
            benchmark=benchmark,
            judge=judge,
            overwrite=overwrite,
        )
    )
    for path, size in done.files:
        typer.echo(printable(f"{path} ({size:,} bytes)"))
