"""`arena-write eval`, and `arena-write plan`, which says what the same `eval` would take."""

from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arena_write.cli.options import ResultsOption, program_name
from arena_write.cli.running import (
    AskedOption,
    BaselineOption,
    ConnectionsOption,
    CoverageOption,
    DomainOption,
    Executor,
    ExecutorOption,
    GpusOption,
    Identity,
    IdentityOption,
    JudgeAddressOption,
    JudgeContextOption,
    JudgeFormat,
    JudgeFormatOption,
    JudgePresetOption,
    JudgePromptOption,
    LangOption,
    LimitOption,
    MaxCallsOption,
    MaxCostOption,
    MemoryOption,
    ModelLengthOption,
    PriceOption,
    ProfileOption,
    ReplicasOption,
    RequirementOption,
    RetryOption,
    Rubric,
    RubricOption,
    SampleOption,
    SeedOption,
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
from arena_write.names import counted, printable

if TYPE_CHECKING:
    from arena_write.evaluation import EvaluationRequest


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("eval", short_help="Evaluate a model: answers, verdicts, a board.")(evaluate)
    app.command("plan", short_help="Say what eval would take: calls, tokens, money.")(plan)


def evaluate(
    context: typer.Context,
    model: Annotated[
        list[str],
        typer.Option(
            metavar="[NAME=]ADDRESS",
            help="Who is evaluated; repeat for more. openai/NAME[@http://host:port/v1] (any OpenAI-compatible server), "
            "a checkpoint's folder (vLLM where there is a GPU, else transformers), vllm/NAME, hf/NAME, recorded "
            "outputs (a .jsonl file), or builtin/example.",
        ),
    ],
    version: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="NAME@STEP",
            help="Which model a server has under its name now: one with another step is another entrant. Checkpoints "
            "need none, they are known by their content.",
        ),
    ] = None,
    benchmark: AskedOption = "arena-write",
    baseline: BaselineOption = None,
    judge: JudgeAddressOption = None,
    no_judge: Annotated[
        bool,
        typer.Option(
            "--no-judge", help="Have the answers written and measured (length, repetition, truncation) alone."
        ),
    ] = False,
    rubric: RubricOption = Rubric.EACH,
    judge_prompt: JudgePromptOption = None,
    preset: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="A published protocol of WritingBench, its judge and all its settings: v1-critic, 2025-04 or 2025-11.",
        ),
    ] = None,
    judge_format: JudgeFormatOption = JudgeFormat.TEXT,
    judge_preset: JudgePresetOption = None,
    judge_context: JudgeContextOption = None,
    results: ResultsOption = Path("results"),
    profile: ProfileOption = None,
    samples: Annotated[int, typer.Option(min=1, help="Answers to each prompt that the model writes.")] = 1,
    seed: SeedOption = 0,
    limit: LimitOption = None,
    lang: LangOption = None,
    domain: DomainOption = None,
    requirement: RequirementOption = None,
    sample: SampleOption = None,
    max_connections: ConnectionsOption = 16,
    min_coverage: CoverageOption = 0.95,
    retry_invalid: RetryOption = False,
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
    """Evaluate a model: its answers are compared with the baselines', in both orders, and rated.

    Prompts with rubric criteria (such as WritingBench's) are scored on each of them besides, or alone where there are
    no baselines.

    Running the same command again resumes, or does nothing where nothing is left to do. A rating is withheld (exit 4)
    where too few of its battles could be decided; a failure is never turned into a score.
    """
    requests = read_requests(dict(locals()))
    from arena_write.cli.exits import WITHHELD
    from arena_write.cli.progress import show_progress
    from arena_write.evaluation import run_evaluations
    from arena_write.reports.advice import next_step
    from arena_write.reports.terminal import make_console, render

    if not requests[0].judging:
        _write_alone(requests, yes=yes)
        return
    console = make_console()
    evaluations = run_evaluations(
        requests, show_progress=show_progress, say=say, confirm=confirmed(requests[0], yes=yes)
    )
    withheld = False
    for evaluation in evaluations:
        console.print(render(evaluation.board))
        console.print()
        print_end(evaluation.spent, evaluation.stopped)
        advice = next_step(
            evaluation.board, evaluation.candidate, results=results, program=program_name(), mend=evaluation.mend
        )
        console.print(printable(advice), markup=False, soft_wrap=True)
        withheld = withheld or bool(evaluation.withheld)
    if withheld:
        raise typer.Exit(WITHHELD)


def _write_alone(requests: "list[EvaluationRequest]", *, yes: bool) -> None:
    from arena_write.cli.exits import WITHHELD
    from arena_write.cli.progress import show_progress
    from arena_write.evaluation import write_answers_of
    from arena_write.reports.length_tables import list_tables
    from arena_write.reports.tables import answers_table
    from arena_write.reports.terminal import draw, make_console

    console, missing = make_console(), 0
    mends: dict[str, None] = {}
    unanswered = False
    for written in write_answers_of(
        requests, show_progress=show_progress, say=say, confirm=confirmed(requests[0], yes=yes)
    ):
        report = written.report
        console.print(
            f"{report.benchmark}: answers to {counted(report.prompts, 'prompt')}; nobody judged them", markup=False
        )
        console.print()
        console.print(draw(answers_table(report)))
        for table in list_tables(report.lengths) if report.lengths else ():
            console.print()
            console.print(draw(table))
        console.print()
        print_end(written.spent, written.stopped)
        missing += written.missing
        mends |= dict.fromkeys([written.mend] if written.mend else [])
        unanswered = unanswered or any(not row.texts.answers for row in report.rows)
    if missing:
        lack = f"{counted(missing, 'answer')} {'is' if missing == 1 else 'are'}"
        advice = "; ".join(mends) or f"run the same command again to have {'it' if missing == 1 else 'them'} written"
        console.print(printable(f"Next: {lack} missing; {advice}."), markup=False, soft_wrap=True)
    else:
        console.print("Next: the same command with --judge in place of --no-judge judges these answers.")
    if unanswered:
        raise typer.Exit(WITHHELD)


@wraps(evaluate)
def plan(**options: object) -> None:  # noqa: D103 - the docstring is set below
    from arena_write.evaluation import plan_evaluation
    from arena_write.evaluation.estimate import describe

    for request in read_requests(options):
        outlook = plan_evaluation(request, say=say)
        for estimate in outlook.estimates:
            if estimate.calls:
                typer.echo(printable(describe(estimate)))
        if outlook.stored:
            typer.echo(printable(f"Stored already: {outlook.stored}."))
        if outlook.is_done:
            shown = "the board" if request.judging else "how the answers are"
            typer.echo(f"Nothing is left to do: eval with the same options makes no calls and prints {shown}.")
        elif not any(estimate.calls for estimate in outlook.estimates):
            typer.echo(
                f"No calls: eval with the same options has {outlook.to_judge} cells judged without asking anyone."
            )


plan.__doc__ = (
    "Say what `eval` with the same options would take: calls exactly, tokens and money as ranges. Nobody is asked, and "
    "nothing is written."
)
