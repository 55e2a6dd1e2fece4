"""Which battles with baselines are judged first: a balanced Latin plan, breadth before depth.

One battle on a new prompt tells more than a second on the same, and another baseline more than the other order. So each
pass over the permuted prompts judges one battle a prompt, baselines and orders in turn. The looks stand where the
information does: m battles on one prompt are worth ``m / (1 + (m - 1) rho)``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from arena_write.gating.looks import Looks, shape_looks

PASSES = 6
CORRELATION = 0.22
"""Of two battles of one prompt with different baselines, in public verdicts of LLM judges."""

_CALLS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
_CRITICAL = (4.6, 3.2, 2.8, 2.5, 2.2, 2.05, 1.85)


class LatinCell(NamedTuple):
    """One battle: codes of prompt and baseline, and whether the candidate is shown first."""

    prompt: int
    baseline: int
    candidate_first: bool


@dataclass(frozen=True, slots=True)
class LatinPlan:
    """The battles of a candidate with baselines, in the order in which they are judged.

    Args:
        cells: The battles.
        ends: How many of them each look has seen.
        looks: The looks.
    """

    cells: tuple[LatinCell, ...]
    ends: tuple[int, ...]
    looks: Looks


def latin_plan(*, prompts: int, baselines: int, seed: int) -> LatinPlan:
    """Plan as many passes as there are baselines, six at most.

    Raises:
        ValueError: There is no prompt or no baseline.
    """
    if prompts < 1 or baselines < 1:
        raise ValueError(f"a plan needs prompts and baselines, found {prompts} and {baselines}")
    rng = np.random.default_rng(seed)
    order, start = rng.permutation(prompts).tolist(), int(rng.integers(baselines))
    passes = min(PASSES, baselines)
    cells = tuple(
        LatinCell(prompt, (place + start + turn) % baselines, (place // baselines + turn) % 2 == 0)
        for turn in range(passes)
        for place, prompt in enumerate(order)
    )
    calls = [many for many in _CALLS if many <= passes]
    if calls[-1] != passes:
        calls.append(float(passes))
    total = _information(calls[-1])
    shares = [_information(many) / total for many in calls]
    looks = Looks(tuple(shares), _CRITICAL) if passes == PASSES else shape_looks(shares)
    return LatinPlan(cells, tuple(math.ceil(many * prompts) for many in calls), looks)


def _information(calls: float) -> float:
    """Return what so many battles a prompt tell, in prompts with one; between whole numbers, prompts have either."""
    whole = math.floor(calls)
    rest = calls - whole
    return (1.0 - rest) * _worth(whole) + rest * _worth(whole + 1)


def _worth(battles: int) -> float:
    return battles / (1.0 + (battles - 1) * CORRELATION) if battles else 0.0
