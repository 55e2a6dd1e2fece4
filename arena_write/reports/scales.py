"""The scale of a board's ratings: a joint fit of everybody, or frozen anchors against which each candidate is rated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from arena_write.ratings import (
    AnchoredRating,
    Anchors,
    Comparisons,
    EntrantRating,
    RatingError,
    Ratings,
    rate,
    rate_against,
)


@dataclass(frozen=True, slots=True)
class Scaled:
    """Ratings on a scale.

    Args:
        ratings: The ratings.
        beside: What anchors say of each candidate beside its rating, by name.
    """

    ratings: Ratings
    beside: Mapping[str, AnchoredRating] = field(default_factory=dict)


class Scale(Protocol):
    """How comparisons become ratings; both ways raise `RatingError` where they do not."""

    @property
    def needed(self) -> Sequence[str]:
        """Baselines whose battles the scale rests on."""
        ...

    def rate(self, comparisons: Comparisons) -> Scaled:
        """Return the ratings of everybody."""
        ...

    def elo(self, comparisons: Comparisons, name: str) -> float | None:
        """Return the rating of one entrant, and nothing besides: for what-ifs."""
        ...


@dataclass(frozen=True, slots=True)
class JointScale:
    """Everybody is fitted together, and the baselines' mean is 1000: it moves with who takes part."""

    baselines: Sequence[str]
    confidence: float

    @property
    def needed(self) -> Sequence[str]:
        """All baselines."""
        return self.baselines

    def rate(self, comparisons: Comparisons) -> Scaled:
        """Return the ratings of everybody."""
        return Scaled(rate(comparisons, baselines=self.baselines, confidence=self.confidence))

    def elo(self, comparisons: Comparisons, name: str) -> float | None:
        """Return the rating of one entrant."""
        return self.rate(comparisons).ratings.entrant(name).elo


@dataclass(frozen=True, slots=True)
class AnchoredScale:
    """The baselines stay where they were frozen, and each candidate is rated by its own battles with them.

    Args:
        anchors: The frozen ratings; none where these prompts gave none.
        missing: Why there are none.
        confidence: Of intervals.
    """

    anchors: Anchors | None
    missing: str
    confidence: float

    @property
    def needed(self) -> Sequence[str]:
        """Nobody: the anchors' battles are done."""
        return ()

    def rate(self, comparisons: Comparisons) -> Scaled:
        """Return the ratings of candidates from their own battles, and those of the anchors as they were frozen."""
        anchors = self._known()
        together = self._fit(comparisons)
        beside = {one.rating.name: one for one in rate_against(comparisons, anchors, confidence=self.confidence)}
        rows = [
            beside[row.name].rating if row.name in beside else self._frozen(anchors, row) for row in together.entrants
        ]
        return Scaled(replace(together, entrants=tuple(rows)), beside)

    def elo(self, comparisons: Comparisons, name: str) -> float | None:
        """Return the rating of one entrant."""
        return self._fit(comparisons).entrant(name).elo

    def _known(self) -> Anchors:
        if self.anchors is None:
            raise RatingError(f"there are no anchors for these prompts: {self.missing}")
        return self.anchors

    def _fit(self, comparisons: Comparisons) -> Ratings:
        known = {name: elo for name, elo in self._known().offsets.items() if name in comparisons.names}
        return rate(comparisons, baselines=sorted(known), offsets=known, confidence=self.confidence)

    def _frozen(self, anchors: Anchors, row: EntrantRating) -> EntrantRating:
        """Return an anchor's row with the interval that it was frozen with."""
        if row.name not in anchors.names:
            return row
        low, high = anchors.interval(row.name, confidence=self.confidence)
        return replace(row, kind="interval", elo=anchors.offsets[row.name], se=None, low=low, high=high, reason="")
