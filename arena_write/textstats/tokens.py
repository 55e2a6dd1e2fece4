"""The tokens that all counts in this room are made of.

A token is a word or one CJK character:

* A *word* is a run of letters, digits and combining marks of any script that separates words, with hyphens, apostrophes
  and decimal signs inside it: `well-known`, `don't`, `3.14` and `1,000` are one word each.
* A *CJK character* is a Han ideograph, or one kana or bopomofo sign. Punctuation, symbols and emoji are no tokens.

Scripts that write without spaces and are not CJK (Thai, Khmer, Lao) come out as one word per run between marks; counts
on them are too low.
"""

import re
from collections.abc import Sequence

HAN = "々〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Han ideographs, as the inside of a character class."""

KANA = "\u3041-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\uff66-\uff9f"
"""Japanese kana and bopomofo, as the inside of a character class."""

_CJK = f"[{HAN}{KANA}]"
# Combining marks that Python's \w leaves out: accents, Hebrew and Arabic points, and the vowel signs of Indic scripts.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u06d6-\u06ed"
    "\u0900-\u0903\u093a-\u0963\u0981-\u0ddf\u0e31-\u0e4e"
)
_LETTERS = rf"(?:[^\W_{HAN}{KANA}]|(?!\w)[{_MARKS}])+"
_WORD = rf"{_LETTERS}(?:(?:['’‐‑-]|(?<=\d)[.,](?=\d)){_LETTERS})*"
_TOKEN = re.compile(rf"{_CJK}|{_WORD}")
_CJK_SIGN = re.compile(_CJK)


def tokenize(text: str) -> list[str]:
    """Return the tokens of a text in order, in lower case."""
    return _TOKEN.findall(text.lower())


def is_cjk(token: str) -> bool:
    """Say whether a token is a CJK character rather than a word."""
    return len(token) == 1 and _CJK_SIGN.match(token) is not None


def cjk_share(tokens: Sequence[str]) -> float:
    """Return the share of tokens that are CJK characters, 0 for no tokens."""
    return sum(map(is_cjk, tokens)) / len(tokens) if tokens else 0.0
