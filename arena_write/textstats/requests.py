"""The length a prompt asks for: the request itself, and how it is read from the prompt's words."""

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

Unit = Literal["words", "chars"]
Kind = Literal["about", "at_most", "at_least", "range"]


@dataclass(frozen=True, slots=True)
class LengthRequest:
    """The length that a prompt asks for, as a whole; a prompt that asks for none has `None`, never 0.

    Args:
        lo: Fewest units; `None` for `at_most`. For `about`, the number asked for.
        hi: Most units; `None` for `at_least`. For `about`, the number asked for.
        unit: `words` (space-separated writing) or `chars` (Chinese characters, 字数).
        kind: `about` one number, `at_most`, `at_least`, or a `range` with `lo < hi`.
        source: `field` where the benchmark states it, `parsed` where it was read from the prompt's words.

    Raises:
        ValueError: The numbers do not fit the kind, or a number is not a positive integer.
    """

    lo: int | None
    hi: int | None
    unit: Unit
    kind: Kind
    source: Literal["field", "parsed"]

    def __post_init__(self) -> None:
        """Refuse what is not a request."""
        lo, hi = self.lo, self.hi
        for number in (lo, hi):
            if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number < 1):
                raise ValueError(f"a length is a positive integer, not {number!r}; no request at all is None")
        if self.unit not in {"words", "chars"} or self.source not in {"field", "parsed"}:
            raise ValueError(f"unknown unit or source: {self.unit!r}, {self.source!r}")
        fits = {
            "about": lo is not None and lo == hi,
            "at_most": lo is None and hi is not None,
            "at_least": lo is not None and hi is None,
            "range": lo is not None and hi is not None and lo < hi,
        }
        if not fits.get(self.kind, False):
            raise ValueError(f"a length request of kind {self.kind!r} cannot have lo={lo!r} and hi={hi!r}")

    def bounds(self, tolerance: float = 0.10) -> tuple[float | None, float | None]:
        """Return the fewest and most units that obey; `None` where that side is open.

        `about` allows `tolerance` on both sides (10 %, as does the length reward of LongWriter-Zero,
        arXiv 2506.18841);
        the other kinds are taken as stated, without tolerance.
        """
        if self.kind == "about" and self.lo is not None:
            return self.lo * (1 - tolerance), self.lo * (1 + tolerance)
        return (
            None if self.lo is None else float(self.lo),
            None if self.hi is None else float(self.hi),
        )

    def allows(self, count: float, *, tolerance: float = 0.10) -> bool:
        """Say whether `count` units obey the request; see `bounds`."""
        low, high = self.bounds(tolerance)
        return (low is None or count >= low) and (high is None or count <= high)

    @property
    def target(self) -> int:
        """The one number that stands for the request: the number asked for, or the middle of a range, rounded down."""
        if self.lo is None or self.hi is None:
            return self.lo or self.hi or 0
        return (self.lo + self.hi) // 2

    def describe(self) -> str:
        """Return the request for people, such as `900-1200 words`, `about 150 words` or `at most 300 chars`."""
        if self.kind == "range":
            return f"{self.lo}-{self.hi} {self.unit}"
        return f"{self.kind.replace('_', ' ')} {self.target} {self.unit}"


class _Mention(NamedTuple):
    """A number with a unit that may be the request of the whole."""

    start: int
    end: int
    request: LengthRequest
    total: bool
    part: bool


