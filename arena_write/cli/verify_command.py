"""`arena-write verify`: every number of stored boards, recomputed."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from arena_write.cli.options import ResultsOption
from arena_write.cli.printing import BenchmarkOption, JudgeOption
from arena_write.names import printable

if TYPE_CHECKING:
    from arena_write.reports.finding import BoardPlace
    from arena_write.verification import Verification

DIFFERS = 1


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("verify", short_help="Recompute every number of stored boards; exit 1 where one differs.")(verify)


def verify(
    results: ResultsOption = Path("results"), benchmark: BenchmarkOption = None, judge: JudgeOption = None
) -> None:
    """Recompute every number of stored boards from their rows, by other code than that which made them.

    The fit is done by choix, everything else by plain sums. A number may differ by a millionth of itself, or of 1 where
    that is larger, and a count not at all; a rank, where chance in its simulation allows it. Every difference is
    printed, and the exit code is 1 where there is one. Nobody is asked, and nothing is written.
    """
    from arena_write.evaluation.ranking import make_board
    from arena_write.reports.finding import find_places
    from arena_write.verification import compare_words, explain, verify_board

    differ = False
    for place in find_places(results, benchmark=benchmark, judge=judge, built=True):
        if place.folder.imported() is not None:
            differ |= not _check_imported(place)
            continue
        done = verify_board(place.benchmark, place.folder)
        differences = done.differences or compare_words(
            place.read(), make_board(place.benchmark, place.folder, place.folder.settings())
        )
        subject = f"{place.benchmark.id}, judge {place.judge.name} ({place.judge.id[:8]})"
        base = f"{done.numbers} numbers recomputed from {done.answers} answers and {done.questions} judgements"
        if not differences:
            typer.echo(printable(f"{subject}: {base}: all agree"))
            _say_what_was_taken(done)
            continue
        differ = True
        typer.echo(printable(f"{subject}: {base}: {len(differences)} differences"))
        for difference in differences:
            typer.echo(printable(f"  {difference}"))
        _say_what_was_taken(done)
        typer.echo(
            printable(
                f"{place.folder.board_path} does not belong to its rows: {explain(differences)}. Where the rows are "
                f"right, arena-write rank --results {results} {place.options} builds the board anew; where they are "
                "not, restore the folder from a copy."
            )
        )
    if differ:
        raise typer.Exit(DIFFERS)


def _check_imported(place: "BoardPlace") -> bool:
    """Say whether the board of an imported file is the one that its rows give, built by the same code."""
    from arena_write.reports.imported import build_imported_board

    same = build_imported_board(place.benchmark, place.folder).to_json() == place.folder.board_path.read_bytes()
    subject = f"{place.benchmark.id}, judge {place.judge.name} ({place.judge.id[:8]}), imported"
    said = (
        "the same bytes, built anew from its rows" if same else f"{place.folder.board_path} is not what its rows give"
    )
    typer.echo(printable(f"{subject}: {said}; imported boards are not recomputed by other code"))
    return same


def _say_what_was_taken(done: "Verification") -> None:
    """Say what was not recomputed."""
    if done.anchors:
        typer.echo(printable(f"  {done.anchors}"))
    if done.unchecked:
        counted = ", ".join(f"{count} of {name}" for name, count in done.unchecked.items())
        typer.echo(printable(f"  not recomputed, {sum(done.unchecked.values())} numbers: {counted}"))
