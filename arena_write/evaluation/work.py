"""One run from its lock to its log: what every run does, whatever it is for."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Protocol

from arena_write.checkpoints.pace import Workload
from arena_write.concurrency import ends_softly, run_calls
from arena_write.endpoints.meter import describe
from arena_write.evaluation.estimate import Estimate
from arena_write.evaluation.fitting import check_context
from arena_write.evaluation.pipeline import Pipeline
from arena_write.evaluation.planning import Plans, saved_plans
from arena_write.evaluation.prepare import PreparedRun, prepare_run
from arena_write.evaluation.request import EvaluationRequest
from arena_write.evaluation.shared import Shared
from arena_write.generators.live import LiveModel
from arena_write.generators.outputs import RecordedOutputs
from arena_write.generators.storing import recorded_rows, store_rows
from arena_write.judging import Progress
from arena_write.store import OutputRecord, ResultsFolder, lock_for_writing
from arena_write.store.runs import RunLog, RunOutcome
from judges import Usage


class ShowProgress(Protocol):
    """Shows the progress of stages that run at the same time, while a block runs."""

    def __call__(
        self, totals: Mapping[str, int], status: Mapping[str, Callable[[], str]]
    ) -> AbstractContextManager[Mapping[str, Progress]]:
        """Begin to show; stages by what they do, each with how much there is to do and how its calls stand."""
        ...


Say = Callable[[str], None]
Confirm = Callable[[list[Estimate]], bool]
"""Shows the user what a run will take, and returns whether it may begin."""


class NotConfirmedError(Exception):
    """The user did not agree to what the run would cost."""


@dataclass
class Work:
    """A run whose calls are made, and whose result is being put together."""

    ready: PreparedRun
    pipeline: Pipeline
    spent: float
    withheld: str = ""


@contextmanager
def do_work(
    request: EvaluationRequest,
    *,
    show_progress: ShowProgress,
    say: Say,
    confirm: Confirm,
    shared: Shared | None = None,
) -> Iterator[Work]:
    """Do a run's work under the writer's lock, let the caller make of it what it is for, and log how it ended."""
    begun = time.monotonic()
    shared = shared or Shared.of(request, say)
    ready = prepare_run(request, say, shared)
    ready.checkpoints.require_libraries()
    results = ResultsFolder(request.results)
    with lock_for_writing(request.results, command=" ".join(request.command)):
        bench = ready.bench
        if bench and saved_plans(bench.folder, ready.benchmark.prompts) != bench.saved:  # another run ended just now
            ready = prepare_run(request, say, shared)
            bench = ready.bench
        ready.folder.keep_prompts(ready.benchmark.prompts)
        if bench:
            bench.folder.keep_judge(bench.hired.judge.spec)
        log = RunLog(results)
        log.start(
            command=request.command,
            benchmark=ready.benchmark.id,
            judge=bench.hired.judge.spec.id if bench else None,
            plan=ready.plans.record(),
            seed=request.seed,
        )
        outputs = list(ready.folder.outputs())
        with _logged(log, ready) as ending:
            recorded = list(recorded_of(ready, outputs, run=log.id))
            pipeline = make_pipeline(request, ready, outputs + list(chain.from_iterable(recorded)), run=log.id)
            ending.pipeline = pipeline
            _say_what_is_reused(request, ready, outputs, say)
            check_context(pipeline, say)
            estimates = pipeline.estimate()
            if not confirm(estimates):
                raise NotConfirmedError("nothing was asked of anyone, and nothing was spent")
            with closing(ready.servers):
                ready.servers.arrange(it.model for it in estimates if it.calls)
                ready.checkpoints.make_ready(
                    [Workload(it.model, it.calls, it.prompt_tokens.middle, it.reply_tokens.middle) for it in estimates],
                    rows=request.max_connections,
                )
                for rows in recorded:
                    store_rows(ready.folder, rows)
                left = None if request.time_budget is None else request.time_budget - (time.monotonic() - begun)
                _make_calls(pipeline, log, left=left, show_progress=show_progress, say=say)
            work = Work(ready, pipeline, ready.purse.spent - ending.spent_before)
            yield work
            ending.end("withheld" if work.withheld else "done", pipeline.stopped or work.withheld)


def recorded_of(ready: PreparedRun, stored: list[OutputRecord], *, run: str) -> Iterator[list[OutputRecord]]:
    """Yield the rows of recorded answers that are not stored yet, an entrant at a time."""
    keys = {row.key for row in stored}
    for participant in ready.participants:
        if isinstance(participant.source, RecordedOutputs) and participant.matched:
            yield recorded_rows(
                participant.source,
                participant.matched,
                prompts=ready.prompts,
                stored=keys,
                plan=ready.plans.id,
                run=run,
            )


def _say_what_is_reused(request: EvaluationRequest, ready: PreparedRun, outputs: list[OutputRecord], say: Say) -> None:
    """A server's model is known by its name, and the name may by now stand for other weights: say what is taken."""
    source = ready.candidate.source if ready.candidate else None
    if request.version is not None or not isinstance(source, LiveModel) or source.backend != "openai":
        return
    prompts = {prompt.text_id for prompt in ready.prompts}
    stored = sum(row.entrant == source.entrant.id and row.prompt in prompts for row in outputs)
    if stored:
        name = source.entrant.name
        say(
            f"{stored} answers of {name} are stored and are not written again. If its server has other weights by now, "
            f"give them a name of their own with --as {name}@STEP"
        )


