"""Rubric scores: WritingBench's number, an interval that counts queries, and what cannot be said is said in words."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ratings.simulate import simulate_scores
from scipy.stats import t

from arena_write.ratings import ColumnError, RatingError, Scores, rate_scores

SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=15, deadline=None)


def table(rows, names=("a", "b")):
    """Scores from (entrant, query, criterion, score) rows of first samples."""
    entrant, query, criterion, score = zip(*rows, strict=True)
    return Scores(
        names=names,
        entrant=[names.index(name) for name in entrant],
        query=query,
        criterion=criterion,
        sample=[0] * len(rows),
        score=score,
    )


def ragged(seed, queries=12, entrants=3):
    """A study with whole scores in which about a third of the judgements are missing."""
    rng = np.random.default_rng(seed)
    study = simulate_scores(rng, means=tuple(6.0 + 0.3 * code for code in range(entrants)), queries=queries, whole=True)
    return study.select(rng.random(len(study)) < 0.7)


def rebuilt(scores, order=None, **change):
    order = np.arange(len(scores)) if order is None else order
    columns = {label: getattr(scores, label)[order] for label in ("entrant", "query", "criterion", "sample", "score")}
    return Scores(**{"names": scores.names, **columns, **change})


def test_the_mean_weighs_judgements_and_the_macro_mean_weighs_queries():
    # A query judged five times over pulls the sum of scores over their number, as it does WritingBench's.
    scores = table([("a", 0, criterion, 2) for criterion in range(5)] + [("a", 1, 0, 8)], names=("a",))
    row = rate_scores(scores).entrant("a")
    assert (row.mean, row.macro_mean) == (3.0, 5.0)
    assert (row.queries, row.judgements) == (2, 6)


@pytest.mark.parametrize(("queries", "method"), [(12, "jackknife"), (29, "jackknife"), (30, "CR1"), (60, "CR1")])
def test_with_equal_judgements_the_error_is_that_of_query_means(queries, method):
    scores = simulate_scores(np.random.default_rng(queries), queries=queries)
    row = rate_scores(scores, confidence=0.9).entrant("m1")
    means = scores.score.reshape(2, queries, 5)[1].mean(axis=1)
    assert row.method == method
    assert row.mean == pytest.approx(means.mean())
    assert row.se == pytest.approx(means.std(ddof=1) / math.sqrt(queries), rel=1e-12)
    half = t.ppf(0.95, queries - 1) * row.se
    assert (row.low, row.high, row.df) == pytest.approx((row.mean - half, row.mean + half, queries - 1))


def test_with_unequal_judgements_the_jackknife_leaves_out_each_query_in_turn():
    scores = ragged(1)
    row = rate_scores(scores).entrant("m2")
    mine = scores.entrant == 2
    query, score = scores.query[mine], scores.score[mine]
    shifts = [score[query != left].mean() - score.mean() for left in np.unique(query)]
    count = len(shifts)
    assert row.se == pytest.approx(math.sqrt((count - 1) / count * np.dot(shifts, shifts)), rel=1e-12)


def test_with_unequal_judgements_many_queries_take_the_ratio_sandwich():
    scores = ragged(2, queries=50)
    row = rate_scores(scores).entrant("m0")
    mine = scores.entrant == 0
    query, score = scores.query[mine], scores.score[mine]
    shifts = [(score[query == code] - score.mean()).sum() for code in np.unique(query)]
    count = len(shifts)
    variance = count / (count - 1) * np.dot(shifts, shifts) / len(score) ** 2
    assert (row.method, row.se) == ("CR1", pytest.approx(math.sqrt(variance), rel=1e-12))


def test_the_naive_error_and_the_design_effect():
    scores = table([("a", query, criterion, query) for query in range(1, 9) for criterion in range(4)], names=("a",))
    row = rate_scores(scores).entrant("a")
    values = np.repeat(np.arange(1, 9), 4)
    assert row.naive_se == pytest.approx(values.std(ddof=1) / math.sqrt(32))
    # Four criteria that say one thing are one piece of evidence: four times the variance but for small samples.
    assert row.deff == pytest.approx(4 * (8 / 7) / (32 / 31))
    assert row.criterion_correlation == pytest.approx(1.0)


def test_saturation_is_the_share_of_nines_and_tens():
    scores = table([("a", query, 0, score) for query, score in enumerate([8, 8, 9, 10, 8.9])], names=("a",))
    assert rate_scores(scores).entrant("a").saturation == 0.4


def test_intervals_end_where_the_scale_ends():
    scores = table([("a", 0, 0, 10), ("a", 1, 0, 9), ("b", 0, 0, 1), ("b", 1, 0, 2)])
    best, worst = rate_scores(scores).entrants
    assert (best.name, best.high, worst.name, worst.low) == ("a", 10.0, "b", 1.0)


def test_one_query_has_a_mean_and_no_interval():
    ratings = rate_scores(table([("a", 3, 0, 7), ("a", 3, 1, 9), ("b", 3, 0, 5)]))
    row = ratings.entrant("a")
    assert (row.mean, row.macro_mean, row.queries) == (8.0, 8.0, 1)
    assert (row.se, row.low, row.high, row.df, row.best_rank) == (None,) * 5
    assert row.reason == "it has scores on one query only: nothing says how much queries vary"
    assert (ratings.detectable, ratings.names, ratings.critical) == (None, (), None)
    assert ratings.components.unknown == ("all parts: there is only 1 common query, two are needed",)


def test_one_entrant_has_an_interval_and_no_components():
    ratings = rate_scores(simulate_scores(np.random.default_rng(0), means=(7.0,), queries=40))
    row = ratings.entrant("m0")
    assert row.low < 7.0 < row.high
    assert (row.best_rank, row.worst_rank, row.reason) == (1, 1, "")
    assert ratings.components.unknown == ("all parts: there is only 1 entrant, two are needed",)


def test_somebody_without_scores_is_last_and_named():
    ratings = rate_scores(table([("a", 0, 0, 7), ("a", 1, 0, 8)], names=("nobody", "a")))
    assert [row.name for row in ratings.entrants] == ["a", "nobody"]
    assert ratings.entrant("nobody").reason == "it has no scores"
    assert ratings.entrant("nobody").mean is None


def test_queries_that_all_agree_give_no_interval():
    # All tens: an interval from 10 to 10 would claim what nobody measured.
    row = rate_scores(table([("a", query, 0, 10) for query in range(40)], names=("a",))).entrant("a")
    assert (row.mean, row.se, row.low, row.high) == (10.0, 0.0, None, None)
    assert row.reason == "its mean is 10 on each of 40 queries: nothing says how much others would vary"


def test_ranks_are_ranges_that_hold_at_once():
    scores = simulate_scores(np.random.default_rng(4), means=(6.0, 7.0, 7.01, 8.0), queries=100)
    ranges = {row.name: (row.best_rank, row.worst_rank) for row in rate_scores(scores).entrants}
    assert ranges == {"m3": (1, 1), "m2": (2, 3), "m1": (2, 3), "m0": (4, 4)}


def test_the_covariance_gives_the_error_of_a_paired_difference():
    scores = simulate_scores(np.random.default_rng(5), queries=50)
    ratings = rate_scores(scores)
    one, other = (ratings.names.index(name) for name in ("m0", "m1"))
    covariance = np.array(ratings.covariance)
    variance = covariance[one, one] + covariance[other, other] - 2 * covariance[one, other]
    paired = np.subtract(*scores.score.reshape(2, 50, 5).mean(axis=2))
    assert math.sqrt(variance) == pytest.approx(paired.std(ddof=1) / math.sqrt(50), rel=1e-10)


@FEW
@given(SEEDS)
def test_the_order_of_rows_and_names_changes_not_one_byte(seed):
    scores = ragged(seed)
    rng = np.random.default_rng(seed)
    names = rng.permutation(3)
    shuffled = rebuilt(scores, rng.permutation(len(scores)))
    moved = rebuilt(
        shuffled,
        names=tuple(scores.names[code] for code in names),
        entrant=np.argsort(names)[shuffled.entrant],
    )
    assert repr(rate_scores(moved)) == repr(rate_scores(scores))


@FEW
@given(SEEDS)
def test_new_codes_for_queries_criteria_and_samples_change_nothing(seed):
    scores = ragged(seed)
    fresh = np.random.default_rng(seed).permutation(1000) - 500
    recoded = rebuilt(scores, query=fresh[scores.query], criterion=fresh[scores.criterion], sample=fresh[scores.sample])
    for one, other in zip(rate_scores(scores).entrants, rate_scores(recoded).entrants, strict=True):
        assert (one.name, one.reason) == (other.name, other.reason)
        assert (one.mean, one.se, one.criterion_correlation) == pytest.approx(
            (other.mean, other.se, other.criterion_correlation), abs=1e-12
        )


@FEW
@given(SEEDS, st.sampled_from([12, 40]))
def test_judging_everything_twice_is_no_news(seed, queries):
    scores = ragged(seed, queries=queries)
    twice = rebuilt(scores, np.tile(np.arange(len(scores)), 2))
    for one, other in zip(rate_scores(scores).entrants, rate_scores(twice).entrants, strict=True):
        assert (one.mean, one.se, one.low) == pytest.approx((other.mean, other.se, other.low), rel=1e-12)
        assert other.judgements == 2 * one.judgements


@FEW
@given(SEEDS, st.floats(-0.5, 0.5))
def test_a_shift_of_all_scores_shifts_the_means_and_nothing_else(seed, shift):
    scores = simulate_scores(np.random.default_rng(seed), means=(5.5, 5.6), queries=20)
    moved = rebuilt(scores, score=scores.score + shift)
    for one, other in zip(rate_scores(scores).entrants, rate_scores(moved).entrants, strict=True):
        assert other.mean == pytest.approx(one.mean + shift)
        assert (other.se, other.deff) == pytest.approx((one.se, one.deff), rel=1e-6)


GOOD = {
    "names": ("a", "b"),
    "entrant": [0, 1],
    "query": [0, 0],
    "criterion": [0, 0],
    "sample": [0, 0],
    "score": [1, 10],
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"score": [1, math.nan]}, "row 1: score nan is not in"),
        ({"score": [0, 5]}, "row 0: score 0.0 is not in"),
        ({"score": [5, 10.5]}, "row 1: score 10.5 is not in"),
        ({"score": [5, math.inf]}, "row 1: score inf is not in"),
        ({"score": ["five", 5]}, "score must be one column of numbers"),
        ({"entrant": [0, 2]}, "row 1: entrant is code 2, but there are 2 names"),
        ({"entrant": [-1, 0]}, "row 0: entrant is code -1"),
        ({"query": [0.5, 1.0]}, "query must be one column of integer codes"),
        ({"sample": [0]}, "different lengths: entrant 2, query 2, criterion 2, sample 1, score 2"),
        ({label: [] for label in ("entrant", "query", "criterion", "sample", "score")}, "there are no scores"),
        ({"names": ("a", "a")}, "'a' occurs twice"),
        ({"names": ("a", "")}, "non-empty strings"),
        ({"names": "ab"}, "not one string"),
    ],
)
def test_bad_columns_are_refused_with_the_row(change, message):
    with pytest.raises(ColumnError, match=message):
        Scores(**{**GOOD, **change})


def test_scores_are_copied_and_read_only():
    source = np.array([5.0, 6.0])
    scores = Scores(**{**GOOD, "score": source})
    source[0] = 1.0
    assert scores.score.tolist() == [5.0, 6.0]
    with pytest.raises(ValueError, match="read-only"):
        scores.score[0] = 1.0


def test_unknown_names_and_odd_confidences_are_refused():
    with pytest.raises(RatingError, match="'c' is not among"):
        rate_scores(Scores(**GOOD)).entrant("c")
    with pytest.raises(RatingError, match="strictly between 0 and 1"):
        rate_scores(Scores(**GOOD), confidence=95)


def test_results_are_frozen_plain_values():
    ratings = rate_scores(ragged(0))
    with pytest.raises(dataclasses.FrozenInstanceError):
        ratings.queries = 3
    assert hash(ratings) == hash(dataclasses.replace(ratings))
    assert all(type(value) in (str, float, int, type(None)) for value in dataclasses.astuple(ratings.entrants[0]))
