"""What can be said about somebody who won, or lost, everything: a one-sided bound, never a number.

A perfect record has no finite Bradley-Terry estimate, but it does bound the win rate (Wilson 1927; exactly where
battles are few, Clopper & Pearson 1934), and a win rate
against opponents of known strength bounds a rating. Battles on one prompt are not independent, so they count as ``n /
deff`` of them (Kish 1965). No invented battles, no prior: tools that add those print their own choice as if it were a
result.
"""

from __future__ import annotations

import math

import numpy as np

from arena_write.ratings.columns import FloatArray
from arena_write.ratings.elo import elo_gap
from arena_write.ratings.quantiles import normal_quantile, two_sided

# With fewer prompts than this a measured design effect is mostly noise: each prompt then counts as one battle.
TRUSTED_CLUSTERS = 10


def wilson_interval(score: float, battles: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return the Wilson score interval of a mean ``score`` in [0, 1] over (effective) ``battles`` > 0 (Wilson 1927)."""
    squared = normal_quantile(two_sided(confidence)) ** 2
    centre = score + squared / (2.0 * battles)
    spread = math.sqrt(squared * (score * (1.0 - score) / battles + squared / (4.0 * battles * battles)))
    total = 1.0 + squared / battles
    return max(0.0, (centre - spread) / total), min(1.0, (centre + spread) / total)


def cluster_size(weights: FloatArray) -> float:
    """Return the battles per cluster a design effect goes by, ``sum m^2 / sum m`` of (G,) totals m (Kish 1965)."""
    return max(1.0, float(weights @ weights / weights.sum()))


def correlation_within(design_effects: FloatArray, sizes: FloatArray) -> float:
    """Return the correlation of two battles on one prompt, in [0, 1], from ``deff = 1 + (size - 1) rho`` (Kish 1965).

    Args:
        design_effects: (K,) measured design effects of rated entrants.
        sizes: (K,) their battles per prompt. Where all are 1 nothing is known, and 1 is returned: the careful end.
    """
    room = float(np.sum(sizes - 1.0))
    return float(np.clip(np.sum(design_effects - 1.0) / room, 0.0, 1.0)) if room > 1e-9 else 1.0


def effective_battles(per_cluster: FloatArray, *, correlation: float) -> float:
    """Return ``n / deff`` for an entrant with (G,) battles per prompt.

    With fewer than 10 prompts each counts as one battle at most, whatever ``correlation`` says.
    """
    battles = float(per_cluster.sum())
    effective = battles / (1.0 + (cluster_size(per_cluster) - 1.0) * correlation)
    return min(effective, float(len(per_cluster))) if len(per_cluster) < TRUSTED_CLUSTERS else effective


def perfect_record_gap(battles: float, *, confidence: float = 0.95) -> float:
    """Return the Elo gap to the opponents' mean that a perfect record over (effective) ``battles`` shows at least.

    It is the logit of the lower limit of the win rate: of Wilson's, the lower end of a *two-sided* interval, as the
    lower ends beside it on a board are, or of the exact one-sided limit ``(1 - confidence) ** (1 / battles)`` (Clopper
    & Pearson 1934), whichever is lower. At 95 % that is the exact one below 7 battles, where Wilson's claims too much,
    and Wilson's from there on. By symmetry the negative is the upper bound of somebody who lost everything. Below 5
    battles the gap is negative: that little does not even show equality.
    """
    exact: float = (1.0 - confidence) ** (1.0 / battles)
    return elo_gap(min(wilson_interval(1.0, battles, confidence=confidence)[0], exact))