def parse_length_request(text: str, language: str | None = None) -> LengthRequest | None:
    """Read the length that a prompt's own words ask for; `None` where they ask for none.

    English and Chinese phrasings are read, in digits, with `k`, `千` or `万`, or in number words. `words`, `词` and
    `单词` are words; `characters`, `字` and `汉字` are chars, in whatever language the answer shall be. Pages, lines
    and minutes are no length requests. Where a prompt holds several numbers:

    1. Not a request of the whole: a part (`each`, `every`, `per`, `每`, `各`), a title, the length of a given text
       or a change of it (`this 900-word article`, `已经写了2000字`, `cut by 200 words`), fewer than 20 units (5 where a
       bound or a range is stated), and fewer than 50 English `characters`, as likely the cast of a story.
    2. A lower bound closely followed by a higher upper bound is one range.
    3. Of several that remain, one in the first or last 1,000 characters wins over one in the middle, where quoted
       documents lie; then one for the total (`in total`, `全文`); then one not tied to a named part (`introduction`,
       `结尾`); then the larger; then the first. Named parts alone that disagree are no request of the whole.

    Args:
        text: The prompt. Time is linear in its length.
        language: The prompt's language if known; in `zh`, `word count: 800` without a unit means characters.
    """
    text = text.translate(_ASCII_DIGITS)
    mentions = _merged([found for match in _MENTION.finditer(text) if (found := _read(match, language))])
    if not mentions:
        return None
    last = len(text) - _EDGE

    def rank(mention: _Mention) -> tuple[bool, bool, bool]:
        return mention.start < _EDGE or mention.end > last, mention.total, not mention.part

    best = max(mentions, key=lambda mention: (rank(mention), mention.request.target, -mention.start))
    rivals = {mention.request for mention in mentions if rank(mention) == rank(best)}
    return None if best.part and len(rivals) > 1 else best.request


