"""Prompts drawn anew: the same as refitting one by one, the same bytes for the same facts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ratings.simulate import baselines, simulate
from ratings.tables import block, comparisons

from arena_write.ratings import (
    Comparisons,
    NotConnectedError,
    RatingError,
    TooFewPromptsError,
    cr1_covariance,
    fit,
    prompt_resamples,
)
from arena_write.ratings.pairs import compress_by_cluster
from arena_write.ratings.refits import Refits

ELO = 400 / math.log(10)


def study(seed, prompts=30, size=4, strengths=None):
    strengths = strengths or (0.3,) + (0.0,) * (size - 1)
    return simulate(np.random.default_rng(seed), prompts=prompts, strengths=strengths, bank=True)


def repeated(data, times):
    """The rows of every prompt so many times, as rows."""
    rows = np.repeat(np.arange(len(data)), times[data.cluster])
    columns = {label: getattr(data, label)[rows] for label in ("first", "second", "score", "cluster")}
    return Comparisons(names=data.names, weight=None if data.weight is None else data.weight[rows], **columns)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans(), st.booleans())
def test_refits_are_what_one_fit_at_a_time_gives(seed, frozen, weighted):
    rng = np.random.default_rng(seed)
    data = study(seed)
    if weighted:
        data = Comparisons(
            names=data.names,
            first=data.first,
            second=data.second,
            score=rng.random(len(data)),
            cluster=data.cluster,
            weight=rng.random(len(data)) + 0.1,
        )
    offsets = {"base1": 0.4, "base3": -0.2} if frozen else {}
    times = rng.multinomial(30, np.ones(30) / 30, size=20)
    found = Refits.of(compress_by_cluster(data), fit(data, offsets=offsets)).solve(times, tolerance=1e-11)
    for line, expected in zip(found, times, strict=True):
        try:
            assert line == pytest.approx(fit(repeated(data, expected), offsets=offsets).theta, abs=1e-9)
        except NotConnectedError:
            assert np.isnan(line).all()


def test_a_resample_without_a_finite_rating_is_nan_and_the_others_are_not():
    # One win of eleven lies on one prompt of eleven: about 35 % of the resamples miss it.
    rows = [("cand", "base", float(prompt == 0), prompt) for prompt in range(11)]
    draws = prompt_resamples(comparisons(rows), baselines=["base"], resamples=2000, seed=3)
    missed = np.isnan(draws).any(axis=1)
    assert missed.mean() == pytest.approx((10 / 11) ** 11, abs=0.04)
    assert np.isnan(draws[missed]).all()
    # What is left is the log odds of k wins in eleven, or of eleven wins: those have no finite rating either.
    odds = np.exp((draws[~missed, 1] - draws[~missed, 0]) / ELO)
    wins = 11 * odds / (1 + odds)
    assert wins == pytest.approx(np.rint(wins), abs=1e-6)
    assert {1.0, 2.0, 3.0} <= set(np.rint(wins)) <= set(range(1, 11))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_draws_depend_on_facts_and_seed_alone(seed):
    rng = np.random.default_rng(seed)
    data = study(seed)
    draws = prompt_resamples(data, baselines=baselines(4), resamples=20, seed=seed)
    order, code = rng.permutation(len(data)), rng.permutation(4)
    swap = rng.random(len(data)) < 0.5
    moved = Comparisons(
        names=tuple(data.names[index] for index in np.argsort(code)),
        first=code[np.where(swap, data.second, data.first)[order]],
        second=code[np.where(swap, data.first, data.second)[order]],
        score=np.where(swap, 1 - data.score, data.score)[order],
        cluster=data.cluster[order],
    )
    again = prompt_resamples(moved, baselines=baselines(4)[::-1], resamples=20, seed=seed)
    assert again[:, code].tobytes() == draws.tobytes()
    assert prompt_resamples(data, baselines=baselines(4), resamples=20, seed=seed + 1).tobytes() != draws.tobytes()


def test_their_spread_is_that_of_cr1():
    data = study(5, prompts=200, strengths=(0.6, -0.3, 0.0, 0.3))
    draws = prompt_resamples(data, baselines=["base1"], resamples=4000)
    fitted = fit(data)
    contrast = np.eye(4) - np.eye(4)[:, [1]].T
    expected = np.sqrt(np.diag(contrast @ cr1_covariance(data, fitted) @ contrast.T)) * ELO
    assert draws.std(axis=0) == pytest.approx(expected, rel=0.05)
    assert draws.mean(axis=0) == pytest.approx(1000 + ELO * contrast @ fitted.theta, abs=3)


def test_the_scale_of_every_resample():
    data = study(6)
    free = prompt_resamples(data, baselines=["base1", "base3"], resamples=50)
    assert free[:, [1, 3]].mean(axis=1) == pytest.approx(np.full(50, 1000.0), abs=1e-9)
    assert free.std(axis=0).min() > 5
    offsets = {"base1": 1080.0, "base2": 1010.0, "base3": 910.0}
    frozen = prompt_resamples(data, baselines=baselines(4), offsets=offsets, resamples=50)
    assert frozen[:, 1:] == pytest.approx(np.tile(list(offsets.values()), (50, 1)), abs=1e-9)
    assert frozen[:, 0].std() > 5


def test_refusals():
    with pytest.raises(RatingError, match="at least one resample is needed, got 0"):
        prompt_resamples(study(0), baselines=["base1"], resamples=0)
    with pytest.raises(RatingError, match="'nobody' is not among the names"):
        prompt_resamples(study(0), baselines=["nobody"])
    with pytest.raises(NotConnectedError, match="lost all of its 4 battles"):
        prompt_resamples(comparisons(block("a", "b", won=4, prompts=4)), baselines=["a"])
    with pytest.raises(TooFewPromptsError, match="nothing to draw from"):
        prompt_resamples(comparisons(block("a", "b", won=4, lost=4, prompts=1)), baselines=["a"])
