"""How others score lengths, by their own counting: to be read beside their figures, and nowhere else.

Our own count is `lengths.measure`, which sees digits and every script, in the unit that the prompt names.
"""

import re

from arena_write.textstats.requests import LengthRequest

LONGEST = 12_000
"""Units at which the longest range ends that LongWriter-Zero's reward may expect (arXiv 2506.18841)."""

_LONGWRITER_UNIT = re.compile(r"[\u4e00-\u9fff]|\b[a-zA-Z]+\b")


def count_longwriter(text: str) -> int:
    """Return the length of a text as LongWriter counts it (arXiv 2408.07055): Chinese characters plus English words.

    A character is one of the block U+4E00 to U+9FFF, a word a run of the letters a to z that no other letter, digit or
    underscore touches. So numbers, `3D`, `café` and other scripts count for nothing, and `don't` is two.
    """
    return len(_LONGWRITER_UNIT.findall(text))


def length_score(required: int, produced: int) -> float:
    """Return S_L of LongBench-Write (arXiv 2408.07055), 0 to 100: how close `produced` is to `required`.

    100 where they are equal; too long costs a third of what was required for each 100 %, so that 0 is reached at four
    times as much; too short reaches 0 at a third of it. A text without any unit scores 0, which the published formula
    comes to as well, but divides by zero on the way.

    Args:
        required: Units asked for, from 1 on.
        produced: Units written, by `count_longwriter`.
    """
    if produced > required:
        return 100.0 * max(0.0, 1.0 - (produced / required - 1.0) / 3.0)
    if 3 * produced <= required:
        return 0.0
    return 100.0 * (1.0 - (required / produced - 1.0) / 2.0)


def length_reward(request: LengthRequest, produced: int) -> float:
    """Return the length reward of LongWriter-Zero (arXiv 2506.18841), 0 to 1.

    1 inside the range expected; `produced / lo` below it; `(most - produced) / (most - hi)` above it, never under 0.
    The range is 10 % around a number asked for, [0.9 n, n] for no more than n, [n, 1.1 n] for at least n, and a range
    as stated. `most` is not published: it is taken to be `LONGEST`, and for a range that ends beyond that, any longer
    text gets 0.

    Args:
        request: What the prompt asks for; the published reward had a model guess a range.
        produced: Units written, by `lengths.measure`.
    """
    low, high = _expected(request)
    if produced < low:
        return produced / low
    if produced <= high:
        return 1.0
    return max(0.0, (LONGEST - produced) / (LONGEST - high)) if high < LONGEST else 0.0


def _expected(request: LengthRequest) -> tuple[float, float]:
    """Return the ends of the range that earns the whole reward."""
    if request.kind == "range":
        return float(request.lo or 0), float(request.hi or 0)
    asked = request.target
    low = asked if request.kind == "at_least" else asked * 9 / 10
    high = asked if request.kind == "at_most" else asked * 11 / 10
    return float(low), float(high)
