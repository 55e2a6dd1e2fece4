"""How numbers are put into words: one table a function."""

from dataclasses import replace

import pytest

from arena_write.reports import wording
from arena_write.reports.board import BoardRow, RubricRow, Spending, Texts

TEXTS = Texts(
    answers=10,
    no_answer=0,
    truncated=0,
    length_asked=8,
    length_obeyed=6,
    broken_off=0,
    median_words=100.0,
    median_chars=None,
    repeated=0.0,
    length_ratio=-0.693147,
    length_reward=0.954,
)
ROW = BoardRow(
    entrant="e" * 32,
    name="model",
    role="candidate",
    origin="recorded",
    bound="interval",
    elo=1063.4,
    low=1025.0,
    high=1101.8,
    best_rank=1,
    worst_rank=3,
    reason="",
    prompts=10,
    planned=60,
    judged=60,
    identical=0,
    failed=0,
    invalid=0,
    open=0,
    no_output=0,
    coverage=1.0,
    win_rates=(),
    if_excluded=None,
    worst_case=None,
    best_case=None,
    censored=False,
    texts=TEXTS,
)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (ROW, "1063 ± 38"),
        (replace(ROW, bound="at_least", elo=None, low=1432.2, high=None), "> 1432"),
        (replace(ROW, bound="at_most", elo=None, low=None, high=512.0), "< 512"),
        (replace(ROW, bound="unrated", elo=None, low=None, high=None), "withheld"),
        (replace(ROW, bound="unrated", elo=None, low=None, high=None, planned=0), "–"),
        (None, "–"),
        (replace(ROW, elo=1000.0, low=1000.0, high=1000.0), "1000 (anchor)"),
    ],
)
def test_rating(row, said):
    assert wording.rating(row) == said


@pytest.mark.parametrize(("best", "worst", "said"), [(1, 1, "1"), (1, 3, "1–3"), (None, None, "–")])
def test_ranks(best, worst, said):
    assert wording.ranks(replace(ROW, best_rank=best, worst_rank=worst)) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.0, "0 %"),
        (0.001, "0.1 %"),
        (0.00001, "0.1 %"),
        (0.234, "23 %"),
        (0.5, "50 %"),
        (0.997, "99.7 %"),
        (0.99999, "99.9 %"),
        (1.0, "100 %"),
        (None, "–"),
    ],
)
def test_percent_never_says_all_or_none_of_what_is_neither(share, said):
    assert wording.percent(share) == said


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (ROW, "model"),
        (replace(ROW, role="baseline"), "model*"),
        (replace(ROW, censored=True), "model†"),
    ],
)
def test_name(row, said):
    assert wording.name(row) == said


def test_length_obeyed_counts_only_answers_that_were_asked_for_a_length():
    assert wording.length_obeyed(TEXTS) == "6/8"
    assert wording.length_obeyed(replace(TEXTS, length_asked=0, length_obeyed=0)) == "–"


def test_how_long_texts_are_is_said_of_those_that_were_asked_alone():
    assert (wording.times_asked(TEXTS), wording.length_reward(TEXTS)) == ("0.50", "0.95")
    silent = replace(TEXTS, length_ratio=None, length_reward=None)
    assert (wording.times_asked(silent), wording.length_reward(silent)) == ("–", "–")


RUBRIC = RubricRow(
    entrant="e" * 32,
    name="model",
    role="candidate",
    origin="generated",
    mean=7.416,
    low=7.106,
    high=7.726,
    best_rank=1,
    worst_rank=2,
    reason="",
    prompts=20,
    planned=100,
    judged=100,
    failed=0,
    invalid=0,
    open=0,
    no_output=0,
    coverage=1.0,
    saturation=0.2,
    design_effect=2.5,
    if_excluded=None,
    worst_case=None,
    best_case=None,
    censored=False,
    texts=TEXTS,
)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (RUBRIC, "7.42 ± 0.31"),
        (replace(RUBRIC, mean=9.8, low=9.5, high=10.0), "9.80 [9.50, 10.00]"),
        (replace(RUBRIC, low=None, high=None), "7.42"),
        (replace(RUBRIC, mean=None, low=None, high=None), "withheld"),
        (replace(RUBRIC, planned=0), "–"),
        (None, "–"),
    ],
)
def test_mean_score(row, said):
    assert wording.mean_score(row) == said


LINE = Spending(
    what="judging",
    name="judge",
    calls=144,
    prompt_tokens=1_234_000,
    cached_tokens=0,
    completion_tokens=40_200,
    thinking_tokens=0,
    price=3.104,
)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (LINE, "Judging by judge: 144 calls, 1.2M tokens in, 40.2k out; $3.10"),
        (replace(LINE, price=0.0), "Judging by judge: 144 calls, 1.2M tokens in, 40.2k out; free"),
        (replace(LINE, price=None), "Judging by judge: 144 calls, 1.2M tokens in, 40.2k out; price not known"),
        (
            replace(LINE, what="writing", cached_tokens=617_000, thinking_tokens=950, price=0.0004),
            "Writing by judge: 144 calls, 1.2M tokens in (50 % from a cache), 40.2k out (950 thinking); under $0.01",
        ),
    ],
)
def test_spending(line, said):
    assert wording.spending(line) == said
