"""The half-win Bradley-Terry fit: strengths from columns, by a damped Newton method.

``P(i beats j) = sigma(theta_i - theta_j)`` (Bradley & Terry 1952). A tie is half a win for each, so a strength stands
for an *expected score*, and the weighted log-likelihood ``sum w (y z - log(1 + e^z))``, ``z = theta_i - theta_j``, is
concave. Where the results are strongly connected (Ford 1957) its maximum exists, is unique up to a shift, and
step-halving makes Newton's method reach it from anywhere.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from arena_write.ratings.columns import BoolArray, Comparisons, FloatArray, sum_by
from arena_write.ratings.connectivity import is_connected, require_connected
from arena_write.ratings.errors import ConvergenceError, RatingError
from arena_write.ratings.pairs import Pairs, compress

_STEPS = 200
_HALVINGS = 40
# Share of the rise promised by the slope that a step must bring (Armijo 1966); a bare rise could zigzag for ever.
_ENOUGH = 0.1
# Where the likelihood is almost straight, far from the maximum, a full Newton step would leave the number range (nats).
_LONGEST_STEP = 10.0
# A Newton step that moves no gap by more than this rises by more than a tenth of what its slope promises, so nothing
# need be tried out: along it the curvature grows at most like e^gap (Bach 2010), and (e^1.5 - 1 - 1.5) / 1.5^2 < 0.9.
_SAFE_STEP = 1.5
# Newton's error after a step is of the order of the step squared: a last step of 1e-8 leaves 1e-16.
_LAST_STEP = 1e-8
# From so many on, Cholesky's half of the work pays for loading scipy.linalg.
_MANY_ENTRANTS = 100
_SINGULAR = "the information matrix is singular in double precision"


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Strengths of K entrants.

    Attributes:
        names: the K entrants, in the order of the comparisons they came from.
        theta: (K,) strengths in natural-log units; their sum is 0, or the frozen ones are as given.
        free: (K,) true where the strength was estimated, false where it was given.
        hessian: (K, K) ``sum w p (1 - p) x x'`` at the estimate: the information a battle-by-battle count would
            claim.
        log_likelihood: its maximum; constants that do not depend on theta are left out.
        battles: number of rows.
        steps: Newton steps taken.
    """

    names: tuple[str, ...]
    theta: FloatArray
    free: BoolArray
    hessian: FloatArray
    log_likelihood: float
    battles: int
    steps: int


def fit(comparisons: Comparisons, *, offsets: Mapping[str, float] | None = None) -> Fit:
    """Fit strengths to comparisons.

    Args:
        comparisons: the rows.
        offsets: strengths, in natural-log units, of entrants that are frozen; they fix the scale, and battles among
            them change nothing. Without any, the scale is fixed by sum 0.

    Raises:
        NotConnectedError: no finite estimate exists; says which direction is missing.
        RatingError: an offset names nobody or is not finite.
        ConvergenceError: the numbers are too extreme for double precision.
    """
    start, free = start_of(comparisons.names, offsets or {})
    frozen = None if free.all() else ~free
    pairs = compress(comparisons)
    if not is_connected(pairs, frozen=frozen):
        require_connected(comparisons, frozen=frozen)
    if frozen is None:
        start = _log_odds(pairs)
    theta, steps = maximise(pairs, start=start, free=free)
    _, hessian = derivatives(pairs, theta)
    for array in (theta, free, hessian):
        array.setflags(write=False)
    return Fit(
        names=comparisons.names,
        theta=theta,
        free=free,
        hessian=hessian,
        log_likelihood=log_likelihood(pairs, theta),
        battles=int(pairs.rows.sum()),
        steps=steps,
    )


def win_probability(gap: FloatArray) -> FloatArray:
    """Return ``1 / (1 + e^-gap)`` for gaps in natural-log units, exact in both tails."""
    # Beyond 700 the exponential would leave the number range, and the probability is 0 to 300 places.
    probability: FloatArray = np.minimum(-gap, 700.0)
    np.exp(probability, out=probability)
    probability += 1.0
    return np.reciprocal(probability, out=probability)


def log_likelihood(pairs: Pairs, theta: FloatArray) -> float:
    """Return ``sum w (y z - log(1 + e^z))`` at (K,) ``theta``."""
    gap, odds = theta.take(pairs.low) - theta.take(pairs.high), _odds(pairs, theta)
    # One term for wins and one for losses, here and below: nothing cancels, so values stay exact close to separation.
    surprise = np.log1p(np.minimum(odds, 1.0 / odds))
    lost = pairs.weight - pairs.score
    return -float(pairs.weight @ surprise + pairs.score @ np.maximum(-gap, 0.0) + lost @ np.maximum(gap, 0.0))


