"""Judging the open cells of a board: each attempt becomes a row, each failure to get an answer leaves the cell open."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from arena_write.battles.outcomes import OpenCell, Outcomes
from arena_write.concurrency import TaskGroup
from arena_write.generators.answers import clean_text
from arena_write.spending import Account, BudgetReachedError
from arena_write.store import MAX_ATTEMPTS, BattleRecord, BoardFolder, ExclusionRecord, ReplyRecord
from arena_write.store.keys import battle_key, reply_key
from arena_write.store.rows import RowWriter
from arena_write.store.runs import now
from judges import (
    Comparison,
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


class ServedModelError(Exception):
    """The judge's server answered with another model than before."""

    def __init__(self, before: str, after: str) -> None:
        super().__init__(
            f"the judge's server answered as {before!r} before and as {after!r} now. Two judges cannot share a board: "
            "pin the model's version in --judge, or judge the new one in a fresh folder (--results)."
        )


class ContextError(Exception):
    """The judge cannot read the texts of too many prompts whole."""

    def __init__(self, excluded: int, prompts: int) -> None:
        super().__init__(
            f"the texts of at least {excluded} of {prompts} prompts do not fit whole into the judge's context, and no "
            "text is ever cut: choose a judge with a longer context"
        )


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
    """Told of each cell as it ends."""

    def advance(self, *, failed: bool) -> None:
        """One more cell has ended, with a valid verdict or not."""
        ...


@dataclass
class JudgingReport:
    """What a stage of judging did.

    Args:
        verdicts: Cells that got a valid verdict.
        invalid: Invalid attempts.
        transport: Calls that got no answer at all.
        last_transport_error: What the last of these said.
        served_models: Names under which the judge's server answered, in this run and before.
        usage: Tokens used.
        stopped: Why calls are no longer made, where the run may spend no more.
        excluded: Text ids of prompts that left the board, in this run and before.
    """

    verdicts: int = 0
    invalid: int = 0
    transport: int = 0
    last_transport_error: str = ""
    served_models: set[str] = field(default_factory=set)
    usage: Usage = field(default_factory=Usage)
    stopped: str = ""
    excluded: set[str] = field(default_factory=set)


Put = Callable[[OpenCell], Awaitable[None]]
Produce = Callable[[Put], Awaitable[None]]


async def judge_cells(
    outcomes: Outcomes,
    *,
    judge: Judge,
    board: BoardFolder,
    texts: Mapping[str, str],
    plan: str,
    run: str,
    max_connections: int,
    progress: Progress,
) -> JudgingReport:
    """Judge every open cell of `outcomes`; see `judge_stream`."""

    async def produce(put: Put) -> None:
        for cell in outcomes.open_cells():
            await put(cell)

    report = JudgingReport(served_models=set(outcomes.served_models))
    await judge_stream(
        produce,
        judge=judge,
        board=board,
        texts=texts,
        plan=plan,
        run=run,
        max_connections=max_connections,
        progress=progress,
        report=report,
    )
    return report


async def judge_stream(
    produce: Produce,
    *,
    judge: Judge,
    board: BoardFolder,
    texts: Mapping[str, str],
    plan: str,
    run: str,
    max_connections: int,
    progress: Progress,
    report: JudgingReport,
    account: Account | None = None,
    limits: Limits | None = None,
) -> None:
    """Judge cells as they are produced, at most `max_connections` at a time, and append the rows.

    Cells are taken in the order in which they come, so that calls which share a text go close together. Memory is flat
    in the number of cells: the producer waits while the judges are behind. An error ends the stage and comes out as
    itself; the calls then under way are cancelled.

    Args:
        produce: Awaits its argument with each open cell, and returns when there are no more.
        texts: Text of every prompt and output, by text id; may grow while cells are produced.
        plan: Id of the plan, kept in the rows.
        run: Id of the run, kept in the rows.
        report: Gains what this stage does; its `served_models` are those of before.
        account: Pays for the calls; nothing for a judge that makes none.
        limits: What the calls are bound by.

    Raises:
        ContextError: The texts of more than 2 % of the prompts do not fit into the judge's context.
        ServedModelError: The judge's server answers as another model than before, in this run or an earlier one.
        TransportError: A call failed in a way that every further call would.
        WriteError: A row could not be written.
    """
    workers = max(1, max_connections)
    queue: asyncio.Queue[OpenCell | None] = asyncio.Queue(maxsize=workers)

    async def feed() -> None:
        await produce(queue.put)
        for _ in range(workers):
            await queue.put(None)

    with board.battles.append() as battles, board.replies.append() as replies:
        worker = _Worker(
            judge, texts, plan, run, board, battles, replies, report, progress, account, limits or Limits()
        )
        async with TaskGroup() as group:
            group.create_task(feed())
            for _ in range(workers):
                group.create_task(worker.work(queue))


