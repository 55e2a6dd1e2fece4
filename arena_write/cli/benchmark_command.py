"""`arena-write benchmark`: prompts of one's own, checked, given baselines and frozen."""

from pathlib import Path
from typing import Annotated

import typer

from arena_write.cli.options import ResultsOption, program_name
from arena_write.cli.running import (
    ConnectionsOption,
    Executor,
    ExecutorOption,
    GpusOption,
    Identity,
    IdentityOption,
    MaxCallsOption,
    MaxCostOption,
    MemoryOption,
    ModelLengthOption,
    PriceOption,
    ProfileOption,
    ReplicasOption,
    SlowOption,
    TensorParallelOption,
    TimeOption,
    TrustOption,
    VllmArgsOption,
    YesOption,
    confirmed,
    print_end,
    read_requests,
    say,
)
from arena_write.names import printable


def register(app: typer.Typer) -> None:
    """Add the verb, with a word for each step."""
    verb = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Make a benchmark of your own.")
    verb.command("init", short_help="Begin: example prompts, and what their fields mean.")(init)
    verb.command("check", short_help="Say what a file of prompts holds, and what is wrong with it.")(check)
    verb.command("baselines", short_help="Have baselines written, and freeze them with the prompts.")(baselines)
    app.add_typer(verb, name="benchmark", short_help="Make a benchmark of your own: init, check, baselines.")


def init(
    target: Annotated[
        str,
        typer.Argument(
            metavar="NAME|PATH", help="NAME writes NAME.jsonl and NAME.md here; or a path ending in .jsonl."
        ),
    ],
) -> None:
    """Write a file of example prompts that works at once, and a page that says what its fields mean."""
    from arena_write.benchmarks.example import begin_benchmark

    prompts, page = begin_benchmark(target)
    typer.echo(printable(f"{prompts} holds example prompts to be replaced by yours; {page} says what the fields mean."))
    typer.echo(printable(f"Next: {program_name()} benchmark check {prompts}"))


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of prompts, in any schema that is read.")],
    against: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="JSON Lines that the prompts should not stand in, such as training data."),
    ] = None,
    max_tokens: Annotated[
        int | None, typer.Option(min=1, help="Tokens that a prompt may take, by an estimate that is rather too high.")
    ] = None,
) -> None:
    """Say what a file of prompts holds: lengths, languages, criteria, repetitions, overlap, and its id.

    Ends with 1 where there is something to mend: each fault with its line.
    """
    from arena_write.benchmarks.checking import check_file
    from arena_write.reports.checks import check_tables, summary_lines
    from arena_write.reports.terminal import draw, make_console

    found = check_file(file, against=against, max_tokens=max_tokens)
    console = make_console()
    for line in summary_lines(found):
        console.print(printable(line), markup=False, soft_wrap=True)
    for table in check_tables(found):
        console.print()
        console.print(draw(table))
    console.print()
    for fault in found.faults:
        console.print(printable(f"! {fault}"), markup=False, soft_wrap=True)
    if found.faults:
        raise typer.Exit(1)
    step = "eval --benchmark {} --model ..." if found.baselines else "benchmark baselines {} --model ..."
    advice = f"{program_name()} {step.format(file)}"
    console.print(printable(f"No faults. Next: {advice}"), markup=False, soft_wrap=True)


def baselines(
    context: typer.Context,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="A file of prompts, or another address of a benchmark; baselines that it has stay."
        ),
    ],
    model: Annotated[
        list[str],
        typer.Option(
            metavar="[NAME=]ADDRESS",
            help="A baseline; repeat for more. openai/NAME[@http://host:port/v1], a checkpoint's folder, vllm/NAME, "
            "hf/NAME, or recorded outputs (a .jsonl file).",
        ),
    ],
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The frozen file. Default: beside FILE, as NAME.frozen.jsonl.")
    ] = None,
    results: ResultsOption = Path("results"),
    profile: ProfileOption = None,
    seed: Annotated[int, typer.Option(min=0, help="Draws the seeds of the answers.")] = 0,
    max_connections: ConnectionsOption = 16,
    max_cost: MaxCostOption = None,
    max_calls: MaxCallsOption = None,
    time_budget: TimeOption = None,
    price: PriceOption = None,
    identity: IdentityOption = Identity.FULL,
    trust_remote_code: TrustOption = False,
    allow_slow: SlowOption = False,
    executor: ExecutorOption = Executor.LOCAL,
    replicas: ReplicasOption = None,
    gpus: GpusOption = None,
    tensor_parallel_size: TensorParallelOption = 1,
    max_model_len: ModelLengthOption = None,
    gpu_memory_utilization: MemoryOption = None,
    vllm_args: VllmArgsOption = None,
    yes: YesOption = False,
) -> None:
    """Have baselines answer every prompt, and freeze prompts and answers as one file.

    `--benchmark` with that file has its baselines at hand for `anchor` and `eval`, wherever it is copied to, and it is
    refused once it is changed. Running the same command again resumes. A baseline that leaves a prompt without an
    answer is refused by name.
    """
    options = dict(locals())
    from arena_write.cli.progress import show_progress
    from arena_write.evaluation.freezing import freeze_baselines, frozen_path
    from arena_write.reports.tables import answers_table
    from arena_write.reports.terminal import draw, make_console

    requests = read_requests(_as_writing(options))
    done = freeze_baselines(
        requests,
        path=output or frozen_path(file),
        show_progress=show_progress,
        say=say,
        confirm=confirmed(requests[0], yes=yes),
    )
    console = make_console()
    console.print(draw(answers_table(done.report)))
    console.print()
    print_end(done.spent, done.stopped)
    if done.frozen is None:
        console.print("Next: answers are missing; run the same command again to have them written.")
        raise typer.Exit(1)
    frozen = done.frozen
    lines = (
        f"{done.path} is {frozen.name}@{frozen.version} with the baselines {', '.join(done.names)} (digest "
        f"{frozen.digest[:8]}).",
        f"Next: {program_name()} anchor --benchmark {done.path} --judge ... freezes their ratings"
        if len(done.names) > 1
        else f"Next: {program_name()} eval --benchmark {done.path} --model ...",
    )
    for line in lines:
        console.print(printable(line), markup=False, soft_wrap=True)


def _as_writing(options: dict[str, object]) -> dict[str, object]:
    """Return the options as those of `eval --no-judge` on all prompts."""
    given = {name: value for name, value in options.items() if name not in ("file", "output")}
    return given | {
        "benchmark": options["file"],
        "version": None,
        "baseline": None,
        "judge": None,
        "no_judge": True,
        "judge_format": "text",
        "judge_preset": None,
        "judge_context": None,
        "limit": None,
        "lang": None,
        "domain": None,
        "min_coverage": 0.95,
        "retry_invalid": False,
    }
