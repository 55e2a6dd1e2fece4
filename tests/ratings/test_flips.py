"""How few prompts carry the lead: the same as trying everything, and what is found does flip."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from ratings.simulate import baselines, simulate
from ratings.tables import block, comparisons

from arena_write.ratings import NotConnectedError, fewest_prompts_to_flip, fit, rate
from arena_write.ratings.elo import ELO_PER_NAT


def lead(data, first, second, without=()):
    """The lead in Elo by a fit of its own to what is left; None where that has no finite ratings."""
    try:
        fitted = fit(data.select(~np.isin(data.cluster, list(without))))
    except NotConnectedError:
        return None
    theta = dict(zip(fitted.names, fitted.theta, strict=True))
    return ELO_PER_NAT * (theta[first] - theta[second])


def by_trying(data, first, second, limit):
    """The smallest number of prompts that flips the lead, trying every set; 0 for none."""
    prompts = np.unique(data.cluster).tolist()
    for size in range(1, limit + 1):
        leads = [lead(data, first, second, without) for without in combinations(prompts, size)]
        if any(value is not None and value < -1e-6 for value in leads):
            return size
    return 0


@pytest.mark.parametrize("seed", range(10))
def test_the_same_as_trying_everything(seed):
    data = simulate(np.random.default_rng([1, seed]), prompts=9, strengths=(0.5, 0.0, -0.5), bank=True)
    found = fewest_prompts_to_flip(data, baselines=baselines(3))
    assert found.exact
    assert len(found.removed) == by_trying(data, found.first, found.second, 8)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_found_flips_the_lead(seed):
    data = simulate(np.random.default_rng([2, seed]), prompts=100, strengths=(0.6, 0.3, 0.0, -0.3), bank=True)
    ratings = rate(data, baselines=baselines(4))
    found = fewest_prompts_to_flip(data, baselines=baselines(4))
    assert (found.first, found.second) == tuple(row.name for row in ratings.entrants[:2])
    assert found.lead == pytest.approx(ratings.entrants[0].elo - ratings.entrants[1].elo)
    assert found.lead_without == pytest.approx(lead(data, found.first, found.second, found.removed), abs=1e-6)
    assert found.lead_without < 0
    # One prompt fewer of the same is not enough.
    assert (
        all(
            lead(data, found.first, found.second, [code for code in found.removed if code != kept]) >= 0
            for kept in found.removed
        )
        or not found.exact
    )
    assert (found.prompts, found.reason) == (100, "")


def test_a_lead_on_one_prompt():
    rows = [("a", "b", score, prompt) for prompt in range(20) for score in (1.0, 0.0)]
    found = fewest_prompts_to_flip(comparisons([*rows, ("a", "b", 1.0, 3), ("b", "a", 0.6, 4)]), baselines=["b"])
    # Prompt 3 gives a one win; without it prompt 4 leaves b a tenth ahead.
    assert (found.first, found.removed, found.exact) == ("a", (3,), True)
    assert found.lead_without < 0 < found.lead


def test_a_large_lead_takes_many_and_is_not_called_exact():
    data = comparisons(block("a", "b", won=70, lost=30, prompts=100))
    found = fewest_prompts_to_flip(data, baselines=["b"])
    # 70 to 30: without 41 wins it is 29 to 30.
    assert len(found.removed) == 41
    assert not found.exact


def test_against_frozen_anchors():
    data = simulate(np.random.default_rng(3), prompts=50, strengths=(0.8, 0.0, 0.0))
    found = fewest_prompts_to_flip(data, baselines=baselines(3), offsets={"base1": 1000.0, "base2": 990.0})
    assert (found.first, found.second) == ("cand", "base1")
    assert found.lead_without < 0


def test_where_nothing_can_flip_the_reason_is_said():
    rows = block("cand", "low", won=30, lost=10, prompts=20)
    frozen = fewest_prompts_to_flip(
        comparisons(rows, names=["cand", "low", "top", "mid"]),
        baselines=["low"],
        offsets={"low": 1000.0, "top": 9000.0, "mid": 8000.0},
    )
    assert frozen.reason == "both ratings are frozen: no prompt moves them"
    alone = fewest_prompts_to_flip(comparisons([("a", "b", 1.0, 0), ("a", "b", 1.0, 1)]), baselines=["b"])
    assert alone.reason == "fewer than two entrants are rated"
    # Two prompts, and each alone leaves b without a win.
    rows = [("a", "b", 1.0, 0), ("a", "b", 0.5, 0), ("a", "b", 1.0, 1), ("a", "b", 0.5, 1)]
    never = fewest_prompts_to_flip(comparisons(rows), baselines=["b"])
    assert never.reason == "no set of prompts leaves finite ratings and puts the second first"
    assert (never.removed, never.lead_without) == ((), None)


def test_the_codes_of_prompts_are_given_back():
    data = simulate(np.random.default_rng([1, 0]), prompts=9, strengths=(0.5, 0.0, -0.5), bank=True)
    here = fewest_prompts_to_flip(data, baselines=baselines(3))
    moved = comparisons(
        [
            (data.names[first], data.names[second], score, 1000 - 7 * prompt)
            for first, second, score, prompt in zip(
                data.first.tolist(), data.second.tolist(), data.score.tolist(), data.cluster.tolist(), strict=True
            )
        ],
        names=data.names,
    )
    there = fewest_prompts_to_flip(moved, baselines=baselines(3))
    assert there.removed == tuple(sorted(1000 - 7 * code for code in here.removed))
