"""What a rating hands back: frozen, plain values, comparable and printable byte for byte."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from arena_write.ratings.errors import RatingError
from arena_write.ratings.quantiles import t_quantile, two_sided

Kind = Literal["interval", "at_least", "at_most", "unrated"]

NO_WIDTH = 1e-3
"""Standard error in Elo under which an interval has no width: what rounding alone can make of 0."""
FLAT = "every prompt gave the same result, so nothing says how much prompts vary"
"""Why there is then no interval: no error bar is not an error of none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrantRating:
    """One row of a board. Elo unless said otherwise; ``None`` where there is honestly no value.

    Attributes:
        name: the entrant.
        kind: ``interval``: rated, though without an interval where every prompt gave the same result. ``at_least``: won
            everything, only ``low`` is known. ``at_most``: lost everything, only ``high`` is known. ``unrated``:
            nothing is known; ``reason`` says why.
        elo: the rating; baselines' mean = 1000.
        se: its standard error, clustered by prompt; 0 where every prompt gave the same result, and then there is no
            interval. Like the interval it is relative to the baselines' mean.
        low: lower end of the interval, or the bound.
        high: upper end of the interval, or the bound.
        df: degrees of freedom of the interval: prompts this entrant shared with the rated ones, minus 1.
        best_rank: best rank the data allow, 1 is top; ranks count everybody who is not unrated.
        worst_rank: worst rank the data allow.
        battles: its rows.
        clusters: its prompts.
        score: its mean score in [0, 1].
        naive_half_width: half-width of the interval that independent battles would give.
        deff: variance of ``elo`` by prompt over its variance by independent battles.
        reason: why there is no interval, in words; empty where there is one.
    """

    name: str
    kind: Kind
    elo: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    df: int | None = None
    best_rank: int | None = None
    worst_rank: int | None = None
    battles: int = 0
    clusters: int = 0
    score: float | None = None
    naive_half_width: float | None = None
    deff: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How much stronger ``first`` is than ``second``, in Elo, as a single comparison (not adjusted for many).

    ``reason`` says why the interval has no width, where it has none: it is then no evidence of being equally strong.
    """

    first: str
    second: str
    elo: float
    se: float
    low: float
    high: float
    df: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratings:
    """All ratings of one set of comparisons.

    Attributes:
        entrants: rated ones by Elo, then one-sided and unrated ones; ties by name.
        baselines: whose mean is 1000, sorted.
        frozen: entrants whose Elo was given, sorted; empty for a joint fit.
        confidence: of every interval and bound.
        method: ``CR1``, ``jackknife``, or ``none`` where nobody could be estimated.
        df: prompts in the fit minus 1 (0 with ``none``); a row's own ``df`` is smaller where it took part in fewer.
        clusters: prompts in the fit.
        battles: rows in the fit.
        deff: how many times the variance of the entrants' mean scores exceeds that of independent battles, pooled;
            ``battles / deff`` is the effective number of battles. ``None`` where nothing was estimated.
        critical: the max-t critical value behind the rank ranges.
        names: the K rated entrants, sorted; the order of ``covariance``.
        covariance: K x K covariance of the Elo values.
    """

    entrants: tuple[EntrantRating, ...]
    baselines: tuple[str, ...]
    frozen: tuple[str, ...]
    confidence: float
    method: Literal["CR1", "jackknife", "none"]
    df: int
    clusters: int
    battles: int
    deff: float | None
    critical: float
    names: tuple[str, ...]
    covariance: tuple[tuple[float, ...], ...]

    def entrant(self, name: str) -> EntrantRating:
        """Return the row of one entrant.

        Raises:
            RatingError: there is no such entrant.
        """
        for row in self.entrants:
            if row.name == name:
                return row
        raise RatingError(f"{name!r} is not among the entrants")

    def difference(self, first: str, second: str) -> Difference:
        """Return ``first`` minus ``second`` with its interval, from the full covariance.

        Never compare two entrants by their own intervals: those share the baselines' noise and the prompts.

        Raises:
            RatingError: one of them is unknown or has no two-sided rating.
        """
        rows = self.entrant(first), self.entrant(second)
        for row in rows:
            if row.name not in self.names:
                raise RatingError(f"{row.name!r} has no rating to take a difference from: {row.reason}")
        a, b = self.names.index(first), self.names.index(second)
        variance = self.covariance[a][a] + self.covariance[b][b] - 2.0 * self.covariance[a][b]
        se = math.sqrt(max(0.0, variance))
        df = min((row.df for row in rows if row.df is not None), default=0)
        half = t_quantile(two_sided(self.confidence), df) * se if se else 0.0
        elo = (rows[0].elo or 0.0) - (rows[1].elo or 0.0)
        found = Difference(first=first, second=second, elo=elo, se=se, low=elo - half, high=elo + half, df=df)
        given = first == second or {first, second} <= {*self.frozen}
        return replace(found, reason=FLAT) if se < NO_WIDTH and not given else found
