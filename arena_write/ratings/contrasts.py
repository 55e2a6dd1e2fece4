"""Comparisons beside the board: every pair of entrants, and one language against another."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from arena_write.ratings.columns import Comparisons, FloatArray
from arena_write.ratings.errors import RatingError
from arena_write.ratings.quantiles import t_quantile, two_sided
from arena_write.ratings.rate import rate
from arena_write.ratings.results import Ratings

SINGLE = "single comparisons: each interval holds with the stated confidence, not all of them at once"

# Directions with less than this share of the largest variance are those in which nothing is estimated.
_NO_VARIANCE = 1e-9

Table = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceMatrix:
    """How much stronger the row's entrant is than the column's, K x K, in Elo.

    Attributes:
        names: the K rated entrants, in the order of the board.
        elo: differences.
        se: their standard errors.
        low: lower ends of the intervals.
        high: upper ends.
        confidence: of each interval.
        note: how to read them.
    """

    names: tuple[str, ...]
    elo: Table
    se: Table
    low: Table
    high: Table
    confidence: float
    note: str = SINGLE


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageDifference:
    """An entrant's rating in the first language less that in the second, Elo, as a single comparison."""

    name: str
    elo: float
    se: float
    low: float
    high: float
    df: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageContrast:
    """Whether ratings differ between two sets of prompts.

    Attributes:
        entrants: per entrant rated in both, by name; frozen ones left out.
        chi2: the Wald statistic of "no entrant's rating differs", clustered by prompt.
        df: ratings tested.
        p: of ``chi2``, by the F distribution that allows for the number of prompts.
        reason: why there is no test; empty where there is one.
    """

    entrants: tuple[LanguageDifference, ...] = ()
    chi2: float | None = None
    df: int = 0
    p: float | None = None
    reason: str = ""


def difference_matrix(ratings: Ratings) -> DifferenceMatrix:
    """Return all differences of rated entrants from the full covariance."""
    rows = [row for row in ratings.entrants if row.name in ratings.names]
    order = [ratings.names.index(row.name) for row in rows]
    covariance = np.array(ratings.covariance).reshape(len(ratings.names), -1)[np.ix_(order, order)]
    elo = np.array([row.elo for row in rows], dtype=np.float64)
    gap = elo[:, np.newaxis] - elo
    variance = np.diag(covariance)
    se = np.sqrt(np.maximum(0.0, variance[:, np.newaxis] + variance - 2.0 * covariance))
    degrees = [row.df for row in rows]
    upper = two_sided(ratings.confidence)
    critical = {df: t_quantile(upper, df) for df in degrees if df is not None}
    quantile = np.zeros_like(gap)
    for one, mine in enumerate(degrees):
        for other, theirs in enumerate(degrees):
            known = [df for df in (mine, theirs) if df is not None]
            quantile[one, other] = critical[min(known)] if known else 0.0
    half = quantile * se
    return DifferenceMatrix(
        names=tuple(row.name for row in rows),
        elo=_table(gap),
        se=_table(se),
        low=_table(gap - half),
        high=_table(gap + half),
        confidence=ratings.confidence,
    )


def compare_languages(
    first: Comparisons,
    second: Comparisons,
    *,
    baselines: Sequence[str],
    offsets: Mapping[str, float] | None = None,
    confidence: float = 0.95,
) -> LanguageContrast:
    """Test whether anybody's rating depends on the language of the prompts.

    Args:
        first: the battles on prompts in one language.
        second: those in the other; no prompt may be in both.
        baselines: as for :func:`rate`; they set the scale of each language, so what is tested is who gains on them.
        offsets: as for :func:`rate`.
        confidence: of the intervals.

    Raises:
        RatingError: the two share a prompt, or anything that :func:`rate` raises for either.
    """
    shared = np.intersect1d(first.cluster, second.cluster)
    if len(shared):
        raise RatingError(f"prompt {shared[0]} is in both sets, so they are not independent")
    upper = two_sided(confidence)
    one, other = (rate(part, baselines=baselines, offsets=offsets, confidence=confidence) for part in (first, second))
    names = [name for name in one.names if name in other.names and name not in (offsets or {})]
    if not names:
        return LanguageContrast(reason="nobody is rated in both")
    here, there = _parts(one, names), _parts(other, names)
    gap, covariance = here[0] - there[0], here[1] + there[1]
    found = []
    for number, name in enumerate(names):
        variances = float(here[1][number, number]), float(there[1][number, number])
        se, df = math.sqrt(max(0.0, sum(variances))), _welch(variances, (one.entrant(name).df, other.entrant(name).df))
        half = t_quantile(upper, df) * se if se else 0.0
        value = float(gap[number])
        found.append(LanguageDifference(name=name, elo=value, se=se, low=value - half, high=value + half, df=df))
    spread = float(np.trace(here[1])), float(np.trace(there[1]))
    return _wald(LanguageContrast(entrants=tuple(found)), gap, covariance, degrees=_welch(spread, (one.df, other.df)))


def _parts(ratings: Ratings, names: Sequence[str]) -> tuple[FloatArray, FloatArray]:
    """Return the Elo and the covariance of the named."""
    codes = [ratings.names.index(name) for name in names]
    elo = np.array([ratings.entrant(name).elo for name in names], dtype=np.float64)
    return elo, np.array(ratings.covariance)[np.ix_(codes, codes)]


def _welch(variances: tuple[float, float], dfs: tuple[int | None, int | None]) -> int:
    """Return the degrees of freedom of a sum of two independent variances (Welch 1947), rounded down."""
    parts = [(variance, df) for variance, df in zip(variances, dfs, strict=True) if variance > 0 and df]
    if not parts:
        return 1
    return int(sum(variance for variance, _ in parts) ** 2 / sum(variance**2 / df for variance, df in parts))


def _wald(found: LanguageContrast, gap: FloatArray, covariance: FloatArray, *, degrees: int) -> LanguageContrast:
    """Add the test that all of ``gap`` is 0, over the directions that have variance (Hotelling 1931)."""
    from scipy.special import fdtrc

    values, vectors = np.linalg.eigh(covariance)
    alive = values > _NO_VARIANCE * max(float(values.max()), 1e-300)
    df = int(alive.sum())
    if not df:
        return replace(found, reason="no rating has any variance")
    rest = degrees - df + 1
    if rest < df:
        return replace(found, df=df, reason=f"the prompts are too few to test {df} ratings at once")
    chi2 = float((((gap @ vectors[:, alive]) ** 2) / values[alive]).sum())
    return replace(found, chi2=chi2, df=df, p=float(fdtrc(df, rest, chi2 * rest / (degrees * df))))


def _table(values: FloatArray) -> Table:
    return tuple(tuple(line) for line in values.tolist())
