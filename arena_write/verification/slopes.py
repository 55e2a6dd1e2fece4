"""How length moves a judge, and the baselines at equal length: logistic regression over the battles among baselines.

`logit P(first wins) = theta_first - theta_second + gamma x / scale`, with x the lead in length of the first (`lengths`)
and scale the root mean square of x; gamma in each language by itself. The model is Bradley and Terry's with a covariate
that changes sign with the sides (Davidson & Beaver 1977). The first entrant's theta is held at 0. The variance of gamma
goes by prompts, as in `spreads`; its jackknife takes one Newton step without each prompt (MacKinnon, Nielsen & Webb
2023), and up to 100 prompts, since a slope leans on the prompts where lengths differ most.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.special import expit

from arena_write.verification.bounds import ELO_PER_NAT
from arena_write.verification.cells import Cell
from arena_write.verification.rules import FEW_PROMPTS_FOR_SLOPE, NO_OWN_SHARE, NO_WIDTH, NOTHING_LEFT
from arena_write.verification.spreads import count_wins
from arena_write.verification.strengths import Array, NoScaleError, is_connected

_STEPS = 60
_LAST_STEP = 1e-8


@dataclass(frozen=True, slots=True)
class Slope:
    """How length moves a judge in one language.

    Args:
        gamma: Natural-log units per scale.
        error: Its standard error.
        scale: Root mean square of leads in length.
    """

    gamma: float
    error: float
    scale: float


def fit_slope(cells: Sequence[Cell], leads: Array) -> Slope:
    """Fit strengths and slope to the (N,) decided cells of one language.

    Args:
        cells: The cells; everybody in them is a baseline.
        leads: (N,) by how much the first text is longer.

    Raises:
        NoScaleError: There is no slope, or nothing says how much it varies.
    """
    names = sorted({name for cell in cells for name in (cell.first, cell.second)})
    scale = sqrt(float(np.mean(leads**2)))
    if not scale or not is_connected(count_wins(names, cells)):
        raise NoScaleError("texts are equally long, or no finite strengths exist")
    design = np.column_stack([_sides(names, cells), leads / scale])
    got = np.array([cell.score for cell in cells], dtype=np.float64)
    if _own_share(design.T @ design) < NO_OWN_SHARE:
        raise NoScaleError("length goes with the entrants")
    found = _climb(design, got, np.zeros(len(got)))
    prompts = {cell.prompt for cell in cells}
    if len(prompts) < 2:
        raise NoScaleError("a single prompt does not vary")
    error = _error(names, cells, design, got - expit(design @ found), found)
    if error * ELO_PER_NAT < NO_WIDTH:
        raise NoScaleError("every prompt gave the same result")
    return Slope(float(found[-1]), error, scale)


def fit_level(names: Sequence[str], cells: Sequence[Cell], shift: Array) -> Array:
    """Return (K,) strengths where (N,) known shifts move the logits of decided cells.

    Raises:
        NoScaleError: The maximum is out of reach of double precision.
    """
    got = np.array([cell.score for cell in cells], dtype=np.float64)
    return np.concatenate([[0.0], _climb(_sides(names, cells), got, shift)])


def _sides(names: Sequence[str], cells: Sequence[Cell]) -> Array:
    """Return (N, K - 1) whose strength counts in each cell: 1 the first's, -1 the second's; that of names[0] is 0."""
    sides = np.zeros((len(cells), len(names)))
    for row, cell in enumerate(cells):
        sides[row, names.index(cell.first)] += 1.0
        sides[row, names.index(cell.second)] -= 1.0
    return sides[:, 1:]


def _climb(design: Array, got: Array, shift: Array) -> Array:
    """Return the estimate at which every column of the design has what is expected of it, by Newton's method."""
    estimate = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        chance = expit(design @ estimate + shift)
        curved = design.T @ (design * (chance * (1.0 - chance))[:, np.newaxis])
        try:
            step = np.linalg.solve(curved, design.T @ (got - chance))
        except np.linalg.LinAlgError:
            break
        if float(np.abs(step).max()) <= _LAST_STEP:
            return np.asarray(estimate + step, dtype=np.float64)
        while _likelihood(design, got, shift, estimate + step) < _likelihood(design, got, shift, estimate) - 1e-9:
            step = step / 2.0
        estimate = estimate + step
        if not np.isfinite(estimate).all():
            break
    raise NoScaleError("no maximum of the likelihood was reached")


def _likelihood(design: Array, got: Array, shift: Array, estimate: Array) -> float:
    logit = design @ estimate + shift
    return float((got * logit - np.logaddexp(0.0, logit)).sum())


def _own_share(information: Array) -> float:
    """Return what share of the slope's information no strength explains."""
    crossed, whole = information[:-1, -1], float(information[-1, -1])
    try:
        return 1.0 - float(crossed @ np.linalg.solve(information[:-1, :-1], crossed)) / whole if whole else 0.0
    except np.linalg.LinAlgError:
        return 0.0


def _error(names: Sequence[str], cells: Sequence[Cell], design: Array, beyond: Array, found: Array) -> float:
    """Return the standard error of the slope, from what was got beyond what was expected in each of (N,) cells."""
    chance = expit(design @ found)
    held = design * (chance * (1.0 - chance))[:, np.newaxis]
    whole = design.T @ held
    rows: dict[str, list[int]] = {}
    for row, cell in enumerate(cells):
        rows.setdefault(cell.prompt, []).append(row)
    count = len(rows)
    fewest = min(len({cell.prompt for cell in cells if cell.has(name)}) for name in names)
    squares = 0.0
    for prompt, mine in rows.items():
        rest = whole
        if fewest < FEW_PROMPTS_FOR_SLOPE:
            others = [cell for cell in cells if cell.prompt != prompt]
            met = count_wins(names, others)
            rest = whole - design[mine].T @ held[mine]
            thin = (np.diag(rest) < NOTHING_LEFT * np.diag(whole)).any()
            if thin or not is_connected(met + met.T) or _own_share(rest) < NO_OWN_SHARE:
                raise NoScaleError("one prompt alone ties somebody, or the slope, to the rest")
        squares += float(np.linalg.solve(rest, design[mine].T @ beyond[mine])[-1]) ** 2
    return sqrt(squares * ((count - 1) / count if fewest < FEW_PROMPTS_FOR_SLOPE else count / (count - 1)))
