"""One evaluation from start to end, and the writing of answers alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from arena_write.benchmarks.schemas import WRITINGBENCH
from arena_write.evaluation.estimate import Estimate
from arena_write.evaluation.planning import Plans, keep_plans
from arena_write.evaluation.prepare import choose_judge, prepare_run
from arena_write.evaluation.ranking import store_board
from arena_write.evaluation.request import EvaluationRequest
from arena_write.evaluation.shared import Shared
from arena_write.evaluation.work import Confirm, Say, ShowProgress, do_work, make_pipeline, recorded_of
from arena_write.judging import JudgingReport
from arena_write.reports.anchors import AnchorsError, AnchorSource, freeze
from arena_write.reports.answers import AnswersReport, report_answers
from arena_write.reports.board import Board
from arena_write.reports.labels import EntrantLabel, label_entrants
from arena_write.serving.opened import PREFIX
from arena_write.store import AnchorsRecord, LabelRecord, SettingsRecord


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A finished evaluation.

    Args:
        board: The board, with the candidate on it.
        candidate: Id of the candidate.
        judged: What judging did.
        stopped: Why the run ended before its work was done, where it did.
        spent: US dollars spent in this run.
    """

    board: Board
    candidate: str
    judged: JudgingReport
    stopped: str
    spent: float

    @property
    def withheld(self) -> str:
        """Why the candidate has no rating, or no mean score, where that is so."""
        return self.board.withheld(self.candidate)


@dataclass(frozen=True, slots=True)
class Anchoring:
    """Frozen ratings of baselines.

    Args:
        record: The ratings.
        names: Names of the baselines by id.
        path: Where they are kept.
        spent: US dollars spent in this run.
    """

    record: AnchorsRecord
    names: Mapping[str, str]
    path: Path
    spent: float


@dataclass(frozen=True, slots=True)
class WrittenAnswers:
    """Answers that were written alone.

    Args:
        report: What they are like.
        missing: Answers that are not there.
        stopped: Why the run ended before its work was done, where it did.
        spent: US dollars spent in this run.
    """

    report: AnswersReport
    missing: int
    stopped: str
    spent: float


def plan_evaluation(request: EvaluationRequest, say: Say) -> list[Estimate]:
    """Return what an evaluation would take; nothing is written, and nobody is asked.

    Raises:
        SetupError: See `run_evaluation`, for this and what else is raised.
    """
    ready = prepare_run(request, say)
    outputs = list(ready.folder.outputs())
    outputs += chain.from_iterable(list(recorded_of(ready, outputs, run="plan")))
    return make_pipeline(request, ready, outputs, run="plan").estimate()


def run_evaluations(
    requests: Sequence[EvaluationRequest], *, show_progress: ShowProgress, say: Say, confirm: Confirm
) -> Iterator[Evaluation]:
    """Evaluate models one after the other, against one judge and out of one purse.

    Where we serve the judge, the answers of all of them are written before it starts, so that it starts once.

    Args:
        requests: What was asked for: the same but for the model.
        show_progress: Shows the progress of writing and judging.
        say: Tells the user one line.
        confirm: Asked before anything that may cost money.

    Raises:
        SetupError: See `run_evaluation`, for this and what else is raised.
    """
    shared = Shared.of(requests[0], say)
    judge = choose_judge(requests[0].judge)
    together = len(requests) > 1 and shared.servers.are_asked_for(judge)
    if together:
        for request in requests:
            alone = replace(request, judging=False)
            write_answers(alone, show_progress=show_progress, say=say, confirm=confirm, shared=shared)
        shared.servers.hold(judge.removeprefix(PREFIX))
    try:
        for request in requests:
            yield run_evaluation(request, show_progress=show_progress, say=say, confirm=confirm, shared=shared)
    finally:
        shared.servers.release()