@dataclass
class _Worker:
    judge: Judge
    texts: Mapping[str, str]
    plan: str
    run: str
    board: BoardFolder
    battles: RowWriter[BattleRecord]
    replies: RowWriter[ReplyRecord]
    report: JudgingReport
    progress: Progress
    account: Account | None
    limits: Limits

    async def work(self, queue: "asyncio.Queue[OpenCell | None]") -> None:
        while (cell := await queue.get()) is not None:
            if self.report.stopped or cell.cell.prompt in self.report.excluded:
                continue  # calls under way are paid for and end; new ones are not made
            try:
                decided = await self._judge(cell)
            except BudgetReachedError as reached:
                self.report.stopped = str(reached)
                continue
            self.progress.advance(failed=not decided)
            await asyncio.sleep(0)

    async def _judge(self, open_cell: OpenCell) -> bool:
        cell, first, second, spent = open_cell
        shown = self.texts[cell.prompt], self.texts[first], self.texts[second]
        tokens = self._estimate(shown)
        if self.limits.context is not None and tokens + self.limits.reply_budget > self.limits.context:
            self._exclude(cell.prompt, tokens, "")
            return False
        last = max(MAX_ATTEMPTS, spent + 1)
        for attempt in range(spent + 1, last + 1):
            try:
                comparison, price = await self._compare(*shown, repeat=cell.repeat, tokens=tokens)
            except ContextOverflowError as error:
                self._exclude(cell.prompt, tokens, str(error))
                return False
            except TransportError as error:
                if error.fatal:
                    raise
                self.report.transport += 1
                self.report.last_transport_error = str(error)
                return False
            outcome, completion = comparison.outcome, comparison.completion
            self._check_served(completion)
            judge = self.judge.spec.id
            key = battle_key(judge=judge, prompt=cell.prompt, first=first, second=second, repeat=cell.repeat)
            invalid = outcome if isinstance(outcome, Invalid) else None
            self.battles.write(
                BattleRecord(
                    key=key,
                    judge=judge,
                    prompt=cell.prompt,
                    first=first,
                    second=second,
                    repeat=cell.repeat,
                    attempt=attempt,
                    verdict=None if isinstance(outcome, Invalid) else outcome,
                    invalid=invalid.reason if invalid else None,
                    detail=clean_text(invalid.detail[:500]) if invalid else "",
                    reply=self._keep_reply(completion, key, attempt),
                    served_model=completion.served_model if completion else None,
                    usage=completion.usage if completion else Usage(),
                    seconds=completion.seconds if completion else None,
                    price=price,
                    plan=self.plan,
                    run=self.run,
                    at=now(),
                )
            )
            if completion is not None:
                self.report.usage = add_usage(self.report.usage, completion.usage)
            if not invalid:
                self.report.verdicts += 1
                return True
            self.report.invalid += 1
        return False

    def _estimate(self, shown: tuple[str, str, str]) -> int:
        """Return about how many tokens a call sends; 0 for a judge that makes none."""
        if self.account is None:
            return 0
        return _TEMPLATE_TOKENS + estimate_tokens([Message("user", text) for text in shown])

    async def _compare(
        self, prompt: str, first: str, second: str, *, repeat: int, tokens: int
    ) -> tuple[Comparison, float | None]:
        """Compare two texts and pay for it; return the price beside what was said."""
        if self.account is None:
            return await self.judge.compare(prompt, first, second, repeat=repeat), None
        with self.account.call(prompt_tokens=tokens, reply_budget=self.limits.reply_budget) as payment:
            comparison = await self.judge.compare(prompt, first, second, repeat=repeat)
            price = payment.pay(comparison.completion.usage) if comparison.completion else None
        return comparison, price

    def _exclude(self, prompt: str, tokens: int, detail: str) -> None:
        """Take a prompt off the board: nothing is cut to make it fit."""
        if prompt in self.report.excluded:
            return
        if len(self.report.excluded) + 1 > EXCLUDED_AT_MOST * self.limits.prompts:
            raise ContextError(len(self.report.excluded) + 1, self.limits.prompts)
        self.report.excluded.add(prompt)
        with self.board.exclusions.append() as exclusions:
            exclusions.write(
                ExclusionRecord(
                    judge=self.judge.spec.id,
                    prompt=prompt,
                    tokens=tokens + self.limits.reply_budget,
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
        self.replies.write(
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
