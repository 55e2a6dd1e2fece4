"""What a judge can say: a verdict, a score, or nothing valid at all.

A failure to measure is a type of its own. It is never a tie, a loss or a low score.
"""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """The five labels of a pairwise judgement; A is the text shown first, B the second."""

    A_MUCH_BETTER = "A>>B"
    A_BETTER = "A>B"
    TIE = "A=B"
    B_BETTER = "B>A"
    B_MUCH_BETTER = "B>>A"

    @property
    def score(self) -> float:
        """Score of the first text: 1 won, 0.5 tied, 0 lost. A strong verdict counts once, like a weak one."""
        return _SCORES[self]

    @property
    def flipped(self) -> "Verdict":
        """The same verdict with the two texts named in the other order."""
        return _FLIPPED[self]


_SCORES = {
    Verdict.A_MUCH_BETTER: 1.0,
    Verdict.A_BETTER: 1.0,
    Verdict.TIE: 0.5,
    Verdict.B_BETTER: 0.0,
    Verdict.B_MUCH_BETTER: 0.0,
}
_FLIPPED = dict(zip(Verdict, reversed(Verdict), strict=True))


class InvalidReason(StrEnum):
    """Why an attempt to judge gave nothing: a measurement failure, so the cell stays missing."""

    NO_LABEL = "no_label"
    """The reply holds no well-formed label."""
    BAD_LABEL = "bad_label"
    """The last label in the reply is none of the five."""
    NOT_JSON = "not_json"
    """The reply had to be JSON and is not, or holds more than one answer."""
    WRONG_SHAPE = "wrong_shape"
    """The reply is JSON with a missing, repeated or ill-typed field."""
    OUT_OF_RANGE = "out_of_range"
    """The score is an integer outside 1 to 10."""
    EMPTY = "empty"
    """The judge answered with nothing."""
    REFUSED = "refused"
    """The judge declined to judge."""
    CUT = "cut"
    """The judge ran into its own token limit."""


@dataclass(frozen=True, slots=True)
class Invalid:
    """A judge call that gave neither a verdict nor a score, with the reason and what was seen."""

    reason: InvalidReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """A rubric score with the judge's reason.

    Args:
        value: Integer from 1 to 10.
        reason: The judge's own words; hostile data like all model text.

    Raises:
        ValueError: `value` is not an integer from 1 to 10.
    """

    value: int
    reason: str = ""

    def __post_init__(self) -> None:
        """Refuse what is not a score."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or not 1 <= self.value <= 10:
            raise ValueError(f"a score is an integer from 1 to 10, not {self.value!r}")
