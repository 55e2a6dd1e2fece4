"""Which rubric scores a board consists of: a pure function of benchmark, entrants, samples and repeats.

Every answer of every entrant is scored on every criterion of its prompt. Like the plan of battles it only grows, and a
board counts exactly the cells of its complete plan.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from arena_write.battles.plan import Entry, PlanError, merge_entries, spread_entries
from arena_write.benchmarks.prompts import Prompt
from arena_write.store import ScorePlanRecord
from judges import Criterion, content_id


class ScoreCell(NamedTuple):
    """One planned score: which answer of whom, on which criterion."""

    prompt: str
    entrant: str
    sample: int
    criterion: Criterion
    repeat: int


@dataclass(frozen=True, slots=True)
class ScorePlan:
    """The rubric scores of a board.

    Args:
        benchmark: Id of the benchmark.
        entries: Who takes part, with which answers and prompts; sorted by entrant.
        repeats: How often each text is scored on each criterion.

    Raises:
        PlanError: An entrant is named twice, or there is no repeat at all.
    """

    benchmark: str
    entries: tuple[Entry, ...]
    repeats: int = 1

    def __post_init__(self) -> None:
        """Sort the entries; refuse an entrant that is named twice, and no repeat at all."""
        if self.repeats < 1:
            raise PlanError(f"a text is scored at least once on each criterion, not {self.repeats} times")
        ids = [entry.entrant for entry in self.entries]
        if len(set(ids)) != len(ids):
            raise PlanError("an entrant appears twice in one plan")
        object.__setattr__(self, "entries", tuple(sorted(self.entries, key=lambda entry: entry.entrant)))

    @property
    def id(self) -> str:
        """Hash of the plan."""
        return content_id("score-plan", self.benchmark, [entry.parts() for entry in self.entries], self.repeats)

    def merge(self, other: "ScorePlan") -> "ScorePlan":
        """Return the plan of a board on which both stand.

        Raises:
            PlanError: The plans differ in what all of a board must share.
        """
        for name in ("benchmark", "repeats"):
            if getattr(self, name) != getattr(other, name):
                raise PlanError(f"the board has {name} {getattr(self, name)}, this run {getattr(other, name)}")
        return replace(self, entries=merge_entries(self.entries, other.entries))

    def spread(self, prompts: Sequence[str]) -> "ScorePlan":
        """Return the same plan, with `None` wherever an entry names all of the benchmark's prompts."""
        return replace(self, entries=spread_entries(self.entries, prompts))

    def record(self) -> ScorePlanRecord:
        """Return the plan as a row."""
        return ScorePlanRecord(
            id=self.id,
            benchmark=self.benchmark,
            entries=tuple(entry.record() for entry in self.entries),
            repeats=self.repeats,
        )

    @classmethod
    def of_record(cls, record: ScorePlanRecord) -> "ScorePlan":
        """Return the plan in a row."""
        return cls(
            benchmark=record.benchmark,
            entries=tuple(Entry.of_record(entry) for entry in record.entries),
            repeats=record.repeats,
        )

    def cells(self, prompts: Sequence[Prompt]) -> Iterator[ScoreCell]:
        """Yield every planned score, all criteria of one answer next to each other: their calls share its text."""
        chosen = {entry.entrant: None if entry.prompts is None else frozenset(entry.prompts) for entry in self.entries}
        for prompt in prompts:
            for entry in self.entries:
                mine = chosen[entry.entrant]
                if mine is None or prompt.text_id in mine:
                    for sample in range(entry.samples):
                        for criterion in prompt.criteria:
                            for repeat in range(self.repeats):
                                yield ScoreCell(prompt.text_id, entry.entrant, sample, criterion, repeat)
