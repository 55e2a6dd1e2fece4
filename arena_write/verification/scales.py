"""The scale of a board, restated: everybody fitted together, or frozen baselines that nobody moves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from arena_write.verification.anchored import Frozen, rate_on_frozen, rate_one_on_frozen
from arena_write.verification.cells import Cell
from arena_write.verification.lengths import Lengths
from arena_write.verification.levels import level_entrants
from arena_write.verification.ratings import Rated, rate, rate_one
from arena_write.verification.strengths import NoScaleError
from arena_write.verification.tree import Tree


class Scale(Protocol):
    """How cells become ratings; both ways raise `NoScaleError` where they do not."""

    @property
    def needed(self) -> Collection[str]:
        """Baselines without whose battles nobody is rated."""
        ...

    @property
    def frozen(self) -> Collection[str]:
        """Baselines whose ratings no cell moves."""
        ...

    @property
    def prompts(self) -> int | None:
        """On how many prompts the baselines were frozen; nothing where they were not."""
        ...

    def met(self, one: str, other: str) -> tuple[float, int] | None:
        """Return what one frozen baseline got from another, and in how many battles."""
        ...

    def rate(self, cells: Sequence[Cell]) -> Rated:
        """Rate everybody."""
        ...

    def rate_one(self, cells: Sequence[Cell], entrant: str) -> float | None:
        """Return the rating of one entrant alone; nothing where it has none."""
        ...

    def level(self, cells: Sequence[Cell], lengths: Lengths) -> Mapping[str, Tree]:
        """Return what is said of entrants at equal length, by entrant."""
        ...


@dataclass(frozen=True)
class JointScale:
    """Everybody is fitted together, and the baselines' mean is 1000."""

    baselines: Sequence[str]

    @property
    def needed(self) -> Collection[str]:
        """All baselines."""
        return self.baselines

    @property
    def frozen(self) -> Collection[str]:
        """Nobody."""
        return ()

    @property
    def prompts(self) -> int | None:
        """Nothing: nobody is frozen."""
        return None

    def met(self, one: str, other: str) -> tuple[float, int] | None:
        """Return nothing: cells say it."""
        return None

    def rate(self, cells: Sequence[Cell]) -> Rated:
        """Rate everybody."""
        return rate(cells, self.baselines)

    def rate_one(self, cells: Sequence[Cell], entrant: str) -> float | None:
        """Return the rating of one entrant alone."""
        return rate_one(cells, self.baselines, entrant)

    def level(self, cells: Sequence[Cell], lengths: Lengths) -> Mapping[str, Tree]:
        """Return nothing: how length counts is frozen with baselines."""
        return {}


@dataclass(frozen=True)
class FrozenScale:
    """The baselines stay where they were frozen.

    Args:
        baselines: As they were frozen; nothing where these prompts gave no scale.
        entrants: Everybody in the plan.
    """

    baselines: Frozen | None
    entrants: Collection[str]

    @property
    def needed(self) -> Collection[str]:
        """Nobody: the baselines have met before."""
        return ()

    @property
    def frozen(self) -> Collection[str]:
        """All baselines."""
        return self.baselines.names if self.baselines else ()

    @property
    def prompts(self) -> int | None:
        """On how many prompts the baselines were frozen."""
        return self.baselines.prompts if self.baselines else None

    def met(self, one: str, other: str) -> tuple[float, int] | None:
        """Return what one baseline got from another when they were frozen."""
        return self.baselines.met.get((one, other)) if self.baselines else None

    def rate(self, cells: Sequence[Cell]) -> Rated:
        """Rate the candidates."""
        return rate_on_frozen(cells, self._known(), self.entrants)

    def rate_one(self, cells: Sequence[Cell], entrant: str) -> float | None:
        """Return the rating of one candidate alone."""
        return rate_one_on_frozen(cells, self._known(), entrant)

    def level(self, cells: Sequence[Cell], lengths: Lengths) -> Mapping[str, Tree]:
        """Return what is said of the baselines and of each candidate."""
        return level_entrants(cells, self._known(), lengths)

    def _known(self) -> Frozen:
        if self.baselines is None:
            raise NoScaleError("the baselines were not frozen on these prompts")
        return self.baselines
