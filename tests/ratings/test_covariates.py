"""Strengths and slopes together: published values, an independent optimiser, symmetry, refusals, speed."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ratings.simulate import baselines, simulate
from ratings.tables import BASEBALL, block, comparisons
from scipy.optimize import minimize

from arena_write.ratings import (
    ColumnError,
    Comparisons,
    ConvergenceError,
    NotConnectedError,
    RatingError,
    TooFewPromptsError,
    cr1_covariance,
    fit,
    fit_covariates,
    slot_covariate,
)
from arena_write.ratings.elo import ELO_PER_NAT, from_baselines
from arena_write.ratings.feature_rows import Rows, derivatives

SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=15, deadline=None)


def study(seed, prompts=12, slope=0.0):
    """Four entrants in both orders, and a feature of each row that moves the verdicts of its pair of texts."""
    rng = np.random.default_rng(seed)
    data = simulate(rng, prompts=prompts, strengths=(0.3, 0.0, 0.0, -0.3), bank=True)
    pair = rng.normal(size=len(data) // 2)
    feature = np.stack([pair, -pair], axis=1).ravel()
    extra = rng.random(len(data)) < np.abs(np.tanh(slope * feature))
    score = np.where(extra, (feature > 0).astype(float), data.score)
    return Comparisons(
        names=data.names, first=data.first, second=data.second, score=score, cluster=data.cluster
    ), feature


def baseball():
    rows = []
    for home, visitors in BASEBALL.items():
        for away, (won, lost) in visitors.items():
            rows += [(home, away, score, len(rows) + game) for game, score in enumerate([1.0] * won + [0.0] * lost)]
    return comparisons(rows)


def test_baseball_with_home_advantage():
    # BradleyTerry2's own example: at.home .30226 (SE .13094), and the worths its tests check.
    data = baseball()
    fitted = fit_covariates(data, np.ones(len(data)))
    assert fitted.gamma[0] == pytest.approx(0.30226, abs=5e-6)
    assert math.sqrt(np.linalg.pinv(fitted.hessian)[-1, -1]) == pytest.approx(0.13094, abs=5e-6)
    theta = dict(zip(fitted.names, fitted.theta - fitted.theta[fitted.names.index("Bal")], strict=True))
    expected = [1.14380, 0.70469, 1.47536, 1.61955, 1.28134, 1.32711]
    assert [theta[team] for team in ("Bos", "Cle", "Det", "Mil", "NY", "Tor")] == pytest.approx(expected, abs=5e-6)
    worth = np.exp(list(theta.values()))
    shares = dict(zip(theta, worth / worth.sum(), strict=True))
    assert [round(shares[team], 3) for team in ("Bal", "Bos", "Cle", "Det", "Mil", "NY", "Tor")] == [
        0.044, 0.137, 0.088, 0.190, 0.220, 0.157, 0.164,
    ]  # fmt: skip


def test_deviance_of_baseball_with_home_advantage():
    data = baseball()
    fitted = fit_covariates(data, np.ones(len(data)))
    theta = dict(zip(fitted.names, fitted.theta, strict=True))
    deviance = 0.0
    for home, visitors in BASEBALL.items():
        for away, (won, lost) in visitors.items():
            p = 1 / (1 + math.exp(theta[away] - theta[home] - fitted.gamma[0]))
            deviance += 2 * won * math.log(won / (won + lost) / p) if won else 0.0
            deviance += 2 * lost * math.log(lost / (won + lost) / (1 - p)) if lost else 0.0
    assert deviance == pytest.approx(38.6429, abs=5e-5)


def test_the_slot_of_baseball_in_elo():
    slot = slot_covariate(baseball())
    assert slot.elo == pytest.approx(0.30226 * ELO_PER_NAT, abs=1e-3)
    assert slot.low < slot.elo < slot.high
    assert not slot.balanced


def test_balanced_orders_need_no_covariate():
    data, _ = study(1, prompts=60)
    assert slot_covariate(data).balanced
    moved = fit_covariates(data, np.ones(len(data)))
    # In nats: the slot stretches the scale a little and moves nobody past anybody.
    assert moved.theta == pytest.approx(fit(data).theta, abs=0.02)


def test_unbalanced_orders_do():
    # The candidate stands first in four battles of five: without the covariate it wears the slot's advantage.
    rng = np.random.default_rng(2)
    data = simulate(rng, prompts=4000, strengths=(0.0, 0.0), regime="iid")
    kept = data.select((data.first == 0) | (rng.random(len(data)) < 0.25))
    plain, moved = fit(kept), fit_covariates(kept, np.ones(len(kept)))
    assert plain.theta[0] - plain.theta[1] > 0.15
    assert moved.theta[0] - moved.theta[1] == pytest.approx(0.0, abs=0.07)
    assert not slot_covariate(kept).balanced


@FEW
@given(SEEDS)
def test_the_same_maximum_as_a_general_optimiser(seed):
    data, feature = study(seed, slope=0.5)
    second = np.random.default_rng(seed).normal(size=len(data))
    fitted = fit_covariates(data, np.column_stack([feature, second]))

    def loss(values):
        theta = np.append(values[:3], -values[:3].sum())
        gap = theta[data.first] - theta[data.second] + values[3] * feature + values[4] * second
        return -np.mean(data.score * gap - np.logaddexp(0.0, gap))

    theirs = minimize(loss, np.zeros(5), method="BFGS", options={"gtol": 1e-9}).x
    assert np.append(fitted.theta[:3], fitted.gamma) == pytest.approx(theirs, abs=2e-5)


@FEW
@given(SEEDS, st.sampled_from([12, 40]))
def test_swapping_sides_turns_the_feature_and_changes_nothing_else(seed, prompts):
    data, feature = study(seed, prompts=prompts, slope=0.5)
    swap = np.random.default_rng(seed).random(len(data)) < 0.5
    swapped = Comparisons(
        names=data.names,
        first=np.where(swap, data.second, data.first),
        second=np.where(swap, data.first, data.second),
        score=np.where(swap, 1.0 - data.score, data.score),
        cluster=data.cluster,
    )
    one, other = fit_covariates(data, feature), fit_covariates(swapped, np.where(swap, -feature, feature))
    assert other.gamma == pytest.approx(one.gamma, abs=1e-9)
    assert other.theta == pytest.approx(one.theta, abs=1e-9)
    assert other.covariance == pytest.approx(one.covariance, abs=1e-9)


@FEW
@given(SEEDS)
def test_a_feature_in_other_units_has_a_slope_in_those_units(seed):
    data, feature = study(seed, slope=0.5)
    one, other = fit_covariates(data, feature), fit_covariates(data, feature / 100.0)
    assert other.gamma == pytest.approx(100.0 * one.gamma, rel=1e-7)
    assert other.theta == pytest.approx(one.theta, abs=1e-9)


def test_without_features_it_is_the_plain_fit():
    data, _ = study(3, prompts=40)
    nothing = fit_covariates(data, np.empty((len(data), 0)))
    plain = fit(data)
    assert nothing.theta == pytest.approx(plain.theta, abs=1e-9)
    contrast = from_baselines(4, [0])
    theirs = contrast @ cr1_covariance(data, plain) @ contrast.T
    assert contrast @ nothing.covariance @ contrast.T == pytest.approx(theirs, abs=1e-12)


def test_a_known_slope_as_a_shift_gives_the_fit_at_that_slope():
    data, feature = study(4, prompts=40, slope=0.5)
    free = fit_covariates(data, feature)
    held = fit_covariates(data, np.empty((len(data), 0)), shift=free.gamma[0] * feature)
    assert held.theta == pytest.approx(free.theta, abs=1e-9)


def test_frozen_strengths_stay_and_set_the_scale():
    data, feature = study(5, prompts=40)
    frozen = fit_covariates(data, feature, offsets=dict.fromkeys(baselines(4), 0.7))
    assert frozen.theta[1:] == pytest.approx([0.7, 0.7, 0.7])
    assert frozen.free.tolist() == [True, False, False, False]
    assert not frozen.covariance[1:4].any()


def test_weights_stand_for_battles():
    data, feature = study(6)
    rows = np.repeat(np.arange(len(data)), 2)
    doubled = Comparisons(
        names=data.names,
        first=data.first[rows],
        second=data.second[rows],
        score=data.score[rows],
        cluster=data.cluster[rows],
    )
    weighted = Comparisons(
        names=data.names,
        first=data.first,
        second=data.second,
        score=data.score,
        cluster=data.cluster,
        weight=np.full(len(data), 2.0),
    )
    one, other = fit_covariates(weighted, feature), fit_covariates(doubled, feature[rows])
    assert one.gamma == pytest.approx(other.gamma, abs=1e-10)
    assert one.covariance == pytest.approx(other.covariance, abs=1e-10)


def test_slopes_hold_their_intervals_by_prompt():
    # Verdicts of one prompt share their quirks, so a slope counted by battle would be too sure of itself.
    honest = naive = 0
    replicates = 200
    for replicate in range(replicates):
        rng = np.random.default_rng([31, replicate])
        data = simulate(rng, prompts=40, strengths=(0.0,) * 4)
        longer = rng.normal(size=40)[data.cluster]
        found = fit_covariates(data, np.where(data.first == 0, longer, -longer))
        honest += abs(found.gamma[0]) <= 2.0227 * math.sqrt(found.covariance[-1, -1])
        naive += abs(found.gamma[0]) <= 1.96 * math.sqrt(np.linalg.pinv(found.hessian)[-1, -1])
    assert 0.92 <= honest / replicates <= 0.98
    assert naive / replicates < 0.88


def test_refusals():
    data, feature = study(7)
    with pytest.raises(ColumnError, match=f"features has 3 rows, the comparisons have {len(data)}"):
        fit_covariates(data, np.ones(3))
    with pytest.raises(ColumnError, match="row 5: features is not finite"):
        fit_covariates(data, np.where(np.arange(len(data)) == 5, np.nan, feature))
    with pytest.raises(ColumnError, match="row 0: shift is not finite"):
        fit_covariates(data, feature, shift=np.full(len(data), np.inf))
    with pytest.raises(RatingError, match="no slope of its own"):
        fit_covariates(data, np.zeros(len(data)))
    own = np.array([5.0, 1.0, 2.0, 3.0])
    with pytest.raises(RatingError, match="no slope of its own"):
        fit_covariates(data, own[data.first] - own[data.second])
    with pytest.raises(RatingError, match="'nobody'"):
        fit_covariates(data, feature, offsets={"nobody": 0.0})
    with pytest.raises(ConvergenceError, match="decides"):
        fit_covariates(data, np.where(data.score > 0.5, 1.0, np.where(data.score < 0.5, -1.0, 0.0)))
    with pytest.raises(ConvergenceError, match="decides"):
        slot_covariate(comparisons([("a", "b", 1.0, 0), ("b", "a", 1.0, 0), ("a", "b", 0.0, 1)]))
    with pytest.raises(NotConnectedError, match="b lost all of its 9 battles"):
        fit_covariates(comparisons(block("a", "b", won=9, prompts=3)), np.ones(9))


def test_one_prompt_gives_no_interval():
    data = comparisons([("a", "b", 1.0, 0), ("b", "a", 1.0, 0), ("a", "b", 0.0, 0), ("b", "a", 0.0, 0)])
    with pytest.raises(TooFewPromptsError, match="all battles come from one prompt"):
        fit_covariates(data, np.ones(4))
    # The slope shows on prompt 2 alone.
    rows = [("a", "b", score, prompt) for prompt in range(3) for score in (1.0, 0.0)]
    with pytest.raises(TooFewPromptsError, match="one prompt alone"):
        fit_covariates(comparisons(rows), [0.0, 0.0, 0.0, 0.0, 1.0, 0.5])


@pytest.mark.parametrize("seed", range(4))
def test_information_is_that_of_the_estimate_to_the_last_bits(seed):
    """Where a prompt is left out that holds nearly all of it, an error of a billionth would be one of a thousandth."""
    data, feature = study(seed, slope=0.4)
    fitted = fit_covariates(data, feature)
    design = np.zeros((len(data), 5))
    design[np.arange(len(data)), data.first] = 1.0
    design[np.arange(len(data)), data.second] = -1.0
    design[:, 4] = feature
    chance = 1 / (1 + np.exp(-design @ np.concatenate([fitted.theta, fitted.gamma])))
    information = design.T @ (design * (chance * (1 - chance))[:, np.newaxis])
    assert np.abs(fitted.hessian / information - 1).max() < 1e-12


def test_a_prompt_that_holds_all_but_rounding_gives_no_interval():
    data = comparisons([("c", "x", score, prompt) for prompt in range(3) for score in (1.0, 0.0)])
    fit_covariates(data, np.empty((6, 0)), offsets={"x": 0.0}, shift=[0, 0, 8, 8, -8, -8])
    with pytest.raises(TooFewPromptsError, match="one prompt alone"):
        fit_covariates(data, np.empty((6, 0)), offsets={"x": 0.0}, shift=[0, 0, 40, 40, -40, -40])


def test_a_million_rows_are_a_matter_of_a_moment():
    # Measured at 0.2 s; the bound, in time of this process, leaves room for a slower machine.
    rng = np.random.default_rng(8)
    count, size = 1_000_000, 50
    strength, first = rng.normal(0.0, 0.7, size), rng.integers(0, size, count)
    second, feature = (first + rng.integers(1, size, count)) % size, rng.normal(size=count)
    chance = 1.0 / (1.0 + np.exp(strength[second] - strength[first] - 0.25 * feature))
    data = Comparisons(
        names=tuple(f"m{number}" for number in range(size)),
        first=first,
        second=second,
        score=(rng.random(count) < chance).astype(float),
        cluster=rng.integers(0, 1000, count),
    )
    began = time.process_time()
    fitted = fit_covariates(data, feature)
    assert time.process_time() - began < 1.5
    assert fitted.gamma[0] == pytest.approx(0.25, abs=3 * math.sqrt(fitted.covariance[-1, -1]))


@FEW
@given(SEEDS, st.floats(-3, 3))
def test_features_that_never_change_are_no_special_case_in_the_result(seed, value):
    data, feature = study(seed, slope=0.5)
    table = np.column_stack([np.full(len(data), value), feature, np.full(len(data), 1.0)])
    rows = Rows.of(data, table, None)
    assert np.isnan(rows.constant).tolist() == [False, True, False]
    estimate = np.random.default_rng(seed).normal(size=len(data.names) + 3)
    general = replace(rows, constant=np.full(3, np.nan))
    for short, long in zip(derivatives(rows, estimate), derivatives(general, estimate), strict=True):
        np.testing.assert_allclose(short, long, rtol=1e-11, atol=1e-11)
