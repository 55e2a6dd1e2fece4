"""PASS, FAIL and INCONCLUSIVE, and what a gate says it could have shown."""

from __future__ import annotations

import numpy as np
import pytest

from arena_write.gating import BY_PROMPTS, FIXED, SPREAD, Evidence, Outcome, can_decide, decide, gate_ability
from arena_write.gating.power import POWER


def evidence(mean, *, prompts=100, spread=0.42, seed=0):
    """Return evidence whose mean score by prompt is exactly ``mean``, as far as it lies in [0, 1]."""
    draws = np.random.default_rng(seed).normal(0.0, 1.0, prompts)
    draws = (draws - draws.mean()) / draws.std(ddof=1)
    return Evidence.direct(np.arange(prompts), np.clip(mean + spread * draws, 0.0, 1.0))


def say(found, *, looks=FIXED, look=None, prompts=100, margin=75.0):
    """Decide at the last look unless said otherwise."""
    return decide(found, looks=looks, look=len(looks) - 1 if look is None else look, prompts=prompts, margin=margin)


def test_shown_above_the_threshold_passes():
    found = say(evidence(0.55, spread=0.2))
    assert (found.outcome, found.final) == (Outcome.PASS, True)
    assert found.low > -75.0
    assert not found.worse_within_margin


def test_shown_to_be_worse_within_the_margin_passes_and_says_so():
    found = say(evidence(0.45, spread=0.1))
    assert found.outcome is Outcome.PASS
    assert -75.0 < found.low < found.high < 0.0
    assert found.worse_within_margin


def test_shown_below_the_threshold_fails():
    found = say(evidence(0.2, spread=0.2))
    assert found.outcome is Outcome.FAIL
    assert found.high < -75.0


def test_not_to_have_shown_a_drop_is_no_pass():
    found = say(evidence(0.43))
    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.low < -75.0 < found.high


@pytest.mark.parametrize("mean", [0.2, 0.35, 0.45, 0.5, 0.6])
@pytest.mark.parametrize("look", [0, 1, 2, 3])
def test_the_interval_says_what_the_decision_says(mean, look):
    found = say(evidence(mean, prompts=25 * (look + 1), spread=0.25), looks=BY_PROMPTS, look=look)
    expected = Outcome.PASS if found.low > -75.0 else Outcome.FAIL if found.high < -75.0 else Outcome.INCONCLUSIVE
    assert found.outcome is expected
    assert found.final == (look == 3 or found.outcome is not Outcome.INCONCLUSIVE)


def test_an_early_look_asks_for_more():
    half = evidence(0.58, prompts=50, spread=0.42, seed=2)
    early, late = say(half, looks=BY_PROMPTS, look=1), say(half, prompts=50)
    assert early.high - early.low > late.high - late.low


def test_identical_texts_are_compared_with_the_threshold_itself():
    same = Evidence.direct(np.arange(50), np.full(50, 0.5), identical=True)
    assert say(same, looks=BY_PROMPTS, look=0).final
    assert say(same).outcome is Outcome.PASS
    assert say(same, margin=0.0).outcome is Outcome.INCONCLUSIVE
    assert say(same, margin=-20.0).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("margin", "prompts", "looks", "passes"),
    [(75.0, 100, FIXED, 0.81), (50.0, 100, FIXED, 0.53), (50.0, 100, BY_PROMPTS, 0.48), (50.0, 200, BY_PROMPTS, 0.75)],
)
def test_an_equal_candidate_passes_as_often_as_simulations_had_it(margin, prompts, looks, passes):
    """Tables of 20,000 simulated gates each; see docs/studies/gate.md for ours."""
    error = SPREAD["both"] / np.sqrt(prompts)
    found = gate_ability(looks, prompts=prompts, error=error, margin=margin)
    assert found.pass_if_equal == pytest.approx(passes, abs=0.03)


def test_the_prompts_needed_are_just_enough():
    error = SPREAD["both"] / 10.0
    needed = gate_ability(FIXED, prompts=100, error=error, margin=50.0).prompts_needed
    for prompts, enough in ((needed, True), (needed - 5, False)):
        found = gate_ability(FIXED, prompts=prompts, error=SPREAD["both"] / np.sqrt(prompts), margin=50.0)
        assert (found.pass_if_equal >= POWER) == enough


def test_a_drop_that_is_detected_is_one_that_fails_four_times_in_five():
    error = SPREAD["both"] / 10.0
    drop = gate_ability(FIXED, prompts=100, error=error, margin=75.0).detectable
    rng = np.random.default_rng(4)
    truth = 1.0 / (1.0 + 10.0 ** (drop / 400.0))
    z = [Evidence.direct(np.arange(100), _bounded(rng, truth)).z(-75.0) for _ in range(400)]
    assert np.mean(np.array(z) <= -FIXED.critical[0]) == pytest.approx(POWER, abs=0.07)


def _bounded(rng, mean):
    """Return 100 scores in {0, 0.5, 1} with this mean and a spread of 0.42."""
    second = SPREAD["both"] ** 2 + mean**2
    half = 4.0 * (mean - second)
    return rng.choice([0.0, 0.5, 1.0], 100, p=[1.0 - half - (mean - half / 2.0), half, mean - half / 2.0])


def test_a_margin_of_zero_asks_for_better_and_no_number_of_prompts_shows_equal():
    found = gate_ability(FIXED, prompts=100, error=0.042, margin=0.0)
    assert found.pass_if_equal == pytest.approx(0.05, abs=1e-6)
    assert found.prompts_needed is None


@pytest.mark.parametrize(
    ("prompts", "margin", "expected"),
    [(100, 75.0, (True, True)), (3, 75.0, (False, False)), (10, 300.0, (True, False)), (100, 700.0, (True, False))],
)
def test_what_no_end_of_the_battles_could_decide_is_known_before(prompts, margin, expected):
    assert can_decide(FIXED, prompts=prompts, battles=2, margin=margin) == expected


@pytest.mark.parametrize("score", [0.0, 1.0])
def test_a_perfect_record_over_few_prompts_promises_nothing_for_sure(score):
    found = say(Evidence.direct(np.arange(8), np.full(8, score)), prompts=8)
    assert found.ability.pass_if_equal < 0.95
    assert found.ability.prompts_needed > 2
