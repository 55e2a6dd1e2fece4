"""Which comparisons a board consists of: a pure function of benchmark, entrants, orders, samples and repeats.

A board fits exactly the cells of its complete plan, whoever paid for them. A plan only grows: evaluating one more
entrant, or more prompts of one, is a merge, so a quick look at ten prompts never takes anything off a board. Once the
baselines are anchored, so is the board: they stay where they are, whoever joins.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal, NamedTuple

from arena_write.store import PlanEntry, PlanRecord
from judges import content_id

Role = Literal["baseline", "candidate"]
Orders = Literal["both", "one"]


class PlanError(ValueError):
    """A plan makes no sense, or two plans cannot stand on one board."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entrant's part in a plan.

    Args:
        entrant: Id of the entrant.
        role: Whether it anchors the benchmark or is rated against the anchors.
        samples: How many answers a prompt are compared; a baseline is compared by its first alone.
        prompts: Text ids of the prompts, sorted; `None` stands for all of the benchmark.

    Raises:
        PlanError: There is no sample to compare, or a baseline has more than one.
    """

    entrant: str
    role: Role
    samples: int = 1
    prompts: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Sort the prompts, each named once."""
        if self.samples < 1:
            raise PlanError(f"an entrant takes part with at least 1 answer a prompt, not {self.samples}")
        if self.role == "baseline" and self.samples > 1:
            raise PlanError("a baseline is compared by its first answer alone: it is the fixed point of the scale")
        if self.prompts is not None:
            object.__setattr__(self, "prompts", tuple(sorted(set(self.prompts))))

    def merge(self, other: "Entry") -> "Entry":
        """Return the entry that holds what either holds."""
        if self.role != other.role:
            raise PlanError(f"entrant {self.entrant[:8]} is a {self.role} on this board and cannot be a {other.role}")
        prompts = None
        if self.prompts is not None and other.prompts is not None:
            prompts = self.prompts + other.prompts
        return replace(self, samples=max(self.samples, other.samples), prompts=prompts)

    def parts(self) -> list[object]:
        """Return what the id of a plan is the hash of."""
        return [self.entrant, self.role, self.samples, self.prompts]

    def record(self) -> PlanEntry:
        """Return the entry as part of a row."""
        return PlanEntry(entrant=self.entrant, role=self.role, samples=self.samples, prompts=self.prompts)

    @classmethod
    def of_record(cls, record: PlanEntry) -> "Entry":
        """Return the entry in a row."""
        return cls(record.entrant, record.role, samples=record.samples, prompts=record.prompts)


