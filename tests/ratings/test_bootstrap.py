"""Refits, the prompt bootstrap and the two errors: against one fit at a time, and against coverage."""

from __future__ import annotations

import numpy as np
import pytest
from ratings.simulate import baselines, simulate
from ratings.tables import block, comparisons

from arena_write.ratings import (
    ColumnError,
    Comparisons,
    LengthSlope,
    adjust_for_length,
    bootstrap_intervals,
    both_errors,
    fewest_prompts_to_flip,
    rate,
)

FROZEN = dict.fromkeys(baselines(), 1000.0)


def study(seed, prompts=30, size=4):
    return simulate(np.random.default_rng(seed), prompts=prompts, strengths=(0.6,) + (0.0,) * (size - 1), bank=True)


def test_the_bootstrap_agrees_with_the_formula_on_many_prompts():
    data = study(3, prompts=150)
    ratings = rate(data, baselines=baselines(4))
    for found in bootstrap_intervals(data, baselines=baselines(4), draws=2000):
        row = ratings.entrant(found.name)
        assert found.elo == pytest.approx(row.elo, abs=1e-6)
        assert (found.draws, found.reason) == (2000, "")
        half = row.high - row.elo
        for low, high in ((found.low, found.high), (found.t_low, found.t_high)):
            assert low == pytest.approx(row.low, abs=0.12 * half)
            assert high == pytest.approx(row.high, abs=0.12 * half)


def test_the_seed_decides_and_the_order_of_rows_does_not():
    data = study(4)
    order = np.random.default_rng(5).permutation(len(data))
    shuffled = Comparisons(
        names=data.names,
        first=data.first[order],
        second=data.second[order],
        score=data.score[order],
        cluster=data.cluster[order],
    )
    here = bootstrap_intervals(data, baselines=baselines(4), draws=50, seed=1)
    assert bootstrap_intervals(shuffled, baselines=baselines(4), draws=50, seed=1) == here
    assert bootstrap_intervals(data, baselines=baselines(4), draws=50, seed=2) != here


def test_bootstrap_intervals_hold():
    percentile = by_t = 0
    replicates = 100
    for replicate in range(replicates):
        data = simulate(np.random.default_rng([6, replicate]), prompts=25)
        (found,) = bootstrap_intervals(data, baselines=baselines(), offsets=FROZEN, draws=150, seed=replicate)
        percentile += found.low <= 1000.0 <= found.high
        by_t += found.t_low <= 1000.0 <= found.t_high
    assert 0.86 <= percentile / replicates <= 0.98
    assert 0.90 <= by_t / replicates <= 0.99


def test_draws_without_finite_ratings_withhold_the_interval():
    rows = block("cand", "base", won=19, lost=1, prompts=20)
    (found,) = [
        row for row in bootstrap_intervals(comparisons(rows), baselines=["base"], draws=200) if row.name == "cand"
    ]
    # The one lost prompt is missing from a draw with chance (19/20)^20, 36 %.
    assert found.low is None
    assert 90 <= found.draws <= 160
    assert found.reason == f"{200 - found.draws} of 200 draws of prompts give no finite ratings"


def test_where_nobody_is_rated_there_is_nothing_to_say():
    # One prompt, or nothing but wins: a baseline alone.
    for rows in ([("a", "b", 1.0, 0), ("a", "b", 0.0, 0)], block("a", "b", won=9, prompts=3)):
        assert bootstrap_intervals(comparisons(rows), baselines=["b"]) == ()
        assert both_errors(comparisons(rows), baselines=["b"]) == ()


def test_the_same_texts_judged_again_vary_much_less():
    # Specification: for 1,200 calls, 37 Elo for new prompts, 13.6 for the same texts.
    halves = []
    for replicate in range(20):
        data = simulate(np.random.default_rng([7, replicate]), prompts=100)
        (row,) = both_errors(data, baselines=baselines(), offsets=FROZEN)
        rating = rate(data, baselines=baselines(), offsets=FROZEN).entrant("cand")
        assert (row.elo, row.new_prompts.se, row.new_prompts.low) == (rating.elo, rating.se, rating.low)
        halves.append((row.new_prompts.high - row.elo, row.same_texts.high - row.elo))
    assert np.mean(halves, axis=0) == pytest.approx([37.0, 13.6], abs=1.0)
    assert row.same_texts.about == "the same texts, judged again"
    assert row.new_prompts.about.startswith("prompts like these")


