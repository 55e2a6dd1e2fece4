"""What a gate has seen: its statistic, its interval, and the places where a plain t test breaks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import beta, norm, ttest_1samp

from arena_write.gating import Evidence
from arena_write.ratings.elo import expected_score


def direct(scores, **options):
    """Return the evidence of (m, 2) scores."""
    scores = np.asarray(scores, dtype=float)
    return Evidence.direct(np.repeat(np.arange(len(scores)), scores.shape[1]), scores.ravel(), **options)


SYMMETRIC = [[1.0, 0.5], [0.0, 0.5], [1.0, 1.0], [0.0, 0.0], [0.5, 0.5]] * 8


def test_without_skewness_it_is_the_one_sample_t_test():
    found = direct(SYMMETRIC)
    for gap in (-75.0, 0.0, 40.0):
        whole = ttest_1samp(np.mean(SYMMETRIC, axis=1), expected_score(gap), alternative="greater")
        assert found.z(gap) == pytest.approx(norm.isf(whole.pvalue), abs=1e-9)


def test_skewness_moves_both_sides_the_same_way():
    """A long upper tail makes a low mean likelier than t thinks, so less is made of it, and more of a high one."""
    scores = np.array([[0.0, 0.0]] * 30 + [[0.5, 0.5]] * 8 + [[1.0, 1.0]] * 4)
    plain = ttest_1samp(scores.mean(axis=1), expected_score(-75.0)).statistic
    assert plain < 0.0
    assert (
        0.0 > direct(scores).z(-75.0) > norm.isf(ttest_1samp(scores.mean(axis=1), 0.394, alternative="greater").pvalue)
    )


scores_of_prompts = st.integers(3, 40).flatmap(
    lambda n: arrays(float, (n, 2), elements=st.sampled_from([0.0, 0.5, 1.0]))
)


@given(scores_of_prompts, st.floats(-400, 400), st.floats(1, 300))
def test_the_farther_the_gap_the_less_it_is_exceeded(scores, gap, more):
    found = direct(scores)
    assert found.z(gap + more) <= found.z(gap) + 1e-9


@given(scores_of_prompts, st.floats(-400, 400))
def test_reference_and_candidate_in_each_others_place_give_the_opposite(scores, gap):
    assert direct(scores).z(gap) == pytest.approx(-direct(1.0 - scores).z(-gap), abs=1e-6)


@given(scores_of_prompts, st.floats(1.0, 4.0))
def test_the_interval_holds_what_is_not_excluded(scores, critical):
    found = direct(scores)
    low, high = found.interval(critical)
    assert low <= found.estimate <= high
    for end, sign in ((low, 1.0), (high, -1.0)):
        if math.isfinite(end):
            assert found.z(end) == pytest.approx(sign * critical, abs=1e-3)


@pytest.mark.parametrize("prompts", [10, 25, 100])
def test_a_perfect_record_is_about_as_sure_as_the_exact_binomial_bound(prompts):
    exact = beta.ppf(0.05, prompts, 1)
    low, high = direct(np.ones((prompts, 2))).interval(norm.isf(0.05))
    assert high == math.inf
    assert exact - 0.12 < expected_score(low) < exact + 0.03


def test_a_perfect_record_over_few_prompts_shows_little():
    assert direct(np.ones((3, 2))).z(-75.0) < 1.645
    assert direct(np.zeros((3, 2))).z(-75.0) > -1.645


def test_ties_alone_are_no_certainty():
    low, high = direct(np.full((50, 2), 0.5)).interval(1.645)
    assert -40.0 < low < -5.0
    assert 5.0 < high < 40.0


def test_identical_texts_are_certain():
    found = direct(np.full((50, 2), 0.5), identical=True)
    assert (found.estimate, found.error, found.interval(1.645)) == (pytest.approx(0.0, abs=1e-6), 0.0, (0.0, 0.0))
    assert found.z(-75.0) == math.inf
    assert found.z(75.0) == -math.inf
    assert found.z(0.0) == 0.0


def test_one_prompt_decides_nothing():
    found = direct([[1.0, 0.5]])
    assert abs(found.z(-75.0)) < 1.645
    assert found.error > 0.2


@pytest.mark.parametrize("score", [0.0, 0.5, 1.0])
def test_equal_results_are_no_certainty(score):
    """The binomial error at a perfect record's bound is of this size, too; it shrinks with the prompts."""
    few, many = direct(np.full((10, 2), score)), direct(np.full((100, 2), score))
    assert 0.0 < many.error < few.error < 0.2
    assert few.error > 0.03


def test_through_baselines_the_reference_own_scores_are_taken_off():
    """Same battles for both: a gap of 0 fits, wherever the baselines stand."""
    rng = np.random.default_rng(1)
    offsets = np.tile([-150.0, 0.0, 200.0], 60)
    theirs = rng.integers(0, 3, 180) / 2.0
    same = Evidence(np.repeat(np.arange(60), 3), theirs - theirs, offsets, paired=True)
    assert same.estimate == pytest.approx(0.0, abs=1e-6)
    better = Evidence(np.repeat(np.arange(60), 3), np.minimum(1.0, theirs + 0.5) - theirs, offsets, paired=True)
    assert better.z(0.0) > 3.0


@pytest.mark.parametrize(
    ("prompt", "score", "offset"),
    [([], [], []), ([0], [1.5], [0.0]), ([0], [math.nan], [0.0]), ([0, 1], [1.0], [0.0]), ([0], [1.0], [math.inf])],
)
def test_what_is_no_battle_is_refused(prompt, score, offset):
    with pytest.raises(ValueError, match=r"columns|score"):
        Evidence(np.array(prompt, dtype=np.int64), np.array(score, dtype=float), np.array(offset, dtype=float))
