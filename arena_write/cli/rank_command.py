"""`arena-write rank`: boards built anew from the stored rows."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from arena_write.cli.options import ResultsOption
from arena_write.cli.printing import (
    BenchmarkOption,
    Format,
    FormatOption,
    JudgeOption,
    PublishedOption,
    check_format,
    print_boards,
)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("rank", short_help="Build boards anew from the stored rows; asks nobody.")(rank)


def rank(
    results: ResultsOption = Path("results"),
    benchmark: BenchmarkOption = None,
    judge: JudgeOption = None,
    min_coverage: Annotated[
        float | None,
        typer.Option(
            min=0.5,
            max=1.0,
            help="Share of an entrant's battles that must be decided before it is rated. Default: as the board has it.",
        ),
    ] = None,
    format: FormatOption = Format.TABLE,
    published: PublishedOption = False,
) -> None:
    """Build boards anew from the stored rows, write their board.json, and print them.

    Nobody is asked, nothing is spent, and no file of the benchmark is needed: the results folder holds all of it. Equal
    rows give equal bytes. Of use where board.json is lost, where result folders were merged, and after an update.
    """
    from arena_write.evaluation.ranking import rank_boards
    from arena_write.reports.finding import find_places

    places = find_places(results, benchmark=benchmark, judge=judge)
    check_format(format, places, published=published)
    boards = rank_boards(results, places, min_coverage=min_coverage, command=" ".join(sys.argv))
    print_boards(boards, format, published=results if published else None)
