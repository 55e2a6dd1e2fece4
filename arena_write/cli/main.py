"""The command line: one module per verb, and the only place that turns errors into exit codes.

Exit codes: 0 done or PASS, 1 error, 2 usage, 3 gate FAIL, 4 gate INCONCLUSIVE or rating withheld, 130 interrupted.
"""

import io
import signal
import sys
from typing import Annotated

import typer

from arena_write import __version__
from arena_write.cli.rooms import find_intruder

app = typer.Typer(
    name="arena-write",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Which model writes better at length, by how much, and how sure we are.\n\n"
    "Start with: arena-write eval --model builtin/example --benchmark starter --judge builtin/textstats",
    epilog="Exit codes: 0 done, 1 error, 2 usage, 4 rating withheld, 130 interrupted.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"arena-write {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


def _interrupt(number: int, frame: object) -> None:
    """End as on Ctrl-C: schedulers and CI systems send SIGTERM when a job's time is over."""
    raise KeyboardInterrupt


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a sign shows another
    signal.signal(signal.SIGTERM, _interrupt)
    intruder = find_intruder()
    if intruder:
        sys.stderr.write(f"arena-write: {intruder}\n")
        raise SystemExit(1)
    from arena_write.cli import (
        anchor_command,
        app_command,
        benchmark_command,
        eval_command,
        export_command,
        import_command,
        rank_command,
        report_command,
        verify_command,
    )
    from arena_write.cli.exits import run_with_exits

    eval_command.register(app)
    anchor_command.register(app)
    rank_command.register(app)
    report_command.register(app)
    verify_command.register(app)
    import_command.register(app)
    benchmark_command.register(app)
    export_command.register(app)
    app_command.register(app)
    run_with_exits(app)
