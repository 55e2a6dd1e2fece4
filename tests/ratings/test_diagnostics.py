"""Judge diagnostics: by hand on a few battles, as calibrated in simulation, and what must not change them."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ratings.simulate import baselines, simulate
from ratings.tables import comparisons

from arena_write.ratings import ColumnError, Comparisons, RatingError, cluster_mean, diagnose

SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=15, deadline=None)


def numbers(found):
    values = dataclasses.asdict(found)
    values.update(values.pop("slot") or {})
    return {label: value for label, value in values.items() if not isinstance(value, str)}


def test_four_pairs_by_hand():
    rows = [
        ("a", "b", 1.0, 0), ("b", "a", 0.0, 0),  # a wins in both orders
        ("a", "b", 1.0, 1), ("b", "a", 1.0, 1),  # the first wins: a hard flip
        ("a", "b", 0.5, 2), ("b", "a", 0.5, 2),  # a tie in both orders
        ("a", "b", 0.5, 3), ("b", "a", 1.0, 3),  # a tie, then b: neither consistent nor a flip
        ("a", "b", 1.0, 4),                      # one order only
    ]  # fmt: skip
    found = diagnose(comparisons(rows))
    assert (found.battles, found.prompts, found.pairs, found.reason) == (9, 5, 4, "")
    assert (found.consistency, found.hard_flips) == (0.5, 0.25)
    assert found.tie_rate == pytest.approx(3 / 9)
    # Half of what the two firsts got above one: (0, 1, 0, 0.5) / 2.
    effects = np.array([0.0, 0.5, 0.0, 0.25])
    assert found.slot.mean == pytest.approx(effects.mean())
    assert found.slot.se == pytest.approx(effects.std(ddof=1) / 2)
    assert (found.slot.df, found.slot.method) == (3, "jackknife")


@pytest.mark.parametrize(
    ("regime", "orders", "across", "deff", "consistency"),
    [
        ("realistic", 0.52, 0.22, 3.64, 0.68),
        ("high", 0.51, 0.29, 4.39, 0.68),
        ("mild", 0.23, 0.10, 2.17, 0.50),
        ("iid", 0.0, 0.0, 1.0, 0.38),
    ],
)
def test_the_regimes_of_the_simulator_are_recognised(regime, orders, across, deff, consistency):
    found = diagnose(simulate(np.random.default_rng(1), prompts=2000, regime=regime), baselines=baselines())
    assert found.correlation_of_orders == pytest.approx(orders, abs=0.02)
    assert found.correlation_across_opponents == pytest.approx(across, abs=0.02)
    assert found.deff == pytest.approx(deff, abs=0.25)
    assert found.consistency == pytest.approx(consistency, abs=0.02)
    assert found.effective_battles == pytest.approx(24_000 / found.deff)
    # Twelve battles a prompt: one other of the same pair of texts, ten of other pairs.
    rho = (found.correlation_of_orders + 10 * found.correlation_across_opponents) / 11
    assert found.deff == pytest.approx(1 + 11 * rho, abs=0.1)


def test_a_judge_that_always_takes_the_first():
    rows = [(one, other, 1.0, prompt) for prompt in range(40) for one, other in (("a", "b"), ("b", "a"))]
    found = diagnose(comparisons(rows))
    assert (found.consistency, found.hard_flips, found.tie_rate) == (0.0, 1.0, 0.0)
    assert (found.slot.mean, found.slot.se, found.slot.low) == (0.5, 0.0, None)
    assert (found.correlation_of_orders, found.deff) == (None, None)


def test_repeats_average_over_all_ways_to_take_one_of_each_order():
    rows = [("a", "b", 1.0, 0), ("a", "b", 0.0, 0), ("b", "a", 0.0, 0), ("b", "a", 0.0, 0)]
    found = diagnose(comparisons(rows))
    assert (found.pairs, found.consistency, found.hard_flips) == (1, 0.5, 0.5)
    assert found.slot.mean == pytest.approx((0.5 + 0.0 - 1.0) / 2)


def test_several_answers_are_pairs_of_their_own_where_that_is_said():
    rows = [("a", "b", 1.0, 0), ("b", "a", 0.0, 0), ("a", "b", 0.0, 0), ("b", "a", 1.0, 0)]
    mixed, apart = diagnose(comparisons(rows)), diagnose(comparisons(rows), texts=[7, 7, 9, 9])
    assert (mixed.pairs, mixed.consistency) == (1, 0.5)
    assert (apart.pairs, apart.consistency) == (2, 1.0)
    with pytest.raises(ColumnError, match="texts has shape"):
        diagnose(comparisons(rows), texts=[1, 2])


def test_one_order_alone_says_so():
    found = diagnose(comparisons([("a", "b", 1.0, 0), ("a", "b", 0.0, 1), ("b", "c", 0.5, 1)]))
    assert (found.consistency, found.hard_flips, found.slot) == (None, None, None)
    assert found.reason == "no pair of texts was judged in both orders"
    assert found.tie_rate == pytest.approx(1 / 3)


def test_one_prompt_has_an_effect_and_no_interval():
    found = diagnose(comparisons([("a", "b", 1.0, 0), ("b", "a", 0.5, 0)]))
    assert (found.slot.mean, found.slot.se, found.slot.low) == (0.25, None, None)


def test_rows_of_weight_zero_do_not_count():
    rows = [("a", "b", 1.0, 0), ("b", "a", 0.0, 0), ("b", "a", 1.0, 0)]
    found = diagnose(comparisons(rows, weight=[1, 1, 0]))
    assert (found.battles, found.consistency) == (2, 1.0)


def test_a_confidence_outside_its_range_is_refused():
    with pytest.raises(RatingError, match="strictly between"):
        diagnose(comparisons([("a", "b", 1.0, 0)]), confidence=95)


@FEW
@given(SEEDS)
def test_permuting_and_relabelling_change_nothing(seed):
    data = simulate(np.random.default_rng(seed), prompts=8, strengths=(0.3, 0.0, -0.3), bank=True)
    rng = np.random.default_rng(seed)
    order, code = rng.permutation(len(data)), rng.permutation(3)
    moved = Comparisons(
        names=tuple(data.names[index] for index in np.argsort(code)),
        first=code[data.first][order],
        second=code[data.second][order],
        score=data.score[order],
        cluster=1000 - data.cluster[order],
    )
    assert numbers(diagnose(moved, baselines=["base1"])) == pytest.approx(
        numbers(diagnose(data, baselines=["base1"])), abs=1e-12, nan_ok=True
    )


@FEW
@given(SEEDS)
def test_a_judge_that_reads_backwards_favours_the_other_slot(seed):
    data = simulate(np.random.default_rng(seed), prompts=8, strengths=(0.3, 0.0, -0.3), bank=True)
    mirrored = Comparisons(
        names=data.names, first=data.second, second=data.first, score=1.0 - data.score, cluster=data.cluster
    )
    one, other = diagnose(data), diagnose(mirrored)
    assert other.slot.mean == pytest.approx(-one.slot.mean)
    assert (other.consistency, other.hard_flips, other.tie_rate) == pytest.approx(
        (one.consistency, one.hard_flips, one.tie_rate)
    )


def test_the_interval_of_the_slot_effect_holds():
    # The slot of the realistic regime, from a study too large to doubt it.
    truth = diagnose(simulate(np.random.default_rng(2), prompts=20_000)).slot.mean
    assert truth == pytest.approx(0.0515, abs=0.002)
    replicates, held = 500, 0
    for replicate in range(replicates):
        slot = diagnose(simulate(np.random.default_rng([3, replicate]), prompts=25)).slot
        held += slot.low <= truth <= slot.high
    assert 0.93 <= held / replicates <= 0.97


def test_a_clustered_mean_by_hand():
    found = cluster_mean(np.array([1.0, 0.0, 0.0, 0.5]), np.array([4, 4, 9, 9]), confidence=0.9)
    # Two clusters of two: the means 0.5 and 0.25, and t(1) at 95 % is 6.3138.
    assert (found.mean, found.se) == pytest.approx((0.375, math.sqrt(0.25**2 / 2 / 2)))
    assert found.high - found.mean == pytest.approx(6.313752 * found.se, rel=1e-6)
