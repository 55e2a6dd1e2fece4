"""`arena-write report`: stored boards as a table, JSON, CSV, Markdown or LaTeX."""

from pathlib import Path

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
    app.command("report", short_help="Print stored boards: table, JSON, CSV, Markdown, LaTeX.")(report)


def report(
    results: ResultsOption = Path("results"),
    benchmark: BenchmarkOption = None,
    judge: JudgeOption = None,
    format: FormatOption = Format.TABLE,
    published: PublishedOption = False,
) -> None:
    """Print the boards that `arena-write eval` stored."""
    from arena_write.reports.finding import find_places

    places = find_places(results, benchmark=benchmark, judge=judge, built=True)
    check_format(format, places, published=published)
    print_boards([place.read() for place in places], format, published=results if published else None)
