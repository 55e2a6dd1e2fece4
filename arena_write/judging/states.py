"""How a planned cell stands: what was asked, or need not be asked, and what is missing."""

from enum import IntEnum
from math import isnan

from arena_write.store import MAX_ATTEMPTS, SettledColumns


class State(IntEnum):
    """How a cell of a plan stands."""

    JUDGED = 0
    """The judge gave a valid answer."""
    IDENTICAL = 1
    """Both texts are the same: a tie without a call."""
    FAILED = 2
    """An entrant gave no text to judge: decided from the outputs."""
    OPEN = 3
    """Not judged yet, or not validly, with attempts left."""
    INVALID = 4
    """Missing: every attempt to judge it was invalid."""
    NO_OUTPUT = 5
    """Missing: an output is not there, for want of an answer from the model's server."""


MISSING = (State.OPEN, State.INVALID, State.NO_OUTPUT)
"""Cells without a score: failures to measure, never a tie, a loss or a low score."""


def state_of(columns: SettledColumns, row: int, *, retry_invalid: bool) -> State:
    """Return how a stored key stands: settled by one valid row, or by so many invalid ones.

    Args:
        columns: What is stored.
        row: Where the key stands in it.
        retry_invalid: Count keys with too many invalid attempts as open again.
    """
    if not isnan(columns.score[row]):
        return State.JUDGED
    return State.OPEN if retry_invalid or columns.attempts[row] < MAX_ATTEMPTS else State.INVALID
