"""How lengths are scored elsewhere, as `docs/lengths.md` states it: restated here, not imported."""

import re

from arena_write.store import OutputRecord
from arena_write.textstats.requests import LengthRequest

_LONGEST = 12_000
_RUN = re.compile(r"\w+")


def asked(request: LengthRequest) -> int:
    """Return the number asked for, the middle of a range."""
    ends = [end for end in (request.lo, request.hi) if end is not None]
    return sum(ends) // len(ends)


def reward(length: int, request: LengthRequest) -> float:
    """Return the length reward of LongWriter-Zero."""
    number = asked(request)
    low, high = {
        "about": (0.9 * number, 1.1 * number),
        "at_most": (0.9 * number, number),
        "at_least": (number, 1.1 * number),
        "range": (request.lo or 0, request.hi or 0),
    }[request.kind]
    if round(low, 6) <= length <= round(high, 6):
        return 1.0
    if length < low:
        return length / low
    return max(0.0, (_LONGEST - length) / (_LONGEST - high)) if high < _LONGEST else 0.0


def score_length(row: OutputRecord, required: int) -> float:
    """Return S_L of an answer: 100 less what its distance costs, from a third of what is required to four times."""
    units = 0 if row.failure else _count(row.text)
    if units == 0:
        return 0.0
    over, under = units / required - 1.0, required / units - 1.0
    return max(0.0, 100.0 - 100.0 * max(over / 3.0, under / 2.0))


def _count(text: str) -> int:
    """Return Chinese characters, and runs of letters and digits that are plain letters throughout."""
    characters = sum("\u4e00" <= sign <= "\u9fff" for sign in text)
    return characters + len([run for run in _RUN.findall(text) if run.isascii() and run.isalpha()])
