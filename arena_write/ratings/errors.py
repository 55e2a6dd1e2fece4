"""What can go wrong in the rating room: one small tree under :class:`RatingError`."""

from __future__ import annotations

from collections.abc import Sequence


class RatingError(ValueError):
    """Base of every error this room raises on purpose; the message says what happened and to whom."""


class ColumnError(RatingError):
    """The columns are not a set of comparisons; the message names the first bad row, counted from 0."""


class ConvergenceError(RatingError):
    """Newton's method did not settle; happens only on data at the edge of separation."""


class TooFewPromptsError(RatingError):
    """Everything hangs on one prompt, so nothing says how much a rating varies between prompts."""


class NotConnectedError(RatingError):
    """No finite rating exists: some entrants are not tied to the others by results in both directions.

    Attributes:
        components: the strongly connected groups of entrants, as names, largest group first.
        sentence: in words, which direction is missing.
    """

    def __init__(self, sentence: str, components: Sequence[Sequence[str]]) -> None:
        """Keep the sentence as the message and the groups for programs."""
        super().__init__(sentence)
        self.sentence = sentence
        self.components: tuple[tuple[str, ...], ...] = tuple(tuple(group) for group in components)
