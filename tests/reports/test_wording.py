"""How numbers are put into words: one table a function."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from scipy.special import stdtrit

from arena_write.ratings import Anchors, GoodnessOfFit, LengthSlope
from arena_write.reports import wording
from arena_write.reports.advice import prompts_for_half
from arena_write.reports.board import BoardRow, RubricRow, Section, Spending, Texts

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
        (replace(ROW, elo=1000.0, low=None, high=None), "1000 (no interval)"),
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


SECTION = Section(
    scope="all",
    prompts=1,
    cells=1,
    decided=1,
    withheld="",
    method="none",
    degrees_of_freedom=None,
    design_effect=None,
    rows=(),
)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"texts": replace(TEXTS, answers=1, no_answer=1), "if_excluded": 1100.0},
            "model: 1 answer with nothing to judge counts as losses; 1100 if they are left out.",
        ),
        (
            {"texts": replace(TEXTS, no_answer=2), "if_excluded": 1100.0},
            "model: 2 answers with nothing to judge count as losses; 1100 if they are left out.",
        ),
        (
            {"open": 1, "planned": 1, "worst_case": 900.0, "best_case": 1100.0},
            "model: 1 of 1 battle is missing; 900 if all were lost, 1100 if all were won.",
        ),
        (
            {"open": 2, "planned": 60, "worst_case": 900.0, "best_case": 1100.0},
            "model: 2 of 60 battles are missing; 900 if all were lost, 1100 if all were won.",
        ),
        (
            {"texts": replace(TEXTS, answers=1, truncated=1), "censored": True},
            "model† is censored: 1 of 1 answer was cut by the token limit and judged as it is.",
        ),
        (
            {"texts": replace(TEXTS, truncated=2), "censored": True},
            "model† is censored: 2 of 10 answers were cut by the token limit and judged as they are.",
        ),
    ],
)
def test_one_thing_is_not_said_in_the_plural(changes, said):
    assert wording.notes(replace(SECTION, rows=(replace(ROW, **changes),))) == [said]


@pytest.mark.parametrize(
    ("calls", "said"), [(1, "Judging by m: 1 call, 5 tokens in"), (2, "Judging by m: 2 calls, 5 tokens in")]
)
def test_calls_are_counted(calls, said):
    line = Spending(
        what="judging",
        name="m",
        calls=calls,
        prompt_tokens=5,
        completion_tokens=1,
        thinking_tokens=0,
        cached_tokens=0,
        price=None,
    )
    assert wording.spending(line).startswith(said)


def test_a_length_slope_is_shown_with_an_interval_and_not_with_its_standard_error():
    """`0.30 ± 0.10` was a standard error, in a table whose other `±` are intervals."""
    slope = LengthSlope(language="en", gamma=0.3, se=0.1, scale=0.2, prompts=11, battles=60)
    assert slope.interval() == pytest.approx((0.3 - 0.1 * 2.2281389, 0.3 + 0.1 * 2.2281389))
    assert LengthSlope(language="en", reason="none").interval() is None
    found = Anchors(
        names=("a", "b"),
        elo=(1010.0, 990.0),
        covariance=((1.0, -1.0), (-1.0, 1.0)),
        elo_at_equal_length=(),
        slopes=(slope,),
        goodness=GoodnessOfFit(residuals=()),
        prompts=1,
        battles=1,
    )
    record = SimpleNamespace(id="f" * 32, scopes={"all": found}, missing={}, plan=SimpleNamespace(orders="both"))
    first, length = wording.anchors_lines(record)
    assert first.startswith("anchors ffffffff: 1 battle on 1 prompt, both orders")
    assert length.endswith("wins 57 % (slope 0.30, 95 % interval [0.08, 0.52])")


@pytest.mark.parametrize(("prompts", "half"), [(2, 3), (3, 5), (9, 29), (12, 41), (30, 113), (1000, 3993)])
def test_half_an_interval_allows_for_the_degrees_of_freedom(prompts, half):
    """Four times the prompts was said of any number; Student's t of few prompts asks for fewer."""
    assert prompts_for_half(prompts) == half

    def width(count):
        return stdtrit(count - 1, 0.975) / count**0.5

    assert width(half) <= width(prompts) / 2 < width(half - 1)
