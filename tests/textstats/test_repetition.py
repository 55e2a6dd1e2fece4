"""Repetition and vocabulary: what a copy, a loop and a clean text look like."""

import random

import pytest
from textstats.samples import chinese, english

from arena_write.textstats import longest_loop, lzma_ratio, repeated_line_share, repeated_ngram_share, variety
from arena_write.textstats.tokens import tokenize


def _distinct(count, start=0):
    return [f"w{index}" for index in range(start, start + count)]


def test_no_repetition_in_distinct_tokens():
    tokens = _distinct(500)
    assert repeated_ngram_share(tokens) == 0
    assert longest_loop(tokens) == 0
    assert variety(tokens) == 1


def test_ngram_share_counts_every_occurrence_once():
    copied = _distinct(10)
    tokens = [*copied, *_distinct(80, 100), *copied]
    assert repeated_ngram_share(tokens) == pytest.approx(20 / 100)
    assert repeated_ngram_share(copied[:7] + _distinct(80, 100) + copied[:7]) == 0


def test_spans_are_longer_in_chinese():
    phrase = "在座的每一位朋友都明白"
    assert len(phrase) == 11
    text = f"{phrase}山高水长日月同辉。{phrase}天南地北各自珍重。"
    assert repeated_ngram_share(tokenize(text)) == 0
    assert repeated_ngram_share(tokenize(text.replace(phrase, phrase + "了"))) > 0.5
    assert repeated_ngram_share(tokenize(text), span=8) > 0.5


def test_short_texts_have_no_spans():
    assert repeated_ngram_share([]) == 0
    assert repeated_ngram_share(["a"] * 8) == 0
    assert repeated_ngram_share(["a"] * 9) == 1


def test_repeated_lines():
    line = "The same line of five"
    assert repeated_line_share(f"{line}\nAnother line entirely for once\n{line}") == pytest.approx(5 / 15)
    assert repeated_line_share("No.\nNo.\nNo.\n---\n---") == 0
    assert repeated_line_share("") == 0
    assert repeated_line_share("这是同一行文字\n这是同一行文字") == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ([], 0),
        (["very", "very", "good"], 0),
        (["ha"] * 6, 6),
        ([*_distinct(9), *["a", "b", "c"] * 5, *_distinct(9, 50)], 15),
        (_distinct(10) * 2, 0),
        (_distinct(10) * 3, 30),
        (_distinct(20) * 2, 40),
        ([*_distinct(30, 90), *_distinct(20) * 4], 80),
        (["a", "b", "c", "d", "x", "a", "b", "c", "d", "y"] * 3, 30),
    ],
)
def test_longest_loop(tokens, expected):
    assert longest_loop(tokens) == expected


def test_a_loop_of_lines_is_seen_in_both_languages():
    for text, line in (
        (english(), "And then the rain began again, as it always did."),
        (chinese(), "雨又开始下了，和昨夜一样。"),
    ):
        assert longest_loop(tokenize(text)) == 0
        assert longest_loop(tokenize(text + f"\n{line}" * 20)) == 20 * len(tokenize(line))


def test_lzma_ratio_grows_with_copies_at_a_distance():
    rng = random.Random(7)
    noise = "".join(rng.choices("abcdefghijklmnopqrstuvwxyz ", k=40_000))
    assert lzma_ratio("") == 1
    assert lzma_ratio(noise + noise) > 1.9 * lzma_ratio(noise)


def test_variety_does_not_depend_on_length():
    tokens = tokenize(english(600))
    assert variety(tokens) == pytest.approx(variety(tokens[: len(tokens) // 3]), abs=0.03)


def test_variety_sees_a_small_vocabulary():
    rng = random.Random(3)
    small = [f"w{rng.randrange(30)}" for _ in range(1000)]
    large = [f"w{rng.randrange(3000)}" for _ in range(1000)]
    assert variety(small) < 0.4 < 0.9 < variety(large)
    assert variety(["a", "b", "c"]) < 0.05
    assert variety([]) == 0


def test_variety_is_a_mean_over_windows():
    tokens = ["a", "b", "a", "a"]
    assert variety(tokens, window=2) == pytest.approx((2 + 2 + 1) / 6)
