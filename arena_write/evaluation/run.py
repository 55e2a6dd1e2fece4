"""One evaluation from start to end."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain
from typing import Protocol

from arena_write.battles.judging import JudgingReport, Progress
from arena_write.checkpoints.pace import Workload
from arena_write.endpoints.meter import describe
from arena_write.evaluation.estimate import Estimate
from arena_write.evaluation.pipeline import Pipeline, WritingReport
from arena_write.evaluation.prepare import PreparedRun, prepare_run, saved_plan
from arena_write.evaluation.request import EvaluationRequest
from arena_write.generators.outputs import RecordedOutputs
from arena_write.generators.storing import recorded_rows, store_rows
from arena_write.reports.board import Board, BoardRow
from arena_write.reports.build import EntrantLabel, build_board
from arena_write.store import OutputRecord, ResultsFolder, lock_for_writing, read_battles, replace_file
from arena_write.store.runs import RunLog


class ShowProgress(Protocol):
    """Shows the progress of stages that run at the same time, while a block runs."""

    def __call__(
        self, totals: Mapping[str, int], status: Mapping[str, Callable[[], str]]
    ) -> AbstractContextManager[Mapping[str, Progress]]:
        """Begin to show; stages by what they do, each with how much there is to do and how its calls stand."""
        ...


Confirm = Callable[[list[Estimate]], bool]
"""Shows the user what a run will take, and returns whether it may begin."""


class NotConfirmedError(Exception):
    """The user did not agree to what the run would cost."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A finished evaluation.

    Args:
        board: The board, with the candidate on it.
        candidate: Id of the candidate.
        written: What having answers written did.
        judged: What judging did.
        stopped: Why the run ended before its work was done, where it did.
        spent: US dollars spent in this run.
    """

    board: Board
    candidate: str
    written: WritingReport
    judged: JudgingReport
    stopped: str
    spent: float

    @property
    def row(self) -> BoardRow:
        """The candidate's row over all prompts."""
        return next(row for row in self.board.sections[0].rows if row.entrant == self.candidate)


def plan_evaluation(request: EvaluationRequest, say: Callable[[str], None]) -> list[Estimate]:
    """Return what an evaluation would take; nothing is written, and nobody is asked.

    Raises:
        SetupError: See `run_evaluation`, for this and what else is raised.
    """
    ready = prepare_run(request, say)
    outputs = list(ready.folder.outputs())
    outputs += chain.from_iterable(list(_recorded(ready, outputs, run="plan")))
    return _pipeline(request, ready, outputs, run="plan").estimate(ready.hired)


def run_evaluation(
    request: EvaluationRequest, *, show_progress: ShowProgress, say: Callable[[str], None], confirm: Confirm
) -> Evaluation:
    """Evaluate one model.

    Args:
        request: What was asked for.
        show_progress: Shows the progress of writing and judging.
        say: Tells the user one line.
        confirm: Asked before anything that may cost money.

    Raises:
        SetupError: It cannot be run as asked.
        BenchmarkError: The benchmark cannot be used.
        GeneratorError: The model or a baseline cannot be used.
        CheckpointError: A checkpoint cannot be used, or would take too long.
        PlanError: The board was made with another plan.
        StoreError: The results folder cannot be read or written.
        NotConfirmedError: The user did not agree to the costs.
        TransportError: A server cannot be used at all.
        ServedModelError: The judge's server switched models.
    """
    ready = prepare_run(request, say)
    ready.checkpoints.require_libraries()
    results = ResultsFolder(request.results)
    with lock_for_writing(request.results, command=" ".join(request.command)):
        if saved_plan(ready.board, ready.benchmark) != ready.saved:  # another run ended just now
            ready = prepare_run(request, say)
        ready.folder.keep_prompts(ready.benchmark.prompts)
        ready.board.keep_judge(ready.hired.judge.spec)
        run = RunLog(results)
        run.start(
            command=request.command,
            benchmark=ready.benchmark.id,
            judge=ready.hired.judge.spec.id,
            plan=asdict(ready.plan.record()),
            seed=request.seed,
        )
        with _logged(run):
            outputs = list(ready.folder.outputs())
            recorded = list(_recorded(ready, outputs, run=run.id))
            pipeline = _pipeline(request, ready, outputs + list(chain.from_iterable(recorded)), run=run.id)
            estimates = pipeline.estimate(ready.hired)
            if not confirm(estimates):
                raise NotConfirmedError("nothing was asked of anyone, and nothing was spent")
            ready.checkpoints.make_ready(
                [Workload(it.model, it.calls, it.prompt_tokens.middle, it.reply_tokens.middle) for it in estimates],
                rows=request.max_connections,
            )
            for rows in recorded:
                store_rows(ready.folder, rows)
            judged, stopped = _work(pipeline, ready, run, show_progress=show_progress, say=say)
            built = build_board(
                ready.folder,
                ready.board,
                plan=ready.board_plan,
                title=ready.benchmark.title,
                min_coverage=request.min_coverage,
                context=request.judge_context,
                labels={
                    participant.entrant.id: EntrantLabel(participant.entrant.name, participant.origin)
                    for participant in (*ready.baselines, ready.candidate)
                },
            )
            if ready.board_plan != ready.saved:
                with ready.board.plans.append() as plans:
                    plans.write(ready.plan.record())
            replace_file(ready.board.board_path, built.to_json())
            evaluation = Evaluation(
                built, ready.candidate.entrant.id, pipeline.written, judged, stopped, ready.purse.spent
            )
            run.end(
                "withheld" if evaluation.row.bound == "unrated" else "done",
                message=stopped or evaluation.row.reason,
                rows={
                    "answers": pipeline.written.answers,
                    "verdicts": judged.verdicts,
                    "invalid": judged.invalid,
                    "transport_failures": judged.transport + pipeline.written.transport,
                },
                usage=pipeline.usage,
                price=ready.purse.spent,
            )
    return evaluation


