"""The way from a model's address to its row on a board.

`prompts -> outputs -> battles -> board`: each step lists what should exist, subtracts what is stored, does the rest and
appends. So running the same command again is resuming.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from arena_write.battles.judges import open_judge
from arena_write.battles.judging import JudgingReport, Progress, judge_cells
from arena_write.battles.outcomes import join
from arena_write.battles.plan import Entry, Plan, Role
from arena_write.benchmarks.loading import load_benchmark
from arena_write.benchmarks.prompts import Benchmark, Prompt
from arena_write.benchmarks.selection import select
from arena_write.generators.matching import MatchedAnswers, baseline_outputs, match_answers, require_answers
from arena_write.generators.opening import open_recorded
from arena_write.generators.outputs import RecordedOutputs
from arena_write.generators.storing import store_outputs
from arena_write.reports.board import BOARDS, Board, BoardRow, record_plan
from arena_write.reports.build import build_board
from arena_write.store import (
    BenchmarkFolder,
    BoardFolder,
    ResultsFolder,
    lock_for_writing,
    read_battles,
    read_json,
    replace_file,
)
from arena_write.store.runs import RunLog
from judges import Judge


class SetupError(Exception):
    """What was asked for cannot be run as asked: an error of usage."""


class ShowProgress(Protocol):
    """Shows the progress of one stage while a block runs."""

    def __call__(self, what: str, *, total: int) -> AbstractContextManager[Progress]:
        """Begin to show."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRequest:
    """What `arena-write eval` was asked for.

    Args:
        model: Address of the candidate.
        benchmark: Name or path of the benchmark.
        baselines: Addresses of the baselines; none stands for the benchmark's own, or those already on the board.
        judge: Address of the judge.
        results: The results folder.
        limit: Only the first prompts.
        language: Only prompts in this language.
        domain: Only prompts of this domain.
        max_connections: Judge calls at a time, at most.
        min_coverage: Share of an entrant's cells that must be decided before it is rated.
        retry_invalid: Judge again what three attempts left without a valid verdict.
        command: The command line, for the log.
    """

    model: str
    benchmark: str
    baselines: tuple[str, ...]
    judge: str | None
    results: Path
    limit: int | None
    language: str | None
    domain: str | None
    max_connections: int
    min_coverage: float
    retry_invalid: bool
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A finished evaluation.

    Args:
        board: The board, with the candidate on it.
        candidate: Id of the candidate.
        report: What judging did.
    """

    board: Board
    candidate: str
    report: JudgingReport

    @property
    def row(self) -> BoardRow:
        """The candidate's row over all prompts."""
        return next(row for row in self.board.sections[0].rows if row.entrant == self.candidate)


@dataclass(frozen=True, slots=True)
class _Entrant:
    role: Role
    outputs: RecordedOutputs
    matched: MatchedAnswers

    @property
    def id(self) -> str:
        return self.outputs.entrant.id


