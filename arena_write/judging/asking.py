"""Asking a judge what is open: each attempt becomes a row, each failure to get an answer leaves the question open."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from types import TracebackType
from typing import Any, Protocol, Self

from arena_write.concurrency import Halt, TaskGroup
from arena_write.generators.answers import clean_text
from arena_write.judging.errors import ContextError, ServedModelError
from arena_write.judging.questions import Answer, Kind, Question, Row
from arena_write.spending import BudgetReachedError
from arena_write.store import MAX_ATTEMPTS, BattleRecord, BoardFolder, ExclusionRecord, ReplyRecord, ScoreRecord
from arena_write.store.keys import reply_key
from arena_write.store.rows import RowWriter
from arena_write.store.runs import now
from judges import (
    Completion,
    ContextOverflowError,
    Invalid,
    Judge,
    Message,
    TransportError,
    Usage,
    add_usage,
)
from judges.llm import estimate_tokens

EXCLUDED_AT_MOST = 0.02
"""Share of prompts that may leave a board because the judge cannot read their texts whole."""
_TEMPLATE_TOKENS = 2_000
"""More than a judge's template takes: set aside for each call."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a judge's calls are bound by.

    Args:
        prompts: How many prompts the run has.
        reply_budget: Tokens that a reply may take.
        context: Tokens that the judge reads and writes in one call, at most; not measured where it is not known.
    """

    prompts: int = 0
    reply_budget: int = 0
    context: int | None = None


class Progress(Protocol):
    """Told of each answer to be written, and of each key to be judged, as it ends."""

    def advance(self, *, failed: bool) -> None:
        """One more has ended, with a valid answer or not."""
        ...


@dataclass
class JudgingReport:
    """What a stage of judging did.

    Args:
        settled: Keys that got a valid answer, by kind.
        invalid: Attempts at a key that were invalid.
        transport: Calls that got no answer at all.
        last_transport_error: What the last of these said.
        served_models: Names under which the judge's server answered, in this run and before.
        usage: Tokens used.
        stopped: Why calls are no longer made, where the run may spend no more.
        excluded: Text ids of prompts that left the board, in this run and before.
    """

    settled: Counter[Kind] = field(default_factory=Counter)
    invalid: int = 0
    transport: int = 0
    last_transport_error: str = ""
    served_models: set[str] = field(default_factory=set)
    usage: Usage = field(default_factory=Usage)
    stopped: str = ""
    excluded: set[str] = field(default_factory=set)

    @property
    def verdicts(self) -> int:
        """Battles that got a valid verdict."""
        return self.settled["battle"]

    @property
    def scores(self) -> int:
        """Criteria on which a text got a valid score."""
        return self.settled["score"]


Put = Callable[[Question], Awaitable[None]]
Produce = Callable[[Put], Awaitable[None]]


async def ask_stream(
    produce: Produce,
    *,
    judge: Judge,
    board: BoardFolder,
    texts: Mapping[str, str],
    plan: str,
    run: str,
    at_once: int,
    progress: Progress,
    report: JudgingReport,
    limits: Limits | None = None,
    halt: Halt | None = None,
) -> None:
    """Ask questions as they are produced, `at_once` at a time, and append the rows.

    Questions are taken in the order in which they come, so that calls which share a text go close together. Memory is
    flat in their number: the producer waits while the judge is behind. Where no further call can succeed, or the judge
    is no longer the same, those under way still end and are kept, for they are paid for; then the error comes out as
    itself. Any other error ends the stage at once.

    Args:
        produce: Awaits its argument with each question, and returns when there are no more.
        texts: Text of every prompt and output, by text id; may grow while questions are produced.
        plan: Id of the plan, kept in the rows.
        run: Id of the run, kept in the rows.
        at_once: Questions at a time, those that wait to be asked again included.
        report: Gains what this stage does; its `served_models` are those of before.
        limits: What the calls are bound by.
        halt: Ends the stage from outside, once the calls under way have ended.

    Raises:
        ContextError: The texts of more than 2 % of the prompts do not fit into the judge's context.
        ServedModelError: The judge's server answers as another model than before, in this run or an earlier one.
        TransportError: A call failed in a way that every further call would.
        WriteError: A row could not be written.
    """
    workers = max(1, at_once)
    halt = Halt() if halt is None else halt
    queue: asyncio.Queue[Question | None] = asyncio.Queue(maxsize=workers)

    async def feed() -> None:
        await produce(queue.put)
        for _ in range(workers):
            await queue.put(None)

    with _Rows(board) as rows:
        worker = _Worker(judge, texts, plan, run, board, rows, report, progress, limits or Limits(), halt)
        async with TaskGroup() as group:
            group.create_task(feed())
            for _ in range(workers):
                group.create_task(worker.work(queue))
    halt.raise_error()


@dataclass
class _Worker:
    judge: Judge
    texts: Mapping[str, str]
    plan: str
    run: str
    board: BoardFolder
    rows: "_Rows"
    report: JudgingReport
    progress: Progress
    limits: Limits
    halt: Halt

    async def work(self, queue: "asyncio.Queue[Question | None]") -> None:
        while (question := await queue.get()) is not None:
            if self.halt or self.report.stopped or question.prompt in self.report.excluded:
                continue  # calls under way are paid for and end; new ones are not made
            try:
                settled = await self._settle(question)
            except BudgetReachedError as reached:
                self.report.stopped = str(reached)
                continue
            except (ContextError, ServedModelError) as error:
                self.halt.stop(error)
                continue
            except TransportError as error:
                if error.fatal:
                    self.halt.stop(error)
                    continue
                self.report.transport += 1
                self.report.last_transport_error = str(error)
                settled = False
            for _ in range(question.cells):
                self.progress.advance(failed=not settled)
            await asyncio.sleep(0)

    async def _settle(self, question: Question) -> bool:
        """Ask until there is a valid answer, within the attempts; return whether there is."""
        context = self.limits.context
        if context is not None and self._size(question) + self.limits.reply_budget > context:
            self._exclude(question, "")
            return False
        last = max(MAX_ATTEMPTS, question.attempts + 1)
        for attempt in range(question.attempts + 1, last + 1):
            try:
                answer = await question.ask(self.judge, self.texts)
            except ContextOverflowError as error:
                self._exclude(question, str(error))
                return False
            self._check_served(answer.completion)
            if self._keep(question, attempt, answer):
                return True
            if self.halt:
                break
        return False

    def _keep(self, question: Question, attempt: int, answer: Answer) -> bool:
        """Append the rows of an attempt; return whether it is valid."""
        outcome, said = answer.outcome, answer.completion
        invalid = outcome if isinstance(outcome, Invalid) else None
        judge = self.judge.spec.id
        key = question.key(judge)
        common: dict[str, Any] = {
            "key": key,
            "judge": judge,
            "attempt": attempt,
            "invalid": invalid.reason if invalid else None,
            "detail": clean_text(invalid.detail[:500]) if invalid else "",
            "reply": self._keep_reply(said, key, attempt),
            "served_model": said.served_model if said else None,
            "usage": said.usage if said else Usage(),
            "seconds": said.seconds if said else None,
            "price": said.price if said else None,
            "plan": self.plan,
            "run": self.run,
            "at": now(),
        }
        rows = question.rows(outcome, common)
        for row in rows:
            self.rows.write(row)
        if said is not None:
            self.report.usage = add_usage(self.report.usage, said.usage)
        if invalid:
            self.report.invalid += len(rows)
            return False
        self.report.settled[question.kind] += len(rows)
        return True

    def _size(self, question: Question) -> int:
        """Return about how many tokens a call sends."""
        shown = question.material(self.texts)
        return _TEMPLATE_TOKENS + estimate_tokens([Message("user", text) for text in shown])

    def _exclude(self, question: Question, detail: str) -> None:
        """Take a prompt off the board: nothing is cut to make it fit."""
        if question.prompt in self.report.excluded:
            return
        if len(self.report.excluded) + 1 > EXCLUDED_AT_MOST * self.limits.prompts:
            raise ContextError(len(self.report.excluded) + 1, self.limits.prompts)
        self.report.excluded.add(question.prompt)
        with self.board.exclusions.append() as exclusions:
            exclusions.write(
                ExclusionRecord(
                    judge=self.judge.spec.id,
                    prompt=question.prompt,
                    tokens=self._size(question) + self.limits.reply_budget,
                    context=self.limits.context,
                    detail=clean_text(detail[:500]),
                    plan=self.plan,
                    run=self.run,
                    at=now(),
                )
            )

    def _keep_reply(self, completion: Completion | None, row: str, attempt: int) -> str | None:
        if completion is None:
            return None
        key = reply_key(row=row, run=self.run, attempt=attempt)
        self.rows.replies.write(
            ReplyRecord(
                key=key,
                row=row,
                attempt=attempt,
                text=clean_text(completion.text),
                thinking=None if completion.thinking is None else clean_text(completion.thinking),
                finish_reason=completion.finish_reason,
                served_model=completion.served_model,
                run=self.run,
                at=now(),
            )
        )
        return key

    def _check_served(self, completion: Completion | None) -> None:
        if completion is None or completion.served_model is None:
            return
        seen = self.report.served_models
        if seen and completion.served_model not in seen:
            raise ServedModelError(", ".join(sorted(seen)), completion.served_model)
        seen.add(completion.served_model)


class _Rows:
    """The files of a board that a stage appends to, each opened when its first row comes."""

    def __init__(self, board: BoardFolder) -> None:
        self._board = board
        self._open = ExitStack()

    @cached_property
    def replies(self) -> RowWriter[ReplyRecord]:
        return self._open.enter_context(self._board.replies.append())

    @cached_property
    def _battles(self) -> RowWriter[BattleRecord]:
        return self._open.enter_context(self._board.battles.append())

    @cached_property
    def _scores(self) -> RowWriter[ScoreRecord]:
        return self._open.enter_context(self._board.scores.append())

    def write(self, row: Row) -> None:
        if isinstance(row, BattleRecord):
            self._battles.write(row)
        else:
            self._scores.write(row)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._open.close()
