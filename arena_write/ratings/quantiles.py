"""Quantiles of the normal and Student's t distributions; scipy is loaded on first use, to keep start-up fast."""

from __future__ import annotations

import numpy as np

from arena_write.ratings.columns import FloatArray, IntArray
from arena_write.ratings.errors import RatingError


def normal_quantile(probability: float) -> float:
    """Return z with ``P(N(0, 1) <= z) = probability``."""
    from scipy.special import ndtri

    return float(ndtri(probability))


def t_quantile(probability: float, df: int) -> float:
    """Return t with ``P(t(df) <= t) = probability``; ``df`` is 1 or more."""
    from scipy.special import stdtrit

    return float(stdtrit(df, probability))


def t_for_normal(critical: float, df: IntArray) -> FloatArray:
    """Translate a normal critical value into those of t distributions with the same tail, one per element of ``df``."""
    from scipy.special import ndtr, stdtrit

    return np.asarray(stdtrit(df, ndtr(critical)), dtype=np.float64)


def two_sided(confidence: float) -> float:
    """Return the probability below the upper end of a central interval, e.g. 0.975 for 0.95.

    Raises:
        RatingError: the confidence is not strictly between 0 and 1.
    """
    if not 0.0 < confidence < 1.0:
        raise RatingError(f"confidence must lie strictly between 0 and 1, got {confidence}")
    return 0.5 + confidence / 2.0
