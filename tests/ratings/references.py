"""Other estimators of strengths, written down plainly and left to a general optimiser: what ours is held against.

The product has none of them (docs: a tie is half a win, no invented games). They show that the data in the tests are
the published ones, and where half-win stands beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_expit

Counts = Sequence[tuple[str, str, int, int, int]]


def davidson(counts: Counts) -> tuple[dict[str, float], float, float]:
    """Return strengths relative to the first entrant, log nu, and the log-likelihood (Davidson 1970)."""

    def loglik(gap: np.ndarray, extra: float, won: np.ndarray, lost: np.ndarray, tied: np.ndarray) -> float:
        # Worths e^gap and 1, a tie nu e^(gap / 2).
        draw = extra + gap / 2
        total = np.logaddexp(np.logaddexp(gap, 0.0), draw)
        return float(won @ (gap - total) - lost @ total + tied @ (draw - total))

    return _with_ties(counts, loglik, start=-0.5)


def rao_kupper(counts: Counts) -> tuple[dict[str, float], float, float]:
    """Return strengths relative to the first entrant, eta, and the log-likelihood (Rao & Kupper 1967)."""

    def loglik(gap: np.ndarray, eta: float, won: np.ndarray, lost: np.ndarray, tied: np.ndarray) -> float:
        draw = np.log(expit(gap + eta) - expit(gap - eta))
        return float(won @ log_expit(gap - eta) + lost @ log_expit(-gap - eta) + tied @ draw)

    return _with_ties(counts, loglik, start=0.3)


def firth(counts: Counts) -> dict[str, float]:
    """Return strengths relative to the first entrant, with half the log determinant of the information as a penalty."""
    names, one, other, won, lost, tied = _columns(counts)
    design = _design(len(names), one, other)
    won, lost = won + tied / 2, lost + tied / 2

    def loss(theta: np.ndarray) -> float:
        gap = design @ theta
        curvature = (won + lost) * expit(gap) * expit(-gap)
        _, penalty = np.linalg.slogdet((design.T * curvature) @ design)
        return -float(won @ log_expit(gap) + lost @ log_expit(-gap) + penalty / 2)

    return dict(zip(names[1:], _minimum(loss, len(names) - 1), strict=True))


def ridge(counts: Counts, *, precision: float) -> dict[str, float]:
    """Return the posterior mode with independent normal priors of this precision around 0."""
    names, one, other, won, lost, tied = _columns(counts)
    won, lost = won + tied / 2, lost + tied / 2

    def loss(theta: np.ndarray) -> float:
        gap = theta[one] - theta[other]
        return precision / 2 * float(theta @ theta) - float(won @ log_expit(gap) + lost @ log_expit(-gap))

    return dict(zip(names, _minimum(loss, len(names)), strict=True))


def _with_ties(counts: Counts, loglik: Callable[..., float], *, start: float) -> tuple[dict[str, float], float, float]:
    names, one, other, won, lost, tied = _columns(counts)
    design = _design(len(names), one, other)

    def loss(values: np.ndarray) -> float:
        return -loglik(design @ values[:-1], values[-1], won, lost, tied)

    values = _minimum(loss, len(names), last=start)
    return dict(zip(names[1:], values[:-1], strict=True)), float(values[-1]), -loss(values)


def _columns(counts: Counts) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    names = sorted({name for row in counts for name in row[:2]})
    one, other = (np.array([names.index(row[side]) for row in counts]) for side in (0, 1))
    won, lost, tied = (np.array([row[column] for row in counts], dtype=float) for column in (2, 3, 4))
    return names, one, other, won, lost, tied


def _design(size: int, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Gaps as a linear function of the strengths of all but the first entrant."""
    design = np.zeros((len(one), size))
    design[np.arange(len(one)), one] = 1.0
    design[np.arange(len(one)), other] -= 1.0
    return design[:, 1:]


def _minimum(loss: Callable[[np.ndarray], float], size: int, *, last: float = 0.0) -> np.ndarray:
    """Descend with central differences, then take Newton steps on them: to about 1e-8."""
    values = minimize(loss, np.append(np.zeros(size - 1), last), method="BFGS", options={"gtol": 1e-6}).x
    width = 1e-4
    units = np.eye(size) * width
    for _ in range(3):
        rise = np.array([(loss(values + unit) - loss(values - unit)) / (2 * width) for unit in units])
        bend = np.array(
            [
                [
                    loss(values + a + b) - loss(values + a - b) - loss(values - a + b) + loss(values - a - b)
                    for b in units
                ]
                for a in units
            ]
        ) / (4 * width**2)
        values = values - np.linalg.solve(bend, rise)
    return values
