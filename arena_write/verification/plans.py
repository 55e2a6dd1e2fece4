"""The plan of a board, joined from its rows, and the cells that it asks for."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import NamedTuple, TypeVar

from arena_write.store import ConflictError, PlanEntry, PlanRecord, RowError, ScorePlanRecord
from judges import content_id

Record = TypeVar("Record", PlanRecord, ScorePlanRecord)


class Meeting(NamedTuple):
    """One planned comparison; in this order it is what the drawing of an order is the hash of."""

    prompt: str
    first: str
    first_sample: int
    second: str
    second_sample: int
    repeat: int


def join_plans(rows: Sequence[Record], *, prompts: Sequence[str], path: Path) -> Record | None:
    """Return the plan that holds what any of the rows holds, or nothing without rows.

    Args:
        rows: The stored plans of a board.
        prompts: Text ids of all prompts of the benchmark.
        path: Where the rows lie, for messages.

    Raises:
        RowError: A row is not the one that its id belongs to.
        ConflictError: The rows cannot stand on one board.
    """
    if not rows:
        return None
    for number, row in enumerate(rows, start=1):
        if row.id != plan_id(row):
            raise RowError(path, number, "id is not the hash of the plan: one of the two was changed")
        if _shared(row) != _shared(rows[0]):
            raise ConflictError(f"{path}:{number}: this plan and the first cannot stand on one board")
    joined: dict[str, PlanEntry] = {}
    for entry in (entry for row in rows for entry in row.entries):
        joined[entry.entrant] = _join(joined.get(entry.entrant, entry), entry)
    everything = set(prompts)
    entries = tuple(
        replace(entry, prompts=None) if entry.prompts is not None and everything <= set(entry.prompts) else entry
        for _, entry in sorted(joined.items())
    )
    plan = replace(rows[0], entries=entries)
    if isinstance(plan, PlanRecord):
        plan = replace(plan, anchors=_join_anchors(rows, path))
    return replace(plan, id=plan_id(plan))


def _join_anchors(rows: Sequence[PlanRecord | ScorePlanRecord], path: Path) -> str | None:
    """Return the anchors that any of the plans names: once the baselines are frozen, they stay so."""
    named = {row.anchors for row in rows if isinstance(row, PlanRecord) and row.anchors is not None}
    if len(named) > 1:
        raise ConflictError(f"{path}: plans of one board name different anchors, {', '.join(sorted(named))}")
    return next(iter(named), None)


def plan_id(plan: PlanRecord | ScorePlanRecord) -> str:
    """Return the hash of a plan's content."""
    entries = [[entry.entrant, entry.role, entry.samples, entry.prompts] for entry in plan.entries]
    if isinstance(plan, PlanRecord):
        anchors = () if plan.anchors is None else (plan.anchors,)
        return content_id("plan", plan.benchmark, entries, plan.orders, plan.repeats, plan.seed, *anchors)
    return content_id("score-plan", plan.benchmark, entries, plan.repeats)


def list_meetings(plan: PlanRecord, prompts: Sequence[str]) -> Iterator[Meeting]:
    """Yield every planned comparison on these prompts.

    The baselines meet each other, unless they are frozen and have met before; and every answer of a candidate meets
    every baseline, on the prompts of both.
    """
    baselines = [entry for entry in plan.entries if entry.role == "baseline"]
    pairs = [] if plan.anchors else list(combinations(baselines, 2))
    pairs += [(entry, other) for entry in plan.entries if entry.role == "candidate" for other in baselines]
    chosen = chosen_prompts(plan, prompts)
    for prompt in prompts:
        for one, other in pairs:
            if prompt not in chosen[one.entrant] or prompt not in chosen[other.entrant]:
                continue
            for sample in range(one.samples):
                for repeat in range(plan.repeats):
                    there = Meeting(prompt, one.entrant, sample, other.entrant, 0, repeat)
                    back = Meeting(prompt, other.entrant, 0, one.entrant, sample, repeat)
                    if plan.orders == "both":
                        yield from (there, back)
                    else:
                        drawn = int(content_id("order", plan.seed, list(there))[:8], 16)
                        yield back if drawn % 2 else there


def chosen_prompts(plan: PlanRecord | ScorePlanRecord, prompts: Sequence[str]) -> dict[str, frozenset[str]]:
    """Return on which of these prompts each entrant takes part."""
    everything = frozenset(prompts)
    return {
        entry.entrant: everything if entry.prompts is None else everything.intersection(entry.prompts)
        for entry in plan.entries
    }


def _shared(plan: PlanRecord | ScorePlanRecord) -> tuple[object, ...]:
    """Return what all plans of a board have in common."""
    if not isinstance(plan, PlanRecord):
        return plan.benchmark, plan.repeats
    baselines = [entry.entrant for entry in plan.entries if entry.role == "baseline"]
    return plan.benchmark, plan.repeats, plan.orders, plan.seed, baselines


def _join(one: PlanEntry, other: PlanEntry) -> PlanEntry:
    if one.role != other.role:
        raise ConflictError(
            f"entrant {one.entrant} is a {one.role} in one plan of this board and a {other.role} in another"
        )
    prompts = None
    if one.prompts is not None and other.prompts is not None:
        prompts = tuple(sorted({*one.prompts, *other.prompts}))
    return replace(one, samples=max(one.samples, other.samples), prompts=prompts)