def merge_entries(some: Sequence[Entry], others: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return the entries of a board on which both stand.

    Raises:
        PlanError: An entrant has another role in each.
    """
    entries = {entry.entrant: entry for entry in some}
    for entry in others:
        known = entries.get(entry.entrant)
        entries[entry.entrant] = known.merge(entry) if known else entry
    return tuple(entries.values())


def spread_entries(entries: Sequence[Entry], prompts: Sequence[str]) -> tuple[Entry, ...]:
    """Return the entries with `None` wherever one names all of the benchmark's prompts."""
    everything = set(prompts)
    return tuple(
        replace(entry, prompts=None) if entry.prompts is not None and everything <= set(entry.prompts) else entry
        for entry in entries
    )


class Cell(NamedTuple):
    """One planned comparison: which answer of whom is shown first and which second."""

    prompt: str
    first: str
    first_sample: int
    second: str
    second_sample: int
    repeat: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The comparisons of a board.

    Every candidate meets every baseline, and the baselines meet each other, on every prompt that both have in the plan.
    Each answer of a candidate meets the first answer of a baseline, so that more samples never change what was planned.

    Args:
        benchmark: Id of the benchmark.
        entries: The entrants, sorted by id.
        orders: `both`: each pair is judged twice, each text shown first once. `one`: once, the first text drawn from
            the content of the cell, so that it is fixed and balanced.
        repeats: How often each pair is judged in each order.
        seed: Draws the order where only one is judged; 0 where both are.
        anchors: Id of the frozen ratings of the baselines, who then meet nobody but candidates; none for a joint fit.
    """

    benchmark: str
    entries: tuple[Entry, ...]
    orders: Orders = "both"
    repeats: int = 1
    seed: int = 0
    anchors: str | None = None

    def __post_init__(self) -> None:
        """Sort the entries; refuse an entrant that is named twice, and no repeat at all."""
        if self.repeats < 1:
            raise PlanError(f"a pair is judged at least once in each order, not {self.repeats} times")
        ids = [entry.entrant for entry in self.entries]
        if len(set(ids)) != len(ids):
            raise PlanError("an entrant appears twice in one plan")
        object.__setattr__(self, "entries", tuple(sorted(self.entries, key=lambda entry: entry.entrant)))
        if self.orders == "both":
            object.__setattr__(self, "seed", 0)

    @property
    def id(self) -> str:
        """Hash of the plan."""
        entries = [entry.parts() for entry in self.entries]
        anchored = [] if self.anchors is None else [self.anchors]
        return content_id("plan", self.benchmark, entries, self.orders, self.repeats, self.seed, *anchored)

    @property
    def baselines(self) -> tuple[str, ...]:
        """Ids of the baselines, sorted."""
        return tuple(entry.entrant for entry in self.entries if entry.role == "baseline")

    @property
    def candidates(self) -> tuple[str, ...]:
        """Ids of the candidates, sorted."""
        return tuple(entry.entrant for entry in self.entries if entry.role == "candidate")

    def merge(self, other: "Plan") -> "Plan":
        """Return the plan of a board on which both stand.

        Raises:
            PlanError: The plans differ in what all of a board must share.
        """
        for name in ("benchmark", "orders", "repeats", "seed", "baselines"):
            if getattr(self, name) != getattr(other, name):
                raise PlanError(f"the board has {name} {getattr(self, name)}, this run {getattr(other, name)}")
        if self.anchors and other.anchors and self.anchors != other.anchors:
            raise PlanError(f"the board has anchors {self.anchors[:8]}, this run {other.anchors[:8]}")
        entries = merge_entries(self.entries, other.entries)
        return replace(self, entries=entries, anchors=self.anchors or other.anchors)

    def spread(self, prompts: Sequence[str]) -> "Plan":
        """Return the same plan, with `None` wherever an entry names all of the benchmark's prompts.

        So a board that was judged language by language has the same plan as one judged at once.
        """
        return replace(self, entries=spread_entries(self.entries, prompts))

    def record(self) -> PlanRecord:
        """Return the plan as a row."""
        return PlanRecord(
            id=self.id,
            benchmark=self.benchmark,
            entries=tuple(entry.record() for entry in self.entries),
            orders=self.orders,
            repeats=self.repeats,
            seed=self.seed,
            anchors=self.anchors,
        )

    @classmethod
    def of_record(cls, record: PlanRecord) -> "Plan":
        """Return the plan in a row."""
        return cls(
            benchmark=record.benchmark,
            entries=tuple(Entry.of_record(entry) for entry in record.entries),
            orders=record.orders,
            repeats=record.repeats,
            seed=record.seed,
            anchors=record.anchors,
        )

    def pairs(self) -> list[tuple[Entry, Entry]]:
        """Return the pairs of entrants that meet: baselines first, then each candidate with each baseline.

        Baselines whose ratings are frozen have met each other already.
        """
        baselines = [entry for entry in self.entries if entry.role == "baseline"]
        candidates = [entry for entry in self.entries if entry.role == "candidate"]
        among = [] if self.anchors else combinations(baselines, 2)
        return [*among, *((one, other) for one in candidates for other in baselines)]

    def cells(self, prompts: Sequence[str]) -> Iterator[Cell]:
        """Yield every planned comparison, those of one prompt and one pair next to each other.

        Args:
            prompts: Text ids of the benchmark's prompts, in its order.
        """
        chosen: Mapping[str, frozenset[str]] = {
            entry.entrant: frozenset(prompts if entry.prompts is None else entry.prompts) for entry in self.entries
        }
        for prompt in prompts:
            for one, other in self.pairs():
                if prompt in chosen[one.entrant] and prompt in chosen[other.entrant]:
                    for sample in range(one.samples):
                        for repeat in range(self.repeats):
                            there = Cell(prompt, one.entrant, sample, other.entrant, 0, repeat)
                            back = Cell(prompt, other.entrant, 0, one.entrant, sample, repeat)
                            yield from (there, back) if self.orders == "both" else (self._draw(there, back),)

    def _draw(self, there: Cell, back: Cell) -> Cell:
        return there if int(content_id("order", self.seed, list(there))[:8], 16) % 2 == 0 else back
