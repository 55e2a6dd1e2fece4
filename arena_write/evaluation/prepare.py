"""A run made ready: who takes part, what is planned, what is stored. Nothing is written and nobody is asked."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from arena_write.battles.judges import DEFAULT_LLM, TEXTSTATS, HiredJudge, JudgeOptions, hire_judge
from arena_write.battles.plan import Plan
from arena_write.benchmarks.loading import load_benchmark
from arena_write.benchmarks.prompts import Benchmark, Prompt
from arena_write.benchmarks.selection import select
from arena_write.checkpoints.opened import Checkpoints
from arena_write.endpoints.meter import Meter
from arena_write.endpoints.prices import FlatTariff
from arena_write.endpoints.targets import KEY_VARIABLE
from arena_write.evaluation.entrants import Participant, check_participants, open_participants
from arena_write.evaluation.planning import check_stored_baselines, join_board, make_plan
from arena_write.evaluation.request import EvaluationRequest, SetupError
from arena_write.generators.opening import ModelOptions
from arena_write.generators.profile_files import load_profile
from arena_write.spending import Purse
from arena_write.store import BenchmarkFolder, BoardFolder, ResultsFolder


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """Everything a run needs.

    Args:
        benchmark: What is asked.
        prompts: The prompts of this run.
        hired: The judge.
        purse: What the run may spend.
        checkpoints: The checkpoints that take part.
        meters: Counts of calls, by what they do: `writing` and `judging`.
        folder: The benchmark's folder.
        board: The judge's folder.
        candidate: Who is evaluated.
        baselines: Baselines that this run names.
        saved: The board's plan before this run.
        plan: What this run compares.
        board_plan: What the board compares, this run's plan included.
    """

    benchmark: Benchmark
    prompts: tuple[Prompt, ...]
    hired: HiredJudge
    purse: Purse
    checkpoints: Checkpoints
    meters: Mapping[str, Meter]
    folder: BenchmarkFolder
    board: BoardFolder
    candidate: Participant
    baselines: tuple[Participant, ...]
    saved: Plan | None
    plan: Plan
    board_plan: Plan


def prepare_run(request: EvaluationRequest, say: Callable[[str], None]) -> PreparedRun:
    """Make a run ready.

    Raises:
        SetupError: It cannot be run as asked.
        BenchmarkError: The benchmark cannot be used.
        GeneratorError: The model or a baseline cannot be used.
        CheckpointUsageError: A checkpoint cannot be used as asked.
        PlanError: The board was made with another plan.
        StoreError: The results folder cannot be read.
    """
    if request.results.exists() and not request.results.is_dir():
        raise SetupError(f"--results names a folder, and {request.results} is a file")
    purse = Purse(max_cost=request.max_cost, max_calls=request.max_calls)
    price = None if request.price is None else FlatTariff(*request.price)
    meters = {"writing": Meter(), "judging": Meter()}
    checkpoints = Checkpoints(trust_remote_code=request.trust_remote_code, allow_slow=request.allow_slow, say=say)
    hired = hire_judge(
        choose_judge(request.judge),
        JudgeOptions(
            reply_format=request.judge_format,
            preset=request.judge_preset,
            max_connections=request.max_connections,
            purse=purse,
            price=price,
            meter=meters["judging"],
            context=request.judge_context,
            checkpoints=checkpoints,
        ),
    )
    benchmark = load_benchmark(request.benchmark)
    prompts = select(benchmark.prompts, limit=request.limit, language=request.language, domain=request.domain)
    folder = ResultsFolder(request.results).benchmark(benchmark.id)
    board = folder.board(hired.judge.spec)
    saved = saved_plan(board, benchmark)
    profile = load_profile(request.profile or "default")
    options = ModelOptions(profile, request.max_connections, purse, price, meters["writing"], checkpoints)
    candidate, baselines = open_participants(request, benchmark, saved, options)
    check_participants(
        candidate, baselines, benchmark=benchmark, prompts=prompts, request=request, saved=saved, say=say
    )
    plan = make_plan(benchmark, candidate, baselines, prompts=prompts, saved=saved)
    board_plan = join_board(folder, saved, plan).spread([prompt.text_id for prompt in benchmark.prompts])
    check_stored_baselines(folder, plan, given=baselines, prompts=prompts)
    return PreparedRun(
        benchmark=benchmark,
        prompts=prompts,
        hired=hired,
        purse=purse,
        checkpoints=checkpoints,
        meters=meters,
        folder=folder,
        board=board,
        candidate=candidate,
        baselines=tuple(baselines),
        saved=saved,
        plan=plan,
        board_plan=board_plan,
    )


def saved_plan(board: BoardFolder, benchmark: Benchmark) -> Plan | None:
    """Return all plans of a stored board as one, where there are any.

    Raises:
        StoreError: `plans.jsonl` cannot be read.
        PlanError: The plans cannot stand on one board: folders of different boards were merged.
    """
    saved: Plan | None = None
    for record in board.plans.read():
        plan = Plan.of_record(record)
        saved = plan if saved is None else saved.merge(plan)
    return None if saved is None else saved.spread([prompt.text_id for prompt in benchmark.prompts])


def choose_judge(address: str | None) -> str:
    """Return the judge's address: the one given, else the default where there is a key for it.

    Raises:
        SetupError: None is given and there is no key.
    """
    if address is not None:
        return address
    if os.environ.get(KEY_VARIABLE):
        return DEFAULT_LLM
    raise SetupError(
        f"no judge is chosen. Give one with --judge or in ARENA_WRITE_JUDGE (without either, {DEFAULT_LLM} judges "
        f"where {KEY_VARIABLE} is set); --judge {TEXTSTATS} needs no key and no network, and compares text "
        "statistics, not quality."
    )