def test_the_error_of_the_judge_alone_is_the_spread_of_its_second_opinions():
    # Fifty texts judged by chance alone, twice each in both orders: all there is, is the judge's noise.
    rng = np.random.default_rng(8)
    rows = [
        (first, second, float(rng.integers(0, 2)), prompt)
        for prompt in range(400)
        for first, second in (("a", "b"), ("b", "a"))
        for _ in range(2)
    ]
    data = comparisons(rows)
    row = next(row for row in both_errors(data, baselines=["b"], offsets={"b": 1000.0}))
    naive = rate(data, baselines=["b"], offsets={"b": 1000.0}).entrant("a").naive_half_width
    assert row.same_texts.high - row.elo == pytest.approx(naive, rel=0.05)
    assert row.same_texts.df == 400 * 3


def test_the_love_of_a_slot_is_no_noise():
    # A judge that always takes the first: the same again would be the same.
    rows = [(first, second, 1.0, prompt) for prompt in range(30) for first, second in (("a", "b"), ("b", "a"))]
    (row, *_) = both_errors(comparisons(rows), baselines=["b"], offsets={"b": 1000.0})
    assert row.same_texts.se == 0.0


def test_pairs_judged_once_take_the_noise_of_the_others():
    data = simulate(np.random.default_rng(9), prompts=400, strengths=(0.0, 0.0))
    thinned = data.select((data.cluster < 200) | (data.first == 0))
    (whole, *_), (part, *_) = (
        both_errors(rows, baselines=["base1"], offsets={"base1": 1000.0}) for rows in (data, thinned)
    )
    # 600 of 800 verdicts: a variance of 8/6.
    assert part.same_texts.se == pytest.approx(whole.same_texts.se * (8 / 6) ** 0.5, rel=0.08)
    once = data.select(data.first == 0)
    (row, *_) = both_errors(once, baselines=["base1"], offsets={"base1": 1000.0})
    assert row.same_texts is None
    with pytest.raises(ColumnError, match="texts has shape"):
        both_errors(data, baselines=["base1"], texts=[1])


def test_several_answers_are_texts_of_their_own():
    rows = [("a", "b", score, prompt) for prompt in range(30) for score in (1.0, 0.0)]
    known = {"baselines": ["b"], "offsets": {"b": 1000.0}}
    (mixed, *_) = both_errors(comparisons(rows), **known)
    (apart, *_) = both_errors(comparisons(rows), **known, texts=np.arange(60))
    assert mixed.same_texts.se > 0
    assert apart.same_texts is None


def test_battles_between_frozen_entrants_are_no_evidence():
    # Two hundred prompts on which only anchors met: not a byte of anything changes.
    data = simulate(np.random.default_rng(10), prompts=40, strengths=(0.2, 0.0, 0.0))
    noise = simulate(np.random.default_rng(11), prompts=200, strengths=(0.0, 0.0, 0.0), bank=True)
    noise = noise.select((noise.first > 0) & (noise.second > 0))
    more = Comparisons(
        names=data.names,
        first=np.concatenate([data.first, noise.first]),
        second=np.concatenate([data.second, noise.second]),
        score=np.concatenate([data.score, noise.score]),
        cluster=np.concatenate([data.cluster, noise.cluster + 1000]),
    )
    known = {"baselines": baselines(3), "offsets": {"base1": 1010.0, "base2": 990.0}}
    for say in (both_errors, fewest_prompts_to_flip, bootstrap_intervals):
        assert say(more, **known) == say(data, **known)
    level = {"slopes": [LengthSlope(language="en", gamma=0.2, se=0.1, scale=0.5)], **known}
    one = adjust_for_length(data, np.zeros(len(data)), language=["en"] * len(data), **level)
    other = adjust_for_length(more, np.zeros(len(more)), language=["en"] * len(more), **level)
    assert one == other
