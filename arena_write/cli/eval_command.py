"""`arena-write eval`: generate, judge, score, rank, report."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from arena_write.cli.options import ResultsOption, program_name


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("eval")(evaluate)


def evaluate(
    model: Annotated[
        str,
        typer.Option(
            metavar="[NAME=]ADDRESS",
            help="Who is evaluated: recorded outputs (a .jsonl file), or builtin/example.",
        ),
    ],
    benchmark: Annotated[
        str,
        typer.Option(
            metavar="NAME|PATH",
            help="What is asked: arena-write (from the hub or its cache), starter (12 prompts, no network), or a "
            "file of prompts.",
        ),
    ] = "arena-write",
    baseline: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]ADDRESS",
            help="A fixed opponent; repeat for more. Default: the benchmark's own, or those already on the board.",
        ),
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            envvar="ARENA_WRITE_JUDGE",
            help="Who compares the texts: builtin/textstats (text statistics: not quality).",
        ),
    ] = None,
    results: ResultsOption = Path("results"),
    profile: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|PATH",
            help="How models are asked: default, writingbench, longwriter-zero, or a .toml file.",
        ),
    ] = None,
    samples: Annotated[int, typer.Option(min=1, help="Answers a prompt that the model writes.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Draws the seeds of the answers.")] = 0,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first N prompts.")] = None,
    lang: Annotated[str | None, typer.Option(metavar="en|zh", help="Only prompts in this language.")] = None,
    domain: Annotated[str | None, typer.Option(help="Only prompts of this domain.")] = None,
    max_connections: Annotated[int, typer.Option(min=1, help="Calls at a time to each server, at most.")] = 16,
    min_coverage: Annotated[
        float,
        typer.Option(min=0.5, max=1.0, help="Share of an entrant's battles that must be decided before it is rated."),
    ] = 0.95,
    retry_invalid: Annotated[
        bool, typer.Option("--retry-invalid", help="Judge again what three attempts left without a valid verdict.")
    ] = False,
) -> None:
    """Evaluate a model: its answers are compared with the baselines', in both orders, and rated.

    Running the same command again resumes, or does nothing where nothing is left to do. A rating is withheld (exit 4)
    where too few of its battles could be decided; a failure is never turned into a score.
    """
    from arena_write.cli.exits import WITHHELD
    from arena_write.cli.progress import show_progress
    from arena_write.evaluation import EvaluationRequest, run_evaluation
    from arena_write.reports.advice import next_step
    from arena_write.reports.terminal import make_console, render

    request = EvaluationRequest(
        model=model,
        benchmark=benchmark,
        baselines=tuple(baseline or ()),
        judge=judge,
        results=results,
        profile=profile,
        samples=samples,
        seed=seed,
        limit=limit,
        language=lang,
        domain=domain,
        max_connections=max_connections,
        min_coverage=min_coverage,
        retry_invalid=retry_invalid,
        command=tuple(sys.argv),
    )
    console = make_console()
    say = make_console(stderr=True)
    evaluation = run_evaluation(request, show_progress=show_progress, say=lambda line: say.print(line, markup=False))
    console.print(render(evaluation.board))
    console.print()
    advice = next_step(evaluation.board, evaluation.candidate, results=results, program=program_name())
    console.print(advice, markup=False, soft_wrap=True)
    if evaluation.row.bound == "unrated":
        raise typer.Exit(WITHHELD)
