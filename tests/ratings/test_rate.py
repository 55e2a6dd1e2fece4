"""The front door: fields, refusals, differences, frozen anchors, win rates."""

from __future__ import annotations

import dataclasses
import math
import subprocess
import sys

import numpy as np
import pytest
from ratings.simulate import baselines, simulate
from ratings.tables import block, clustered, comparisons
from scipy.optimize import brentq
from scipy.stats import t as student_t

from arena_write.ratings import (
    ConvergenceError,
    RatingError,
    elo_gap,
    expected_score,
    fit,
    rate,
    win_rates,
)

ELO = 400 / math.log(10)


@pytest.fixture(scope="module")
def data():
    return simulate(np.random.default_rng(11), prompts=50, strengths=(0.5, -0.5, 0.0, 0.5), bank=True)


@pytest.fixture(scope="module")
def ratings(data):
    return rate(data, baselines=baselines(4))


def test_the_baselines_mean_is_1000_and_each_has_its_own_interval(ratings):
    rows = [ratings.entrant(name) for name in baselines(4)]
    assert sum(row.elo for row in rows) / 3 == pytest.approx(1000.0, abs=1e-9)
    assert all(row.se > 1 for row in rows)
    codes = [ratings.names.index(name) for name in baselines(4)]
    covariance = np.array(ratings.covariance)
    assert covariance[np.ix_(codes, codes)].sum() == pytest.approx(0.0, abs=1e-6)
    assert np.array_equal(covariance, covariance.T)


def test_fields_belong_together(ratings, data):
    assert [row.elo for row in ratings.entrants] == sorted((row.elo for row in ratings.entrants), reverse=True)
    assert (ratings.method, ratings.df, ratings.clusters, ratings.battles) == ("CR1", 49, 50, 600)
    assert ratings.deff > 1.5
    quantile = student_t.ppf(0.975, 49)
    for row in ratings.entrants:
        code = ratings.names.index(row.name)
        assert row.se == pytest.approx(math.sqrt(ratings.covariance[code][code]), rel=1e-12)
        assert row.high - row.elo == pytest.approx(quantile * row.se, rel=1e-9)
        assert row.elo - row.low == pytest.approx(quantile * row.se, rel=1e-9)
        assert row.deff == pytest.approx((row.se / (row.naive_half_width / 1.959964)) ** 2, rel=1e-5)
        assert (row.kind, row.battles, row.clusters, row.reason, row.df) == ("interval", 300, 50, "", 49)
        assert 1 <= row.best_rank <= row.worst_rank <= 4
    mine = np.where(data.first == 0, data.score, 1 - data.score)[(data.first == 0) | (data.second == 0)]
    assert ratings.entrant("cand").score == pytest.approx(mine.mean(), abs=1e-12)


def test_difference_uses_the_covariance_between_the_two(ratings):
    found = ratings.difference("cand", "base1")
    a, b = ratings.names.index("cand"), ratings.names.index("base1")
    covariance = np.array(ratings.covariance)
    variance = covariance[a, a] + covariance[b, b] - 2 * covariance[a, b]
    assert found.se == pytest.approx(math.sqrt(variance), rel=1e-12)
    assert found.high - found.low == pytest.approx(2 * student_t.ppf(0.975, 49) * found.se, rel=1e-9)
    back = ratings.difference("base1", "cand")
    assert (back.elo, back.low, back.high) == (-found.elo, -found.high, -found.low)
    assert ratings.difference("cand", "cand").high == 0.0


def test_a_difference_of_two_who_met_the_same_texts_is_sharper_than_their_intervals_suggest():
    star = simulate(np.random.default_rng(4), prompts=200, regime="high")
    ratings = rate(star, baselines=["cand"])
    one, two = ratings.entrant("base1"), ratings.entrant("base2")
    assert ratings.difference("base1", "base2").se < 0.9 * math.hypot(one.se, two.se)


