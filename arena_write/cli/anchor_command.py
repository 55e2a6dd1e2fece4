"""`arena-write anchor`: the baselines judged among themselves, and their ratings frozen."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

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
    SlowOption,
    TensorParallelOption,
    TimeOption,
    TrustOption,
    VllmArgsOption,
    YesOption,
    confirmed,
    print_end,
    read_request,
    say,
)
from arena_write.names import printable


class Orders(StrEnum):
    """In which orders the baselines' texts are shown."""

    BOTH = "both"
    ONE = "one"


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("anchor", short_help="Freeze the baselines' ratings: the scale that stays.")(anchor)


def anchor(
    benchmark: AskedOption = "arena-write",
    baseline: BaselineOption = None,
    judge: JudgeAddressOption = None,
    orders: Annotated[
        Orders, typer.Option(help="both, or one that is drawn for each pair: half the calls, an interval 7 % wider.")
    ] = Orders.BOTH,
    rubric: RubricOption = Rubric.EACH,
    judge_prompt: JudgePromptOption = None,
    judge_format: JudgeFormatOption = JudgeFormat.TEXT,
    judge_preset: JudgePresetOption = None,
    judge_context: JudgeContextOption = None,
    results: ResultsOption = Path("results"),
    profile: ProfileOption = None,
    seed: Annotated[int, typer.Option(min=0, help="Draws the orders, the seeds of answers, and --sample.")] = 0,
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
    """Judge the baselines among themselves and freeze their ratings, once for a judge and its baselines' texts.

    From then on `eval` with the same benchmark, baselines, judge and results folder judges a candidate against them
    alone, at less than half of the calls, and no newcomer moves anybody. Without anchors a board is provisional: all
    are fitted together. Running the same command again resumes.

    Nothing is scored here, but how a judge scores is part of who it is: give --rubric and --judge-prompt as `eval` will
    have them.
    """
    request = read_request({**locals(), "orders": str(orders)})
    from arena_write.cli.progress import show_progress
    from arena_write.evaluation import anchor_baselines
    from arena_write.reports.tables import anchors_table
    from arena_write.reports.terminal import draw, make_console
    from arena_write.reports.wording import anchors_lines

    done = anchor_baselines(request, show_progress=show_progress, say=say, confirm=confirmed(request, yes=yes))
    console = make_console()
    console.print(draw(anchors_table(done.record, done.names)))
    for line in anchors_lines(done.record):
        console.print(printable(line), markup=False, soft_wrap=True)
    console.print()
    print_end(done.spent, "")
    console.print(printable(f"Kept in {done.path}."), markup=False, soft_wrap=True)
    console.print(
        f"Next: {program_name()} eval --model ... with the same benchmark, baselines, judge and its options, and "
        "results folder rates a model against these anchors.",
        markup=False,
        soft_wrap=True,
    )
