"""Simultaneous rank ranges."""

from __future__ import annotations

import numpy as np
import pytest
from ratings.simulate import baselines, simulate
from scipy.stats import norm, studentized_range
from scipy.stats import t as student_t

from arena_write.ratings import RatingError, rank_ranges, rate
from arena_write.ratings.ranks import max_t_quantile


def test_two_entrants_need_the_usual_normal_quantile():
    covariance = np.array([[4.0, 1.0], [1.0, 2.0]])
    assert max_t_quantile(covariance) == pytest.approx(norm.ppf(0.975), rel=1e-12)


def test_independent_entrants_need_tukeys_studentized_range():
    # The max over all pairs of |Z_i - Z_j| / sqrt(2) is the studentized range over sqrt(2) (Tukey 1949).
    expected = studentized_range.ppf(0.95, 7, np.inf) / np.sqrt(2)
    assert expected == pytest.approx(2.95, abs=0.01)
    assert max_t_quantile(np.eye(7)) == pytest.approx(expected, abs=0.05)
    assert max_t_quantile(np.eye(7) * 1e-6) == pytest.approx(max_t_quantile(np.eye(7) * 1e6), rel=1e-9)
    assert max_t_quantile(np.eye(7), confidence=0.5) < 2.2


def test_the_scale_of_the_baselines_does_not_matter():
    # A covariance in any gauge has the same differences.
    shift = np.eye(5) - 1 / 5
    assert max_t_quantile(shift @ np.eye(5) @ shift) == pytest.approx(max_t_quantile(np.eye(5)), abs=0.05)


def test_same_seed_same_value_other_seed_other_value():
    assert max_t_quantile(np.eye(5), seed=7) == max_t_quantile(np.eye(5), seed=7)
    assert max_t_quantile(np.eye(5), seed=7) != max_t_quantile(np.eye(5), seed=8)


def test_far_apart_entrants_have_one_rank_each():
    ranges = rank_ranges(np.array([10.0, 30.0, 20.0]), np.eye(3))
    assert (ranges.best.tolist(), ranges.worst.tolist()) == ([3, 1, 2], [3, 1, 2])


def test_close_entrants_share_a_range():
    ranges = rank_ranges(np.array([30.0, 29.0, 0.0]), np.eye(3))
    assert (ranges.best.tolist(), ranges.worst.tolist()) == ([1, 1, 3], [2, 2, 3])


def test_the_threshold_is_c_standard_errors():
    c = max_t_quantile(np.eye(3))
    for factor, best in ((0.999, 1), (1.001, 2)):
        ranges = rank_ranges(np.array([0.0, c * np.sqrt(2) * factor, -500.0]), np.eye(3))
        assert ranges.best[0] == best
    assert ranges.critical == c


def test_few_degrees_of_freedom_widen_the_ranges():
    estimates, covariance = np.array([0.0, 5.0]), np.eye(2)
    assert rank_ranges(estimates, covariance).worst[1] == 1
    assert rank_ranges(estimates, covariance, df=[100, 100]).worst[1] == 1
    assert rank_ranges(estimates, covariance, df=[100, 2]).worst[1] == 2
    threshold = student_t.ppf(norm.cdf(rank_ranges(estimates, covariance).critical), 2) * np.sqrt(2)
    assert rank_ranges(estimates * threshold / 5 * 1.001, covariance, df=[2, 2]).worst[1] == 1
    assert rank_ranges(estimates * threshold / 5 * 0.999, covariance, df=[2, 2]).worst[1] == 2


def test_identical_entrants_share_their_rank_without_a_division_by_zero():
    covariance = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    with np.errstate(all="raise"):
        ranges = rank_ranges(np.array([5.0, 5.0 + 1e-13, 90.0]), covariance)
    assert (ranges.best.tolist(), ranges.worst.tolist()) == ([2, 2, 1], [3, 3, 1])
    with np.errstate(all="raise"):
        # Rounding may even make the variance of the difference negative.
        rounded = np.array([[1.0, 1.0 + 1e-15, 0.0], [1.0 + 1e-15, 1.0, 0.0], [0.0, 0.0, 1.0]])
        assert rank_ranges(np.array([5.0, 5.0, 90.0]), rounded).worst.tolist() == [3, 3, 1]
        assert rank_ranges(np.ones(3), np.zeros((3, 3))).worst.tolist() == [3, 3, 3]
        assert rank_ranges(np.ones(1), np.zeros((1, 1))).worst.tolist() == [1]


def test_bad_input_is_refused():
    with pytest.raises(RatingError, match="not finite"):
        max_t_quantile(np.full((2, 2), np.nan))
    with pytest.raises(RatingError, match="strictly between 0 and 1"):
        max_t_quantile(np.eye(2), confidence=95)


def test_near_ties_keep_their_true_ranks_where_naive_ranges_lose_them():
    # Seven entrants a few Elo apart, all pairs, both orders. (More of this: docs/studies/ranks.md.)
    strengths = 0.03 * np.arange(7)
    true_rank = {name: 7 - place for place, name in enumerate(["cand", *baselines()])}
    replicates, covered, naive = 400, 0, 0
    for seed in range(replicates):
        data = simulate(np.random.default_rng([7, seed]), prompts=40, bank=True, strengths=strengths)
        ratings = rate(data, baselines=baselines(), seed=seed)
        covered += all(row.best_rank <= true_rank[row.name] <= row.worst_rank for row in ratings.entrants)
        elo = np.array([ratings.entrant(name).elo for name in ratings.names])
        shrunk = rank_ranges(elo, np.array(ratings.covariance) / ratings.deff)
        place = np.array([true_rank[name] for name in ratings.names])
        naive += bool(((shrunk.best <= place) & (place <= shrunk.worst)).all())
    assert covered / replicates >= 0.95
    assert naive / replicates < 0.85
