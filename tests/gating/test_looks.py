"""When a gate looks, and how it ends: against simulation, and against what others have tabulated."""

from __future__ import annotations

import numpy as np
import pytest

from arena_write.gating import BY_PROMPTS, FIXED, Looks, exits, shape_looks
from arena_write.gating.looks import drift_for


def walks(looks, *, drift, walks=200_000):
    """Return (walks, looks) z of Brownian motion at the looks."""
    steps = np.diff((0.0, *looks.fractions))
    moves = np.random.default_rng(3).normal(drift * steps, np.sqrt(steps), (walks, len(steps)))
    return moves.cumsum(axis=1) / np.sqrt(looks.fractions)


@pytest.mark.parametrize("drift", [-3.0, 0.0, 1.0, 2.5])
@pytest.mark.parametrize("looks", [FIXED, BY_PROMPTS])
def test_the_chances_of_each_end_are_those_of_brownian_motion(looks, drift):
    z = walks(looks, drift=drift)
    over, under = z >= looks.critical, z <= np.negative(looks.critical)
    first = np.where((over | under).any(axis=1), (over | under).argmax(axis=1), len(looks))
    found = exits(looks, drift)
    for look in range(len(looks)):
        assert found.passed[look] == pytest.approx(np.mean((first == look) & over[:, look]), abs=0.004)
        assert found.failed[look] == pytest.approx(np.mean((first == look) & under[:, look]), abs=0.004)


def test_one_look_is_the_normal_test():
    assert exits(FIXED, 0.0).pass_rate == pytest.approx(0.05, abs=1e-9)
    assert drift_for(FIXED, 0.8) == pytest.approx(1.6449 + 0.8416, abs=1e-3)


def test_looking_often_at_the_boundary_of_one_look_errs_two_to_three_times_as_often():
    often = Looks((0.25, 0.5, 0.75, 1.0), (1.645,) * 4)
    assert exits(often, 0.0).pass_rate > 0.10


def test_the_shipped_boundaries_err_less_than_they_may():
    assert 0.04 < exits(BY_PROMPTS, 0.0).pass_rate < 0.05


def test_the_chances_mirror_each_other():
    up, down = exits(BY_PROMPTS, 1.3), exits(BY_PROMPTS, -1.3)
    assert up.passed == pytest.approx(down.failed)
    assert up.failed == pytest.approx(down.passed)


def test_the_shape_is_that_of_obrien_and_fleming():
    """Jennison & Turnbull (2000), table 2.3: constant 1.733 for four looks with an error of 5 % on a side."""
    looks = shape_looks((0.25, 0.5, 0.75, 1.0))
    assert np.array(looks.critical) * np.sqrt(looks.fractions) == pytest.approx([1.05 * 1.733] * 4, rel=2e-3)
    assert shape_looks((1.0,)) == FIXED


def test_early_ends_save_evidence():
    assert exits(BY_PROMPTS, 6.0).mean_share(BY_PROMPTS) < 0.5
    assert exits(BY_PROMPTS, 0.0).mean_share(BY_PROMPTS) > 0.95


@pytest.mark.parametrize(
    ("fractions", "critical"),
    [((), ()), ((0.5, 0.5, 1.0), (3.0, 2.0, 2.0)), ((0.5,), (2.0,)), ((1.0,), (0.0,)), ((0.5, 1.0), (2.0,))],
)
def test_looks_out_of_order_are_refused(fractions, critical):
    with pytest.raises(ValueError, match="look"):
        Looks(fractions, critical)
