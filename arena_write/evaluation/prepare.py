"""A run made ready: who takes part, what is planned, what is stored. Nothing is written and nobody is asked."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from arena_write.battles.plan import Plan
from arena_write.benchmarks.loading import load_benchmark
from arena_write.benchmarks.prompts import Benchmark, Prompt
from arena_write.benchmarks.selection import select
from arena_write.checkpoints.opened import Checkpoints
from arena_write.endpoints.limit import Connections
from arena_write.endpoints.meter import Meter
from arena_write.endpoints.prices import FlatTariff
from arena_write.endpoints.targets import KEY_VARIABLE
from arena_write.evaluation.anchors import check_prompts, find_anchors
from arena_write.evaluation.entrants import Participant, check_participants, open_participants
from arena_write.evaluation.planning import (
    Plans,
    check_stored_baselines,
    join_board,
    make_anchor_plan,
    make_plans,
    saved_plans,
)
from arena_write.evaluation.request import EvaluationRequest, SetupError
from arena_write.evaluation.rubrics import ChosenRubric, choose_rubric
from arena_write.evaluation.shared import Shared
from arena_write.generators.opening import ModelOptions
from arena_write.generators.profile_files import load_profile
from arena_write.judging import DEFAULT_LLM, TEXTSTATS, HiredJudge, JudgeOptions, hire_judge
from arena_write.serving.opened import Servers
from arena_write.spending import Purse
from arena_write.store import AnchorsRecord, BenchmarkFolder, BoardFolder, ResultsFolder, SettingsRecord
from judges import RubricJudge


@dataclass(frozen=True, slots=True)
class Bench:
    """Who judges a run, and on which board.

    Args:
        hired: The judge.
        folder: The judge's folder.
        saved: The board's plans before this run.
        joined: The board's plans, this run's included.
        settings: What the board depended on beside its rows before this run.
        anchors: Frozen ratings of the baselines, where the board is rated against them.
    """

    hired: HiredJudge
    folder: BoardFolder
    saved: Plans
    joined: Plans
    settings: SettingsRecord
    anchors: AnchorsRecord | None = None


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """Everything a run needs.

    Args:
        benchmark: What is asked.
        prompts: The prompts of this run.
        purse: What the run may spend.
        checkpoints: The checkpoints that take part and that transformers runs.
        servers: The models that take part and are served here.
        meters: Counts of calls, by what they do: `writing` and `judging`.
        folder: The benchmark's folder.
        candidate: Who is evaluated; nobody where the baselines are anchored.
        baselines: Baselines that this run names.
        plans: What this run judges.
        bench: Who judges, and on which board; nothing where answers are written alone.
    """

    benchmark: Benchmark
    prompts: tuple[Prompt, ...]
    purse: Purse
    checkpoints: Checkpoints
    servers: Servers
    meters: Mapping[str, Meter]
    folder: BenchmarkFolder
    candidate: Participant | None
    baselines: tuple[Participant, ...]
    plans: Plans
    bench: Bench | None

    @property
    def participants(self) -> tuple[Participant, ...]:
        """All whom this run names."""
        return (*self.baselines, *([self.candidate] if self.candidate else []))


def prepare_run(request: EvaluationRequest, say: Callable[[str], None], shared: Shared | None = None) -> PreparedRun:
    """Make a run ready.

    Args:
        request: What was asked for.
        say: Tells the user one line.
        shared: What it has in common with other runs.

    Raises:
        SetupError: It cannot be run as asked.
        OfficialPromptError: The official prompt cannot be read.
        BenchmarkError: The benchmark cannot be used.
        GeneratorError: The model or a baseline cannot be used.
        CheckpointUsageError: A checkpoint cannot be used as asked.
        ServingUsageError: A model cannot be served as asked.
        PlanError: The board was made with another plan.
        StoreError: The results folder cannot be read.
    """
    if request.results.exists() and not request.results.is_dir():
        raise SetupError(f"--results names a folder, and {request.results} is a file")
    shared = shared or Shared.of(request, say)
    purse, servers = shared.purse, shared.servers
    price = None if request.price is None else FlatTariff(*request.price)
    meters = {"writing": Meter(), "judging": Meter()}
    checkpoints = Checkpoints(shared.finder, allow_slow=request.allow_slow, say=say)
    connections = Connections(request.max_connections)
    address = choose_judge(request.judge) if request.judging else None
    benchmark = load_benchmark(request.benchmark)
    scores = request.model is not None and address != TEXTSTATS
    chosen = choose_rubric(request, benchmark, say if scores else _be_silent) if request.judging else ChosenRubric()
    judging = JudgeOptions(
        reply_format=request.judge_format,
        rubric=chosen.rubric,
        official=chosen.official,
        preset=request.judge_preset,
        connections=connections,
        purse=purse,
        price=price,
        meter=meters["judging"],
        context=request.judge_context,
        checkpoints=checkpoints,
        servers=servers,
    )
    hired = hire_judge(address, judging) if address is not None else None
    prompts = select(
        benchmark.prompts,
        limit=request.limit,
        language=request.language,
        domain=request.domain,
        requirement=request.requirement,
        sample=request.sample,
        seed=request.seed,
    )
    folder = ResultsFolder(request.results).benchmark(benchmark.id)
    board = folder.board(hired.judge.spec) if hired else None
    saved = saved_plans(board, benchmark.prompts) if board else Plans()
    profile = load_profile(request.profile or "default")
    options = ModelOptions(profile, connections, purse, price, meters["writing"], checkpoints, servers)
    candidate, baselines = open_participants(request, benchmark, saved.battles, options)
    check_participants(candidate, baselines, benchmark=benchmark, prompts=prompts, request=request, say=say)
    if candidate is None:
        plans, bench = _plan_anchors(request, benchmark, baselines, prompts, hired, board, saved)
    else:
        compared = bool(hired and (baselines or saved.battles))
        scored = bool(hired) and _is_scored(request, hired, prompts, compared=compared)
        if hired and not compared and not scored:
            raise SetupError(
                f"{request.benchmark} brings no baselines; name at least one fixed opponent with --baseline "
                "[NAME=]ADDRESS"
            )
        anchors = None
        if hired and board and compared:
            judge = hired.judge.spec.id
            anchors = find_anchors(folder, board, benchmark, baselines, judge=judge, saved=saved.battles, say=say)
            if anchors:
                texts = [prompt.text_id for prompt in prompts]
                check_prompts(Plan.of_record(anchors.plan), texts, benchmark.prompts)
        plans = make_plans(
            benchmark,
            candidate,
            baselines,
            prompts=prompts,
            saved=saved,
            anchors=anchors.id if anchors else None,
            compared=compared or not hired,
            scored=scored,
        )
        bench = None
        if hired and board:
            joined = join_board(folder, saved, plans).spread([prompt.text_id for prompt in benchmark.prompts])
            bench = Bench(hired, board, saved, joined, board.settings(), anchors)
    if bench and plans.battles:
        check_stored_baselines(folder, plans.battles, given=baselines, prompts=prompts)
    return PreparedRun(
        benchmark=benchmark,
        prompts=prompts,
        purse=purse,
        checkpoints=checkpoints,
        servers=servers,
        meters=meters,
        folder=folder,
        candidate=candidate,
        baselines=tuple(baselines),
        plans=plans,
        bench=bench,
    )


def _plan_anchors(
    request: EvaluationRequest,
    benchmark: Benchmark,
    baselines: Sequence[Participant],
    prompts: Sequence[Prompt],
    hired: HiredJudge | None,
    board: BoardFolder | None,
    saved: Plans,
) -> tuple[Plans, Bench]:
    """Return the battles among the baselines, and who judges them.

    Raises:
        SetupError: There are fewer than two baselines, or the board is rated against other anchors.
    """
    named = [baseline.entrant.id for baseline in baselines] or list(saved.battles.baselines if saved.battles else ())
    if hired is None or board is None or len(named) < 2:
        raise SetupError(
            f"anchors are two baselines or more, and there are {len(named)}: name them with --baseline [NAME=]ADDRESS"
        )
    everything = {prompt.text_id for prompt in benchmark.prompts}
    plan = make_anchor_plan(benchmark, named, prompts=prompts, orders=request.orders, seed=request.seed)
    stored = board.anchors()
    if saved.battles and saved.battles.anchors and stored and Plan.of_record(stored.plan) != plan:
        raise SetupError(
            f"the board of {benchmark.id} in this results folder is rated against anchors {saved.battles.anchors[:8]}, "
            "made from other battles than these. Others begin another board: give a fresh folder with --results."
        )
    if saved.battles:
        chosen = [entry.prompts for entry in saved.battles.entries if entry.role == "candidate"]
        rated = everything if None in chosen else {text for some in chosen for text in some or ()}
        check_prompts(plan, rated, benchmark.prompts)
    return Plans(battles=plan), Bench(hired, board, saved, saved, board.settings())


def _is_scored(
    request: EvaluationRequest,
    hired: HiredJudge | None,
    prompts: Sequence[Prompt],
    *,
    compared: bool,
) -> bool:
    """Return whether answers are scored on the criteria of their prompts.

    Raises:
        SetupError: There is nothing else to judge, and the judge cannot.
    """
    if hired is None or request.rubric == "none" or not any(prompt.criteria for prompt in prompts):
        return False
    if isinstance(hired.judge, RubricJudge):
        return True
    if not compared:
        raise SetupError(
            f"the prompts of {request.benchmark} have rubric criteria, and {hired.judge.spec.name} only compares "
            "texts: choose a judge that scores with --judge openai/NAME[@URL], or name fixed opponents with --baseline "
            "[NAME=]ADDRESS"
        )
    return False


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
        "statistics, not quality; --no-judge has the answers written and measured alone."
    )


def _be_silent(line: str) -> None:
    """Say nothing of how scores are asked for where nothing is scored."""
