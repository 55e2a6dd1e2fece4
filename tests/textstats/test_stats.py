"""All statistics of one text, on anything that can be a string."""

import math
import time
from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textstats.samples import chinese, english

from arena_write.textstats import describe


def _numbers(value):
    if isinstance(value, dict):
        return [number for item in value.values() for number in _numbers(item)]
    return [value] if isinstance(value, (int, float)) else []


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400) | st.text(alphabet="# -*|`.。,\n\u2028 ab中1🎉)“", max_size=400))
def test_every_number_is_finite_and_not_negative(text):
    found = asdict(describe(text))
    assert all(math.isfinite(number) and number >= 0 for number in _numbers(found))
    shares = ["variety", "repeated_ngrams", "repeated_lines"]
    assert all(found[name] <= 1 for name in shares)
    assert found["longest_loop"] <= found["chars"]


def test_english_prose():
    found = describe(english(120))
    assert (found.language, found.ending) == ("en", "finished")
    assert found.words == found.chars > 1200
    assert found.structure.paragraphs == 30
    assert found.longest_loop == 0
    assert found.repeated_lines == 0


def test_chinese_prose():
    found = describe(chinese(120))
    assert (found.language, found.ending) == ("zh", "finished")
    assert (found.words, found.structure.sentences) == (0, 120)
    assert found.variety > 0.5


def test_a_known_language_is_kept():
    assert describe("Bonjour", "und").language == "und"


@pytest.mark.parametrize(
    "text",
    [
        english(1300),
        chinese(1200),
        chinese(1200).replace("\n", ""),
        "word " * 20_000,
        "好" * 33_000,
        "." * 100_000,
        ".a" * 50_000,
        ".)" * 50_000,
        " " * 100_000,
        "\n" * 100_000,
        "*" * 100_000,
        "|" * 100_000,
        "| " * 50_000,
        "- " * 50_000,
        "#" * 100_000,
        "@." * 50_000,
        "a" * 100_000,
        "a-" * 50_000,
        "**a" * 33_000,
        "“" * 33_000,
        "🎉" * 25_000,
        "\u0301" * 50_000,
    ],
    ids=lambda text: f"{text[:3]!r}",
)
def test_100_kb_in_well_under_a_second(text):
    assert len(text.encode()) > 80_000
    start = time.perf_counter()
    describe(text)
    assert time.perf_counter() - start < 5.0