def test_a_wider_confidence_widens_everything(ratings, data):
    wide = rate(data, baselines=baselines(4), confidence=0.99)
    assert wide.confidence == 0.99
    assert wide.critical > ratings.critical
    for row in ratings.entrants:
        assert wide.entrant(row.name).elo == row.elo
        assert wide.entrant(row.name).low < row.low


def test_with_two_entrants_ranks_part_where_the_difference_leaves_zero():
    agreeing = 0
    for seed in range(40):
        data = simulate(np.random.default_rng(seed), prompts=12, strengths=(0.9, 0.0))
        ratings = rate(data, baselines=["base1"])
        apart = ratings.entrant("cand").worst_rank == 1 or ratings.entrant("cand").best_rank == 2
        difference = ratings.difference("cand", "base1")
        agreeing += apart == (difference.low > 0 or difference.high < 0)
    assert agreeing == 40


def test_frozen_anchors_solve_the_one_parameter_equation():
    data = simulate(np.random.default_rng(2), prompts=40, strengths=(0.4, 0.5, 0.0, -0.5))
    offsets = {"base1": 1083.7, "base2": 1013.7, "base3": 902.6}
    ratings = rate(data, baselines=baselines(4), offsets=offsets)
    opponent = np.where(data.first == 0, data.second, data.first)
    score = np.where(data.first == 0, data.score, 1 - data.score)
    strength = np.array([offsets[f"base{code}"] for code in opponent])
    root = brentq(lambda elo: np.sum(score - 1 / (1 + 10 ** ((strength - elo) / 400))), 0, 3000, xtol=1e-10)
    assert ratings.entrant("cand").elo == pytest.approx(root, abs=1e-6)
    for name, elo in offsets.items():
        row = ratings.entrant(name)
        assert (row.elo, row.se, row.low, row.high, row.df) == (elo, 0.0, elo, elo, None)
    assert ratings.difference("cand", "base1").se == ratings.entrant("cand").se
    assert ratings.difference("base1", "base2").elo == pytest.approx(70.0)


def test_with_frozen_anchors_the_bank_changes_nothing():
    offsets = {"base1": 1080.0, "base2": 1010.0, "base3": 910.0}
    strengths = (0.4, 0.5, 0.0, -0.5)
    with_bank = simulate(np.random.default_rng(2), prompts=40, strengths=strengths, bank=True)
    star = with_bank.select((with_bank.first == 0) | (with_bank.second == 0))
    alone = rate(star, baselines=baselines(4), offsets=offsets)
    beside = rate(with_bank, baselines=baselines(4), offsets=offsets)
    assert beside.entrant("cand") == alone.entrant("cand")
    assert (beside.covariance, beside.battles, beside.clusters) == (alone.covariance, len(star), 40)


def test_fit_with_offsets_in_natural_log_units():
    fitted = fit(comparisons([("a", "b", 0.5, 0), ("a", "c", 0.5, 1)]), offsets={"b": 2.0, "c": 4.0})
    assert dict(zip(fitted.names, fitted.theta, strict=True)) == pytest.approx({"a": 3.0, "b": 2.0, "c": 4.0})
    assert fitted.free.tolist() == [True, False, False]


@pytest.mark.parametrize("half", [10.0, 30.0, 1000.0])
def test_the_fit_finds_its_way_from_a_flat_start(half):
    # Half-way between two far anchors the likelihood is almost straight: a full Newton step flies away.
    data = comparisons(block("a", "b", won=9, lost=1, prompts=10) + block("a", "c", won=10, prompts=10))
    fitted = fit(data, offsets={"b": half, "c": -half})
    assert fitted.theta[0] == pytest.approx(half + math.log(9), abs=1e-7)
    assert fitted.steps < 10 + half / 8


def test_the_fit_does_not_swing_for_ever():
    # Ten nats to and fro, and no nearer: a step must bring what it promised, or be halved.
    data = comparisons(block("a", "b", won=50, lost=50, prompts=10) + block("a", "c", won=1, prompts=1))
    assert fit(data, offsets={"b": 5.5, "c": -5.5}).theta[0] == pytest.approx(5.5, abs=1e-5)


