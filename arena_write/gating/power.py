"""What a gate can show with so many prompts, before and after: so that nobody reads more, or less, into its answer."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from arena_write.gating.evidence import FARTHEST
from arena_write.gating.looks import Looks, drift_for, exits
from arena_write.ratings.elo import expected_score

SPREAD = {"both": 0.42, "one": 0.49}
"""Standard deviation over prompts of the candidate's mean score, by the orders judged, before anything is seen; of
simulated battles that depend on each other as those of real judges do."""

POWER = 0.8
"""Chance of an answer from which a gate counts as able to give it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ability:
    """What a gate between candidate and reference can show.

    Args:
        pass_if_equal: Chance of a PASS for a candidate exactly as good as the reference.
        detectable: The drop in Elo that is FAILed with a chance of 80 %; none where no drop is.
        prompts_needed: Prompts with which an equal candidate PASSes with a chance of 80 %; none where no number does.
    """

    pass_if_equal: float
    detectable: float | None
    prompts_needed: int | None


def gate_ability(
    looks: Looks, *, prompts: int, error: float, margin: float, level: Callable[[float], float] | None = None
) -> Ability:
    """Say what a gate can show.

    Args:
        looks: When it looks.
        prompts: Prompts of the whole plan.
        error: Standard error of the mean score at the end of the plan.
        margin: Elo below the reference that are tolerated; the threshold is its negative.
        level: The mean score that a gap leads to expect, less that of an equal candidate; ``None`` where candidate and
            reference meet directly.
    """
    level = level or _direct
    threshold = level(-margin)
    if error == 0.0:
        return Ability(pass_if_equal=float(margin > 0.0), detectable=max(margin, 0.0), prompts_needed=2)
    sharp = drift_for(looks, POWER)
    return Ability(
        pass_if_equal=exits(looks, -threshold / error).pass_rate,
        detectable=_drop_to(threshold - sharp * error, level),
        prompts_needed=math.ceil(prompts * (sharp * error / threshold) ** 2) if margin > 0.0 else None,
    )


def _direct(gap: float) -> float:
    return expected_score(gap) - 0.5


def _drop_to(score: float, level: Callable[[float], float]) -> float | None:
    from scipy.optimize import brentq

    if level(-FARTHEST) >= score:
        return None
    return float(brentq(lambda drop: level(-drop) - score, -FARTHEST, FARTHEST, xtol=1e-6))
