"""Tokens, lengths and language."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena_write.textstats import (
    LengthRequest,
    count_chars,
    count_words,
    detect_language,
    in_range,
    length_ratio,
    measure,
)
from arena_write.textstats.lengths import count_ratio
from arena_write.textstats.tokens import tokenize


@pytest.mark.parametrize(
    ("text", "words", "chars"),
    [
        ("", 0, 0),
        ("  \n\t\u2028 ", 0, 0),
        ("Hello, world!", 2, 2),
        ("A well-known don't-care attitude.", 4, 4),
        ("It's the '90s \u2014 isn\u2019t it?", 5, 5),
        ("1,000 copies at 3.14 each in 2024.", 7, 7),
        ("snake_case", 2, 2),
        ("你好，世界！", 0, 4),
        ("我用 Python 3 写了 12 行代码。", 3, 10),
        ("🎉🎉 party 🎉", 1, 1),
        ("Слово и дело", 3, 3),
        ("हिन्दी भाषा", 2, 2),
        ("한국어 문장", 2, 2),
        ("カタカナ", 0, 4),
        ("e\u0301te\u0301", 1, 1),
        ("𠀀〇々", 0, 3),
        ("ＡＢＣ １２３", 2, 2),
        ("- - - * * *", 0, 0),
    ],
)
def test_counts(text, words, chars):
    assert (count_words(text), count_chars(text)) == (words, chars)


def test_tokens_are_lower_case_and_in_order():
    assert tokenize("Go 去 NOW") == ["go", "去", "now"]


@settings(deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_counts_add_up_over_paragraphs(first, second):
    joined = f"{first}\n\n{second}"
    assert count_words(joined) == count_words(first) + count_words(second)
    assert count_chars(joined) == count_chars(first) + count_chars(second)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_words_are_among_chars(text):
    assert 0 <= count_words(text) <= count_chars(text) <= len(text)


def test_measure_follows_the_script_of_the_text():
    assert measure("Four words are here", "chars") == 4
    assert measure("Four words are 四", "words") == 3
    assert measure("这里一共有八个字", "words") == 8


def test_length_ratio():
    request = LengthRequest(4, 8, "words", "range", "field")
    assert length_ratio("one two three four five", request) == 0
    assert length_ratio("one two", request) == pytest.approx(math.log(0.5))
    assert length_ratio("word " * 16, request) == pytest.approx(math.log(2))
    assert length_ratio("", request) == pytest.approx(math.log(1 / 4))
    assert in_range("word " * 8, request)
    assert not in_range("word " * 9, request)


def test_length_ratio_of_about_starts_outside_ten_percent():
    request = LengthRequest(1000, 1000, "words", "about", "field")
    assert count_ratio(1100, request) == count_ratio(900, request) == 0
    assert count_ratio(2200, request) == pytest.approx(math.log(2))


ENGLISH = (
    "The gate was open when we came back from the market, and nobody had fed the hens or closed the shed for the night."
)
GERMAN = "Das Tor stand offen, als wir vom Markt zurückkamen, und niemand hatte die Hühner gefüttert"
FRENCH = "La porte était ouverte quand nous sommes revenus du marché et personne n'avait nourri les poules"
SPANISH = "La puerta estaba abierta cuando volvimos del mercado y nadie había dado de comer a las gallinas"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ENGLISH, "en"),
        (ENGLISH * 5, "en"),
        ("Short note", "en"),
        (f"{GERMAN}. " * 3, "und"),
        (f"{FRENCH}. " * 3, "und"),
        (f"{SPANISH}. " * 3, "und"),
        ("我们从集市回来的时候，门是开着的。", "zh"),
        ("用 Python 写一个爬虫，支持 asyncio。", "zh"),
        (f"{ENGLISH} The sign read 出口.", "en"),
        ("市場から帰ると、門が開いていた。", "und"),
        ("Ворота были открыты", "und"),
        ("문이 열려 있었다", "und"),
        ("", "und"),
        ("12 34 !!! 🎈", "und"),
    ],
)
def test_language(text, language):
    assert detect_language(text) == language


@settings(deadline=None)
@given(st.text(max_size=300))
def test_language_never_crashes(text):
    assert detect_language(text) in {"en", "zh", "und"}
