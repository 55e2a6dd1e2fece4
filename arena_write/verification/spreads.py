"""How much strengths vary from prompt to prompt: CR1, or a jackknife under 30 prompts; and design effects.

Battles on one prompt share its texts, so the prompt is the unit. CR1 is `H^-1 [G/(G-1) sum_g U_g U_g'] H^-1` with U_g
what each entrant got on prompt g beyond what was expected, and H the information (Liang & Zeger 1986). The jackknife is
`(G-1)/G sum_g d_g d_g'` with d_g how the strengths shift without prompt g (MacKinnon, Nielsen & Webb 2023).
"""

from collections import Counter
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
    results = {prompt: _results(mine) for prompt, mine in by_prompt.items()}
    examples = {results[prompt]: mine for prompt, mine in by_prompt.items()}  # prompts with equal results count as one
    often = Counter(results.values())
    times, total = np.array([often[one] for one in examples], dtype=np.float64), len(by_prompt)
    gained = np.array([surplus(count_wins(names, mine), theta) for mine in examples.values()])
    battles = np.array([[sum(cell.has(name) for cell in mine) for name in names] for mine in examples.values()])
    whole = count_wins(names, cells)
    heights = information(whole, theta)
    prompts = (times @ (battles > 0)).astype(int)
    few = int(prompts.min()) < FEW_PROMPTS
    if few:
        shifts = np.array([_shift_without(count_wins(names, mine), whole, theta) for mine in examples.values()])
    else:
        shifts = solve(heights, gained.T).T
    by_independence = np.diag(heights)
    by_prompts = (times @ gained**2) * prompts / (prompts - 1)
    effects = by_prompts / by_independence
    sizes = np.maximum(1.0, (times @ battles**2) / (times @ battles))
    room = float((sizes - 1.0).sum())
    return Spread(
        covariance=(shifts.T * times) @ shifts * ((total - 1) / total if few else total / (total - 1)),
        method="jackknife" if few else "CR1",
        prompts=tuple(prompts.tolist()),
        total=total,
        design_effect=float(by_prompts.sum() / by_independence.sum()),
        correlation=min(1.0, max(0.0, float((effects - 1.0).sum()) / room)) if room > 1e-9 else 1.0,
    )


def _results(cells: Sequence[Cell]) -> tuple[tuple[str, str, float], ...]:
    return tuple(sorted((cell.first, cell.second, cell.score or 0.0) for cell in cells))


def _shift_without(one: Array, whole: Array, theta: Array) -> Array:
    """Return how the strengths shift without the results of one prompt.

    Where the prompt holds somebody's only win, or only loss, no finite strengths are left; one Newton step from the
    whole fit then says how they shift.
    """
    rest = whole - one
    if is_connected(rest):
        shift = fit_strengths(rest, start=theta) - theta
    else:
        shift = solve(information(rest, theta), surplus(rest, theta))
    return np.asarray(shift - shift.mean(), dtype=np.float64)