def make_pipeline(request: EvaluationRequest, ready: PreparedRun, outputs: list[OutputRecord], *, run: str) -> Pipeline:
    """Return the work of a run on these answers."""
    return Pipeline(
        ready=ready,
        run=run,
        outputs=outputs,
        seed=request.seed,
        max_connections=request.max_connections,
        retry_invalid=request.retry_invalid,
        context=request.judge_context,
    )


def _make_calls(pipeline: Pipeline, log: RunLog, *, left: float | None, show_progress: ShowProgress, say: Say) -> None:
    """Have written and judged what is missing, shown as it goes; `left` is how many seconds there are for it.

    Raises:
        KeyboardInterrupt: The user stopped it.
    """
    planned, to_judge = pipeline.count_cells()
    to_write = len(pipeline.writing.tasks)
    say(_announce(pipeline.ready.plans, planned, to_write, to_judge, judging=pipeline.ready.bench is not None))
    if not to_write and not to_judge:
        return
    status = {what: partial(_describe_calls, pipeline.ready, what) for what in ("writing", "judging")}
    with show_progress({"writing": to_write, "judging": to_judge}, status) as stages:
        run_calls(_interruptible(pipeline, stages, left, say))
    written, judged = pipeline.written, pipeline.judged
    log.progress("generate", done=written.answers, failed=written.transport, total=to_write)
    settled = judged.verdicts + judged.scores
    log.progress("judge", done=settled, failed=max(0, to_judge - settled), total=to_judge)
    for what, failures, last in (
        ("answers could not be had", written.transport, written.last_transport_error),
        ("judge calls got no answer", judged.transport, judged.last_transport_error),
    ):
        if failures:
            say(f"{failures} {what}; the last said: {last}")
    for name, served in sorted(written.served.items()):
        if len(served) > 1:
            say(
                f"the server of {name} answered as {' and as '.join(sorted(served))}: if these are not one model, the "
                "answers are not one entrant's; serve one of them, and give it a name of its own with --as NAME@STEP"
            )
    if pipeline.halt:
        raise KeyboardInterrupt


def _announce(plans: Plans, planned: int, to_write: int, to_judge: int, *, judging: bool) -> str:
    answers = f"{to_write} answers to write"
    if not judging:
        return answers
    kinds = [name for name, plan in (("battles", plans.battles), ("scores", plans.scores)) if plan]
    parts = [f"{planned} {' and '.join(kinds)} planned", *([answers] if to_write else []), f"{to_judge} to judge"]
    return ", ".join(parts)


async def _interruptible(pipeline: Pipeline, stages: Mapping[str, Progress], left: float | None, say: Say) -> None:
    """Do the work; the first Ctrl-C lets calls under way end, for they are paid for, the second drops them."""
    if left is not None:
        purse = pipeline.ready.purse
        asyncio.get_running_loop().call_later(max(left, 0.0), purse.close, "--time-budget is over")

    def stop() -> None:
        pipeline.halt.stop("interrupted")
        say("stopping: calls under way still end, and are kept; Ctrl-C once more drops them")

    with ends_softly(stop):
        await pipeline.work(writing=stages["writing"], judging=stages["judging"])


def _describe_calls(ready: PreparedRun, what: str) -> str:
    calls = describe(ready.meters[what].read())
    return f"{calls}, ${ready.purse.spent:.2f}" if calls and ready.purse.spent else calls


@dataclass
class _Ending:
    """What a run did and used, for the last event of its log."""

    log: RunLog
    ready: PreparedRun
    pipeline: Pipeline | None = None
    spent_before: float = 0.0

    def end(self, outcome: RunOutcome, message: str) -> None:
        """Write the last event."""
        written, judged, usage = None, None, Usage()
        if self.pipeline:
            written, judged, usage = self.pipeline.written, self.pipeline.judged, self.pipeline.usage
        rows = {}
        if written and judged:
            rows = {
                "answers": written.answers,
                "verdicts": judged.verdicts,
                "scores": judged.scores,
                "invalid": judged.invalid,
                "transport_failures": judged.transport + written.transport,
            }
        faults: Counter[str] = Counter()
        for meter in self.ready.meters.values():
            faults.update(meter.read().faults)
        self.log.end(
            outcome,
            message=message[:1000],
            rows=rows,
            faults=faults,
            usage=usage,
            price=self.ready.purse.spent - self.spent_before,
        )


@contextmanager
def _logged(log: RunLog, ready: PreparedRun) -> Iterator[_Ending]:
    """Write how a run ended, what it did and what it used, also where it does not reach its own end."""
    ending = _Ending(log, ready, spent_before=ready.purse.spent)
    try:
        yield ending
    except KeyboardInterrupt:
        ending.end("interrupted", "interrupted by the user")
        raise
    except Exception as error:
        ending.end("error", f"{type(error).__name__}: {error}")
        raise
