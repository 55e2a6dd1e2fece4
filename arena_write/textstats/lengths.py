"""How long a text is, and how far that is from the length asked for."""

import math
from collections.abc import Sequence

from arena_write.textstats.language import detect_language
from arena_write.textstats.requests import LengthRequest, Unit
from arena_write.textstats.tokens import is_cjk, tokenize


def count_words(text: str) -> int:
    """Return the number of words: see `tokens` for what a word is. CJK characters are not words."""
    return count_tokens(tokenize(text))[0]


def count_chars(text: str) -> int:
    """Return the Chinese character count (字数): every CJK character, and every word of another script, counts as one.

    Punctuation, spaces and symbols are not counted.
    """
    return len(tokenize(text))


def count_tokens(tokens: Sequence[str]) -> tuple[int, int]:
    """Return (words, chars) of a text that is already cut into tokens."""
    return sum(not is_cjk(token) for token in tokens), len(tokens)


def measure(text: str, unit: Unit) -> int:
    """Return the length of a text in the unit of a request.

    `chars` is `count_chars`, so an English text asked for in 字 has its words counted. `words` is `count_words`, so a
    few Chinese characters in an English text count for nothing; but a text in Chinese has no words to count, and its
    length in words is its 字数.
    """
    if unit == "chars" or detect_language(text) == "zh":
        return count_chars(text)
    return count_words(text)


def in_range(text: str, request: LengthRequest) -> bool:
    """Say whether a text has the length asked for; `about` allows 10 % on both sides."""
    return length_ratio(text, request) == 0


def length_ratio(text: str, request: LengthRequest) -> float:
    """Return how far a text misses a request: 0 inside it, else ln(length / nearest bound).

    Negative is too short, positive too long: -0.69 is half the lower bound, 0.69 twice the upper one. An empty text
    counts as one unit, so that the ratio is finite.
    """
    return count_ratio(measure(text, request.unit), request)


def count_ratio(count: int, request: LengthRequest) -> float:
    """Return `length_ratio` for a text that has `count` units."""
    low, high = request.bounds()
    count = max(count, 1)
    if low is not None and count < low:
        return math.log(count / low)
    if high is not None and count > high:
        return math.log(count / high)
    return 0.0


def log_ratio(count: int, request: LengthRequest) -> float:
    """Return ln(count / number asked for): -0.69 is half of it, 0.69 twice as much; for a range, of its middle.

    Unlike `count_ratio` it says how long texts are where they obey, too: of `at least 2000`, 3000 is 0.41. An empty
    text counts as one unit.
    """
    return math.log(max(count, 1) / request.target)