def _recorded(ready: PreparedRun, stored: list[OutputRecord], *, run: str) -> Iterator[list[OutputRecord]]:
    """Yield the rows of recorded answers that are not stored yet, an entrant at a time."""
    keys = {row.key for row in stored}
    for participant in (*ready.baselines, ready.candidate):
        if isinstance(participant.source, RecordedOutputs) and participant.matched:
            yield recorded_rows(
                participant.source,
                participant.matched,
                prompts=ready.prompts,
                stored=keys,
                plan=ready.plan.id,
                run=run,
            )


def _pipeline(request: EvaluationRequest, ready: PreparedRun, outputs: list[OutputRecord], *, run: str) -> Pipeline:
    return Pipeline(
        folder=ready.folder,
        board=ready.board,
        plan=ready.plan,
        run=run,
        prompts=ready.prompts,
        participants=(*ready.baselines, ready.candidate),
        outputs=outputs,
        battles=read_battles(ready.board.battles, judge=ready.hired.judge.spec.id),
        seed=request.seed,
        max_connections=request.max_connections,
        retry_invalid=request.retry_invalid,
        context=request.judge_context,
    )


def _work(
    pipeline: Pipeline,
    ready: PreparedRun,
    run: RunLog,
    *,
    show_progress: ShowProgress,
    say: Callable[[str], None],
) -> tuple[JudgingReport, str]:
    planned, to_judge = pipeline.count_cells()
    to_write = len(pipeline.to_write)
    answers = f"{to_write} answers to write, " if to_write else ""
    say(f"{planned} battles planned, {answers}{to_judge} to judge")
    if not to_write and not to_judge:
        return pipeline.judged, ""
    status = {what: partial(_describe_calls, ready, what) for what in ("writing", "judging")}
    with show_progress({"writing": to_write, "judging": to_judge}, status) as stages:
        asyncio.run(pipeline.work(ready.hired, writing=stages["writing"], judging=stages["judging"]))
    written, judged = pipeline.written, pipeline.judged
    run.progress("generate", done=written.answers, failed=written.transport, total=to_write)
    run.progress("judge", done=judged.verdicts, failed=max(0, to_judge - judged.verdicts), total=to_judge)
    for what, failures, last in (
        ("answers could not be had", written.transport, written.last_transport_error),
        ("judge calls got no answer", judged.transport, judged.last_transport_error),
    ):
        if failures:
            say(f"{failures} {what}; the last said: {last}")
    return judged, written.stopped or judged.stopped


def _describe_calls(ready: PreparedRun, what: str) -> str:
    calls = describe(ready.meters[what].read())
    return f"{calls}, ${ready.purse.spent:.2f}" if calls and ready.purse.spent else calls


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
