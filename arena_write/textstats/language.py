"""Which language a text is in, as far as this project needs to know: English, Chinese, or neither for certain."""

import re
from typing import Literal

from arena_write.textstats.tokens import HAN, KANA

Language = Literal["en", "zh", "und"]

_HAN = re.compile(f"[{HAN}]")
_KANA = re.compile(f"[{KANA}]")
_LATIN = re.compile("[a-zA-Z\u00aa-\u024f]")
_LETTER = re.compile(r"[^\W\d_]")
_LATIN_WORD = re.compile("[a-zA-Z\u00aa-\u024f]+")
# Frequent in English and rare as whole words in other languages that use the Latin script.
_ENGLISH = frozenset(
    re.findall(
        r"\w+",
        "the of and to for with that this is are was were be it you your not from by have has or as at on which what "
        "about should will their",
    )
)

_MIN_HAN = 0.2
_MAX_KANA = 0.1
_MIN_LATIN = 0.5
_MIN_ENGLISH = 0.1
_MIN_WORDS = 30


def detect_language(text: str) -> Language:
    """Return `en`, `zh`, or `und` where neither is certain.

    * `zh`: Han ideographs are at least 20 % of all letters. One ideograph carries about as much as four Latin letters,
      so this is where Chinese starts to be the larger part of a mixed text.
    * `und`: more than 10 % of the CJK letters are kana (Japanese), or neither Han nor Latin letters dominate, or there
      are no letters.
    * `en`: Latin letters are at least half of all letters. From 30 Latin words on, at least 10 % of the words must also
      be common English function words (English prose has 30-50 %, its neighbours under 8 %), otherwise `und`.
    """
    letters = len(_LETTER.findall(text))
    if not letters:
        return "und"
    han = len(_HAN.findall(text))
    kana = len(_KANA.findall(text))
    if kana > _MAX_KANA * (han + kana):
        return "und"
    if han >= _MIN_HAN * letters:
        return "zh"
    if len(_LATIN.findall(text)) < _MIN_LATIN * letters:
        return "und"
    words = _LATIN_WORD.findall(text.lower())
    known = sum(word in _ENGLISH for word in words)
    return "en" if len(words) < _MIN_WORDS or known >= _MIN_ENGLISH * len(words) else "und"
