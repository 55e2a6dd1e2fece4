"""Having answers written and judged, the one while the other: a prompt is judged once its answers are there."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import numpy as np

from arena_write.battles.outcomes import join
from arena_write.benchmarks.prompts import Prompt
from arena_write.concurrency import Halt, TaskGroup, tasks_for
from arena_write.evaluation.estimate import Estimate, Unwritten, estimate_judging, estimate_writing
from arena_write.evaluation.prepare import PreparedRun
from arena_write.evaluation.stock import Stock
from arena_write.evaluation.writing import Writing, WritingReport, list_tasks
from arena_write.generators.live import LiveModel
from arena_write.judging import JudgingReport, Limits, Progress, Put, Question, State, ask_stream
from arena_write.scores import join_scores
from arena_write.store import OutputRecord, read_battles, read_scores
from judges import Usage, add_usage


@dataclass(frozen=True, slots=True)
class Joined:
    """How a prompt stands.

    Args:
        cells: Cells of the plan.
        questions: What is still to be judged: comparisons, then scores, those that share a text together.
        waiting_battles: Comparisons that wait for an answer to be written.
        waiting_scores: Scores that do.
        waiting_calls: Calls that these scores take.
    """

    cells: int
    questions: Sequence[Question]
    waiting_battles: int
    waiting_scores: int
    waiting_calls: int


@dataclass
class Pipeline:
    """One run's work.

    Args:
        ready: The run, made ready.
        run: Its id.
        outputs: Stored answers of the benchmark, those recorded for this run included.
        seed: Draws the seeds of the answers.
        max_connections: Calls at a time to each server, at most.
        retry_invalid: Judge again what three attempts left without a valid answer.
        context: The judge's context window as stated.
    """

    ready: PreparedRun
    run: str
    outputs: Sequence[OutputRecord]
    seed: int
    max_connections: int
    retry_invalid: bool
    context: int | None
    judged: JudgingReport = field(default_factory=JudgingReport)

    def __post_init__(self) -> None:
        """Index what is stored, and list what is to be written."""
        ready, bench = self.ready, self.ready.bench
        self.halt = Halt(on_stop=ready.purse.close)
        self.prompts: Sequence[Prompt] = ready.prompts
        if bench is not None:
            judge = bench.hired.judge.spec.id
            self._battles = read_battles(bench.folder.battles, judge=judge)
            self._scores = read_scores(bench.folder.scores, judge=judge)
            self.judged.served_models |= self._battles.served_models | self._scores.served_models
            self.judged.excluded |= bench.folder.excluded(context=self.context)
            self.prompts = [prompt for prompt in ready.prompts if prompt.text_id not in self.judged.excluded]
        self._stock = Stock(self.prompts, self.outputs)
        self._by_id = {prompt.text_id: prompt for prompt in self.prompts}
        self.writing = Writing(
            tasks=list_tasks(self.prompts, ready.participants, self._stock),
            folder=ready.folder,
            stock=self._stock,
            plan=ready.plans.id,
            run=self.run,
            seed=self.seed,
            halt=self.halt,
        )

    @property
    def written(self) -> WritingReport:
        """What having answers written did."""
        return self.writing.report

    @property
    def usage(self) -> Usage:
        """Tokens that this run's calls used, as far as servers said."""
        return add_usage(self.written.usage, self.judged.usage)

    @property
    def stopped(self) -> str:
        """Why the run may spend no more, where that ended it."""
        return self.written.stopped or self.judged.stopped

    def count_cells(self) -> tuple[int, int]:
        """Return how many cells this run's plans have, and how many of them may still be judged."""
        unwritten = self.writing.unwritten
        planned = to_judge = 0
        for prompt in self.prompts:
            found = self._join(prompt)
            planned += found.cells
            to_judge += sum(question.cells for question in found.questions)
            if prompt.text_id in unwritten:
                to_judge += found.waiting_battles + found.waiting_scores
        return planned, to_judge

    def estimate(self) -> list[Estimate]:
        """Return what the rest of this run takes: answers, a line a model; verdicts; scores."""
        tasks = self.writing.tasks
        writers: dict[str, LiveModel] = {task.live.entrant.id: task.live for task in tasks}
        estimates = [
            estimate_writing(live, [task.prompt for task in tasks if task.live is live]) for live in writers.values()
        ]
        bench = self.ready.bench
        if bench is None:
            return estimates
        unwritten = self.writing.unwritten
        joined = [(prompt, self._join(prompt)) for prompt in self.prompts]
        known = [question for _, found in joined for question in found.questions]
        waiting = [(prompt, found) for prompt, found in joined if prompt.text_id in unwritten]
        texts = self._stock.texts
        if self.ready.plans.battles:
            shown = [question.material(texts) for question in known if question.kind == "battle"]
            unknown = [Unwritten(prompt, found.waiting_battles, 2) for prompt, found in waiting]
            estimates.append(estimate_judging(bench.hired, "verdicts", shown, unknown))
        if self.ready.plans.scores:
            shown = [question.material(texts) for question in known if question.kind == "score"]
            unknown = [Unwritten(prompt, found.waiting_calls, 1) for prompt, found in waiting]
            criteria = max((len(prompt.criteria) for prompt in self.prompts), default=1) if self._jointly else 1
            estimates.append(estimate_judging(bench.hired, "scores", shown, unknown, judgements=criteria))
        return estimates

    async def work(self, *, writing: Progress, judging: Progress) -> None:
        """Have every missing answer written and everything open judged; `written` and `judged` say what was done.

        Raises:
            TransportError: A call failed in a way that every further call would.
            ServedModelError: The judge's server switched models.
            ContextError: The judge cannot read the texts of too many prompts whole.
            WriteError: A row could not be written.
        """
        bench = self.ready.bench
        at_once = tasks_for(self.max_connections * self.ready.servers.replicas)
        async with AsyncExitStack() as stack:
            for participant in self.ready.participants:
                if isinstance(participant.source, LiveModel):
                    stack.push_async_callback(participant.source.model.aclose)
            if bench is None:
                await self.writing.write_all(asyncio.Queue(), writing, at_once=at_once)
                self.halt.raise_error()
                return
            stack.push_async_callback(bench.hired.judge.aclose)

            async def produce(put: Put) -> None:
                await self._produce(put, writing, at_once=at_once)

            await ask_stream(
                produce,
                judge=bench.hired.judge,
                board=bench.folder,
                texts=self._stock.texts,
                plan=self.ready.plans.id,
                run=self.run,
                at_once=at_once,
                progress=judging,
                report=self.judged,
                limits=Limits(
                    len(self.prompts) + len(self.judged.excluded), bench.hired.reply_budget, bench.hired.context
                ),
                halt=self.halt,
            )

    async def _produce(self, put: Put, writing: Progress, *, at_once: int) -> None:
        """Put what is open of each prompt once all its answers are there, or will not come."""
        ready: asyncio.Queue[str] = asyncio.Queue()
        unwritten = self.writing.unwritten
        for prompt in self.prompts:
            if prompt.text_id not in unwritten:
                ready.put_nowait(prompt.text_id)
        async with TaskGroup() as group:
            group.create_task(self.writing.write_all(ready, writing, at_once=at_once))
            for _ in self.prompts:
                for question in self._join(self._by_id[await ready.get()]).questions:
                    await put(question)

    @property
    def _jointly(self) -> bool:
        """Whether all criteria of a text are scored in one call."""
        return self.ready.bench is not None and self.ready.bench.hired.judge.spec.rubric == "joint"

    def _join(self, prompt: Prompt) -> Joined:
        """Say how a prompt stands, by the plans of this run."""
        plans, outputs = self.ready.plans, self._stock.answers_to(prompt.text_id)
        cells, waiting = [0, 0], [0, 0, 0]
        questions: list[Question] = []
        if plans.battles and self.ready.bench:
            battles = join(
                plans.battles,
                prompts=[prompt.text_id],
                outputs=outputs,
                battles=self._battles,
                retry_invalid=self.retry_invalid,
            )
            questions += battles.questions()
            cells[0], waiting[0] = len(battles.cells), int(np.sum(battles.state == State.NO_OUTPUT))
        if plans.scores:
            scores = join_scores(
                plans.scores,
                prompts=[prompt],
                outputs=outputs,
                scores=self._scores,
                retry_invalid=self.retry_invalid,
            )
            questions += scores.joint_questions() if self._jointly else scores.questions()
            cells[1] = len(scores.cells)
            waiting[1:] = scores.count_waiting(jointly=False), scores.count_waiting(jointly=self._jointly)
        return Joined(sum(cells), questions, *waiting)
