"""The claim of every gate: wrong at most one time in twenty on either side, whatever battles of a prompt share.

The full tables are `make study`: docs/studies/gate.md.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from gating.checkpoints import anchored_studies, direct_studies, latin, run_direct

from arena_write.gating import BY_PROMPTS, FIXED, Evidence, Looks, Outcome

STUDIES = 2000
ALLOWED = 0.055 + 2.5 * np.sqrt(0.055 * 0.945 / STUDIES)
"""5.5 % a side, and what chance adds to it among so many studies."""

REGIMES = ("iid", "mild", "realistic", "high")


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("looks", [FIXED, BY_PROMPTS], ids=["fixed", "sequential"])
def test_at_the_threshold_it_errs_one_time_in_twenty(regime, looks):
    studies = direct_studies(np.random.default_rng(21), studies=STUDIES, prompts=100, regime=regime, gap=-75.0)
    ends = [run_direct(scores, looks=looks, margin=75.0, gap=-75.0) for scores in studies]
    said = Counter(outcome for outcome, _, _ in ends)
    assert 0.02 < said[Outcome.PASS] / STUDIES < ALLOWED
    assert 0.02 < said[Outcome.FAIL] / STUDIES < ALLOWED


@pytest.mark.parametrize("regime", ["realistic", "high"])
def test_the_interval_after_an_early_stop_holds_the_truth(regime):
    studies = direct_studies(np.random.default_rng(22), studies=STUDIES, prompts=100, regime=regime, gap=0.0)
    ends = [run_direct(scores, looks=BY_PROMPTS, margin=75.0, gap=0.0) for scores in studies]
    assert np.mean([seen < 100 for _, seen, _ in ends]) > 0.4
    assert np.mean([held for _, _, held in ends]) > 0.90


def test_looking_without_a_plan_errs_much_more():
    peeking = Looks(tuple(np.arange(1, 11) / 10), (1.645,) * 10)
    studies = direct_studies(np.random.default_rng(23), studies=1000, prompts=100, regime="realistic", gap=-75.0)
    ends = Counter(run_direct(scores, looks=peeking, margin=75.0, gap=-75.0)[0] for scores in studies)
    assert ends[Outcome.PASS] / 1000 > 0.10


def test_counting_battles_in_place_of_prompts_errs_much_more():
    studies = direct_studies(np.random.default_rng(24), studies=1000, prompts=100, regime="realistic", gap=-75.0)
    wrong = [Evidence.direct(np.arange(200), scores.ravel()).z(-75.0) >= FIXED.critical[0] for scores in studies]
    assert np.mean(wrong) > 0.075


@pytest.mark.parametrize(("gap", "low", "high"), [(-160.0, 0.75, 0.9), (0.0, 0.72, 0.83)])
def test_drops_are_found_as_often_as_the_plan_says(gap, low, high):
    """A drop of 160 Elo fails, and an equal candidate passes, about four times in five at a margin of 75."""
    studies = direct_studies(np.random.default_rng(25), studies=1000, prompts=100, regime="realistic", gap=gap)
    ends = Counter(run_direct(scores, looks=BY_PROMPTS, margin=75.0, gap=gap)[0] for scores in studies)
    right, wrong = (Outcome.PASS, Outcome.FAIL) if gap == 0.0 else (Outcome.FAIL, Outcome.PASS)
    assert low < ends[right] / 1000 < high
    assert ends[wrong] <= 3


@pytest.mark.parametrize("regime", ["iid", "high"])
def test_a_latin_plan_errs_one_time_in_twenty_and_saves_calls(regime):
    studies, offsets = anchored_studies(np.random.default_rng(26), studies=1000, prompts=100, regime=regime, beta=0.0)
    allowed = 0.055 + 2.5 * np.sqrt(0.055 * 0.945 / 1000)
    mean_calls = {0.0: (560, 600), 100.0: (130, 200)}
    for distance, (fewest, most) in mean_calls.items():
        ends = [latin(seed).run(scores, offsets, gap=-distance) for seed, scores in enumerate(studies)]
        said = Counter(outcome for outcome, _ in ends)
        assert fewest < np.mean([calls for _, calls in ends]) < most
        if distance:
            assert said[Outcome.PASS] > 980
        else:
            assert max(said[Outcome.PASS], said[Outcome.FAIL]) / 1000 < allowed
