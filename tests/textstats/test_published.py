"""Lengths as others score them: worked by hand, and held against figures of real answers."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_write.textstats import LengthRequest, count_longwriter, length_reward, length_score, log_ratio

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "hellobench"
needs_answers = pytest.mark.skipif(not DATA.is_dir(), reason="needs the published answers in ../shared/data/hellobench")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("Two words.", 2),
        ("In 2024, 3 of 10 fell.", 3),  # In, of, fell
        ("don't well-known", 4),  # don, t, well, known
        ("3D café snake_case Ω", 0),
        ("写作很长。", 4),
        ("用GPT写", 2),  # letters that touch a character are no word
        ("用 GPT 写", 3),
        ("㐀々かな", 0),  # outside of the block
        ("一\u2028二 and\nthree", 4),
    ],
)
def test_longwriter_counts_characters_and_words_of_plain_letters(text, count):
    assert count_longwriter(text) == count


@pytest.mark.parametrize(
    ("required", "produced", "score"),
    [
        (1000, 1000, 100.0),
        (1000, 2000, 200 / 3),
        (1000, 2500, 50.0),
        (1000, 3999, 100 / 3000),
        (1000, 4000, 0.0),
        (1000, 40000, 0.0),
        (1000, 500, 50.0),
        (1000, 800, 87.5),
        (900, 301, 100 * (1 - (900 / 301 - 1) / 2)),
        (900, 300, 0.0),
        (900, 299, 0.0),
        (7, 2, 0.0),
        (1000, 0, 0.0),
        (1, 1, 100.0),
        (1, 0, 0.0),
    ],
)
def test_length_score_by_hand(required, produced, score):
    assert length_score(required, produced) == pytest.approx(score, abs=1e-12)


@given(st.integers(1, 30_000), st.integers(0, 200_000))
def test_length_score_has_its_zeros_exactly_where_published(required, produced):
    score = length_score(required, produced)
    assert 0.0 <= score <= 100.0
    assert (score == 0.0) == (produced >= 4 * required or 3 * produced <= required)
    assert (score == 100.0) == (produced == required)


def about(number):
    return LengthRequest(number, number, "words", "about", "parsed")


AT_MOST = LengthRequest(None, 2000, "words", "at_most", "parsed")
AT_LEAST = LengthRequest(2000, None, "words", "at_least", "parsed")
RANGE = LengthRequest(900, 1200, "words", "range", "parsed")


@pytest.mark.parametrize(
    ("request_", "produced", "reward"),
    [
        (about(2000), 1800, 1.0),
        (about(2000), 2200, 1.0),
        (about(2000), 900, 0.5),
        (about(2000), 0, 0.0),
        (about(2000), 7100, 0.5),  # half of the way from 2200 to 12000
        (about(2000), 12000, 0.0),
        (about(2000), 99999, 0.0),
        (AT_MOST, 1800, 1.0),
        (AT_MOST, 2000, 1.0),
        (AT_MOST, 450, 0.25),
        (AT_MOST, 7000, 0.5),
        (AT_LEAST, 1999, 0.9995),
        (AT_LEAST, 2000, 1.0),
        (AT_LEAST, 2200, 1.0),
        (AT_LEAST, 7100, 0.5),
        (RANGE, 900, 1.0),
        (RANGE, 1200, 1.0),
        (RANGE, 225, 0.25),
        (RANGE, 6600, 0.5),
        (about(20000), 18000, 1.0),  # beyond the longest range there is nothing above but 0
        (about(20000), 22000, 1.0),
        (about(20000), 22001, 0.0),
        (about(20000), 9000, 0.5),
    ],
)
def test_length_reward_by_hand(request_, produced, reward):
    assert length_reward(request_, produced) == pytest.approx(reward, abs=1e-12)


@pytest.mark.parametrize(
    ("request_", "count", "ratio"),
    [
        (about(1000), 1000, 0.0),
        (about(1000), 500, -0.693147),
        (AT_LEAST, 4000, 0.693147),
        (AT_MOST, 1000, -0.693147),
        (RANGE, 1050, 0.0),
        (about(1000), 0, -6.907755),
    ],
)
def test_log_ratio_is_to_the_number_asked_for(request_, count, ratio):
    assert log_ratio(count, request_) == pytest.approx(ratio, abs=1e-6)


@needs_answers
@pytest.mark.parametrize(
    ("model", "score", "words"),
    [
        ("claude35", "91.7", 2002),
        ("gpt4o_0806", "69.5", 1324),
        ("longwriter_9b", "78.0", 2898),
        ("suri_7b", "59.4", 2346),
    ],
)
def test_length_scores_of_real_answers(model, score, words):
    """123 answers each to prompts of HelloBench that ask for 2,000 words; the figures were computed elsewhere."""
    lines = (DATA / f"hellobench_gen_lenconstr_2k_{model}.jsonl").read_text(encoding="utf-8").split("\n")
    counts = [count_longwriter(json.loads(line)["response"]) for line in lines if line]
    assert len(counts) == 123
    assert round(sum(counts) / 123) == words
    assert f"{sum(length_score(2000, count) for count in counts) / 123:.1f}" == score
