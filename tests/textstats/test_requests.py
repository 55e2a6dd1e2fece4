"""Length requests: the record, and reading one from a prompt."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena_write.textstats import LengthRequest, parse_length_request

CORPUS = [
    json.loads(line)
    for line in Path(__file__).with_name("corpus_requests.jsonl").read_text(encoding="utf-8").split("\n")
    if line
]


@pytest.mark.parametrize("case", CORPUS, ids=[case["text"][:40] for case in CORPUS])
def test_corpus(case):
    found = parse_length_request(case["text"])
    assert (found and found.describe()) == case["request"]


def test_corpus_covers_both_languages_and_silence():
    assert len(CORPUS) >= 60
    assert sum(case["request"] is None for case in CORPUS) >= 15
    assert sum(any("一" <= char <= "鿿" for char in case["text"]) for case in CORPUS) >= 25


def test_bounds_allow_ten_percent_only_around_one_number():
    about = LengthRequest(1000, 1000, "words", "about", "field")
    assert about.bounds() == pytest.approx((900, 1100))
    assert about.bounds(0.2) == pytest.approx((800, 1200))
    assert LengthRequest(900, 1200, "words", "range", "field").bounds() == (900, 1200)
    assert LengthRequest(None, 300, "chars", "at_most", "field").bounds() == (None, 300)
    assert LengthRequest(2000, None, "words", "at_least", "field").bounds() == (2000, None)


@pytest.mark.parametrize(
    ("request_", "allowed", "refused"),
    [
        (LengthRequest(1000, 1000, "words", "about", "field"), [900, 1000, 1100], [899, 1101]),
        (LengthRequest(900, 1200, "words", "range", "field"), [900, 1200], [899, 1201]),
        (LengthRequest(None, 300, "chars", "at_most", "field"), [0, 300], [301]),
        (LengthRequest(2000, None, "words", "at_least", "field"), [2000, 99999], [1999, 0]),
    ],
)
def test_allows(request_, allowed, refused):
    assert all(request_.allows(count) for count in allowed)
    assert not any(request_.allows(count) for count in refused)


def test_target():
    assert LengthRequest(900, 1200, "words", "range", "field").target == 1050
    assert LengthRequest(None, 300, "chars", "at_most", "field").target == 300
    assert LengthRequest(2000, None, "words", "at_least", "field").target == 2000


@pytest.mark.parametrize(
    ("lo", "hi", "kind"),
    [
        (0, 0, "about"),
        (0, None, "at_least"),
        (None, 0, "at_most"),
        (-5, None, "at_least"),
        (100, 200, "about"),
        (100, 200, "at_most"),
        (100, 200, "at_least"),
        (200, 100, "range"),
        (100, 100, "range"),
        (None, 100, "range"),
        (None, None, "at_most"),
        (True, None, "at_least"),
        (1.5, None, "at_least"),
        (100, 100, "exactly"),
    ],
)
def test_refuses_what_is_no_request(lo, hi, kind):
    with pytest.raises(ValueError):
        LengthRequest(lo, hi, "words", kind, "field")


@pytest.mark.parametrize(("unit", "source"), [("pages", "field"), ("words", "guessed")])
def test_refuses_unknown_unit_and_source(unit, source):
    with pytest.raises(ValueError):
        LengthRequest(1, 1, unit, "about", source)


def test_own_words_win_over_a_quoted_document():
    quoted = "Background. " * 200 + "In total the thesis had 9000 words. " + "More background. " * 200
    for prompt in (f"Write 600 words on this:\n{quoted}", f"{quoted}\nWrite 600 words on this."):
        assert parse_length_request(prompt).describe() == "about 600 words"


def test_total_wins_over_parts():
    prompt = (
        "写一份白皮书，总字数不少于2万字。\n一、前言（1000字左右）\n二、主要内容（9000字左右）\n三、建议（3000字左右）"
    )
    assert parse_length_request(prompt).describe() == "at least 20000 chars"


def test_language_decides_the_unit_of_a_bare_word_count():
    assert parse_length_request("Word count: 800").unit == "words"
    assert parse_length_request("Word count: 800", "zh").unit == "chars"


@settings(deadline=None)
@given(st.text(max_size=300))
def test_never_crashes(text):
    found = parse_length_request(text)
    assert found is None or found.target >= 5


PIECES = [
    "about ",
    "500",
    "-",
    "至",
    "words",
    "字",
    "不少于",
    "1,000",
    "每",
    "each ",
    "三千",
    ".",
    "\n",
    "以内",
    "0",
    " ",
    "k",
    "to ",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_never_crashes_on_its_own_vocabulary(pieces):
    found = parse_length_request("".join(pieces))
    assert found is None or found.source == "parsed"


@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "1,",
        "1 ",
        "1-",
        "一",
        "one ",
        "one-",
        "500 words ",
        "500字",
        " ",
        "each ",
        "no more than ",
        "(",
        "字数",
        ".",
    ],
)
def test_linear_on_100_kb(unit):
    start = time.perf_counter()
    parse_length_request(unit * (100_000 // len(unit.encode())) + " about 500 words")
    assert time.perf_counter() - start < 10
