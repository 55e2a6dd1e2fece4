"""A judge that compares statistics of two texts: no model, no key, the same answer everywhere. It does not read.

It lets people try the whole harness for nothing, and it is a floor for real judges: what can be said about two long
texts without understanding a word. Its ratings are called "text-statistics rating (not quality)".

A text earns up to 10 points, in six parts (`Points`):

* **length**, 2: the full 2 inside the request that is parsed from the prompt, falling by the logarithm of the ratio to
  the nearest bound, 0 at a third or three times of it. Without a request, 100 words or characters are enough.
* **repetition**, 2: full for none, falling in proportion to the worst of three shares: tokens in repeated spans (0 at
  100 %), in repeated lines (0 at 50 %), in one back-to-back loop (0 at 50 %).
* **sentences**, 2: half for their mean length (15-20 words, as guides to plain English advise, or 20-45 Chinese
  characters), half for its variation (standard deviation 0.4-0.8 of the mean).
* **layout**, 2: half for the mean length of paragraphs (50-150 words or 80-250 characters), half for lines that are
  markup (at most a third).
* **vocabulary**, 1: the moving-average type-token ratio, of pairs of characters in Chinese.
* **ending**, 1: finished 1, unclear 1/2, broken off 0.

Outside its band, a value of sentences and layout falls by the logarithm of the ratio, 0 at half or twice. Points are
rounded to 6 decimals. Less than 0.25 apart is a tie, 2 or more apart is much better. A text without a word has 0
points. Swapping the texts flips the verdict exactly.

The weights are set by hand so that no part decides alone: among the 2,000-word answers of four models of very different
strength, each model wins some battles against each other one. Nothing was fitted to judgements of quality.
"""

import math
from dataclasses import astuple, dataclass
from functools import lru_cache

from arena_write.textstats.lengths import count_ratio
from arena_write.textstats.requests import LengthRequest, parse_length_request
from arena_write.textstats.stats import TextStats, describe
from judges.ports import Comparison, JudgeSpec
from judges.verdicts import Verdict

TIE_BELOW = 0.25
"""Points apart under which two texts tie."""

MUCH_BETTER_FROM = 2.0
"""Points apart from which a text is much better."""

_ENOUGH = 100
_LENGTH_REACH = math.log(3)
_BAND_REACH = math.log(2)
_ENDINGS = {"finished": 1.0, "unclear": 0.5, "broken_off": 0.0}

_describe = lru_cache(maxsize=2048)(describe)
_request = lru_cache(maxsize=2048)(parse_length_request)


@dataclass(frozen=True, slots=True)
class Points:
    """What one text earned; see the module for the rule."""

    length: float
    repetition: float
    sentences: float
    layout: float
    vocabulary: float
    ending: float

    @property
    def total(self) -> float:
        """Sum of the parts, 0 to 10, rounded to 6 decimals."""
        return round(math.fsum(astuple(self)), 6)


class TextStatsJudge:
    """The judge `builtin/textstats`; pairwise only."""

    @property
    def spec(self) -> JudgeSpec:
        """Who judges; `template` is the version of the rule."""
        return JudgeSpec(
            name="textstats",
            model="builtin/textstats",
            template="1",
            reply_format="none",
            label="text-statistics rating (not quality)",
        )

    async def compare(self, prompt: str, first: str, second: str, *, repeat: int = 0) -> Comparison:
        """Compare two answers to `prompt` by their points; `repeat` changes nothing."""
        request = _request(prompt)
        lead = round(points(first, request).total - points(second, request).total, 6)
        return Comparison(outcome=_verdict(lead))

    async def aclose(self) -> None:
        """Hold nothing, so let go of nothing."""


def points(text: str, request: LengthRequest | None) -> Points:
    """Return the points that a text earns where `request` is asked for."""
    stats = _describe(text)
    if not stats.chars:
        return Points(length=0.0, repetition=0.0, sentences=0.0, layout=0.0, vocabulary=0.0, ending=0.0)
    chinese = 2 * stats.words < stats.chars
    shape = stats.structure
    loop = stats.longest_loop / stats.chars
    size = _band(shape.sentence_length, low=20, high=45) if chinese else _band(shape.sentence_length, low=15, high=20)
    block = (
        _band(shape.paragraph_length, low=80, high=250) if chinese else _band(shape.paragraph_length, low=50, high=150)
    )
    return Points(
        length=2 * max(0.0, 1 - abs(_miss(stats, request)) / _LENGTH_REACH),
        repetition=2 * max(0.0, 1 - max(stats.repeated_ngrams, stats.repeated_lines / 0.5, loop / 0.5)),
        sentences=size + _band(shape.sentence_spread, low=0.4, high=0.8),
        layout=block + _band(shape.markup_share, low=0, high=1 / 3),
        vocabulary=stats.variety,
        ending=_ENDINGS[stats.ending],
    )


def _miss(stats: TextStats, request: LengthRequest | None) -> float:
    """Return the log ratio to the request, in the unit that `lengths.measure` would take."""
    if request is None:
        request = LengthRequest(_ENOUGH, None, "chars", "at_least", "parsed")
    return count_ratio(stats.chars if request.unit == "chars" or stats.language == "zh" else stats.words, request)


def _band(value: float, *, low: float, high: float) -> float:
    """Return 1 inside a band, falling by the logarithm of the ratio to the nearest edge, 0 from twice or half of it."""
    if low <= value <= high:
        return 1.0
    if value <= 0:
        return 0.0
    return max(0.0, 1 - abs(math.log(value / (low if value < low else high))) / _BAND_REACH)


def _verdict(lead: float) -> Verdict:
    if abs(lead) < TIE_BELOW:
        return Verdict.TIE
    verdict = Verdict.A_MUCH_BETTER if abs(lead) >= MUCH_BETTER_FROM else Verdict.A_BETTER
    return verdict if lead > 0 else verdict.flipped
