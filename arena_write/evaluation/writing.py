"""Having a run's missing answers written, each stored as it comes."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from arena_write.benchmarks.prompts import Prompt
from arena_write.concurrency import Halt, TaskGroup
from arena_write.evaluation.entrants import Participant
from arena_write.evaluation.estimate import answer_tokens
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
        served: Names under which servers answered, by the entrant's name.
    """

    answers: int = 0
    failed: int = 0
    transport: int = 0
    last_transport_error: str = ""
    refused: int = 0
    mends: dict[str, str] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    stopped: str = ""
    served: dict[str, set[str]] = field(default_factory=dict)


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

    Of models that are served by us only one is up at a time, so they follow each other. The answers of one are begun
    with those that will be the longest: a long one that is begun last keeps all but one replica waiting.
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
    missing.sort(key=lambda task: served.index(task.live.model.id) if task.live.model.id in served else 0)
    longest_first = {
        model: iter(sorted((task for task in missing if task.live.model.id == model), key=_length, reverse=True))
        for model in served
    }
    return [next(longest_first.get(task.live.model.id, iter([task]))) for task in missing]


def _length(task: WritingTask) -> float:
    return answer_tokens(task.prompt.length, budget=task.live.reply_budget).middle


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
        halt: Ends the writing, once the calls under way have ended.
    """

    tasks: Sequence[WritingTask]
    folder: BenchmarkFolder
    stock: Stock
    plan: str
    run: str
    seed: int
    halt: Halt
    report: WritingReport = field(default_factory=WritingReport)

    @property
    def unwritten(self) -> set[str]:
        """Text ids of the prompts with an answer to be written."""
        return {task.prompt.text_id for task in self.tasks}

    async def write_all(self, ready: "asyncio.Queue[str]", progress: Progress, *, at_once: int) -> None:
        """Write every answer; a prompt is put into `ready` once all its answers are there, or will not come.

        A model is let go of after its last answer: what it held may be needed for the next one, or for the judge.

        Args:
            ready: Gets the text ids of the prompts.
            progress: Shows how it goes.
            at_once: Answers under way at a time; how many of them a server gets, the models see to.

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
            for _ in range(min(at_once, len(self.tasks))):
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
        if row.served_model is not None:
            self.report.served.setdefault(entrant.name, set()).add(row.served_model)
        self.report.usage = add_usage(self.report.usage, completion.usage)
        self.report.answers += 1
        self.report.failed += row.failure is not None
        progress.advance(failed=row.failure is not None)
