"""What a board should say, in the shape of its JSON, with leaves for what is not one value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from arena_write.verification.ranks import Ranks

Tree = dict[str, Any]
"""As `board.json`: names to numbers, strings, truth values, nothing, lists, trees and the leaves below."""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence that is there, or is not; its words are not recomputed."""

    there: bool


@dataclass(frozen=True, slots=True)
class RankedRows:
    """The rows of a section, in any order and without their ranks.

    Args:
        rows: A tree for each entrant.
        ranks: The ranks that are right, the likeliest first; see `ranks`.
        value: The columns by which rows are ordered: the first that holds a number, the highest first.
    """

    rows: Sequence[Tree]
    ranks: Sequence[Ranks]
    value: tuple[str, ...]

    def with_ranks(self, ranks: Ranks) -> Mapping[str, Tree]:
        """Return the rows by entrant, with ranks; those that are not ranked have none."""
        whole = {}
        for row in self.rows:
            best, worst = ranks.get(row["entrant"], (None, None))
            whole[row["entrant"]] = row | {"best_rank": best, "worst_rank": worst}
        return whole


def rounded(value: float | None, digits: int = 6) -> float | None:
    """Return a number as a board keeps it."""
    return None if value is None else round(value, digits) + 0.0
