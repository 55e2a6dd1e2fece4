"""A stored board held against what it should say, leaf by leaf."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from arena_write.verification.tree import RankedRows, Said, Tree

TOLERANCE = 1e-6
"""By how much a number may differ: a share of the recomputed one, or of 1 where that is larger. Counts may not."""

_MISSING = "nothing"


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that the rows do not give.

    Args:
        where: The place on the board, for people.
        stored: What stands there.
        recomputed: What the rows give.
        of_form: It is no wrong number: the board lacks a field that it need not have, or is written in another way.
    """

    where: str
    stored: str
    recomputed: str
    of_form: bool = False

    @property
    def field(self) -> str:
        """The name of the field, without where it stands."""
        return self.where.rpartition(", ")[2]

    def __str__(self) -> str:
        """Return the difference as a line."""
        verb = "has" if self.of_form else "says"
        return f"{self.where}: the board {verb} {self.stored}, the rows give {self.recomputed}"


@dataclass
class Comparison:
    """Holds a board against what it should say.

    Args:
        numbers: How many numbers were held against each other.
        differences: What the rows do not give, in the order of the board.
    """

    numbers: int = 0
    differences: list[Difference] = field(default_factory=list)

    def compare(self, stored: Any, expected: Any, where: Sequence[str] = ()) -> None:  # noqa: ANN401 - JSON
        """Compare one value and all that is in it."""
        if isinstance(expected, Said):
            if not isinstance(stored, str) or bool(stored) != expected.there:
                self._differ(where, stored, "a reason" if expected.there else "no reason")
        elif isinstance(expected, RankedRows):
            self._compare_rows(stored, expected, where)
        elif isinstance(expected, Mapping) and isinstance(stored, Mapping):
            for name in [*expected, *(name for name in stored if name not in expected)]:
                if name not in expected:
                    self._differ((*where, name), stored[name], _MISSING)
                elif name not in stored:
                    self._lack((*where, name), expected[name])
                else:
                    self.compare(stored[name], expected[name], (*where, name))
        elif isinstance(expected, (list, tuple)) and isinstance(stored, list):
            if len(stored) != len(expected):
                self._differ(where, f"{len(stored)} entries", f"{len(expected)} entries")
            for number, (one, other) in enumerate(zip(stored, expected, strict=False), start=1):
                self.compare(one, other, (*where, _call(one, number)))
        elif _is_number(stored) and _is_number(expected):
            self.numbers += 1
            counts = isinstance(stored, int) and isinstance(expected, int)
            if not abs(stored - expected) <= (0 if counts else TOLERANCE * max(1.0, abs(expected))):
                self._differ(where, stored, expected)
        elif type(stored) is not type(expected) or stored != expected:
            self._differ(where, stored, expected)

    def _compare_rows(self, stored: Any, expected: RankedRows, where: Sequence[str]) -> None:  # noqa: ANN401 - JSON
        """Compare the rows of a section, by entrant; then their order."""
        said = {row["entrant"]: (row["best_rank"], row["worst_rank"]) for row in stored}
        fitting = (ranks for ranks in expected.ranks if _agree(said, ranks))
        right = expected.with_ranks(next(fitting, expected.ranks[0]))
        for row in stored:
            if row["entrant"] in right:
                self.compare(row, right[row["entrant"]], (*where, row["name"]))
        if sorted(said) != sorted(right) or len(stored) != len(right):
            self._differ(
                where, ", ".join(row["name"] for row in stored), ", ".join(row["name"] for row in expected.rows)
            )
        elif list(stored) != sorted(stored, key=lambda row: _place(row, expected.value)):
            self._differ(where, "rows in another order", "the best first, and those without a number last")

    def differ(self, where: Sequence[str], stored: int, recomputed: int) -> None:
        """Say that a count is not what the rows give."""
        self._differ(where, stored, recomputed)

    def _lack(self, where: Sequence[str], recomputed: object) -> None:
        self.differences.append(Difference(", ".join(where), "no such field", _show(recomputed), of_form=True))

    def _differ(self, where: Sequence[str], stored: object, recomputed: object) -> None:
        self.differences.append(Difference(", ".join(where), _show(stored), _show(recomputed)))


def _agree(said: Mapping[str, tuple[int | None, int | None]], ranks: Mapping[str, tuple[int, int]]) -> bool:
    return all(ranks.get(entrant, (None, None)) == stored for entrant, stored in said.items())


def _place(row: Tree, columns: Sequence[str]) -> tuple[bool, float, str, str]:
    value = next((row[column] for column in columns if row[column] is not None), None)
    return value is None, -(value or 0.0), row["name"], row["entrant"]


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _call(value: object, number: int) -> str:
    """Return what people call an entry of a list."""
    if isinstance(value, Mapping):
        for name in ("scope", "name", "baseline", "entrant", "bucket"):
            if isinstance(value.get(name), str):
                return str(value[name])
    return f"number {number}"


def _show(value: object) -> str:
    if value is None or (isinstance(value, str) and value):
        return value or "nothing"
    return "something" if isinstance(value, (Mapping, list, tuple)) else repr(value)
