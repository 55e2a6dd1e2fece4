"""Statistics of texts in English and Chinese: pure functions on strings, no files, no model.

Length and length requests, repetition, endings, structure, vocabulary and language; `describe` gathers them, and
`TextStatsJudge` compares two texts by them. Tokens, the unit of every count, are defined in `tokens`.
"""

from arena_write.textstats.endings import Ending, ending
from arena_write.textstats.judge import Points, TextStatsJudge, points
from arena_write.textstats.language import Language, detect_language
from arena_write.textstats.lengths import count_chars, count_words, in_range, length_ratio, log_ratio, measure
from arena_write.textstats.published import count_longwriter, length_reward, length_score
from arena_write.textstats.repetition import longest_loop, lzma_ratio, repeated_line_share, repeated_ngram_share
from arena_write.textstats.requests import LengthRequest, parse_length_request
from arena_write.textstats.stats import TextStats, describe
from arena_write.textstats.structure import Structure, split_sentences, structure
from arena_write.textstats.tokens import tokenize
from arena_write.textstats.vocabulary import variety

__all__ = [
    "Ending",
    "Language",
    "LengthRequest",
    "Points",
    "Structure",
    "TextStats",
    "TextStatsJudge",
    "count_chars",
    "count_longwriter",
    "count_words",
    "describe",
    "detect_language",
    "ending",
    "in_range",
    "length_ratio",
    "length_reward",
    "length_score",
    "log_ratio",
    "longest_loop",
    "lzma_ratio",
    "measure",
    "parse_length_request",
    "points",
    "repeated_line_share",
    "repeated_ngram_share",
    "split_sentences",
    "structure",
    "tokenize",
    "variety",
]
