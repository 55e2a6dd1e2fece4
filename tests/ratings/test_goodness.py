"""Goodness of fit: residuals by hand, the size of the test, its power, and when there is no test."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ratings.simulate import baselines, simulate
from ratings.tables import block, comparisons

from arena_write.ratings import Comparisons, fit, goodness_of_fit


def cycle(strength, prompts=60):
    """Rock beats paper beats scissors beats rock, in so many of ten battles."""
    rows = []
    for first, second in (("a", "b"), ("b", "c"), ("c", "a")):
        rows += block(
            first, second, won=strength * prompts // 10, lost=(10 - strength) * prompts // 10, prompts=prompts
        )
    return comparisons(rows)


def test_residuals_of_a_cycle():
    found = goodness_of_fit(cycle(8))
    assert [(line.first, line.second) for line in found.residuals] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert [line.residual for line in found.residuals] == pytest.approx([0.3, -0.3, 0.3])
    assert [line.expected for line in found.residuals] == pytest.approx([0.5, 0.5, 0.5])
    assert [line.battles for line in found.residuals] == [60, 60, 60]
    assert (found.df, found.prompts) == (1, 60)
    assert found.doubtful
    assert found.p < 1e-6


def test_frozen_strengths_by_hand():
    # One free strength, two frozen opponents: theta solves the sum, the residuals are what is left.
    data = comparisons(block("c", "x", won=30, lost=10, prompts=40) + block("c", "y", won=14, lost=26, prompts=40))
    offsets = {"x": 0.2, "y": -0.2}
    found = goodness_of_fit(data, offsets=offsets)
    theta = fit(data, offsets=offsets).theta[0]
    expected = [1 / (1 + np.exp(offset - theta)) for offset in (0.2, -0.2)]
    assert [line.expected for line in found.residuals] == pytest.approx(expected)
    assert [line.observed for line in found.residuals] == [0.75, 0.35]
    assert found.df == 1
    # The two residuals mirror each other: one degree of freedom, one statistic, that of either alone.
    squares = [(line.residual / line.se) ** 2 for line in found.residuals]
    assert squares[0] == pytest.approx(squares[1], rel=1e-6)


@pytest.mark.parametrize(("regime", "prompts"), [("realistic", 100), ("high", 30)])
def test_transitive_results_are_doubted_one_time_in_a_hundred(regime, prompts):
    replicates = 500
    values = []
    for replicate in range(replicates):
        rng = np.random.default_rng([1, replicate])
        data = simulate(rng, prompts=prompts, regime=regime)
        values.append(goodness_of_fit(data, offsets=dict.fromkeys(baselines(), 0.0)).p)
    values = np.array(values)
    assert (values < 0.01).mean() <= 0.03
    assert 0.02 <= (values < 0.05).mean() <= 0.08


def test_a_candidate_that_one_baseline_suits_is_found():
    rng = np.random.default_rng(3)
    data = simulate(rng, prompts=100)
    suits = ((data.first == 0) & (data.second == 1)) | ((data.second == 0) & (data.first == 1))
    easy = suits & (rng.random(len(data)) < 0.5)
    score = np.where(easy, (data.first == 0).astype(float), data.score)
    changed = Comparisons(names=data.names, first=data.first, second=data.second, score=score, cluster=data.cluster)
    found = goodness_of_fit(changed, offsets=dict.fromkeys(baselines(), 0.0))
    assert found.doubtful
    worst = max(found.residuals, key=lambda line: abs(line.residual))
    assert (worst.first, worst.second) == ("base1", "cand")
    assert worst.residual < -0.1


@pytest.mark.parametrize("battles", range(10, 30))
def test_five_expected_are_not_fewer_than_five_whatever_the_last_bits_say(battles):
    found = goodness_of_fit(comparisons(block("a", "b", won=5, lost=battles - 5, prompts=battles)))
    assert [line.tested for line in found.residuals] == [True]
    assert found.prompts == battles


@pytest.mark.parametrize("prompts", range(21, 41))
def test_residuals_that_differ_by_rounding_alone_do_not_vary(prompts):
    """Two opponents of one strength, and the same result with both on every prompt: there is nothing to test."""
    rows = [("c", name, [0.0, 0.5, 1.0, 0.5, 0.0][prompt % 5], prompt) for prompt in range(prompts) for name in "xy"]
    found = goodness_of_fit(comparisons([*rows, ("c", "x", 0.5, 0)]), offsets={"x": 0.0, "y": 0.0})
    even = goodness_of_fit(comparisons(rows), offsets={"x": 0.0, "y": 0.0})
    assert found.p is not None
    assert (even.p, even.reason) == (None, "the residuals do not vary from prompt to prompt")


def test_pairings_that_nearly_always_go_one_way_are_shown_and_not_tested():
    # 99 of 100 against "weak": a mean of so few losses is no normal deviate.
    rows = block("c", "weak", won=99, lost=1, prompts=50)
    rows += block("c", "x", won=55, lost=45, prompts=50) + block("c", "y", won=45, lost=55, prompts=50)
    found = goodness_of_fit(comparisons(rows), offsets={"weak": -4.6, "x": 0.0, "y": 0.0})
    assert [(line.second, line.tested) for line in found.residuals] == [("weak", False), ("x", True), ("y", True)]
    assert (found.df, found.prompts) == (1, 50)
    assert found.p is not None


def test_where_there_is_no_test_the_reason_is_said():
    star = comparisons(block("c", "x", won=30, lost=30, prompts=30) + block("c", "y", won=20, lost=40, prompts=30))
    assert goodness_of_fit(star).reason.startswith("as many strengths as pairings")
    assert goodness_of_fit(cycle(5, prompts=2)).reason == "no pairing has five expected wins and five expected losses"
    few = comparisons([(*row[:3], row[3] % 2) for row in block("c", "x", won=30, lost=30, prompts=60)])
    few = goodness_of_fit(few, offsets={"x": 0.0})
    assert few.df == 0
    crowded = comparisons(
        [(first, second, score, index % 2) for index, (first, second, score, _) in enumerate(_cycle_rows())]
    )
    assert goodness_of_fit(crowded).reason == "2 prompts are too few to test 1 residuals at once"
    even = comparisons([(first, second, 0.5, prompt) for prompt in range(30) for first, second in ("ab", "bc", "ca")])
    assert goodness_of_fit(even).reason == "the residuals do not vary from prompt to prompt"


def _cycle_rows():
    return [row for pair in ("ab", "bc", "ca") for row in block(pair[0], pair[1], won=12, lost=8, prompts=20)]


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_order_names_and_sides_change_nothing(seed):
    data = simulate(np.random.default_rng(seed), prompts=20, strengths=(0.3, 0.0, -0.3), bank=True)
    rng = np.random.default_rng(seed)
    order, swap = rng.permutation(len(data)), rng.random(len(data)) < 0.5
    moved = Comparisons(
        names=data.names,
        first=np.where(swap, data.second, data.first)[order],
        second=np.where(swap, data.first, data.second)[order],
        score=np.where(swap, 1.0 - data.score, data.score)[order],
        cluster=data.cluster[order],
    )
    assert goodness_of_fit(moved) == goodness_of_fit(data)
