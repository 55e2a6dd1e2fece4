"""What is said of somebody who won, or lost, everything: a bound on one side.

A perfect record bounds the win rate (Wilson 1927, or exactly where that says less), and a win rate against opponents of
known strength bounds a rating. Battles on one prompt depend on each other, so `n` of them count as `n / (1 + (m - 1)
rho)` with m battles a prompt and rho their correlation (Kish 1965); with fewer than 10 prompts each counts as one at
most.
"""

import math
from collections import Counter
from collections.abc import Sequence

from scipy.special import ndtri

from arena_write.verification.cells import Cell
from arena_write.verification.rules import CONFIDENCE, FEW_PROMPTS_FOR_BOUND

ELO_PER_NAT = 400.0 / math.log(10.0)


def perfect_gap(cells: Sequence[Cell], *, correlation: float) -> float:
    """Return by how many Elo a perfect record in these cells leads the opponents' mean at least; negative for few."""
    by_prompt = Counter(cell.prompt for cell in cells)
    size = max(1.0, sum(count * count for count in by_prompt.values()) / len(cells))
    battles = len(cells) / (1.0 + (size - 1.0) * correlation)
    if len(by_prompt) < FEW_PROMPTS_FOR_BOUND:
        battles = min(battles, float(len(by_prompt)))
    square = float(ndtri(0.5 + CONFIDENCE / 2.0)) ** 2
    wilson = battles / (battles + square)  # the lower limit where all of n are won
    least = min(wilson, math.exp(math.log(1.0 - CONFIDENCE) / battles))
    return ELO_PER_NAT * math.log(least / (1.0 - least))