def run_evaluation(
    request: EvaluationRequest, *, show_progress: ShowProgress, say: Callable[[str], None]
) -> Evaluation:
    """Evaluate one model.

    Args:
        request: What was asked for.
        show_progress: Shows the progress of judging.
        say: Tells the user one line.

    Raises:
        SetupError: It cannot be run as asked.
        BenchmarkError: The benchmark cannot be used.
        GeneratorError: The model or a baseline cannot be used.
        PlanError: The board was made with other baselines.
        StoreError: The results folder cannot be read or written.
        ServedModelError: The judge's server switched models.
    """
    judge = _choose_judge(request.judge)
    benchmark = load_benchmark(request.benchmark)
    prompts = select(benchmark.prompts, limit=request.limit, language=request.language, domain=request.domain)
    candidate = _open_entrant("candidate", open_recorded(request.model), benchmark)
    results = ResultsFolder(request.results)
    with lock_for_writing(request.results, command=" ".join(request.command)):
        folder = results.benchmark(benchmark.id)
        board = folder.board(judge.spec)
        saved = read_json(board.board_path, BOARDS).saved_plan() if board.board_path.exists() else None
        baselines = _open_baselines(request, benchmark, saved)
        _check_entrants(candidate, baselines, prompts, request, saved, say)
        plan = _make_plan(benchmark, candidate, baselines, prompts, saved)
        board_plan = _join_board(folder, saved, plan)
        _check_stored_baselines(folder, plan, given={entrant.id for entrant in baselines}, prompts=prompts)
        folder.keep_prompts(benchmark.prompts)
        board.keep_judge(judge.spec)
        run = RunLog(results)
        run.start(
            command=request.command,
            benchmark=benchmark.id,
            judge=judge.spec.id,
            plan=asdict(record_plan(plan)),
            seed=plan.seed,
        )
        with _logged(run):
            stored = {row.key for row in folder.outputs()}
            for entrant in (*baselines, candidate):
                store_outputs(
                    folder, entrant.outputs, entrant.matched, prompts=prompts, stored=stored, plan=plan.id, run=run.id
                )
            report = _judge(request, folder, board, judge, plan, run, show_progress, say)
            built = build_board(
                folder, board, plan=board_plan, title=benchmark.title, min_coverage=request.min_coverage
            )
            replace_file(board.board_path, built.to_json())
            evaluation = Evaluation(built, candidate.id, report)
            run.end(
                "withheld" if evaluation.row.bound == "unrated" else "done",
                message=evaluation.row.reason,
                rows={"verdicts": report.verdicts, "invalid": report.invalid, "transport_failures": report.transport},
            )
    return evaluation


def _choose_judge(address: str | None) -> Judge:
    if address is None:
        raise SetupError(
            "no judge is chosen. Give one with --judge or in ARENA_WRITE_JUDGE; --judge builtin/textstats needs no key "
            "and no network, and compares text statistics, not quality."
        )
    return open_judge(address)


def _open_entrant(role: Role, outputs: RecordedOutputs, benchmark: Benchmark) -> _Entrant:
    return _Entrant(role, outputs, match_answers(outputs, benchmark.prompts))


def _open_baselines(request: EvaluationRequest, benchmark: Benchmark, saved: Plan | None) -> list[_Entrant]:
    given = [open_recorded(address) for address in request.baselines]
    if not given:
        own = [baseline_outputs(texts) for texts in benchmark.baselines]
        given = [outputs for outputs in own if saved is None or outputs.entrant.id in saved.baselines]
    return [_open_entrant("baseline", outputs, benchmark) for outputs in given]


def _check_entrants(
    candidate: _Entrant,
    baselines: Sequence[_Entrant],
    prompts: Sequence[Prompt],
    request: EvaluationRequest,
    saved: Plan | None,
    say: Callable[[str], None],
) -> None:
    if not baselines and saved is None:
        raise SetupError(
            f"{request.benchmark} brings no baselines; name at least one fixed opponent with --baseline [NAME=]ADDRESS"
        )
    ids = [entrant.id for entrant in (candidate, *baselines)]
    if len(set(ids)) < len(ids):
        raise SetupError(
            "two of the model and its baselines have the same outputs: name each once, by --model or by --baseline"
        )
    for baseline in baselines:
        require_answers(baseline.outputs.entrant.name, match_answers(baseline.outputs, prompts))
    name, matched = candidate.outputs.entrant.name, match_answers(candidate.outputs, prompts)
    if not matched.answers:
        raise SetupError(
            f"none of the {len(candidate.outputs.answers)} answers of {name} is to a prompt of {request.benchmark}: "
            "give the benchmark that they were written for with --benchmark"
        )
    if matched.missing:
        say(f"{name} has no answer to {len(matched.missing)} of {len(prompts)} prompts; their battles stay missing")


