"""Having a run's missing answers written, each stored as it comes."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from arena_write.benchmarks.prompts import Prompt
from arena_write.concurrency import Halt, TaskGroup, tasks_for
from arena_write.evaluation.entrants import Participant
from arena_write.evaluation.mending import mend_refusal
from arena_write.evaluation.stock import Stock
from arena_write.generators.live import SERVED_BACKEND, LiveModel, draw_seed, write_answer
from arena_write.generators.storing import record_answer
from arena_write.judging import Progress
from arena_write.spending import BudgetReachedError
from arena_write.store import BenchmarkFolder
from arena_write.store.keys import output_key
from judges import TransportError, Usage, add_usage


@dataclass
class WritingReport:
    """What having answers written did.

    Args:
        answers: Answers that were written.
        failed: Of these, answers with nothing to judge.
        transport: Answers that could not be had.
        last_transport_error: What the last of these said.
        refused: Of these, answers that would be refused again.
        mends: What to do about these, by the name of the model.
        usage: Tokens used.
        stopped: Why answers are no longer written, where the run may spend no more.
    """

    answers: int = 0
    failed: int = 0
    transport: int = 0
    last_transport_error: str = ""
    refused: int = 0
    mends: dict[str, str] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class WritingTask:
    """One answer to be written."""

    live: LiveModel
    prompt: Prompt
    sample: int

    @property
    def key(self) -> str:
        """Key of the answer's row."""
        return output_key(prompt=self.prompt.text_id, entrant=self.live.entrant.id, sample=self.sample)


def list_tasks(prompts: Sequence[Prompt], participants: Sequence[Participant], stock: Stock) -> list[WritingTask]:
    """Return the answers of models that are asked in this run and are not there yet, prompt by prompt.

    Of models that are served here only one is up at a time, so they follow each other.
    """
    served = [
        it.source.model.id
        for it in participants
        if isinstance(it.source, LiveModel) and it.source.backend == SERVED_BACKEND
    ]
    tasks = [
        WritingTask(participant.source, prompt, sample)
        for prompt in prompts
        for participant in participants
        if isinstance(participant.source, LiveModel)
        for sample in range(participant.samples)
    ]
    missing = [task for task in tasks if not stock.holds(task.key)]
    return sorted(missing, key=lambda task: served.index(task.live.model.id) if task.live.model.id in served else 0)


@dataclass
class Writing:
    """One run's writing.

    Args:
        tasks: The answers to be written.
        folder: The benchmark's folder.
        stock: Gains each answer.
        plan: Id of the plan, kept in the rows.
        run: Id of the run, kept in the rows.
        seed: Draws the seeds of the answers.
        max_connections: Calls at a time to each server: the models see to it.
        halt: Ends the writing, once the calls under way have ended.
    """

    tasks: Sequence[WritingTask]
    folder: BenchmarkFolder
    stock: Stock
    plan: str
    run: str
    seed: int
    max_connections: int
    halt: Halt
    report: WritingReport = field(default_factory=WritingReport)

    @property
    def unwritten(self) -> set[str]:
        """Text ids of the prompts with an answer to be written."""
        return {task.prompt.text_id for task in self.tasks}

    async def write_all(self, ready: "asyncio.Queue[str]", progress: Progress) -> None:
        """Write every answer; a prompt is put into `ready` once all its answers are there, or will not come.

        A model is let go of after its last answer: what it held may be needed for the next one, or for the judge.

        Raises:
            WriteError: A row could not be written.
        """
        waiting = Counter(task.prompt.text_id for task in self.tasks)
        left = Counter(task.live.model for task in self.tasks)
        tasks = iter(self.tasks)

        async def write() -> None:
            for task in tasks:
                if not self.halt and not self.report.stopped:
                    await self._write(task, progress)
                waiting[task.prompt.text_id] -= 1
                if not waiting[task.prompt.text_id]:
                    ready.put_nowait(task.prompt.text_id)
                left[task.live.model] -= 1
                if not left[task.live.model]:
                    await task.live.model.aclose()

        async with TaskGroup() as group:
            for _ in range(min(tasks_for(self.max_connections), len(self.tasks))):
                group.create_task(write())

    async def _write(self, task: WritingTask, progress: Progress) -> None:
        seed = draw_seed(base=self.seed, prompt=task.prompt.text_id, sample=task.sample)
        try:
            answer, completion = await write_answer(task.live, task.prompt, seed=seed)
        except BudgetReachedError as reached:
            self.report.stopped = str(reached)
            return
        except TransportError as error:
            if error.fatal:
                self.halt.stop(error)
                return
            self.report.transport += 1
            self.report.last_transport_error = str(error)
            if mend := mend_refusal(error, task.live):
                self.report.refused += 1
                self.report.mends.setdefault(task.live.entrant.name, mend)
            progress.advance(failed=True)
            return
        row = record_answer(
            task.live,
            task.prompt,
            answer,
            completion,
            sample=task.sample,
            seed=seed,
            plan=self.plan,
            run=self.run,
        )
        entrant = task.live.entrant
        with self.folder.outputs_file(name=entrant.name, entrant=entrant.id).append() as file:
            file.write(row)
        self.stock.keep(row)
        self.report.usage = add_usage(self.report.usage, completion.usage)
        self.report.answers += 1
        self.report.failed += row.failure is not None
        progress.advance(failed=row.failure is not None)
