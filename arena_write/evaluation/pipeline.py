"""Having answers written and judged, the one while the other: a prompt's battles begin once its answers are there."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from arena_write.battles.judges import HiredJudge
from arena_write.battles.judging import JudgingReport, Limits, Progress, Put, judge_stream
from arena_write.battles.outcomes import OpenCell, Outcomes, State, join
from arena_write.battles.plan import Plan
from arena_write.benchmarks.prompts import Prompt
from arena_write.concurrency import TaskGroup
from arena_write.evaluation.entrants import Participant
from arena_write.evaluation.estimate import Estimate, estimate_judging, estimate_writing
from arena_write.generators.live import LiveModel, draw_seed, write_answer
from arena_write.generators.storing import record_answer
from arena_write.spending import BudgetReachedError
from arena_write.store import BattleColumns, BenchmarkFolder, BoardFolder, OutputRecord
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
        usage: Tokens used.
        stopped: Why answers are no longer written, where the run may spend no more.
    """

    answers: int = 0
    failed: int = 0
    transport: int = 0
    last_transport_error: str = ""
    usage: Usage = field(default_factory=Usage)
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class _Task:
    """One answer to be written."""

    live: LiveModel
    prompt: Prompt
    sample: int


@dataclass
class Pipeline:
    """One run's work on a board.

    Args:
        folder: The benchmark's folder.
        board: The judge's folder.
        plan: What this run compares.
        run: Id of the run.
        prompts: The prompts of this run.
        participants: Who takes part in this run by name.
        outputs: Stored answers of the benchmark.
        battles: Stored battles of the judge.
        seed: Draws the seeds of the answers.
        max_connections: Calls at a time to each server, at most.
        retry_invalid: Judge again what three attempts left without a valid verdict.
        context: The judge's context window as stated.
    """

    folder: BenchmarkFolder
    board: BoardFolder
    plan: Plan
    run: str
    prompts: Sequence[Prompt]
    participants: Sequence[Participant]
    outputs: Sequence[OutputRecord]
    battles: BattleColumns
    seed: int
    max_connections: int
    retry_invalid: bool
    context: int | None
    written: WritingReport = field(default_factory=WritingReport)
    judged: JudgingReport = field(default_factory=JudgingReport)

    def __post_init__(self) -> None:
        """Index what is stored, and list what is to be written."""
        self.judged.excluded |= self.board.excluded(context=self.context)
        self.prompts = [prompt for prompt in self.prompts if prompt.text_id not in self.judged.excluded]
        self._by_prompt: dict[str, list[OutputRecord]] = defaultdict(list)
        self._texts: dict[str, str] = {prompt.text_id: prompt.text for prompt in self.prompts}
        for row in self.outputs:
            self._keep(row)
        self.judged.served_models |= self.battles.served_models
        stored = {row.key for row in self.outputs}
        self.to_write = [task for task in self._tasks() if _key(task) not in stored]

    def count_cells(self) -> tuple[int, int]:
        """Return how many cells this run's plan has, and how many of them may still be judged."""
        unwritten = {task.prompt.text_id for task in self.to_write}
        planned = to_judge = 0
        for prompt in self.prompts:
            outcomes = self._join(prompt.text_id)
            planned += len(outcomes.cells)
            to_judge += len(outcomes.open())
            if prompt.text_id in unwritten:
                to_judge += int((outcomes.state == State.NO_OUTPUT).sum())
        return planned, to_judge

    def estimate(self, hired: HiredJudge) -> list[Estimate]:
        """Return what the rest of this run takes: answers, a line a model, and verdicts."""
        writers: dict[str, LiveModel] = {task.live.entrant.id: task.live for task in self.to_write}
        estimates = [
            estimate_writing(live, [task.prompt for task in self.to_write if task.live is live])
            for live in writers.values()
        ]
        unwritten = {task.prompt.text_id for task in self.to_write}
        known = [
            [self._texts[name] for name in (cell.cell.prompt, cell.first, cell.second)]
            for prompt in self.prompts
            for cell in self._open_cells(prompt.text_id)
        ]
        unknown = [
            (prompt, int((self._join(prompt.text_id).state == State.NO_OUTPUT).sum()))
            for prompt in self.prompts
            if prompt.text_id in unwritten
        ]
        return [*estimates, estimate_judging(hired, known, unknown)]

    @property
    def usage(self) -> Usage:
        """Tokens that this run's calls used, as far as servers said."""
        return add_usage(self.written.usage, self.judged.usage)

    async def work(self, hired: HiredJudge, *, writing: Progress, judging: Progress) -> None:
        """Have every missing answer written and every open cell judged; `written` and `judged` say what was done.

        Raises:
            TransportError: A call failed in a way that every further call would.
            ServedModelError: The judge's server switched models.
            WriteError: A row could not be written.
        """
        async with AsyncExitStack() as stack:
            for participant in self.participants:
                if isinstance(participant.source, LiveModel):
                    stack.push_async_callback(participant.source.model.aclose)
            stack.push_async_callback(hired.judge.aclose)

            async def produce(put: Put) -> None:
                await self._produce(put, writing)

            await judge_stream(
                produce,
                judge=hired.judge,
                board=self.board,
                texts=self._texts,
                plan=self.plan.id,
                run=self.run,
                max_connections=self.max_connections,
                progress=judging,
                report=self.judged,
                account=hired.account,
                limits=Limits(len(self.prompts) + len(self.judged.excluded), hired.reply_budget, hired.context),
            )

    async def _produce(self, put: Put, writing: Progress) -> None:
        """Put the open cells of each prompt once all its answers are there, or will not come."""
        ready: asyncio.Queue[str] = asyncio.Queue()
        unwritten = {task.prompt.text_id for task in self.to_write}
        for prompt in self.prompts:
            if prompt.text_id not in unwritten:
                ready.put_nowait(prompt.text_id)
        async with TaskGroup() as group:
            group.create_task(self._write_all(ready, writing))
            for _ in self.prompts:
                for cell in self._open_cells(await ready.get()):
                    await put(cell)

    async def _write_all(self, ready: "asyncio.Queue[str]", progress: Progress) -> None:
        waiting = Counter(task.prompt.text_id for task in self.to_write)
        tasks = iter(self.to_write)

        async def write() -> None:
            for task in tasks:
                if not self.written.stopped:
                    await self._write(task, progress)
                waiting[task.prompt.text_id] -= 1
                if not waiting[task.prompt.text_id]:
                    ready.put_nowait(task.prompt.text_id)

        async with TaskGroup() as group:
            for _ in range(min(self.max_connections, len(self.to_write))):
                group.create_task(write())

    async def _write(self, task: _Task, progress: Progress) -> None:
        seed = draw_seed(base=self.seed, prompt=task.prompt.text_id, sample=task.sample)
        try:
            answer, completion = await write_answer(task.live, task.prompt, seed=seed)
        except BudgetReachedError as reached:
            self.written.stopped = str(reached)
            return
        except TransportError as error:
            if error.fatal:
                raise
            self.written.transport += 1
            self.written.last_transport_error = str(error)
            progress.advance(failed=True)
            return
        row = record_answer(
            task.live,
            task.prompt,
            answer,
            completion,
            sample=task.sample,
            seed=seed,
            price=completion.price,
            plan=self.plan.id,
            run=self.run,
        )
        entrant = task.live.entrant
        with self.folder.outputs_file(name=entrant.name, entrant=entrant.id).append() as file:
            file.write(row)
        self._keep(row)
        self.written.usage = add_usage(self.written.usage, completion.usage)
        self.written.answers += 1
        self.written.failed += row.failure is not None
        progress.advance(failed=row.failure is not None)

    def _tasks(self) -> Iterator[_Task]:
        for prompt in self.prompts:
            for participant in self.participants:
                if isinstance(participant.source, LiveModel):
                    for sample in range(participant.samples):
                        yield _Task(participant.source, prompt, sample)

    def _keep(self, row: OutputRecord) -> None:
        self._by_prompt[row.prompt].append(row)
        self._texts[row.text_id] = row.text

    def _open_cells(self, prompt: str) -> list[OpenCell]:
        return self._join(prompt).open_cells()

    def _join(self, prompt: str) -> Outcomes:
        return join(
            self.plan,
            prompts=[prompt],
            outputs=self._by_prompt[prompt],
            battles=self.battles,
            retry_invalid=self.retry_invalid,
        )


def _key(task: _Task) -> str:
    return output_key(prompt=task.prompt.text_id, entrant=task.live.entrant.id, sample=task.sample)
