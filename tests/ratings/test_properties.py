"""What must not change a rating, and what must change its interval by a known factor."""

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
    cluster_covariance,
    cr1_covariance,
    fit,
    hc0_covariance,
    jackknife_covariance,
    rate,
)
from arena_write.ratings.elo import from_baselines
from arena_write.ratings.intervals import design_effects

SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=15, deadline=None)


def study(seed, prompts=12, size=4):
    return simulate(np.random.default_rng(seed), prompts=prompts, strengths=(0.3,) + (0.0,) * (size - 1), bank=True)


def rebuilt(data, order=None, **change):
    order = np.arange(len(data)) if order is None else order
    columns = {label: getattr(data, label)[order] for label in ("first", "second", "score", "cluster")}
    return Comparisons(**{"names": data.names, **columns, **change})


def numbers(ratings):
    """Everything numeric, by name, so that two results can be compared without regard to order."""
    rows = {
        row.name: (row.elo, row.se, row.low, row.high, row.naive_half_width, row.deff, row.score, row.df)
        for row in ratings.entrants
    }
    return [value for name in sorted(rows) for value in rows[name]]


def errors(covariance):
    contrast = from_baselines(len(covariance), [len(covariance) - 1])
    return np.sqrt(np.diag(contrast @ covariance @ contrast.T))[:-1]


@FEW
@given(SEEDS)
def test_the_order_of_rows_changes_not_one_byte(seed):
    data = study(seed)
    order = np.random.default_rng(seed).permutation(len(data))
    shuffled = rate(rebuilt(data, order), baselines=baselines(4))
    assert repr(shuffled) == repr(rate(data, baselines=baselines(4)))


@FEW
@given(SEEDS)
def test_the_order_of_names_and_baselines_changes_not_one_byte(seed):
    data = study(seed)
    order = np.random.default_rng(seed).permutation(len(data.names))
    inverse = np.argsort(order)
    moved = rebuilt(
        data,
        names=tuple(data.names[code] for code in order),
        first=inverse[data.first],
        second=inverse[data.second],
    )
    assert moved.names != data.names or (order == np.arange(4)).all()
    assert repr(rate(moved, baselines=baselines(4)[::-1])) == repr(rate(data, baselines=baselines(4)))


@FEW
@given(SEEDS)
def test_swapping_sides_changes_not_one_byte(seed):
    data = study(seed)
    swap = np.random.default_rng(seed).random(len(data)) < 0.5
    swapped = rebuilt(
        data,
        first=np.where(swap, data.second, data.first),
        second=np.where(swap, data.first, data.second),
        score=np.where(swap, 1.0 - data.score, data.score),
    )
    assert repr(rate(swapped, baselines=baselines(4))) == repr(rate(data, baselines=baselines(4)))


@FEW
@given(SEEDS)
def test_relabelling_entrants_and_prompts_changes_nothing_but_labels(seed):
    data = study(seed)
    base = rate(data, baselines=baselines(4))
    fresh = np.random.default_rng(seed).permutation(1000)[data.cluster] - 500
    assert numbers(rate(rebuilt(data, cluster=fresh), baselines=baselines(4))) == pytest.approx(numbers(base), abs=1e-9)
    names = {"cand": "a", "base1": "z", "base2": "m", "base3": "b"}
    renamed = rate(rebuilt(data, names=tuple(names[name] for name in data.names)), baselines=["z", "m", "b"])
    for row in base.entrants:
        twin = renamed.entrant(names[row.name])
        assert (twin.elo, twin.low, twin.high) == pytest.approx((row.elo, row.low, row.high), abs=1e-9)


@FEW
@given(SEEDS, st.sampled_from([cr1_covariance, jackknife_covariance]))
def test_judging_every_battle_twice_is_no_news(seed, covariance):
    data = study(seed)
    doubled = rebuilt(data, np.tile(np.arange(len(data)), 2))
    once, twice = fit(data), fit(doubled)
    assert twice.theta == pytest.approx(once.theta, abs=1e-9)
    assert errors(covariance(doubled, twice)) == pytest.approx(errors(covariance(data, once)), rel=1e-9)
    assert errors(hc0_covariance(doubled, twice)) * math.sqrt(2) == pytest.approx(
        errors(hc0_covariance(data, once)), rel=1e-9
    )


@FEW
@given(SEEDS)
def test_twice_the_prompts_is_news(seed):
    data = study(seed, prompts=40)
    copy = rebuilt(data, np.tile(np.arange(len(data)), 2), cluster=np.concatenate([data.cluster, data.cluster + 40]))
    once, twice = fit(data), fit(copy)
    assert twice.theta == pytest.approx(once.theta, abs=1e-9)
    small_sample = math.sqrt((80 / 79) / (40 / 39))
    expected = errors(cr1_covariance(data, once)) / math.sqrt(2) * small_sample
    assert errors(cr1_covariance(copy, twice)) == pytest.approx(expected, rel=1e-9)


@FEW
@given(SEEDS)
def test_two_orders_as_rows_or_as_one_mean_of_weight_two(seed):
    data = study(seed)
    # The simulator writes the two orders of a pair one after the other, the second with sides changed.
    one, two = np.arange(0, len(data), 2), np.arange(1, len(data), 2)
    assert (data.first[one] == data.second[two]).all()
    assert (data.cluster[one] == data.cluster[two]).all()
    mean = (data.score[one] + 1.0 - data.score[two]) / 2.0
    merged = rebuilt(data, one, score=mean, weight=np.full(len(one), 2.0))
    split, whole = rate(data, baselines=baselines(4)), rate(merged, baselines=baselines(4))
    assert numbers(whole) == pytest.approx(numbers(split), abs=1e-8)
    assert (whole.battles, split.battles) == (len(one), len(data))


