"""One evaluation from start to end."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from typing import Protocol

from arena_write.battles.judges import open_judge
from arena_write.battles.judging import JudgingReport, Progress
from arena_write.benchmarks.loading import load_benchmark
from arena_write.benchmarks.selection import select
from arena_write.evaluation.entrants import check_participants, open_participants
from arena_write.evaluation.pipeline import Pipeline, WritingReport
from arena_write.evaluation.planning import check_stored_baselines, join_board, make_plan
from arena_write.evaluation.request import EvaluationRequest, SetupError
from arena_write.generators.outputs import RecordedOutputs
from arena_write.generators.storing import store_outputs
from arena_write.reports.board import BOARDS, Board, BoardRow, record_plan
from arena_write.reports.build import build_board
from arena_write.store import (
    ResultsFolder,
    lock_for_writing,
    read_battles,
    read_json,
    replace_file,
)
from arena_write.store.runs import RunLog
from judges import Judge


class ShowProgress(Protocol):
    """Shows the progress of stages that run at the same time, while a block runs."""

    def __call__(self, totals: Mapping[str, int]) -> AbstractContextManager[Mapping[str, Progress]]:
        """Begin to show; stages by what they do, each with how much there is to do."""
        ...


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A finished evaluation.

    Args:
        board: The board, with the candidate on it.
        candidate: Id of the candidate.
        written: What having answers written did.
        judged: What judging did.
    """

    board: Board
    candidate: str
    written: WritingReport
    judged: JudgingReport

    @property
    def row(self) -> BoardRow:
        """The candidate's row over all prompts."""
        return next(row for row in self.board.sections[0].rows if row.entrant == self.candidate)


def run_evaluation(
    request: EvaluationRequest, *, show_progress: ShowProgress, say: Callable[[str], None]
) -> Evaluation:
    """Evaluate one model.

    Args:
        request: What was asked for.
        show_progress: Shows the progress of writing and judging.
        say: Tells the user one line.

    Raises:
        SetupError: It cannot be run as asked.
        BenchmarkError: The benchmark cannot be used.
        GeneratorError: The model or a baseline cannot be used.
        PlanError: The board was made with another plan.
        StoreError: The results folder cannot be read or written.
        TransportError: A server cannot be used at all.
        ServedModelError: The judge's server switched models.
    """
    judge = _choose_judge(request)
    benchmark = load_benchmark(request.benchmark)
    prompts = select(benchmark.prompts, limit=request.limit, language=request.language, domain=request.domain)
    results = ResultsFolder(request.results)
    with lock_for_writing(request.results, command=" ".join(request.command)):
        folder = results.benchmark(benchmark.id)
        board = folder.board(judge.spec)
        saved = read_json(board.board_path, BOARDS).saved_plan() if board.board_path.exists() else None
        candidate, baselines = open_participants(request, benchmark, saved)
        check_participants(candidate, baselines, prompts=prompts, request=request, saved=saved, say=say)
        plan = make_plan(benchmark, candidate, baselines, prompts=prompts, saved=saved)
        board_plan = join_board(folder, saved, plan)
        check_stored_baselines(folder, plan, given=baselines, prompts=prompts)
        folder.keep_prompts(benchmark.prompts)
        board.keep_judge(judge.spec)
        run = RunLog(results)
        run.start(
            command=request.command,
            benchmark=benchmark.id,
            judge=judge.spec.id,
            plan=asdict(record_plan(plan)),
            seed=request.seed,
        )
        with _logged(run):
            participants = [*baselines, candidate]
            outputs = list(folder.outputs())
            stored = {row.key for row in outputs}
            for participant in participants:
                if isinstance(participant.source, RecordedOutputs) and participant.matched:
                    outputs += store_outputs(
                        folder,
                        participant.source,
                        participant.matched,
                        prompts=prompts,
                        stored=stored,
                        plan=plan.id,
                        run=run.id,
                    )
            pipeline = Pipeline(
                folder=folder,
                board=board,
                plan=plan,
                run=run.id,
                prompts=prompts,
                participants=participants,
                outputs=outputs,
                battles=read_battles(board.battles, judge=judge.spec.id),
                seed=request.seed,
                max_connections=request.max_connections,
                retry_invalid=request.retry_invalid,
            )
            judged = _work(pipeline, judge, run, show_progress, say)
            built = build_board(
                folder, board, plan=board_plan, title=benchmark.title, min_coverage=request.min_coverage
            )
            replace_file(board.board_path, built.to_json())
            evaluation = Evaluation(built, candidate.entrant.id, pipeline.written, judged)
            run.end(
                "withheld" if evaluation.row.bound == "unrated" else "done",
                message=evaluation.row.reason,
                rows={
                    "answers": pipeline.written.answers,
                    "verdicts": judged.verdicts,
                    "invalid": judged.invalid,
                    "transport_failures": judged.transport + pipeline.written.transport,
                },
            )
    return evaluation


def _choose_judge(request: EvaluationRequest) -> Judge:
    if request.judge is None:
        raise SetupError(
            "no judge is chosen. Give one with --judge or in ARENA_WRITE_JUDGE; --judge builtin/textstats needs no key "
            "and no network, and compares text statistics, not quality."
        )
    return open_judge(request.judge, max_connections=request.max_connections)


def _work(
    pipeline: Pipeline, judge: Judge, run: RunLog, show_progress: ShowProgress, say: Callable[[str], None]
) -> JudgingReport:
    planned, to_judge = pipeline.count_cells()
    to_write = len(pipeline.to_write)
    answers = f"{to_write} answers to write, " if to_write else ""
    say(f"{planned} battles planned, {answers}{to_judge} to judge")
    if not to_write and not to_judge:
        return JudgingReport()
    with show_progress({"writing": to_write, "judging": to_judge}) as stages:
        judged = asyncio.run(pipeline.work(judge, writing=stages["writing"], judging=stages["judging"]))
    written = pipeline.written
    run.progress("generate", done=written.answers, failed=written.transport, total=to_write)
    run.progress("judge", done=judged.verdicts, failed=to_judge - judged.verdicts, total=to_judge)
    for what, failures, last in (
        ("answers could not be had", written.transport, written.last_transport_error),
        ("judge calls got no answer", judged.transport, judged.last_transport_error),
    ):
        if failures:
            say(f"{failures} {what}; the last said: {last}")
    return judged


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
