"""A run made ready: who takes part, what is planned, what is stored. Nothing is written and nobody is asked."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from arena_write.benchmarks.loading import load_benchmark
from arena_write.benchmarks.prompts import Benchmark, Prompt
from arena_write.benchmarks.selection import select
from arena_write.endpoints.meter import Meter
from arena_write.endpoints.prices import FlatTariff, Tariff
from arena_write.endpoints.targets import KEY_VARIABLE
from arena_write.evaluation.entrants import Participant, check_participants, open_participants
from arena_write.evaluation.planning import Plans, check_stored_baselines, join_board, make_plans, saved_plans
from arena_write.evaluation.request import EvaluationRequest, SetupError
from arena_write.generators.opening import ModelOptions
from arena_write.generators.profile_files import load_profile
from arena_write.judging import DEFAULT_LLM, TEXTSTATS, HiredJudge, JudgeOptions, hire_judge
from arena_write.spending import Purse
from arena_write.store import BenchmarkFolder, BoardFolder, ResultsFolder, SettingsRecord
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
    """

    hired: HiredJudge
    folder: BoardFolder
    saved: Plans
    joined: Plans
    settings: SettingsRecord


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """Everything a run needs.

    Args:
        benchmark: What is asked.
        prompts: The prompts of this run.
        purse: What the run may spend.
        meters: Counts of calls, by what they do: `writing` and `judging`.
        folder: The benchmark's folder.
        candidate: Who is evaluated.
        baselines: Baselines that this run names.
        plans: What this run judges.
        bench: Who judges, and on which board; nothing where answers are written alone.
    """

    benchmark: Benchmark
    prompts: tuple[Prompt, ...]
    purse: Purse
    meters: Mapping[str, Meter]
    folder: BenchmarkFolder
    candidate: Participant
    baselines: tuple[Participant, ...]
    plans: Plans
    bench: Bench | None

    @property
    def participants(self) -> tuple[Participant, ...]:
        """All whom this run names."""
        return (*self.baselines, self.candidate)


def prepare_run(request: EvaluationRequest, say: Callable[[str], None]) -> PreparedRun:
    """Make a run ready.

    Raises:
        SetupError: It cannot be run as asked.
        BenchmarkError: The benchmark cannot be used.
        GeneratorError: The model or a baseline cannot be used.
        PlanError: The board was made with another plan.
        StoreError: The results folder cannot be read.
    """
    if request.results.exists() and not request.results.is_dir():
        raise SetupError(f"--results names a folder, and {request.results} is a file")
    purse = Purse(max_cost=request.max_cost, max_calls=request.max_calls)
    price = None if request.price is None else FlatTariff(*request.price)
    meters = {"writing": Meter(), "judging": Meter()}
    hired = _hire(request, purse, price, meters["judging"]) if request.judging else None
    benchmark = load_benchmark(request.benchmark)
    prompts = select(benchmark.prompts, limit=request.limit, language=request.language, domain=request.domain)
    folder = ResultsFolder(request.results).benchmark(benchmark.id)
    board = folder.board(hired.judge.spec) if hired else None
    saved = saved_plans(board, benchmark.prompts) if board else Plans()
    options = ModelOptions(
        load_profile(request.profile or "default"), request.max_connections, purse, price, meters["writing"]
    )
    candidate, baselines = open_participants(request, benchmark, saved.battles, options)
    compared = bool(hired and (baselines or saved.battles))
    scored = bool(hired) and _is_scored(request, hired, prompts, compared=compared)
    if hired and not compared and not scored:
        raise SetupError(
            f"{request.benchmark} brings no baselines; name at least one fixed opponent with --baseline [NAME=]ADDRESS"
        )
    check_participants(candidate, baselines, benchmark=benchmark, prompts=prompts, request=request, say=say)
    plans = make_plans(
        benchmark, candidate, baselines, prompts=prompts, saved=saved, compared=compared or not hired, scored=scored
    )
    bench = None
    if hired and board:
        joined = join_board(folder, saved, plans).spread([prompt.text_id for prompt in benchmark.prompts])
        bench = Bench(hired, board, saved, joined, board.settings())
        if plans.battles:
            check_stored_baselines(folder, plans.battles, given=baselines, prompts=prompts)
    return PreparedRun(
        benchmark=benchmark,
        prompts=prompts,
        purse=purse,
        meters=meters,
        folder=folder,
        candidate=candidate,
        baselines=tuple(baselines),
        plans=plans,
        bench=bench,
    )


def _hire(request: EvaluationRequest, purse: Purse, price: Tariff | None, meter: Meter) -> HiredJudge:
    return hire_judge(
        choose_judge(request.judge),
        JudgeOptions(
            reply_format=request.judge_format,
            preset=request.judge_preset,
            max_connections=request.max_connections,
            purse=purse,
            price=price,
            meter=meter,
            context=request.judge_context,
        ),
    )


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