@FEW
@given(SEEDS, st.floats(-1e6, 1e6))
def test_shifting_the_frozen_anchors_shifts_the_rating(seed, shift):
    data = study(seed)
    anchors = {"base1": 900.0, "base2": 1000.0, "base3": 1100.0}
    here = rate(data, baselines=baselines(4), offsets=anchors)
    there = rate(data, baselines=baselines(4), offsets={name: elo + shift for name, elo in anchors.items()})
    assert there.entrant("cand").elo == pytest.approx(here.entrant("cand").elo + shift, abs=1e-6)
    assert there.entrant("cand").se == pytest.approx(here.entrant("cand").se, rel=1e-7)


def test_identical_texts_tie_and_rate_alike():
    rows = block("base", "cand", won=20, lost=20, prompts=10)
    rows += [("cand", "twin", 0.5, prompt) for prompt in range(10)]
    rows += [
        ("base", "twin", score, prompt) for _, _, score, prompt in block("base", "cand", won=20, lost=20, prompts=10)
    ]
    ratings = rate(comparisons(rows), baselines=["base"])
    assert ratings.difference("cand", "twin").elo == pytest.approx(0.0, abs=1e-9)
    assert ratings.difference("cand", "twin").se == pytest.approx(0.0, abs=1e-6)
    assert ratings.entrant("cand").elo == pytest.approx(1000.0, abs=1e-9)


def test_only_ties_rate_everybody_alike_without_a_division_by_zero():
    ratings = rate(comparisons([("base", "cand", 0.5, prompt) for prompt in range(40)]), baselines=["base"])
    row = ratings.entrant("cand")
    assert row.elo == pytest.approx(1000.0, abs=1e-9)
    assert (row.se, row.low, row.high, row.deff) == (0.0, None, None, None)
    difference = ratings.difference("base", "cand")
    assert difference.se == pytest.approx(0.0, abs=1e-9)
    assert difference.reason == row.reason != ""
    assert (row.best_rank, row.worst_rank) == (1, 2)


def test_clusters_that_touch_only_some_entrants():
    # "late" met the others on 12 of 60 prompts: its interval must rest on 12, and the jackknife must be taken.
    data = simulate(np.random.default_rng(5), prompts=60, strengths=(0.0,) * 4, bank=True)
    late = (data.first == 0) | (data.second == 0)
    partial = data.select(~late | (data.cluster < 12))
    ratings = rate(partial, baselines=baselines(4))
    assert (ratings.method, ratings.df, ratings.clusters) == ("jackknife", 59, 60)
    assert (ratings.entrant("cand").df, ratings.entrant("cand").clusters) == (11, 12)
    assert (ratings.entrant("base1").df, ratings.entrant("base1").clusters) == (59, 60)
    assert ratings.difference("cand", "base1").df == 11
    assert rate(data, baselines=baselines(4)).method == "CR1"


@pytest.mark.parametrize(("prompts", "method"), [(29, "jackknife"), (30, "CR1")])
def test_the_method_changes_at_thirty_prompts(prompts, method):
    data = study(1, prompts=prompts)
    chosen = cluster_covariance(data, fit(data))
    assert (chosen.method, chosen.clusters) == (method, prompts)
    both = {"CR1": cr1_covariance, "jackknife": jackknife_covariance}
    assert np.array_equal(chosen.matrix, both[method](data, fit(data)))


def test_the_jackknife_refits_where_a_tie_keeps_the_way_back_open():
    scores = [1.0, 1.0, 1.0, 0.5, 0.5]
    data = comparisons([("a", "b", score, prompt) for prompt, score in enumerate(scores)])

    def strength(kept):
        return math.log(sum(kept) / (len(kept) - sum(kept)))

    shifts = [strength(scores[:prompt] + scores[prompt + 1 :]) - strength(scores) for prompt in range(5)]
    assert errors(jackknife_covariance(data, fit(data)))[0] ** 2 == pytest.approx(4 / 5 * np.dot(shifts, shifts))


def test_the_design_effect_by_hand():
    # Three prompts of two battles that agree, one win in three: twice the variance, times 3/2 for three prompts.
    data = comparisons([("a", "b", float(prompt == 0), prompt) for prompt in (0, 0, 1, 1, 2, 2)])
    assert design_effects(data, fit(data)) == pytest.approx([3.0, 3.0])
    assert rate(data, baselines=["b"]).deff == pytest.approx(3.0)
    assert rate(data, baselines=["b"], offsets={"b": 1000.0}).deff == pytest.approx(3.0)


def test_the_jackknife_is_wider_than_cr1_and_meets_it_in_the_limit():
    small, large = study(3, prompts=8), study(3, prompts=400)
    ratio = [
        errors(jackknife_covariance(data, fit(data))) / errors(cr1_covariance(data, fit(data)))
        for data in (small, large)
    ]
    assert (ratio[0] > 1.005).all()
    assert ratio[1] == pytest.approx(np.ones(3), abs=0.01)
