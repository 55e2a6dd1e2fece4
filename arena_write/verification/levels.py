"""Candidates at equal length: their strength against frozen baselines if all texts were equally long.

`logit P = theta - A + gamma x / scale`, with A the frozen strength of the baseline at equal length, gamma and scale
frozen by language, and x the candidate's lead in length (`lengths`). With D the mean of x / scale, weighted by
information, `Var = V + D Var(gamma) D'`: V goes by prompts, as in `own`, its jackknife by one Newton step without
each prompt. Every candidate stands for itself.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import sqrt

import numpy as np
from scipy.special import stdtrit

from arena_write.verification.anchored import Frozen
from arena_write.verification.bounds import ELO_PER_NAT
from arena_write.verification.cells import Cell
from arena_write.verification.lengths import Lengths
from arena_write.verification.own import Own, own_battles, vary
from arena_write.verification.rules import BASELINE_MEAN, CONFIDENCE, FEW_PROMPTS, NOTHING_LEFT
from arena_write.verification.tree import Tree, rounded


def level_entrants(cells: Sequence[Cell], frozen: Frozen, lengths: Lengths) -> dict[str, Tree]:
    """Return what is said of each entrant at equal length; nothing where it was not frozen how length counts.

    Raises:
        NoScaleError: No candidate met a frozen baseline.
    """
    if not frozen.level:
        return {}
    levels = {name: _tree(elo) for name, elo in frozen.level.items()}
    strengths = {name: (elo - BASELINE_MEAN) / ELO_PER_NAT for name, elo in frozen.level.items()}
    for name, mine in own_battles(cells, frozen.names).items():
        own = Own.of(name, mine, strengths)
        level = None
        if own.is_between and all(lengths.language(cell) in frozen.slopes for cell in mine):
            level = _level(own, mine, frozen, lengths)
        if level is not None:
            levels[name] = level
    return levels


def _level(own: Own, cells: Sequence[Cell], frozen: Frozen, lengths: Lengths) -> Tree | None:
    """Return what is said of a candidate; nothing where one prompt holds all that is known."""
    languages = sorted({lengths.language(cell) for cell in cells})
    leads = np.zeros((len(cells), len(languages)))
    for row, cell in enumerate(cells):
        language = lengths.language(cell)
        leads[row, languages.index(language)] = lengths.lead(cell, own.name) / frozen.slopes[language].scale
    gammas, errors = (
        np.array([getattr(frozen.slopes[language], name) for language in languages]) for name in ("gamma", "error")
    )
    own = replace(own, against=own.against - leads @ gammas)
    if len(own.rows) < FEW_PROMPTS and own.least_left < NOTHING_LEFT:
        return None
    moves = own.held @ leads / own.held.sum() * errors
    error = sqrt(float(vary([own], by_steps=True)[0][0, 0]) + ELO_PER_NAT**2 * float(moves @ moves))
    half = float(stdtrit(len(own.rows) - 1, 0.5 + CONFIDENCE / 2.0)) * error
    return _tree(own.elo, half=half, length=float(leads.sum(axis=1).mean()))


def _tree(elo: float, *, half: float | None = None, length: float | None = None) -> Tree:
    return {
        "elo": rounded(elo),
        "low": None if half is None else rounded(elo - half),
        "high": None if half is None else rounded(elo + half),
        "length": rounded(length),
        "extrapolated": length is not None and abs(length) > 1.0,
    }
