"""Length as a diagnostic: how much longer texts win, and the ratings at equal length.

``logit P = theta_first - theta_second + gamma x / scale``, with ``x = (L_first - L_second) / (L_first + L_second)``,
the relative difference of two texts' lengths. It changes sign with the sides and is divided by its root mean square,
never centred: a centred difference would make a rating depend on who stood first. The slope comes from battles among
baselines, whose lengths vary around their strengths, once per language; it is then frozen with its error. A slope taken
from a candidate's own battles could not tell its length from its strength.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arena_write.ratings.bradley_terry import generalised_inverse, win_probability
from arena_write.ratings.columns import BoolArray, Comparisons, FloatArray, clusters_per_entrant, sum_by
from arena_write.ratings.covariates import CovariateFit, fit_covariates
from arena_write.ratings.elo import ELO_PER_NAT, checked_baselines, to_elo
from arena_write.ratings.errors import ColumnError, RatingError
from arena_write.ratings.quantiles import t_quantile, two_sided
from arena_write.ratings.rate import rate
from arena_write.ratings.rated import rated_rows, thetas
from arena_write.ratings.results import FLAT, NO_WIDTH

FAR = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthSlope:
    """How much length moves a judge in one language; ``None`` where that cannot be said.

    Attributes:
        language: of the prompts.
        gamma: natural-log units per ``scale`` of relative length difference; positive where longer texts win.
        se: its standard error by prompt.
        scale: root mean square of the relative length differences it was estimated from.
        prompts: their prompts.
        battles: rows.
        reason: why there is no slope; empty where there is one.
    """

    language: str
    gamma: float | None = None
    se: float | None = None
    scale: float | None = None
    prompts: int = 0
    battles: int = 0
    reason: str = ""

    def interval(self, *, confidence: float = 0.95) -> tuple[float, float] | None:
        """Return the interval of ``gamma``; ``None`` where there is no slope.

        Raises:
            RatingError: a confidence outside (0, 1).
        """
        if self.gamma is None or self.se is None:
            return None
        half = t_quantile(two_sided(confidence), self.prompts - 1) * self.se
        return self.gamma - half, self.gamma + half


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthAdjusted:
    """An entrant's rating at equal length, in Elo; ``None`` where there is no value.

    Attributes:
        name: the entrant.
        elo: the rating at equal length.
        se: its standard error by prompt, the uncertainty of the slopes included.
        low: lower end of the interval.
        high: upper end.
        df: degrees of freedom of the interval.
        length: mean relative length difference to its opponents, in scales of its language.
        extrapolated: ``length`` is beyond 1: further from the opponents than they are from each other.
        reason: why there is no value; empty where there is one.
    """

    name: str
    elo: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    df: int | None = None
    length: float | None = None
    extrapolated: bool = False
    reason: str = ""


def length_difference(first: ArrayLike, second: ArrayLike) -> FloatArray:
    """Return (N,) ``(L_first - L_second) / (L_first + L_second)``, in [-1, 1]; 0 where both are empty.

    Args:
        first: (N,) lengths of the texts that stood first, in words or characters, 0 or more.
        second: (N,) lengths of the others, in the same unit.

    Raises:
        ColumnError: a length is negative or not finite, or the columns differ in length.
    """
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if one.shape != other.shape or one.ndim != 1:
        raise ColumnError(f"lengths must be two columns of one length, got shapes {one.shape} and {other.shape}")
    bad = ~(np.isfinite(one) & np.isfinite(other) & (one >= 0) & (other >= 0))
    if bad.any():
        row = int(np.argmax(bad))
        raise ColumnError(f"row {row}: lengths {one[row]} and {other[row]} are not both finite numbers of 0 or more")
    total = one + other
    return np.divide(one - other, total, out=np.zeros_like(total), where=total > 0)


def fit_length_slopes(
    comparisons: Comparisons, difference: ArrayLike, *, language: Sequence[str], baselines: Sequence[str]
) -> tuple[LengthSlope, ...]:
    """Estimate the slope of each language from the battles among baselines; in the order of the languages' names.

    Args:
        comparisons: battles; those with anybody but baselines are left out.
        difference: (N,) relative length difference of each row, first minus second.
        language: (N,) language of each row's prompt.
        baselines: names.

    Raises:
        ColumnError: a column has another length than the comparisons, or holds a value that is not finite.
        RatingError: unknown or doubled baselines, or a bare string.
    """
    column, labels = _columns(comparisons, difference, language)
    named = set(checked_baselines(comparisons.names, baselines, {}))
    anchor = np.array([name in named for name in comparisons.names])
    among = anchor[comparisons.first] & anchor[comparisons.second] & (comparisons.weights > 0)
    return tuple(
        _slope(comparisons, column, among & (labels == label), label) for label in sorted(set(labels.tolist()))
    )


def adjust_for_length(
    comparisons: Comparisons,
    difference: ArrayLike,
    *,
    language: Sequence[str],
    slopes: Sequence[LengthSlope],
    baselines: Sequence[str],
    offsets: Mapping[str, float] | None = None,
    confidence: float = 0.95,
) -> tuple[LengthAdjusted, ...]:
    """Rate everybody at equal length, by given slopes; in the order in which :func:`rate` has them.

    The variance is ``V(theta | gamma) + D V(gamma) D'`` with ``D`` the derivative of the strengths by the slopes. For
    one candidate against frozen baselines ``D`` is its mean length difference, weighted by information.

    Args:
        comparisons: the battles.
        difference: (N,) relative length difference of each row, first minus second.
        language: (N,) language of each row's prompt.
        slopes: one for each language that occurs.
        baselines: whose mean is 1000.
        offsets: frozen Elo at equal length, the baselines' among them; ``None``: a joint fit.
        confidence: of the intervals.

    Raises:
        ColumnError: a column has another length than the comparisons, or holds a value that is not finite.
        RatingError: a language has no slope; or anything that :func:`rate` raises.
    """
    upper = two_sided(confidence)
    column, labels = _columns(comparisons, difference, language)
    scaled, gammas, errors = _scaled(column, labels, slopes)
    plain = rate(comparisons, baselines=baselines, offsets=offsets, confidence=confidence)
    frozen = dict(offsets or {})
    rows = [LengthAdjusted(name=row.name, reason=row.reason) for row in plain.entrants]
    if plain.method == "none":
        return tuple(replace(row, reason=row.reason or "there is nobody to rate beside the anchors") for row in rows)
    facts, kept = rated_rows(comparisons, plain)
    lines = scaled[kept]
    fitted = fit_covariates(
        facts,
        np.empty((len(facts), 0)),
        offsets=thetas(facts, frozen),
        shift=lines @ gammas,
    )
    spread = _derivative(facts, fitted, lines, gammas) * errors
    codes = None if frozen else [facts.names.index(name) for name in baselines]
    elo, covariance = to_elo(fitted.theta, fitted.covariance + spread @ spread.T, baselines=codes)
    lengths, present = _own_lengths(facts, lines.sum(axis=1)), clusters_per_entrant(facts)
    code = {name: number for number, name in enumerate(facts.names)}
    adjusted = []
    for row in rows:
        if row.name not in code or row.reason:
            adjusted.append(row)
            continue
        own = code[row.name]
        value, se, df = float(elo[own]), math.sqrt(max(0.0, float(covariance[own, own]))), int(present[own]) - 1
        half = t_quantile(upper, df) * se if se else 0.0
        row = replace(row, elo=value, se=se, low=value - half, high=value + half, df=df)
        adjusted.append(replace(row, length=float(lengths[own]), extrapolated=bool(abs(lengths[own]) > FAR)))
    return tuple(adjusted)


def _columns(
    comparisons: Comparisons, difference: ArrayLike, language: Sequence[str]
) -> tuple[FloatArray, NDArray[np.str_]]:
    column, labels = np.asarray(difference, dtype=np.float64), np.asarray(language, dtype=np.str_)
    for name, values in (("difference", column), ("language", labels)):
        if values.shape != (len(comparisons),):
            raise ColumnError(f"{name} has shape {values.shape}, the comparisons have {len(comparisons)} rows")
    if not np.isfinite(column).all():
        raise ColumnError(f"row {int(np.argmin(np.isfinite(column)))}: the length difference is not finite")
    return column, labels


def _slope(comparisons: Comparisons, difference: FloatArray, rows: BoolArray, language: str) -> LengthSlope:
    if not rows.any():
        return LengthSlope(language=language, reason="no baselines met in this language")
    part = comparisons.select(rows)
    present = np.zeros(len(part.names), dtype=bool)
    present[part.first] = present[part.second] = True
    part, column = part.among(present), difference[rows]
    weights = part.weights
    scale = math.sqrt(float(weights @ (column * column)) / float(weights.sum()))
    none = LengthSlope(language=language, prompts=len(np.unique(part.cluster)), battles=len(part))
    if scale == 0.0:
        return replace(none, reason="all texts that met are equally long")
    try:
        fitted = fit_covariates(part, column / scale)
    except RatingError as error:
        return replace(none, reason=str(error))
    se = math.sqrt(max(0.0, float(fitted.covariance[-1, -1])))
    if se * ELO_PER_NAT < NO_WIDTH:
        return replace(none, reason=FLAT)
    return replace(none, gamma=float(fitted.gamma[0]), se=se, scale=scale)


def _scaled(
    difference: FloatArray, labels: NDArray[np.str_], slopes: Sequence[LengthSlope]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return (N, L) the scaled differences, each in the column of its row's language, (L,) slopes and their errors."""
    known = {slope.language: slope for slope in slopes}
    lines, gammas, errors = [], [], []
    for label in sorted(set(labels.tolist())):
        slope = known.get(label, LengthSlope(language=label, reason="none was given"))
        if slope.gamma is None or slope.se is None or slope.scale is None:
            raise RatingError(f"there is no length slope for the language {label!r}: {slope.reason}")
        lines.append(np.where(labels == label, difference / slope.scale, 0.0))
        gammas.append(slope.gamma)
        errors.append(slope.se)
    return np.column_stack(lines), np.array(gammas), np.array(errors)


def _derivative(facts: Comparisons, fitted: CovariateFit, lines: FloatArray, gammas: FloatArray) -> FloatArray:
    """(K, L) how strengths move with the slopes: ``-H^-1 H_theta,gamma``."""
    gap = fitted.theta[facts.first] - fitted.theta[facts.second] + lines @ gammas
    held = facts.weights * win_probability(gap) * win_probability(-gap)
    size = len(facts.names)
    crossed = [sum_by(facts.first, held * line, size) - sum_by(facts.second, held * line, size) for line in lines.T]
    return -generalised_inverse(fitted.hessian, fitted.free) @ np.column_stack(crossed)


def _own_lengths(facts: Comparisons, difference: FloatArray) -> FloatArray:
    """(K,) weighted mean of the (N,) differences as each entrant sees them."""
    size, weights = len(facts.names), facts.weights
    total = sum_by(facts.first, weights * difference, size) - sum_by(facts.second, weights * difference, size)
    own: FloatArray = total / (sum_by(facts.first, weights, size) + sum_by(facts.second, weights, size))
    return own
