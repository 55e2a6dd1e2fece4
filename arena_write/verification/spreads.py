"""How much strengths vary from prompt to prompt: CR1, or a jackknife under 30 prompts; and design effects.

Battles on one prompt share its texts, so the prompt is the unit. CR1 is `H^-1 [G/(G-1) sum_g U_g U_g'] H^-1` with U_g
what each entrant got on prompt g beyond what was expected, and H the information (Liang & Zeger 1986). The jackknife is
`(G-1)/G sum_g d_g d_g'` with d_g how the strengths shift without prompt g (MacKinnon, Nielsen & Webb 2023).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from arena_write.verification.cells import Cell
from arena_write.verification.rules import FEW_PROMPTS
from arena_write.verification.strengths import Array, fit_strengths, information, is_connected, solve, surplus


@dataclass(frozen=True)
class Spread:
    """How K strengths vary over G prompts.

    Args:
        covariance: (K, K) of the strengths; only contrasts mean something.
        method: How it was made.
        prompts: (K,) on how many prompts each entrant has a battle.
        total: On how many anybody has.
        design_effect: Variance of what entrants got by prompt, over that of independent battles, pooled.
        correlation: Of two battles on one prompt, from 0 to 1 (Kish 1965).
    """

    covariance: Array
    method: Literal["CR1", "jackknife"]
    prompts: tuple[int, ...]
    total: int
    design_effect: float
    correlation: float


def count_wins(names: Sequence[str], cells: Sequence[Cell]) -> Array:
    """Return (K, K) what the entrant of the row got against that of the column, in decided cells."""
    place = {name: code for code, name in enumerate(names)}
    wins = np.zeros((len(names), len(names)))
    for cell in cells:
        if cell.score is not None:
            wins[place[cell.first], place[cell.second]] += cell.score
            wins[place[cell.second], place[cell.first]] += 1.0 - cell.score
    return wins


def measure_spread(names: Sequence[str], cells: Sequence[Cell], theta: Array) -> Spread:
    """Say how the strengths of entrants vary.

    Args:
        names: The K entrants.
        cells: Their decided cells among each other.
        theta: (K,) their strengths.
    """
    by_prompt: dict[str, list[Cell]] = {}
    for cell in cells:
        by_prompt.setdefault(cell.prompt, []).append(cell)
    wins = [count_wins(names, mine) for mine in by_prompt.values()]
    whole = np.sum(wins, axis=0)
    battles = np.array([(one + one.T).sum(axis=1) for one in wins])
    prompts = (battles > 0).sum(axis=0)
    gained = np.array([surplus(one, theta) for one in wins])
    heights = information(whole, theta)
    few = int(prompts.min()) < FEW_PROMPTS
    covariance = _jackknife(wins, whole, theta) if few else _cr1(gained, heights)
    by_independence = np.diag(heights)
    by_prompts = (gained**2).sum(axis=0) * prompts / (prompts - 1)
    effects = by_prompts / by_independence
    sizes = np.maximum(1.0, (battles**2).sum(axis=0) / battles.sum(axis=0))
    room = float((sizes - 1.0).sum())
    return Spread(
        covariance=covariance,
        method="jackknife" if few else "CR1",
        prompts=tuple(prompts.tolist()),
        total=len(wins),
        design_effect=float(by_prompts.sum() / by_independence.sum()),
        correlation=min(1.0, max(0.0, float((effects - 1.0).sum()) / room)) if room > 1e-9 else 1.0,
    )


def _cr1(gained: Array, heights: Array) -> Array:
    count = len(gained)
    shifts = np.array([solve(heights, one) for one in gained])
    return np.asarray(shifts.T @ shifts * (count / (count - 1)), dtype=np.float64)


def _jackknife(wins: Sequence[Array], whole: Array, theta: Array) -> Array:
    """Leave out one prompt at a time.

    Where the prompt holds somebody's only win, or only loss, no finite strengths are left; one Newton step from the
    whole fit then says how they shift.
    """
    shifts = []
    for one in wins:
        rest = whole - one
        if is_connected(rest):
            shifts.append(fit_strengths(rest, start=theta) - theta)
        else:
            shifts.append(solve(information(rest, theta), surplus(rest, theta)))
        shifts[-1] = shifts[-1] - shifts[-1].mean()
    moved, count = np.array(shifts), len(wins)
    return np.asarray(moved.T @ moved * ((count - 1) / count), dtype=np.float64)
