"""The claim on every board: 95 % intervals hold 95 % of the time, and counting battles would not do that.

The full table, with more regimes, methods and replicates, is `make study`: docs/studies/coverage.md.
"""

from __future__ import annotations

import numpy as np
import pytest
from ratings.simulate import baselines, simulate
from scipy.stats import t as student_t

from arena_write.ratings import rate
from arena_write.ratings.estimate import estimate

REPLICATES = 2000


def coverage(*, prompts, seed, regime, frozen=True, strengths=(0.0,) * 7, bank=False, replicates=REPLICATES):
    """Share of intervals of the candidate that hold its true 1000: by prompt, by battle; and their mean half-widths.

    These are the intervals of `rate`, without the ranks around them (see the first test).
    """
    offsets = dict.fromkeys(baselines(), 1000.0) if frozen else {}
    elo, honest, naive, df = (np.empty(replicates) for _ in range(4))
    for replicate in range(replicates):
        rng = np.random.default_rng([seed, replicate])
        data = simulate(rng, prompts=prompts, strengths=strengths, regime=regime, bank=bank)
        found = estimate(data, baselines=baselines(), offsets=offsets)
        elo[replicate], df[replicate] = found.elo[0], found.df[0]
        honest[replicate], naive[replicate] = found.covariance[0, 0], found.naive_variance[0]
    half = np.stack([student_t.ppf(0.975, df) * np.sqrt(honest), student_t.ppf(0.975, 10**9) * np.sqrt(naive)])
    return (np.abs(elo - 1000.0) <= half).mean(axis=1), half.mean(axis=1)


def test_these_are_the_intervals_of_the_front_door():
    data = simulate(np.random.default_rng([1, 0]), prompts=20)
    row = rate(data, baselines=baselines(), offsets=dict.fromkeys(baselines(), 1000.0)).entrant("cand")
    (honest, naive), (width, naive_width) = coverage(prompts=20, seed=1, regime="realistic", replicates=1)
    assert (row.high - row.elo, row.naive_half_width) == pytest.approx((width, naive_width), rel=1e-7)
    assert (honest, naive) == (row.low <= 1000 <= row.high, abs(row.elo - 1000) <= row.naive_half_width)


@pytest.mark.parametrize(
    ("regime", "prompts", "width"),
    [
        ("iid", 100, None),
        ("iid", 20, None),
        ("realistic", 100, 37.6),
        ("realistic", 20, 88.9),
        ("high", 100, 41.0),
        ("high", 20, 97.2),
    ],
)
def test_against_frozen_baselines(regime, prompts, width):
    (honest, naive), (half, naive_half) = coverage(prompts=prompts, seed=2, regime=regime)
    assert 0.93 <= honest <= 0.97
    if width:
        assert half == pytest.approx(width, rel=0.05)
    if regime == "iid":
        # Independent battles need no correction: both are right, and about as wide (ties, and slots that cancel, make
        # battles a little less noisy than coins).
        assert 0.93 <= naive <= 0.97
        assert half == pytest.approx(naive_half, rel=0.1 if prompts == 100 else 0.2)
    else:
        # The simulator has teeth: twelve battles of a prompt are not twelve.
        assert naive < 0.80


def test_joint_fit_of_unequal_baselines():
    # Symmetric about the candidate, so its true rating is 1000 whatever the judge's scale.
    strengths = (0.0, -0.8, -0.4, -0.1, 0.1, 0.4, 0.8)
    (honest, naive), _ = coverage(
        prompts=40, seed=3, regime="realistic", frozen=False, strengths=strengths, bank=True, replicates=1000
    )
    assert 0.93 <= honest <= 0.97
    assert naive < 0.80