def _make_plan(
    benchmark: Benchmark,
    candidate: _Entrant,
    baselines: Sequence[_Entrant],
    prompts: Sequence[Prompt],
    saved: Plan | None,
) -> Plan:
    chosen = None if len(prompts) == len(benchmark.prompts) else tuple(sorted(prompt.text_id for prompt in prompts))
    anchors = [entrant.id for entrant in baselines] or list(saved.baselines if saved else ())
    entries: list[Entry] = [Entry(entrant, "baseline", prompts=chosen) for entrant in anchors]
    return Plan(benchmark=benchmark.id, entries=(*entries, Entry(candidate.id, "candidate", prompts=chosen)))


def _join_board(folder: BenchmarkFolder, saved: Plan | None, plan: Plan) -> Plan:
    """Return the plan of the board with this run's added.

    Raises:
        SetupError: The board has other baselines, or holds the candidate as one.
    """
    if saved is None:
        return plan
    names = {row.entrant: row.entrant_name for row in folder.outputs()}
    if set(saved.baselines) != set(plan.baselines):
        known = ", ".join(sorted(names.get(entrant, entrant[:8]) for entrant in saved.baselines))
        raise SetupError(
            f"the board of {plan.benchmark} in this results folder has the baselines {known}, with other texts or in "
            "another number than those given. Leave --baseline out to use these, or start another board with --results."
        )
    doubled = set(plan.candidates) & set(saved.baselines)
    if doubled:
        raise SetupError(f"{names.get(doubled.pop(), 'the model')} is a baseline of this board and rated on it already")
    return saved.merge(plan)


def _check_stored_baselines(
    folder: BenchmarkFolder, plan: Plan, *, given: set[str], prompts: Sequence[Prompt]
) -> None:
    """Refuse baselines that are known from the board alone and whose stored answers leave a prompt open.

    Raises:
        SetupError: An answer is missing.
    """
    unseen = set(plan.baselines) - given
    if not unseen:
        return
    answered: dict[str, set[str]] = {entrant: set() for entrant in unseen}
    names: dict[str, str] = {}
    for row in folder.outputs():
        if row.entrant in unseen:
            answered[row.entrant].add(row.prompt)
            names[row.entrant] = row.entrant_name
    for entrant, texts in answered.items():
        missing = [prompt.id for prompt in prompts if prompt.text_id not in texts]
        if missing:
            raise SetupError(
                f"baseline {names.get(entrant, entrant[:8])} of this board has no stored answer to {len(missing)} of "
                f"{len(prompts)} prompts, {missing[0]!r} among them: name the baselines again with --baseline"
            )


def _judge(
    request: EvaluationRequest,
    folder: BenchmarkFolder,
    board: BoardFolder,
    judge: Judge,
    plan: Plan,
    run: RunLog,
    show_progress: ShowProgress,
    say: Callable[[str], None],
) -> JudgingReport:
    prompts = tuple(folder.prompts_file.read())
    outputs = tuple(folder.outputs())
    outcomes = join(
        plan,
        prompts=[prompt.text_id for prompt in prompts],
        outputs=outputs,
        battles=read_battles(board.battles, judge=judge.spec.id),
        retry_invalid=request.retry_invalid,
    )
    total = len(outcomes.open())
    say(f"{len(outcomes.cells)} battles planned, {total} to judge")
    if not total:
        return JudgingReport()
    texts = {prompt.text_id: prompt.text for prompt in prompts} | {row.text_id: row.text for row in outputs}
    with show_progress("judging", total=total) as progress:
        report = asyncio.run(
            judge_cells(
                outcomes,
                judge=judge,
                board=board,
                texts=texts,
                plan=plan.id,
                run=run.id,
                max_connections=request.max_connections,
                progress=progress,
            )
        )
    run.progress("judge", done=report.verdicts, failed=total - report.verdicts, total=total)
    if report.transport:
        say(f"{report.transport} calls got no answer; the last said: {report.last_transport_error}")
    return report


@contextmanager
def _logged(run: RunLog) -> Iterator[None]:
    """Write how a run ended where it does not reach its own end."""
    try:
        yield
    except KeyboardInterrupt:
        run.end("interrupted", message="interrupted by the user")
        raise
    except Exception as error:
        run.end("error", message=f"{type(error).__name__}: {error}"[:1000])
        raise
