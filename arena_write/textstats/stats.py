"""Everything this room can say about one text."""

from dataclasses import dataclass

from arena_write.textstats.endings import Ending, ending
from arena_write.textstats.language import Language, detect_language
from arena_write.textstats.lengths import count_tokens
from arena_write.textstats.repetition import longest_loop, lzma_ratio, repeated_line_share, repeated_ngram_share
from arena_write.textstats.structure import Structure, structure
from arena_write.textstats.tokens import tokenize
from arena_write.textstats.vocabulary import variety


@dataclass(frozen=True, slots=True)
class TextStats:
    """The statistics of one text.

    Args:
        language: `en`, `zh` or `und`.
        words: Words, CJK characters not counted.
        chars: CJK characters plus words (字数).
        ending: Whether the text comes to an end.
        structure: Headings, paragraphs, sentences and marks.
        variety: Moving-average type-token ratio, 0 to 1.
        repeated_ngrams: Share of tokens in spans of 8 words, or 12 CJK characters, that occur more than once.
        repeated_lines: Share of tokens in lines that repeat an earlier line.
        longest_loop: Tokens in the longest stretch that repeats one unit back to back.
        lzma_ratio: UTF-8 bytes over compressed bytes.
    """

    language: Language
    words: int
    chars: int
    ending: Ending
    structure: Structure
    variety: float
    repeated_ngrams: float
    repeated_lines: float
    longest_loop: int
    lzma_ratio: float


def describe(text: str, language: Language | None = None) -> TextStats:
    """Measure one text.

    Args:
        text: The text, whole. About 10 ms for 2,000 words.
        language: Its language if known; detected otherwise. It is only reported: every measure follows the script.
    """
    tokens = tokenize(text)
    words, chars = count_tokens(tokens)
    return TextStats(
        language=language or detect_language(text),
        words=words,
        chars=chars,
        ending=ending(text),
        structure=structure(text),
        variety=variety(tokens),
        repeated_ngrams=repeated_ngram_share(tokens),
        repeated_lines=repeated_line_share(text),
        longest_loop=longest_loop(tokens),
        lzma_ratio=lzma_ratio(text),
    )
