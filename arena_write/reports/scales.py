"""The scale of a board's ratings: a joint fit of everybody, or frozen anchors against which each candidate is rated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from arena_write.ratings import (
    AnchoredRating,
    Anchors,
    Comparisons,
    RatingError,
    Ratings,
    rate,
    rate_on_anchors,
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

    @property
    def frozen(self) -> Sequence[str]:
        """Baselines whose ratings nothing here can move."""
        ...

    def met(self, name: str, other: str) -> tuple[float, int] | None:
        """Return the mean score of one frozen baseline against another and its battles; nothing known of others."""
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

    @property
    def frozen(self) -> Sequence[str]:
        """Nobody."""
        return ()

    def met(self, name: str, other: str) -> tuple[float, int] | None:
        """Return nothing: nobody is frozen."""
        return None

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

    @property
    def frozen(self) -> Sequence[str]:
        """All anchors."""
        return self.anchors.names if self.anchors else ()

    def met(self, name: str, other: str) -> tuple[float, int] | None:
        """Return the mean score of one anchor against another and its battles."""
        for pairing in self.anchors.goodness.residuals if self.anchors else ():
            if (pairing.first, pairing.second) == (name, other):
                return pairing.observed, pairing.battles
            if (pairing.first, pairing.second) == (other, name):
                return 1.0 - pairing.observed, pairing.battles
        return None

    def rate(self, comparisons: Comparisons) -> Scaled:
        """Return the ratings of candidates from their own battles, and those of the anchors as they were frozen."""
        found = rate_on_anchors(comparisons, self._known(), confidence=self.confidence)
        return Scaled(found.ratings, {one.rating.name: one for one in found.candidates})

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