def run_evaluation(
    request: EvaluationRequest,
    *,
    show_progress: ShowProgress,
    say: Say,
    confirm: Confirm,
    shared: Shared | None = None,
) -> Evaluation:
    """Evaluate one model.

    Args:
        request: What was asked for.
        show_progress: Shows the progress of writing and judging.
        say: Tells the user one line.
        confirm: Asked before anything that may cost money.
        shared: What it has in common with other runs of the command.

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
        KeyboardInterrupt: The user stopped it; what was paid for is kept.
    """
    with do_work(request, show_progress=show_progress, say=say, confirm=confirm, shared=shared) as work:
        ready, bench = work.ready, work.ready.bench
        if bench is None or ready.candidate is None:
            raise ValueError("this request asks for no board")
        if bench.anchors:
            bench.folder.keep_anchors(bench.anchors)
        keep_plans(bench.folder, ready.plans, saved=bench.saved, joined=bench.joined)
        labels = {
            participant.entrant.id: LabelRecord(name=participant.entrant.name, origin=participant.origin)
            for participant in ready.participants
        }
        built = store_board(
            ready.folder,
            bench.folder,
            SettingsRecord(
                title=ready.benchmark.title,
                context=request.judge_context,
                min_coverage=request.min_coverage,
                labels=dict(sorted({**bench.settings.labels, **labels}.items())),
                writingbench=ready.benchmark.schema == WRITINGBENCH,
            ),
        )
        judged, spent = work.pipeline.judged, work.spent
        evaluation = Evaluation(built, ready.candidate.entrant.id, judged, work.pipeline.stopped, spent)
        work.withheld = evaluation.withheld
    return evaluation


def anchor_baselines(
    request: EvaluationRequest, *, show_progress: ShowProgress, say: Say, confirm: Confirm
) -> Anchoring:
    """Have the baselines judged among themselves, and freeze their ratings: the scale of every candidate from then on.

    A board that is there already is rated against them at once.

    Raises:
        AnchorsError: Too few battles are decided, or they give no scale.
        SetupError: See `run_evaluation`, for this and what else is raised.
    """
    with do_work(request, show_progress=show_progress, say=say, confirm=confirm) as work:
        ready, bench, plan = work.ready, work.ready.bench, work.ready.plans.battles
        if bench is None or plan is None:
            raise ValueError("this request asks for no anchors")
        if work.pipeline.stopped:
            raise AnchorsError(f"{work.pipeline.stopped}; run the same command again to go on")
        excluded = bench.folder.excluded(context=request.judge_context)
        labels = {one.entrant.id: EntrantLabel(one.entrant.name, one.origin) for one in ready.participants}
        outputs = list(ready.folder.outputs())
        record = freeze(
            bench.folder,
            AnchorSource(
                plan=plan,
                prompts=[prompt for prompt in ready.benchmark.prompts if prompt.text_id not in excluded],
                outputs=outputs,
                labels={**labels, **label_entrants(outputs)},
                min_coverage=request.min_coverage,
            ),
        )
        bench.folder.keep_anchors(record)
        if bench.saved.battles and bench.saved.battles.anchors != record.id:
            anchored = Plans(battles=replace(bench.saved.battles, anchors=record.id))
            keep_plans(bench.folder, anchored, saved=bench.saved, joined=anchored)
            store_board(ready.folder, bench.folder, bench.folder.settings())
    names = {entrant: label.name for entrant, label in {**labels, **label_entrants(outputs)}.items()}
    return Anchoring(record, names, bench.folder.anchors_path, work.spent)


def write_answers_of(
    requests: Sequence[EvaluationRequest], *, show_progress: ShowProgress, say: Say, confirm: Confirm
) -> Iterator[WrittenAnswers]:
    """Have the answers of models written, one after the other, out of one purse.

    Raises:
        SetupError: See `run_evaluation`, for this and what else is raised.
    """
    shared = Shared.of(requests[0], say)
    for request in requests:
        yield write_answers(request, show_progress=show_progress, say=say, confirm=confirm, shared=shared)


def write_answers(
    request: EvaluationRequest,
    *,
    show_progress: ShowProgress,
    say: Say,
    confirm: Confirm,
    shared: Shared | None = None,
) -> WrittenAnswers:
    """Have the answers of a model written, and say what they are like; nobody judges.

    Raises:
        SetupError: See `run_evaluation`, for this and what else is raised.
    """
    with do_work(request, show_progress=show_progress, say=say, confirm=confirm, shared=shared) as work:
        ready, pipeline = work.ready, work.pipeline
        entrants = [participant.entrant for participant in ready.participants]
        report = report_answers(
            ready.folder, ready.prompts, entrants={entrant.id: entrant.name for entrant in entrants}
        )
        missing = len(pipeline.writing.tasks) - pipeline.written.answers
    return WrittenAnswers(report, missing, pipeline.stopped, work.spent)
