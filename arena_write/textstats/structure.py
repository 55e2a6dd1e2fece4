"""How a text is built: lines, paragraphs, sentences and Markdown marks."""

import math
import re
from dataclasses import dataclass
from typing import Literal

from arena_write.textstats.tokens import tokenize

LineKind = Literal["blank", "heading", "item", "table", "rule", "quote", "fence", "prose"]

_KINDS: list[tuple[LineKind, re.Pattern[str]]] = [
    ("blank", re.compile(r"\s*$")),
    ("heading", re.compile(r"\s{0,3}#{1,6}(?:\s|$)|\s{0,3}\*\*[^*]{1,80}\*\*[:：]?\s*$")),
    ("rule", re.compile(r"\s{0,3}([-*_=~—])(?:\s?\1){2,}\s*$")),
    ("fence", re.compile(r"\s{0,3}(?:```|~~~)")),
    ("table", re.compile(r"\s*\|.*\|\s*$")),
    ("quote", re.compile(r"\s{0,3}>")),
    ("item", re.compile(r"\s*(?:[-*+•·▪◦–]\s+|(?:\d{1,3}|[a-zA-Z])[.)]\s+|\d{1,3}[、．]|[(（][\w]{1,3}[)）]|[①-⑳])\S")),
]
_BOLD = re.compile(r"\*\*[^*\n]{1,300}\*\*|__[^_\n]{1,300}__")
_SENTENCE_END = re.compile(
    r"(?<![.!?…‽。！？])[.!?…‽。！？]+(?:(?<=[。！？…])[”’」』）】》\"')]*|[”’\"')\]»]*(?=\s|$))"
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"“])(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|Gen|Gov|Sen|Rep|Lt|Col|vs|etc|cf|al|Inc|Ltd|Co|No|Fig|Vol|pp?|Eq|Jan"
    r"|Feb|Aug|Sept?|Oct|Nov|Dec|approx|e\.g|i\.e|a\.m|p\.m|[A-Z]\.[A-Z])\.$"
)


@dataclass(frozen=True, slots=True)
class Structure:
    """Counts of a text's parts.

    Args:
        headings: Markdown headings, and lines that are bold as a whole.
        paragraphs: Prose lines: neither blank nor markup. Writers of Chinese and many models part paragraphs by a
            single line break, so a line is a paragraph whether or not a blank one follows.
        list_items: Lines that start with a bullet or a number.
        bold: Stretches set in bold, headings among them.
        tables: Blocks of adjacent table rows.
        sentences: Sentences in prose, quotes and list items; see `split_sentences`.
        sentence_length: Mean tokens per sentence; 0 without sentences.
        sentence_spread: Standard deviation of the tokens per sentence over their mean; 0 under two sentences.
        paragraph_length: Mean tokens per paragraph; 0 without paragraphs.
        longest_paragraph: Share of the paragraphs' tokens that the longest holds; 0 without paragraphs.
        markup_share: Share of the lines that are not blank which are markup: all kinds but prose.
    """

    headings: int
    paragraphs: int
    list_items: int
    bold: int
    tables: int
    sentences: int
    sentence_length: float
    sentence_spread: float
    paragraph_length: float
    longest_paragraph: float
    markup_share: float


def line_kind(line: str) -> LineKind:
    """Say what one line is, in the Markdown that language models write."""
    return next((kind for kind, pattern in _KINDS if pattern.match(line)), "prose")


def split_sentences(line: str) -> list[str]:
    """Cut one line into sentences, by rule.

    A sentence ends at `。！？…`, or at `.!?` before a space or the end of the line, with closing quotes and brackets. A
    full stop after an initial, a common abbreviation or inside a number ends nothing. What stands after the last end
    mark is a sentence too. Pieces without letters or digits are dropped.
    """
    sentences = []
    start = 0
    for match in _SENTENCE_END.finditer(line):
        if match.group() == "." and _ABBREVIATION.search(line, max(start, match.end() - 12), match.end()):
            continue
        sentences.append(line[start : match.end()])
        start = match.end()
    sentences.append(line[start:])
    return [stripped for sentence in sentences if (stripped := sentence.strip()) and any(map(str.isalnum, stripped))]


def structure(text: str) -> Structure:
    """Count the parts of a text; inside a fenced code block every line is markup."""
    kinds: list[LineKind] = []
    sentence_lengths: list[int] = []
    paragraph_lengths: list[int] = []
    bold = 0
    fenced = False
    for line in text.splitlines():
        kind = line_kind(line)
        if kind == "fence":
            fenced = not fenced
        elif fenced and kind != "blank":
            kind = "fence"
        kinds.append(kind)
        if kind in {"prose", "quote", "item"}:
            lengths = [len(tokenize(sentence)) for sentence in split_sentences(line)]
            sentence_lengths += lengths
            if kind == "prose":
                paragraph_lengths.append(sum(lengths))
        if kind != "fence":
            bold += len(_BOLD.findall(line))
    filled = len(kinds) - kinds.count("blank")
    in_paragraphs = sum(paragraph_lengths)
    return Structure(
        headings=kinds.count("heading"),
        paragraphs=len(paragraph_lengths),
        list_items=kinds.count("item"),
        bold=bold,
        tables=sum(kind == "table" and before != "table" for before, kind in zip(["", *kinds], kinds, strict=False)),
        sentences=len(sentence_lengths),
        sentence_length=sum(sentence_lengths) / max(len(sentence_lengths), 1),
        sentence_spread=_spread(sentence_lengths),
        paragraph_length=in_paragraphs / max(len(paragraph_lengths), 1),
        longest_paragraph=max(paragraph_lengths, default=0) / max(in_paragraphs, 1),
        markup_share=(filled - kinds.count("prose")) / filled if filled else 0.0,
    )


def _spread(lengths: list[int]) -> float:
    """Return standard deviation over mean, from integer sums, so that it is the same on every machine."""
    total = sum(lengths)
    squares = sum(length * length for length in lengths)
    return math.sqrt(len(lengths) * squares - total * total) / total if total else 0.0