_EDGE = 1000
_ASCII_DIGITS = {0xFF10 + digit: 0x30 + digit for digit in range(10)}
_TEENS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2}
_DIGITS |= {name: value for value, name in enumerate(f"{_TEENS}|eighteen|nineteen".split("|"), start=1)}
_DIGITS |= {name: 10 * value for value, name in enumerate(_TENS.split("|"), start=2)}
_SCALES = {"十": 10, "百": 100, "hundred": 100, "千": 1000, "thousand": 1000, "k": 1000, "万": 10000, "w": 10000}


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_NAME = f"{_TEENS}|eighteen|nineteen|{_TENS}"
_NUMBER = (
    r"(?:(?:\d{1,3}(?:,\d{3})+|\d{1,7}(?:\.\d{1,2})?)(?:[ ]?k(?![a-z])|[ ]?[千万]|w(?=字))?"
    r"|(?<![零一二两三四五六七八九十百千万数几上])(?<![数几上]\n)[零一二两三四五六七八九十百千万]{1,9}"
    rf"|\b(?:an?[ ](?:hundred|thousand)|{_NAME})(?:[ -](?:and[ -])?(?:{_NAME}|hundred|thousand)){{0,5}}+\b)"
)
_BETWEEN = (
    r"\s?(?:字|词|words?)?\s{0,2}(?:[-–—―~～〜]{1,2}|至|到|或|\bto\b|\band\b|\bor\b)[\s-]{0,2}"
    r"|\s?(?:字|词|words?)?[，,、]?\s?(?:但|且|并|(?:but|and)\s)?"
    r"(?P<upper>不得?超过|不多于|no more than|not exceeding|at most|up to)\s?"
)
_MENTION = _whole(
    rf"(?<![0-9a-z])(?<!\d[.,])(?P<a>{_NUMBER})(?:(?P<sep>{_BETWEEN})(?P<b>{_NUMBER}))?"
    r"(?:\s{0,2}(?P<plus>\+|多|余|plus\b)?[\s-]{0,2}(?:"
    r"(?P<han>Chinese[ -](?:characters?|words?)(?![a-z])|个?(?:中文|汉语|英文)?(?:字符|汉?字"
    r"(?![节母段典幕数号体形词元面经文])))|(?P<chars>(?:English[ ])?char(?:acter)?s?(?![a-z]))"
    r"|(?P<words>(?:English[ ])?words?(?![a-z]|[ ](?:doc|file|templ))|个?(?:英文|英语)?(?:单词|词(?![语汇典条性组]))))"
    r"|(?<=\d)(?=\s?(?:[，。,.;；、)）\n]|左右|上下|以上|以内|以下|之间|$)))"
)
_ADJACENT = re.compile(r"([一二两三四五六七八])([二三四五六七八九])([百千万])")
_STOP = re.compile(r"[\n。！？!?；;]|\.(?=\s)")
_FILL = (
    r"(?:[\s:：=(（\"“约大概在为到是于]|\b(?:an?|the|of|is|be|to|at|in|it|with|your|answer|response|text|essay|total"
    r"|overall|full|words?|count|length|limit|size|about|around|approximately|roughly|recommended|required)\b|篇幅|字数)*$"
)
_NOT = r"(?:\b(?:no|not|never|cannot)\b|n['’]t\b)\s+(?:be\s+|to\s+)?"
_LEFT: list[tuple[re.Pattern[str], Kind]] = [
    (
        _whole(
            rf"(?:{_NOT}(?:less|fewer|shorter|lower|under|below)(?:\s+than)?|[不无]得?[能可应]?[少低小短下]于){_FILL}"
        ),
        "at_least",
    ),
    (
        _whole(
            rf"(?:{_NOT}(?:more|longer|greater|over|exceed|above|higher|surpass)(?:ing)?(?:\s+than)?"
            rf"|[不别勿未][得能可要应]{{0,2}}(?:超过|超出|[多大高长]于)){_FILL}"
        ),
        "at_most",
    ),
    (
        _whole(
            r"(?:\b(?:at\s+lea[sd]?[te]|minimum|min|(?:more|greater|longer)\s+than|over|exceed(?:s|ing)?|above)\b\.?|[≥>]"
            rf"|至少|最少|最低|起码|超过|超出|[多大高]于){_FILL}"
        ),
        "at_least",
    ),
    (
        _whole(
            r"(?:\b(?:at\s+most|up\s+to|max(?:imum)?|under|(?:less|fewer|shorter)\s+than|within|below|limit(?:ed|s|ing)?)\b\.?"
            rf"|[≤<]|至多|最多|上限|[少低小]于|限制?){_FILL}"
        ),
        "at_most",
    ),
]
_OR_MORE = _whole(r"\s*(?:及?或?以上|起(?!来)|(?:or|and)\s+(?:more|longer|above|over)|min(?:imum)?\b|at\s+least)")
_OR_LESS = _whole(
    r"\s*(?:及?或?以[内下]|之?内|封顶|为限|(?:or|and)\s+(?:less|fewer|under|below)|max(?:imum)?\b|at\s+most|limit\b)"
)
_BARE = _whole(r"(?:\bword\s+(?:count|limit|length)|字数|词数)[^\d]{0,24}$")
_TOTAL = _whole(r"\b(?:total\w*|whole|entire|overall|altogether)\b|全[文篇]|总|整[篇体个]|[合共]计|通篇")
_EACH_LEFT = _whole(
    r"(?:^|[,:(*-]\s*|\b(?:and|with|for|of|in|make|keep|write)\s+)(?:each|every)\b[^,()]{0,60}$|\bper\s+\w+[^,()]{0,20}$"
    r"|\b(?:several|multiple|two|three|four|five|\d)\s$"
    r"|[每各][^，,。：（(]{0,14}(?<!的)$|[每各][篇段章节条首幕天周][^，,。：（(]{0,10}的$"
)
_EACH_RIGHT = _whole(r"[^,.;，。\n]{0,15}\b(?:each|apiece|per)\b|\s+an?\s+(?:day|week|chapter)\b|[/／][篇段章节天]")
_TITLE = _whole(
    r"(?:标题|题目|口号|关键词)[^。；为《]{0,14}$|\b(?:titles?|headlines?|subtitles?|slogans|keywords?)\b[^.,;\"“']{0,25}$"
)
_GIVEN = _whole(
    r"\b(?:this|these|following|attached|given|original|existing|already\s+(?:written|wrote|have))\s*(?:\w+\s)?$"
    r"|\b(?:increas|expand|extend|reduc|cut|shorten)\w*\b[^,.;]{0,30}\bby\s*$|(?:增加|增添|删减|减少)了?$"
    r"|(?:这|那|该|原|以下|下面|上述)(?:[篇段份个]|文)[^，。]{0,4}$|(?:已经?|目前|现在)写了?[^，。]{0,4}$"
)
_PART = _whole(
    r"\b(?:abstract|summary|introduct\w+|conclu\w+|sections?|paragraphs?|chapters?|part|opening|ending|body|review)\b"
    r"|开头|开篇|中间|结尾|摘要|引言|前言|导语|结论|部分|段落?|章节|小节|第[一二三四五六七八九十\d]+[章节段篇幕]|[一二三四五六七八九十]、"
)


