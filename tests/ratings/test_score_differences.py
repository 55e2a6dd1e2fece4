"""Two entrants on shared queries: pairing, the permutation test against brute force, sizes and coverage."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ratings.simulate import Rubric, simulate_scores
from scipy.stats import ttest_rel

from arena_write.ratings import RatingError, Scores, rate_scores, score_difference, sign_flip_p


def test_the_interval_is_that_of_the_paired_t_test():
    scores = simulate_scores(np.random.default_rng(1), means=(6.9, 7.0), queries=25)
    means = scores.score.reshape(2, 25, 5).mean(axis=2)
    expected = ttest_rel(means[0], means[1])
    interval = expected.confidence_interval(0.9)
    found = score_difference(scores, "m0", "m1", confidence=0.9)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.difference == pytest.approx(means[0].mean() - means[1].mean())
    assert (found.df, found.queries, found.cells, found.reason) == (24, 25, 125, "")
    assert found.detectable == pytest.approx((1.644854 + 0.841621) * found.se, rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_turning_the_pair_round_turns_the_sign_and_nothing_else(seed):
    scores = simulate_scores(np.random.default_rng(seed), means=(6.5, 7.0), queries=20, whole=True)
    one, other = score_difference(scores, "m0", "m1"), score_difference(scores, "m1", "m0")
    assert (one.difference, one.low, one.high) == (-other.difference, -other.high, -other.low)
    assert (one.se, one.p, one.detectable) == (other.se, other.p, other.detectable)


def test_only_cells_that_both_have_count():
    # On query 1 b was judged on criterion 7 only, where a got 9; query 2 is a's alone.
    scores = Scores(
        names=("a", "b"),
        entrant=[0, 1, 0, 0, 1, 0],
        query=[0, 0, 1, 1, 1, 2],
        criterion=[7, 7, 7, 8, 7, 7],
        sample=[0] * 6,
        score=[5, 4, 9, 1, 6, 10],
    )
    found = score_difference(scores, "a", "b")
    assert (found.difference, found.queries, found.cells) == (2.0, 2, 2)


@pytest.mark.parametrize("values", [[1.0, 2.0, -0.5], [0.2, 0.2, 0.2, -0.2], [1, 0, 0, 2], [0.1 * k for k in range(9)]])
def test_the_exact_permutation_test_counts_all_signs(values):
    signs = itertools.product([1, -1], repeat=len(values))
    beyond = [abs(np.dot(sign, values)) >= abs(sum(values)) - 1e-12 for sign in signs]
    assert sign_flip_p(np.array(values, dtype=float)) == (pytest.approx(np.mean(beyond)), True)


def test_the_random_permutation_test_agrees_with_the_exact_one():
    values = np.random.default_rng(2).normal(0.4, 1.0, 13)
    exact, is_exact = sign_flip_p(values)
    # A fourteenth so small that it decides nothing makes the patterns too many to count.
    random, is_random = sign_flip_p(np.append(values, 1e-6), seed=3)
    assert (is_exact, is_random) == (True, False)
    assert random == pytest.approx(exact, abs=0.015)
    assert random == sign_flip_p(np.append(values, 1e-6), seed=3)[0]


def test_the_smallest_p_is_never_zero():
    assert sign_flip_p(np.ones(100)) == (1 / 10_000, False)
    assert sign_flip_p(np.zeros(5)) == (1.0, True)


def test_the_same_scores_differ_by_nothing():
    scores = simulate_scores(np.random.default_rng(4), means=(7.0,), queries=10)
    twins = Scores(
        names=("a", "b"),
        entrant=np.repeat([0, 1], len(scores)),
        query=np.tile(scores.query, 2),
        criterion=np.tile(scores.criterion, 2),
        sample=np.tile(scores.sample, 2),
        score=np.tile(scores.score, 2),
    )
    found = score_difference(twins, "a", "b")
    assert (found.difference, found.se, found.p, found.low) == (0.0, 0.0, 1.0, None)
    assert found.reason == "the difference is 0 on each of 10 queries: nothing says how much it varies"


def test_strangers_and_single_queries_are_said_in_words():
    scores = Scores(
        names=("a", "b", "c", "d"),
        entrant=[0, 1, 1, 2],
        query=[0, 0, 1, 1],
        criterion=[0] * 4,
        sample=[0] * 4,
        score=[5, 6, 7, 8],
    )
    found = score_difference(scores, "a", "b")
    assert (found.difference, found.se, found.p) == (-1.0, None, None)
    assert found.reason == "they share one query only: nothing says how much queries vary"
    for other in ("c", "d"):
        assert score_difference(scores, "a", other).difference is None
        assert "never judged" in score_difference(scores, "a", other).reason
    assert "never judged" in score_difference(scores.select(scores.entrant > 1), "a", "b").reason
    with pytest.raises(RatingError, match="'e' is not among"):
        score_difference(scores, "a", "e")
    with pytest.raises(RatingError, match="compared with itself"):
        score_difference(scores, "a", "a")


def test_equal_entrants_are_told_apart_one_time_in_twenty():
    # Whole points and thirteen queries: coarse, small, and both tests keep their size.
    replicates, by_t, by_signs = 2000, 0, 0
    for replicate in range(replicates):
        rng = np.random.default_rng([21, replicate])
        found = score_difference(simulate_scores(rng, queries=13, whole=True), "m0", "m1")
        by_t += not found.low <= 0.0 <= found.high
        by_signs += found.p <= 0.05
    assert 0.03 <= by_t / replicates <= 0.06
    assert 0.03 <= by_signs / replicates <= 0.06


@pytest.mark.parametrize("queries", [15, 80])
def test_intervals_of_means_hold_and_counting_judgements_does_not(queries):
    # Judgements go missing at random, so queries weigh unequally.
    replicates, honest, naive = 600, 0, 0
    for replicate in range(replicates):
        rng = np.random.default_rng([12, queries, replicate])
        scores = simulate_scores(rng, means=(6.0,), queries=queries, parts=Rubric(criterion=0.3))
        row = rate_scores(scores.select(rng.random(len(scores)) < 0.8)).entrant("m0")
        honest += row.low <= 6.0 <= row.high
        naive += abs(row.mean - 6.0) <= 1.96 * row.naive_se
    assert 0.93 <= honest / replicates <= 0.97
    assert naive / replicates < 0.80
