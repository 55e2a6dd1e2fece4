"""The order in which battles with baselines are judged."""

from __future__ import annotations

from collections import Counter

import pytest

from arena_write.gating import exits, latin_plan
from arena_write.gating.looks import ALPHA


@pytest.mark.parametrize(("prompts", "baselines"), [(100, 6), (60, 3), (37, 5), (50, 8), (50, 1)])
def test_no_battle_twice_and_everything_balanced(prompts, baselines):
    plan = latin_plan(prompts=prompts, baselines=baselines, seed=3)
    passes = min(6, baselines)
    assert len(plan.cells) == len(set(plan.cells)) == prompts * passes
    assert set(Counter(cell.prompt for cell in plan.cells).values()) == {passes}
    met = Counter(cell.baseline for cell in plan.cells)
    assert max(met.values()) - min(met.values()) <= passes
    first = sum(cell.candidate_first for cell in plan.cells)
    assert abs(first - len(plan.cells) / 2) <= baselines * passes / 2
    assert Counter(cell.prompt for cell in plan.cells[:prompts]) == dict.fromkeys(range(prompts), 1)


def test_each_pass_meets_another_baseline():
    plan = latin_plan(prompts=20, baselines=6, seed=0)
    met = {prompt: {cell.baseline for cell in plan.cells if cell.prompt == prompt} for prompt in range(20)}
    assert all(len(baselines) == 6 for baselines in met.values())


def test_six_baselines_are_looked_at_seven_times():
    plan = latin_plan(prompts=100, baselines=6, seed=0)
    assert plan.ends == (50, 100, 150, 200, 300, 400, 600)
    assert plan.looks.critical == (4.6, 3.2, 2.8, 2.5, 2.2, 2.05, 1.85)


@pytest.mark.parametrize("baselines", [1, 2, 3, 5, 6, 9])
def test_it_errs_no_more_than_it_may(baselines):
    plan = latin_plan(prompts=100, baselines=baselines, seed=0)
    assert 0.03 < exits(plan.looks, 0.0).pass_rate < ALPHA
    assert plan.ends[-1] == len(plan.cells)


def test_the_same_seed_is_the_same_plan_and_another_is_another():
    assert latin_plan(prompts=50, baselines=4, seed=1) == latin_plan(prompts=50, baselines=4, seed=1)
    assert latin_plan(prompts=50, baselines=4, seed=1) != latin_plan(prompts=50, baselines=4, seed=2)


@pytest.mark.parametrize(("prompts", "baselines"), [(0, 6), (10, 0)])
def test_nothing_to_plan_is_refused(prompts, baselines):
    with pytest.raises(ValueError, match="needs prompts and baselines"):
        latin_plan(prompts=prompts, baselines=baselines, seed=0)
