"""The Elo scale: natural-log strengths to ``1000 + 400/ln 10 x (theta - mean theta of the baselines)`` and back.

100 Elo are an expected score of 64.0 %, 50 are 57.1 %, 20 are 52.9 % (Elo 1978).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from arena_write.ratings.columns import FloatArray
from arena_write.ratings.errors import RatingError

ELO_PER_NAT = 400.0 / math.log(10.0)
BASELINE_MEAN = 1000.0


def expected_score(gap: float) -> float:
    """Return the expected score, in [0, 1], of somebody ``gap`` Elo stronger than the opponent."""
    odds = math.exp(-abs(gap) / ELO_PER_NAT)
    return 1.0 / (1.0 + odds) if gap >= 0 else odds / (1.0 + odds)


def elo_gap(score: float) -> float:
    """Return the Elo gap at which the expected score is ``score``.

    Raises:
        ValueError: the score is not strictly between 0 and 1, so no finite gap has it.
    """
    if not 0.0 < score < 1.0:
        raise ValueError(f"no finite Elo gap has an expected score of {score}")
    return ELO_PER_NAT * math.log(score / (1.0 - score))


def checked_baselines(names: Sequence[str], baselines: Sequence[str], frozen: Mapping[str, float]) -> list[str]:
    """Return the baselines sorted, once they and the frozen Elo by name have been held against the (K,) names.

    Raises:
        RatingError: a baseline is missing, doubled or unknown, or not frozen while others are; a frozen rating belongs
            to nobody or is not finite.
    """
    if isinstance(baselines, str) or not len(baselines):
        raise RatingError("baselines must be a sequence of at least one name")
    if len(set(baselines)) < len(baselines):
        raise RatingError("a baseline is named twice")
    for name in baselines:
        if name not in names:
            raise RatingError(f"the baseline {name!r} is not among the names")
        if frozen and name not in frozen:
            raise RatingError(f"the baseline {name!r} has no frozen rating while others have")
    for name, elo in frozen.items():
        if name not in names:
            raise RatingError(f"there is a frozen rating for {name!r}, who is not among the names")
        if not np.isfinite(elo):
            raise RatingError(f"the frozen rating of {name!r} is {elo}")
    return sorted(baselines)


def from_baselines(size: int, baselines: Sequence[int]) -> FloatArray:
    """Return the (K, K) contrast matrix that measures everybody from the mean of the ``baselines`` (codes)."""
    contrast = np.eye(size)
    contrast[:, list(baselines)] -= 1.0 / len(baselines)
    return contrast


def to_elo(
    theta: FloatArray, covariance: FloatArray, *, baselines: Sequence[int] | None
) -> tuple[FloatArray, FloatArray]:
    """Return (K,) Elo and its (K, K) covariance in squared Elo.

    Args:
        theta: (K,) natural-log strengths.
        covariance: (K, K) their covariance.
        baselines: codes of those whose mean becomes 1000. That mean then has no uncertainty, every single baseline
            has. ``None``: the strengths already stand on the frozen scale (0 is 1000), only the unit changes.
    """
    contrast = np.eye(len(theta)) if baselines is None else from_baselines(len(theta), baselines)
    contrast *= ELO_PER_NAT
    scaled = contrast @ covariance @ contrast.T
    return BASELINE_MEAN + contrast @ theta, (scaled + scaled.T) / 2.0


def to_theta(elo: float) -> float:
    """Return the natural-log strength of an Elo on the frozen scale: 1000 is 0."""
    return (elo - BASELINE_MEAN) / ELO_PER_NAT