def test_strengths_out_of_reach_are_a_typed_error():
    data = comparisons(block("a", "b", won=9, lost=1, prompts=10) + block("a", "c", won=10, prompts=10))
    with pytest.raises(ConvergenceError, match="no maximum after 200 Newton steps: frozen strengths are too far apart"):
        fit(data, offsets={"b": 3000.0, "c": -3000.0})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"baselines": []}, "at least one name"),
        ({"baselines": "C"}, "at least one name"),
        ({"baselines": ["C", "C"]}, "named twice"),
        ({"baselines": ["nobody"]}, "'nobody' is not among the names"),
        ({"baselines": ["C"], "offsets": {"A": 1000.0}}, "'C' has no frozen rating"),
        ({"baselines": ["C"], "offsets": {"C": math.nan}}, "frozen rating of 'C' is nan"),
        ({"baselines": ["C"], "offsets": {"C": 1.0, "X": 1.0}}, "'X', who is not among the names"),
        ({"baselines": ["C"], "offsets": dict.fromkeys("ABC", 1.0)}, "there is nobody to rate"),
        ({"baselines": ["C"], "confidence": 95}, "strictly between 0 and 1"),
    ],
)
def test_refusals(arguments, message):
    with pytest.raises(RatingError, match=message):
        rate(comparisons(clustered()), **arguments)


def test_unknown_names_are_refused(ratings):
    with pytest.raises(RatingError, match="'nobody' is not among the entrants"):
        ratings.entrant("nobody")
    with pytest.raises(RatingError, match="'nobody' is not among the entrants"):
        ratings.difference("cand", "nobody")
    with pytest.raises(RatingError, match="'X'"):
        fit(comparisons(clustered()), offsets={"X": 0.0})


def test_results_are_frozen_plain_values(ratings):
    with pytest.raises(dataclasses.FrozenInstanceError):
        ratings.df = 3
    assert all(type(value) is float for line in ratings.covariance for value in line)
    assert hash(ratings) == hash(dataclasses.replace(ratings))


def test_the_seed_moves_only_the_critical_value(ratings, data):
    other = rate(data, baselines=baselines(4), seed=1)
    assert other.critical != ratings.critical
    assert dataclasses.replace(other, entrants=(), critical=0.0) == dataclasses.replace(
        ratings, entrants=(), critical=0.0
    )


def test_win_rates_are_means_of_pairs_and_none_where_nobody_met():
    rows = [*block("a", "b", won=3, lost=1, prompts=4), ("b", "a", 0.5, 9), ("c", "b", 1.0, 0)]
    table = win_rates(comparisons(rows, names=["c", "b", "a"]))
    assert table.names == ("a", "b", "c")
    assert table.rates == ((None, 0.7, None), (pytest.approx(0.3), None, 0.0), (None, 1.0, None))
    assert table.battles == ((0, 5, 0), (5, 0, 1), (0, 1, 0))
    assert table.between("c", "b") == (1.0, 1)
    assert win_rates(comparisons(rows[:4], weight=[1, 1, 1, 3])).between("a", "b") == (0.5, 4)


@pytest.mark.parametrize(("gap", "score"), [(100, 0.6401), (50, 0.5715), (30, 0.5431), (20, 0.5288), (0, 0.5)])
def test_elo_and_expected_score(gap, score):
    assert expected_score(gap) == pytest.approx(score, abs=5e-5)
    assert expected_score(-gap) == pytest.approx(1 - expected_score(gap), abs=1e-15)
    assert elo_gap(expected_score(gap)) == pytest.approx(gap, abs=1e-9)


def test_no_elo_gap_for_a_perfect_score():
    assert 0.0 < expected_score(-8000) < 1e-19
    for score in (0.0, 1.0, 1.5, math.nan):
        with pytest.raises(ValueError, match="no finite Elo gap"):
            elo_gap(score)


def test_importing_the_room_does_not_import_scipy():
    code = "import sys, arena_write.ratings; sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
