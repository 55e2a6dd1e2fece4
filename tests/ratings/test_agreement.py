"""The same answer as choix and evalica, two independent solvers, on random connected data."""

from __future__ import annotations

import choix
import evalica
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena_write.ratings import Comparisons, fit


def connected(seed, size, battles):
    """Random scores of 0, 0.5 and 1, with a cycle of ties so that a finite estimate exists."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, size, battles)
    second = (first + rng.integers(1, size, battles)) % size
    strength = rng.normal(0.0, 1.0, size)
    win = rng.random(battles) < 1 / (1 + np.exp(strength[second] - strength[first]))
    score = np.where(rng.random(battles) < 0.2, 0.5, win.astype(float))
    ring = np.arange(size)
    return Comparisons(
        names=tuple(f"m{number}" for number in range(size)),
        first=np.concatenate([first, ring]),
        second=np.concatenate([second, (ring + 1) % size]),
        score=np.concatenate([score, np.full(size, 0.5)]),
        cluster=np.zeros(battles + size, dtype=int),
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 8), st.integers(1, 300))
def test_same_as_choix(seed, size, battles):
    data = connected(seed, size, battles)
    # A win is two decisions, a tie is one each way: the half-win likelihood, doubled.
    decided = []
    for first, second, score in zip(data.first.tolist(), data.second.tolist(), data.score.tolist(), strict=True):
        decided += [(first, second)] * round(2 * score) + [(second, first)] * round(2 - 2 * score)
    theirs = choix.opt_pairwise(size, decided, alpha=1e-12, method="Newton-CG", tol=1e-12)
    assert fit(data).theta == pytest.approx(theirs - theirs.mean(), abs=2e-5)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 8), st.integers(1, 300))
def test_same_as_evalica(seed, size, battles):
    data = connected(seed, size, battles)
    winner = {1.0: evalica.Winner.X, 0.0: evalica.Winner.Y, 0.5: evalica.Winner.Draw}
    result = evalica.bradley_terry(
        [data.names[code] for code in data.first],
        [data.names[code] for code in data.second],
        [winner[score] for score in data.score.tolist()],
        tolerance=1e-14,
        limit=200_000,
    )
    theirs = np.log(np.array([result.scores[name] for name in data.names]))
    assert fit(data).theta == pytest.approx(theirs - theirs.mean(), abs=1e-5)
