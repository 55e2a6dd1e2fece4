"""What the verbs that ask models share: their options, how these become a request, and how a run talks to its user."""

import re
import sys
from collections.abc import Callable
from enum import StrEnum
from math import isnan
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena_write.names import printable

if TYPE_CHECKING:
    from arena_write.evaluation import EvaluationRequest
    from arena_write.evaluation.estimate import Estimate
    from arena_write.serving.command import ServingOptions


class Rubric(StrEnum):
    """How answers are scored on the criteria of their prompts."""

    EACH = "each"
    JOINT = "joint"
    NONE = "none"


class JudgeFormat(StrEnum):
    """How a judge must answer."""

    TEXT = "text"
    JSON_SCHEMA = "json_schema"


class Identity(StrEnum):
    """How a checkpoint is known."""

    FULL = "full"
    FAST = "fast"


AskedOption = Annotated[
    str,
    typer.Option(
        metavar="NAME|PATH",
        help="What is asked: arena-write (from the hub or its cache), longbench-write (its file, downloaded once), "
        "writingbench[@v1|@2025-04] (from a copy of its repository), starter (12 prompts, no network), hub:OWNER/NAME, "
        "or a file of prompts.",
    ),
]
BaselineOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[NAME=]ADDRESS",
        help="A fixed opponent; repeat for more. Default: the benchmark's own, or those already on the board.",
    ),
]
JudgeAddressOption = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        envvar="ARENA_WRITE_JUDGE",
        help="Who compares the texts: openai/NAME[@URL], a checkpoint's folder, vllm/NAME or hf/NAME, or "
        "builtin/textstats (text statistics: not quality). Default: openai/gpt-4.1-2025-04-14 where OPENAI_API_KEY is "
        "set.",
    ),
]
RubricOption = Annotated[
    Rubric,
    typer.Option(
        help="Prompts with rubric criteria: each, a call for every criterion of every answer; joint, one call for "
        "all criteria of an answer (another judge); or none."
    ),
]
JudgePromptOption = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|none",
        help="WritingBench's official prompt.py, to score with its words; it is read, never run. Default: the one "
        "beside WritingBench's queries, where there is one; none: arena-write's words.",
    ),
]
JudgeFormatOption = Annotated[
    JudgeFormat, typer.Option(help="How the judge must answer; part of the judge's identity.")
]
JudgePresetOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Settings with which the judge is asked: default, writingbench, reasoning or thinking. Default: those "
        "declared for the model.",
    ),
]
JudgeContextOption = Annotated[
    int | None,
    typer.Option(min=1, help="Tokens that the judge reads and writes in one call: what does not fit is not sent."),
]
ProfileOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|PATH",
        help="How models are asked: default, writingbench, longwriter-zero, or a .toml file.",
    ),
]
SeedOption = Annotated[
    int, typer.Option(min=0, help="Draws the seeds of the answers, and the prompts that --sample takes.")
]
LimitOption = Annotated[int | None, typer.Option(min=1, help="Only the first N prompts.")]
LangOption = Annotated[str | None, typer.Option(metavar="en|zh", help="Only prompts in this language.")]
DomainOption = Annotated[str | None, typer.Option(help="Only prompts of this domain.")]
RequirementOption = Annotated[
    str | None,
    typer.Option(
        metavar="style|format|length", help="Only prompts with this requirement, where the benchmark names them."
    ),
]
SampleOption = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Only N prompts, drawn by --seed in proportion to domains and languages; a larger N holds the smaller. "
        "(--samples is another thing: how many answers the model writes to each prompt.)",
    ),
]
ConnectionsOption = Annotated[int, typer.Option(min=1, help="Calls at a time to each server, at most.")]
CoverageOption = Annotated[
    float,
    typer.Option(min=0.5, max=1.0, help="Share of an entrant's battles that must be decided before it is rated."),
]
RetryOption = Annotated[
    bool, typer.Option("--retry-invalid", help="Judge again what three attempts left without a valid verdict.")
]
MaxCostOption = Annotated[
    float | None, typer.Option(min=0, help="Dollars that this run may spend: a hard stop, resumable.")
]
MaxCallsOption = Annotated[
    int | None, typer.Option(min=0, help="Requests that this run may send, retries included: likewise.")
]
TimeOption = Annotated[
    str | None,
    typer.Option(metavar="90s|30m|2h", help="Time after which this run begins no further call: likewise."),
]
PriceOption = Annotated[
    str | None,
    typer.Option(metavar="IN,OUT", help="Dollars per million tokens of every call, before any price list."),
]
IdentityOption = Annotated[
    Identity,
    typer.Option(help="Who a checkpoint is: every byte of its weights counts (full), or samples of them (fast)."),
]
TrustOption = Annotated[
    bool, typer.Option("--trust-remote-code", help="Let Python code run that a checkpoint brings along.")
]
SlowOption = Annotated[
    bool, typer.Option("--allow-slow", help="Let a checkpoint work for longer than half an hour on a CPU.")
]


class Executor(StrEnum):
    """Where models are served."""

    LOCAL = "local"
    RAY = "ray"