def _read(match: re.Match[str], language: str | None) -> _Mention | None:
    """Turn a number in the prompt into a mention, or into nothing where it is no request of the whole."""
    start, end = match.span()
    left = _STOP.split(match.string[max(0, start - 80) : start])[-1].lstrip()
    right = match.string[end : end + 32]
    named = match["han"] or match["chars"] or match["words"]
    if not named and not _BARE.search(left):
        return None
    chars = match["han"] or match["chars"] or (not named and (language == "zh" or "字数" in left))
    request = _request(match, left, right, unit="chars" if chars else "words")
    clause = re.split(r"[，,、：:（(]", left)[-1]
    if request is None or _EACH_RIGHT.match(right) or _GIVEN.search(clause):
        return None
    total = bool(_TOTAL.search(clause))
    titled = request.target < 60 and _TITLE.search(left)
    if (match["chars"] and request.target < 50) or (not total and (titled or _EACH_LEFT.search(left))):
        return None
    return _Mention(start, end, request, total, bool(_PART.search(left)))


def _request(match: re.Match[str], left: str, right: str, *, unit: Unit) -> LengthRequest | None:
    second = match["b"] or ""
    low, high = _value(match["a"]), _value(second)
    if adjacent := _ADJACENT.fullmatch(match["a"]):
        low, high = _value(adjacent[1] + adjacent[3]), _value(adjacent[2] + adjacent[3])
    if 0 < low < 100 and high >= 1000 and second[-1].lower() in {"千", "万", "k", "w"}:
        low *= _SCALES[second[-1].lower()]
    listed = (match["sep"] or "").strip().lower() == "and" and not re.search(
        r"\b(?:between|from)\b", left, re.IGNORECASE
    )
    if low < high and not listed:
        return LengthRequest(low, high, unit, "range", "parsed") if low >= 5 else None
    number = high or low
    kind: Kind = "about"
    if match["plus"] in {"+", "plus"} or _OR_MORE.match(right):
        kind = "at_least"
    elif _OR_LESS.match(right):
        kind = "at_most"
    else:
        kind = next((kind for pattern, kind in _LEFT if pattern.search(left)), "about")
    if number < (20 if kind == "about" else 5):
        return None
    return LengthRequest(
        lo=None if kind == "at_most" else number,
        hi=None if kind == "at_least" else number,
        unit=unit,
        kind=kind,
        source="parsed",
    )


def _value(token: str) -> int:
    """Return the number that `token` names, 0 for an empty one."""
    token = token.lower().strip()
    if token[:1].isdigit():
        return round(float(token.rstrip("k千万w ").replace(",", "")) * _SCALES.get(token[-1], 1))
    total = section = digit = 0
    for part in re.findall(r"[a-z]+|[^\W\d_a-z]", token):
        scale = _SCALES.get(part, 0)
        if scale == 10000:
            total, section, digit = (total + section + digit or 1) * scale, 0, 0
        elif scale:
            section, digit = section + (digit or 1) * scale, 0
        else:
            digit += _DIGITS.get(part, 0)
    return total + section + digit


def _merged(mentions: list[_Mention]) -> list[_Mention]:
    """Join a lower bound and an upper bound that stand together into a range."""
    joined: list[_Mention] = []
    for mention in mentions:
        last = joined[-1] if joined else None
        if last and mention.start - last.end <= 30 and last.request.unit == mention.request.unit:
            low, high = sorted((last.request.target, mention.request.target))
            if {last.request.kind, mention.request.kind} == {"at_least", "at_most"} and low < high:
                request = LengthRequest(low, high, mention.request.unit, "range", "parsed")
                joined[-1] = last._replace(end=mention.end, request=request, total=last.total or mention.total)
                continue
        joined.append(mention)
    return joined