def derivatives(pairs: Pairs, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the (K,) gradient of the log-likelihood and the (K, K) negative of its second derivative."""
    size, low, high = pairs.size, pairs.low, pairs.high
    odds = _odds(pairs, theta)
    missed = 1.0 / (1.0 + odds)
    expected = odds * missed
    residual = pairs.score * missed
    residual -= (pairs.weight - pairs.score) * expected
    gradient = sum_by(low, residual, size) - sum_by(high, residual, size)
    expected *= missed
    expected *= pairs.weight
    hessian = np.zeros((size, size))
    hessian.ravel()[low * size + high] = np.negative(expected, out=expected)
    hessian += hessian.T
    hessian.ravel()[:: size + 1] = -hessian.sum(axis=1)
    return gradient, hessian


def _odds(pairs: Pairs, theta: FloatArray) -> FloatArray:
    """Return (P,) ``e^(theta_low - theta_high)``, from one exponential per entrant where those stay in range."""
    least, most = float(theta.min()), float(theta.max())
    if most - least < 700.0:
        worth = np.exp(theta - (least + most) / 2.0)
        odds: FloatArray = worth.take(pairs.low)
        odds /= worth.take(pairs.high)
        return odds
    # Beyond 700 a probability is 0 to 300 places.
    return np.exp(np.clip(theta.take(pairs.low) - theta.take(pairs.high), -700.0, 700.0))


def generalised_inverse(hessian: FloatArray, free: BoolArray) -> FloatArray:
    """Return the (K, K) inverse of a Hessian: zero for frozen entrants, or within sum 0 where all are free.

    With everybody free the Hessian has the constant vector in its kernel; adding it back before the inversion and
    taking it out afterwards gives the Moore-Penrose inverse.

    Raises:
        ConvergenceError: the matrix is singular beyond that.
    """
    size = len(hessian)
    try:
        if free.all():
            level = float(np.trace(hessian)) / size
            return np.asarray(np.linalg.inv(hessian + level / size) - 1.0 / (level * size), dtype=np.float64)
        inverse = np.zeros_like(hessian)
        block = np.ix_(free, free)
        inverse[block] = np.linalg.inv(hessian[block])
    except (np.linalg.LinAlgError, ZeroDivisionError):
        raise ConvergenceError(_SINGULAR) from None
    return inverse


def newton_step(gradient: FloatArray, hessian: FloatArray, free: BoolArray) -> FloatArray:
    """Return ``generalised_inverse(hessian, free) @ gradient`` without the inverse.

    Raises:
        ConvergenceError: the matrix is singular beyond the gauge.
    """
    if free.all():
        size = len(hessian)
        step = _solved(hessian + float(np.trace(hessian)) / size**2, gradient)
        step -= step.sum() / size
        return step
    step = np.zeros(len(hessian))
    step[free] = _solved(hessian[np.ix_(free, free)], gradient[free])
    return step


def _solved(matrix: FloatArray, vector: FloatArray) -> FloatArray:
    """Solve with a symmetric, positive definite matrix."""
    try:
        if len(matrix) < _MANY_ENTRANTS:
            return np.asarray(np.linalg.solve(matrix, vector), dtype=np.float64)
        from scipy.linalg import cho_factor, cho_solve

        return np.asarray(cho_solve(cho_factor(matrix), vector), dtype=np.float64)
    except np.linalg.LinAlgError:
        raise ConvergenceError(_SINGULAR) from None


def maximise(pairs: Pairs, *, start: FloatArray, free: BoolArray) -> tuple[FloatArray, int]:
    """Climb to the maximum from (K,) ``start``, moving only ``free`` entrants; return theta and the steps taken.

    The caller has checked that a finite maximum exists.

    Raises:
        ConvergenceError: no maximum within the limits of double precision.
    """
    theta = start
    for taken in range(_STEPS):
        gradient, hessian = derivatives(pairs, theta)
        step = newton_step(gradient, hessian, free)
        size = float(np.abs(step).max(initial=0.0))
        if not math.isfinite(size):
            break
        if size <= _LAST_STEP:
            return theta + step, taken + 1
        if 2.0 * size > _SAFE_STEP and float(step.max() - step.min()) > _SAFE_STEP:
            step = _shortened(pairs, theta, step * min(1.0, _LONGEST_STEP / size), gradient)
        theta = theta + step
    raise ConvergenceError(
        f"no maximum after {_STEPS} Newton steps: frozen strengths are too far apart or results too near to separation"
    )


def _shortened(pairs: Pairs, theta: FloatArray, step: FloatArray, gradient: FloatArray) -> FloatArray:
    """Halve a step until it brings enough of the rise that its slope promises (Armijo 1966)."""
    value = log_likelihood(pairs, theta)
    slope, rounding = float(gradient @ step), 1e-13 * abs(value)
    for _ in range(_HALVINGS):
        if log_likelihood(pairs, theta + step) >= value + _ENOUGH * slope - rounding:
            return step
        step = step * 0.5
        slope *= 0.5
    raise ConvergenceError("no step leads up in double precision: the results are too near to separation")


def _log_odds(pairs: Pairs) -> FloatArray:
    """Return (K,) the log odds of everybody's mean score: the estimate if all had met equal opponents, and a start."""
    lost = pairs.weight - pairs.score
    won = sum_by(pairs.low, pairs.score, pairs.size) + sum_by(pairs.high, lost, pairs.size)
    failed = sum_by(pairs.low, lost, pairs.size) + sum_by(pairs.high, pairs.score, pairs.size)
    odds: FloatArray = np.log(won / failed)
    odds -= odds.mean()
    return odds


def start_of(names: tuple[str, ...], offsets: Mapping[str, float]) -> tuple[FloatArray, BoolArray]:
    """Return (K,) strengths to start from, the frozen ones as given, and (K,) who is free to move.

    Raises:
        RatingError: an offset names nobody or is not finite.
    """
    theta = np.zeros(len(names))
    free = np.ones(len(names), dtype=bool)
    for name, offset in offsets.items():
        if name not in names:
            raise RatingError(f"there is an offset for {name!r}, who is in no comparison")
        if not np.isfinite(offset):
            raise RatingError(f"the offset of {name!r} is {offset}")
        theta[names.index(name)] = offset
        free[names.index(name)] = False
    if not free.all():
        theta[free] = theta[~free].mean()
    return theta, free