ExecutorOption = Annotated[
    Executor,
    typer.Option(help="Where vLLM serves: on this machine, or wherever Ray has a place (RAY_ADDRESS names a cluster)."),
]
ReplicasOption = Annotated[
    int | None, typer.Option(min=1, help="Copies of a model that vLLM serves. Default: as many as the GPUs hold.")
]
GpusOption = Annotated[
    str | None,
    typer.Option(metavar="0,1,...", help="GPUs for vLLM, one replica a GPU or group. Default: all that are visible."),
]
TensorParallelOption = Annotated[int, typer.Option(min=1, help="GPUs that vLLM spreads one replica over.")]
ModelLengthOption = Annotated[
    int | None, typer.Option(min=1, help="Tokens that vLLM lets a model read and write in one call.")
]
MemoryOption = Annotated[
    float | None, typer.Option(min=0.01, max=1.0, help="Share of each GPU's memory that vLLM may take.")
]
VllmArgsOption = Annotated[
    str | None, typer.Option(metavar="ARGS", help="Further arguments of `vllm serve`, quoted as one.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask before spending money.")]


def say(line: str) -> None:
    """Tell the user one line, on standard error."""
    from arena_write.reports.terminal import make_console

    make_console(stderr=True).print(printable(line), markup=False, soft_wrap=True)


def print_end(spent: float, stopped: str) -> None:
    """Print what a run has spent, and why it stopped, where it did."""
    from arena_write.reports.terminal import make_console

    console = make_console()
    if spent:
        console.print(f"Spent in this run: ${spent:.4f}.", markup=False)
    if stopped:
        console.print(f"Stopped: {stopped}.", markup=False, soft_wrap=True)


def confirmed(request: "EvaluationRequest", *, yes: bool) -> "Callable[[list[Estimate]], bool]":
    """Return what asks the user before money is spent; with `yes` it is agreed."""
    return lambda estimates: _confirm(estimates, request, yes=yes)


_SERVING = (
    "executor",
    "replicas",
    "gpus",
    "tensor_parallel_size",
    "max_model_len",
    "gpu_memory_utilization",
    "vllm_args",
)
_OTHERS = ("context", "yes", "baseline", "lang", "price", "no_judge", *_SERVING)
"""Options that become fields of another name, or none."""


def read_requests(options: dict[str, Any]) -> "list[EvaluationRequest]":
    """Return the options of the command line as requests, one for each model."""
    from dataclasses import replace

    from arena_write.evaluation import apply_preset

    request, models = apply_preset(read_request(options)), options["model"]
    context = options.get("context")
    source = context.get_parameter_source("judge") if context else None
    if not request.judging and source is not None and source.name == "COMMANDLINE":
        say("--no-judge: nobody judges, and --judge is not asked")
    if len(models) > 1 and request.version is not None:
        raise typer.BadParameter("--as names one model, and --model is given several times", param_hint="--as")
    return [replace(request, model=model) for model in models]


def read_request(options: dict[str, Any]) -> "EvaluationRequest":
    """Return the options of the command line as a request."""
    from pydantic import TypeAdapter

    from arena_write.evaluation import EvaluationRequest

    named = {name: value for name, value in options.items() if name not in _OTHERS}
    return TypeAdapter(EvaluationRequest).validate_python(
        named
        | {
            "model": options["model"][0] if "model" in options else None,
            "baselines": tuple(options["baseline"] or ()),
            "language": options["lang"],
            "judging": not options.get("no_judge", False),
            "rubric": str(options.get("rubric", "none")),
            "judge_format": str(options["judge_format"]),
            "identity": str(options["identity"]),
            "price": _read_price(options["price"]),
            "max_cost": _read_cost(options["max_cost"]),
            "time_budget": _read_time(options["time_budget"]),
            "serving": _read_serving(options),
            "command": tuple(sys.argv),
        }
    )


def _read_serving(options: dict[str, Any]) -> "ServingOptions":
    from arena_write.serving.arguments import split_args
    from arena_write.serving.command import ServingOptions

    gpus = options["gpus"]
    return ServingOptions(
        executor=options["executor"].value,
        replicas=options["replicas"],
        gpus=None if gpus is None else tuple(part.strip() for part in gpus.split(",") if part.strip()),
        tensor_parallel_size=options["tensor_parallel_size"],
        max_model_len=options["max_model_len"],
        gpu_memory_utilization=options["gpu_memory_utilization"],
        args=split_args(options["vllm_args"]),
        trust_remote_code=options["trust_remote_code"],
    )


def _read_time(text: object) -> float | None:
    if text is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", str(text).strip())
    if found is None:
        raise typer.BadParameter("expected a time such as 90s, 30m or 2h", param_hint="--time-budget")
    return float(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2]]


def _read_cost(dollars: float | None) -> float | None:
    if dollars is not None and isnan(dollars):
        raise typer.BadParameter("expected dollars, such as 5", param_hint="--max-cost")
    return dollars


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
    if not any(estimate.paid for estimate in estimates) or request.max_calls == 0:
        return True
    if request.max_cost is not None:
        if any(estimate.calls and estimate.price is None for estimate in estimates):
            raise SetupError("--max-cost can only be kept where prices are known: state them with --price IN,OUT")
        if unbounded := [it.what for it in estimates if it.paid and not it.bounded]:
            raise SetupError(
                "--max-cost can only be kept where the length of a reply is bounded, and that of "
                f"{', '.join(unbounded)} is not: set max_tokens in the profile {request.profile} (--profile)"
            )
        return True
    if yes:
        return True
    if not sys.stdin.isatty():
        raise SetupError("this run may cost money: agree with --yes, or bound it with --max-cost DOLLARS")
    try:
        return typer.confirm("Go on?", err=True)
    except typer.Abort as end:  # what typer makes of Ctrl-C, and of the end of the input
        if isinstance(end.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        return False
