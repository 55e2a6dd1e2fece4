"""`arena-write eval`, and `arena-write plan`, which says what the same `eval` would take."""

import sys
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena_write.cli.options import ResultsOption, program_name
from arena_write.names import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from arena_write.evaluation import EvaluationRequest
    from arena_write.evaluation.estimate import Estimate


class Rubric(StrEnum):
    """How answers are scored on the criteria of their prompts."""

    EACH = "each"
    NONE = "none"


class JudgeFormat(StrEnum):
    """How a judge must answer."""

    TEXT = "text"
    JSON_SCHEMA = "json_schema"


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("eval", short_help="Evaluate a model: answers, verdicts, a board.")(evaluate)
    app.command("plan", short_help="Say what eval would take: calls, tokens, money.")(plan)


def evaluate(
    model: Annotated[
        list[str],
        typer.Option(
            metavar="[NAME=]ADDRESS",
            help="Who is evaluated: openai/NAME[@http://host:port/v1] (any OpenAI-compatible server), a checkpoint's "
            "folder or hf/NAME (transformers, in this process), recorded outputs (a .jsonl file), or builtin/example.",
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
            help="Who compares the texts: openai/NAME[@URL], a checkpoint's folder or hf/NAME, or builtin/textstats "
            "(text statistics: not quality). Default: openai/gpt-4.1-2025-04-14 where OPENAI_API_KEY is set.",
        ),
    ] = None,
    no_judge: Annotated[
        bool,
        typer.Option(
            "--no-judge", help="Have the answers written and measured (length, repetition, truncation) alone."
        ),
    ] = False,
    rubric: Annotated[
        Rubric,
        typer.Option(help="Prompts with rubric criteria: each, a call for every criterion of every answer; or none."),
    ] = Rubric.EACH,
    judge_format: Annotated[
        JudgeFormat, typer.Option(help="How the judge must answer; part of the judge's identity.")
    ] = JudgeFormat.TEXT,
    judge_preset: Annotated[
        str | None, typer.Option(help="Settings with which the judge is asked. Default: those declared for the model.")
    ] = None,
    judge_context: Annotated[
        int | None,
        typer.Option(min=1, help="Tokens that the judge reads and writes in one call: what does not fit is not sent."),
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
    max_cost: Annotated[
        float | None, typer.Option(min=0, help="Dollars that this run may spend: a hard stop, resumable.")
    ] = None,
    max_calls: Annotated[
        int | None, typer.Option(min=0, help="Requests that this run may send, retries included: likewise.")
    ] = None,
    price: Annotated[
        str | None,
        typer.Option(metavar="IN,OUT", help="Dollars per million tokens of every call, before any price list."),
    ] = None,
    trust_remote_code: Annotated[
        bool, typer.Option("--trust-remote-code", help="Let Python code run that a checkpoint brings along.")
    ] = False,
    allow_slow: Annotated[
        bool, typer.Option("--allow-slow", help="Let a checkpoint work for longer than half an hour on a CPU.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before spending money.")] = False,
) -> None:
    """Evaluate a model: its answers are compared with the baselines', in both orders, and rated.

    Prompts with rubric criteria (such as WritingBench's) are scored on each of them besides, or alone where there are
    no baselines.

    Running the same command again resumes, or does nothing where nothing is left to do. A rating is withheld (exit 4)
    where too few of its battles could be decided; a failure is never turned into a score.
    """
    request = _read_request(dict(locals()))
    from arena_write.cli.exits import WITHHELD
    from arena_write.cli.progress import show_progress
    from arena_write.evaluation import run_evaluation
    from arena_write.reports.advice import next_step
    from arena_write.reports.terminal import make_console, render

    if not request.judging:
        _write_alone(request, yes=yes)
        return
    console = make_console()
    evaluation = run_evaluation(request, show_progress=show_progress, say=_say, confirm=_confirmed(request, yes=yes))
    console.print(render(evaluation.board))
    console.print()
    _print_end(evaluation.spent, evaluation.stopped)
    advice = next_step(evaluation.board, evaluation.candidate, results=request.results, program=program_name())
    console.print(printable(advice), markup=False, soft_wrap=True)
    if evaluation.withheld:
        raise typer.Exit(WITHHELD)


def _write_alone(request: "EvaluationRequest", *, yes: bool) -> None:
    from arena_write.cli.progress import show_progress
    from arena_write.evaluation import write_answers
    from arena_write.reports.tables import answers_table
    from arena_write.reports.terminal import draw, make_console

    written = write_answers(request, show_progress=show_progress, say=_say, confirm=_confirmed(request, yes=yes))
    console = make_console()
    report = written.report
    console.print(f"{report.benchmark}: answers to {report.prompts} prompts; nobody judged them", markup=False)
    console.print()
    console.print(draw(answers_table(report)))
    console.print()
    _print_end(written.spent, written.stopped)
    if written.missing:
        console.print(f"Next: {written.missing} answers are missing; run the same command again to have them written.")
    else:
        console.print("Next: the same command with --judge in place of --no-judge judges these answers.")


def _say(line: str) -> None:
    from arena_write.reports.terminal import make_console

    make_console(stderr=True).print(printable(line), markup=False, soft_wrap=True)


def _print_end(spent: float, stopped: str) -> None:
    from arena_write.reports.terminal import make_console

    console = make_console()
    if spent:
        console.print(f"Spent in this run: ${spent:.4f}.", markup=False)
    if stopped:
        console.print(f"Stopped: {stopped}.", markup=False, soft_wrap=True)


def _confirmed(request: "EvaluationRequest", *, yes: bool) -> "Callable[[list[Estimate]], bool]":
    return lambda estimates: _confirm(estimates, request, yes=yes)


@wraps(evaluate)
def plan(**options: object) -> None:  # noqa: D103 - the docstring is set below
    from arena_write.evaluation import plan_evaluation
    from arena_write.evaluation.estimate import describe

    estimates = plan_evaluation(_read_request(options), say=_say)
    for estimate in estimates:
        typer.echo(printable(describe(estimate)))
    if not any(estimate.calls for estimate in estimates):
        typer.echo("Nothing is left to do: no calls.")


plan.__doc__ = (
    "Say what `eval` with the same options would take: calls exactly, tokens and money as ranges. Nobody is asked, and "
    "nothing is written."
)


_OTHERS = ("yes", "baseline", "lang", "price", "no_judge")
"""Options that become fields of another name, or none."""


def _read_request(options: dict[str, Any]) -> "EvaluationRequest":
    """Return the options of the command line as a request."""
    from pydantic import TypeAdapter

    from arena_write.evaluation import EvaluationRequest

    named = {name: value for name, value in options.items() if name not in _OTHERS}
    return TypeAdapter(EvaluationRequest).validate_python(
        named
        | {
            "model": _read_model(options["model"]),
            "baselines": tuple(options["baseline"] or ()),
            "language": options["lang"],
            "judging": not options["no_judge"],
            "rubric": str(options["rubric"]),
            "judge_format": str(options["judge_format"]),
            "price": _read_price(options["price"]),
            "command": tuple(sys.argv),
        }
    )


def _read_model(addresses: list[str]) -> str:
    if len(addresses) != 1:
        raise typer.BadParameter(
            "one model is evaluated at a time; run the command once for each", param_hint="--model"
        )
    return addresses[0]


def _read_price(text: object) -> tuple[float, float] | None:
    if text is None:
        return None
    parts = str(text).split(",")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) != 2 or not all(0 <= number < float("inf") for number in numbers):
        raise typer.BadParameter(
            "expected two numbers, IN,OUT in dollars per million tokens, such as 2,8", param_hint="--price"
        )
    return numbers[0], numbers[1]


def _confirm(estimates: "list[Estimate]", request: "EvaluationRequest", *, yes: bool) -> bool:
    """Show what the run will take; where it may cost money, go on only with a yes or a bound."""
    from arena_write.evaluation import SetupError
    from arena_write.evaluation.estimate import describe

    for estimate in estimates:
        if estimate.calls:
            typer.echo(printable(describe(estimate)), err=True)
    if not any(estimate.paid for estimate in estimates):
        return True
    if request.max_cost is not None:
        if any(estimate.calls and estimate.price is None for estimate in estimates):
            raise SetupError("--max-cost can only be kept where prices are known: state them with --price IN,OUT")
        return True
    if yes:
        return True
    if not sys.stdin.isatty():
        raise SetupError("this run may cost money: agree with --yes, or bound it with --max-cost DOLLARS")
    return typer.confirm("Go on?", err=True)
