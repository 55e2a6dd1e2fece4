"""The claim on every board: 95 % intervals hold 95 % of the time, and counting battles would not do that."""

from __future__ import annotations

import numpy as np
import pytest
from ratings.simulate import baselines, simulate

from arena_write.ratings import rate

REPLICATES = 400


def coverage(*, prompts, frozen, seed, strengths=(0.0,) * 7, regime="realistic", bank=False):
    """Share of intervals of the candidate that hold its true 1000: by prompt, by battle; and their mean half-widths."""
    offsets = dict.fromkeys(baselines(), 1000.0) if frozen else None
    hits, widths = np.zeros(2), np.zeros(2)
    for replicate in range(REPLICATES):
        data = simulate(
            np.random.default_rng([seed, replicate]), prompts=prompts, strengths=strengths, regime=regime, bank=bank
        )
        row = rate(data, baselines=baselines(), offsets=offsets).entrant("cand")
        half = np.array([row.high - row.elo, row.naive_half_width])
        hits += abs(row.elo - 1000.0) <= half
        widths += half
    return hits / REPLICATES, widths / REPLICATES


def test_hundred_prompts_against_frozen_baselines_and_the_naive_interval_fails():
    (honest, naive), (width, naive_width) = coverage(prompts=100, frozen=True, seed=1)
    assert 0.92 <= honest <= 0.98
    assert naive < 0.85
    assert width == pytest.approx(37.6, abs=1.5)
    # 1200 even battles: 1.96 x 173.7 / sqrt(300).
    assert naive_width == pytest.approx(19.66, abs=0.2)


def test_twenty_prompts_against_frozen_baselines():
    (honest, naive), (width, _) = coverage(prompts=20, frozen=True, seed=2)
    assert 0.92 <= honest <= 0.98
    assert naive < 0.85
    assert width == pytest.approx(88.9, abs=5)


def test_joint_fit_of_unequal_baselines():
    # Symmetric about the candidate, so its true rating is 1000 whatever the judge's scale.
    strengths = (0.0, -0.8, -0.4, -0.1, 0.1, 0.4, 0.8)
    (honest, naive), _ = coverage(prompts=40, frozen=False, seed=3, strengths=strengths, bank=True)
    assert 0.92 <= honest <= 0.98
    assert naive < 0.85


def test_independent_battles_need_no_correction():
    (honest, naive), (width, naive_width) = coverage(prompts=50, frozen=True, seed=4, regime="iid")
    assert 0.92 <= honest <= 0.98
    assert 0.92 <= naive <= 0.98
    assert width == pytest.approx(naive_width, rel=0.08)
