"""`arena-write verify`: every number of stored boards, recomputed."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from arena_write.cli.options import ResultsOption
from arena_write.cli.printing import BenchmarkOption, JudgeOption
from arena_write.names import counted, printable

if TYPE_CHECKING:
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
    from arena_write.evaluation.ranking import build_anew
    from arena_write.reports.finding import find_places
    from arena_write.verification import compare_words, explain, is_of_form, verify_board

    differ = False
    for place in find_places(results, benchmark=benchmark, judge=judge):
        if not place.has_board:
            differ = True
            typer.echo(
                printable(
                    f"{place.benchmark.id}, judge {place.judge.name} ({place.judge.id[:8]}): {place.folder.path} holds "
                    f"rows and a plan and no board.json, so there is nothing to verify; run arena-write rank --results "
                    f"{results} {place.options}"
                )
            )
            continue
        done = verify_board(place.benchmark, place.folder)
        differences = done.differences or compare_words(place.read(), build_anew(place))
        subject = f"{place.benchmark.id}, judge {place.judge.name} ({place.judge.id[:8]})"
        base = f"{counted(done.numbers, 'number')} recomputed from {done.basis}"
        if not differences:
            typer.echo(printable(f"{subject}: {base}: all agree"))
            _say_of_anchors(done)
            continue
        differ = True
        typer.echo(printable(f"{subject}: {base}: {counted(len(differences), 'difference')}"))
        for difference in differences:
            typer.echo(printable(f"  {difference}"))
        _say_of_anchors(done)
        rank = f"arena-write rank --results {results} {place.options}"
        if is_of_form(differences):
            mend = f"is in another form than boards are today: {explain(differences)}. Write it anew with {rank}"
        else:
            mend = (
                f"does not belong to its rows: {explain(differences)}. Where the rows are right, {rank} builds the "
                "board anew; where they are not, restore the folder from a copy"
            )
        typer.echo(printable(f"{place.folder.board_path} {mend}."))
    if differ:
        raise typer.Exit(DIFFERS)


def _say_of_anchors(done: "Verification") -> None:
    if done.anchors:
        typer.echo(printable(f"  {done.anchors}"))
