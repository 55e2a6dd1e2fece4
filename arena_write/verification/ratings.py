"""Ratings, recomputed: from decided cells to estimates with intervals, one-sided bounds and possible ranks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.special import stdtrit

from arena_write.verification.bounds import ELO_PER_NAT, perfect_gap
from arena_write.verification.cells import Cell
from arena_write.verification.cores import Core, find_core
from arena_write.verification.ranks import Estimates, Ranks, possible_ranks
from arena_write.verification.rules import BASELINE_MEAN, CONFIDENCE, NO_WIDTH
from arena_write.verification.spreads import Spread, count_wins, measure_spread
from arena_write.verification.strengths import Array, fit_strengths

_GIVEN = 1e9
"""Degrees of freedom of what is given and not estimated: as good as infinitely many."""


@dataclass(frozen=True, slots=True)
class Rating:
    """What is said of one entrant; Elo.

    Args:
        bound: `interval`, `at_least`, `at_most` or `unrated`.
        elo: The rating; only with an interval.
        low: Lower end, or the bound of somebody who won everything; nothing where every prompt gave the same.
        high: Upper end, or the bound of somebody who lost everything; likewise.
        error: Standard error, where there is a rating.
    """

    bound: str
    elo: float | None = None
    low: float | None = None
    high: float | None = None
    error: float = 0.0

    @property
    def is_explained(self) -> bool:
        """Whether a reason is given: there is no interval."""
        return self.low is None or self.high is None


UNRATED = Rating("unrated")


@dataclass(frozen=True, slots=True)
class Rated:
    """What is said of everybody.

    Args:
        ratings: By entrant; whoever is missing has no battle with anybody rated.
        method: How the intervals were made; `none` where nothing was estimated.
        df: Prompts of the fit less one.
        design_effect: See `spreads`; nothing where nothing was estimated.
        ranks: Possible ranks.
        with_anchors: With intervals that hold the error of frozen baselines, too: of candidates rated against these.
        misfits: The chance of their results if one strength explained them, where that can be tested; see `misfits`.
    """

    ratings: Mapping[str, Rating]
    method: str
    df: int
    design_effect: float | None
    ranks: Sequence[Ranks]
    with_anchors: Mapping[str, Rating] = field(default_factory=dict)
    misfits: Mapping[str, float | None] = field(default_factory=dict)

    def of(self, entrant: str) -> Rating:
        """Return what is said of an entrant."""
        return self.ratings.get(entrant, UNRATED)


def rate(cells: Sequence[Cell], baselines: Sequence[str]) -> Rated:
    """Rate everybody who takes part in decided cells.

    Raises:
        NoScaleError: The baselines give no scale.
    """
    decided = [cell for cell in cells if cell.score is not None]
    core = find_core(decided, baselines)
    inside = _among(core.members, decided)
    elo, spread, covariance = _estimate(core, inside, baselines)
    df = [_GIVEN] * len(core.members) if spread is None else [count - 1.0 for count in spread.prompts]
    ratings = {}
    for code, name in enumerate(core.members):
        error = float(np.sqrt(max(0.0, covariance[code, code])))
        if error < NO_WIDTH and spread is not None and list(baselines) != [name]:
            ratings[name] = Rating("interval", elo[code], error=error)
            continue
        half = float(stdtrit(df[code], 0.5 + CONFIDENCE / 2.0)) * error
        ratings[name] = Rating("interval", elo[code], elo[code] - half, elo[code] + half, error)
    strengths = dict(zip(core.members, elo, strict=True))
    ratings |= _one_sided(decided, core, strengths, correlation=1.0 if spread is None else spread.correlation)
    estimates = Estimates(core.members, np.array(elo), covariance, df)
    ends = {
        name: (-np.inf if one.low is None else one.low, np.inf if one.high is None else one.high)
        for name, one in ratings.items()
    }
    return Rated(
        ratings=ratings,
        method="none" if spread is None else spread.method,
        df=0 if spread is None else spread.total - 1,
        design_effect=None if spread is None else spread.design_effect,
        ranks=possible_ranks(estimates, ends),
    )


def rate_one(cells: Sequence[Cell], baselines: Sequence[str], entrant: str) -> float | None:
    """Return the rating of one entrant alone; nothing where it has none.

    Raises:
        NoScaleError: The baselines give no scale.
    """
    decided = [cell for cell in cells if cell.score is not None]
    core = find_core(decided, baselines)
    if entrant not in core.members:
        return None
    return _elo(core, _among(core.members, decided), baselines)[0][core.members.index(entrant)]


def rate_together(decided: Sequence[Cell], baselines: Sequence[str]) -> tuple[list[float], Array]:
    """Return Elo of the baselines from the battles among them, and its (B, B) covariance, both in their order.

    Raises:
        NoScaleError: They give no scale.
    """
    core = find_core(decided, baselines)
    elo, _, covariance = _estimate(core, _among(core.members, decided), baselines)
    places = [core.members.index(name) for name in baselines]
    return [elo[place] for place in places], covariance[np.ix_(places, places)]


def _among(members: Sequence[str], cells: Sequence[Cell]) -> list[Cell]:
    inside = set(members)
    return [cell for cell in cells if cell.first in inside and cell.second in inside]


def _elo(core: Core, inside: Sequence[Cell], baselines: Sequence[str]) -> tuple[list[float], Array]:
    """Return Elo, the baselines' mean at 1000, and the strengths behind them."""
    if len(core.members) == 1:
        return [BASELINE_MEAN], np.zeros(1)
    theta = fit_strengths(count_wins(core.members, inside))
    level = np.mean([theta[core.members.index(name)] for name in baselines])
    return (BASELINE_MEAN + ELO_PER_NAT * (theta - level)).tolist(), theta


def _estimate(core: Core, inside: Sequence[Cell], baselines: Sequence[str]) -> tuple[list[float], Spread | None, Array]:
    """Return Elo, how the strengths vary, and the covariance of Elo, measured from the baselines' mean."""
    elo, theta = _elo(core, inside, baselines)
    if len(core.members) == 1:
        return elo, None, np.zeros((1, 1))
    spread = measure_spread(core.members, inside, theta)
    from_mean = np.eye(len(core.members))
    for name in baselines:
        from_mean[:, core.members.index(name)] -= 1.0 / len(baselines)
    covariance = ELO_PER_NAT**2 * (from_mean @ spread.covariance @ from_mean.T)
    return elo, spread, np.asarray((covariance + covariance.T) / 2.0, dtype=np.float64)


def _one_sided(
    decided: Sequence[Cell], core: Core, strengths: Mapping[str, float], *, correlation: float
) -> dict[str, Rating]:
    """Return bounds for those outside the core who met it: they won all of these battles, or lost all."""
    met: dict[str, list[Cell]] = {}
    for cell in decided:
        for one, other in ((cell.first, cell.second), (cell.second, cell.first)):
            if one not in strengths and one not in core.on_one_prompt and other in strengths:
                met.setdefault(one, []).append(cell)
    bounds = {}
    for name, cells in met.items():
        opponents = [cell.second if cell.first == name else cell.first for cell in cells]
        level = float(np.mean([strengths[opponent] for opponent in opponents]))
        gap = perfect_gap(cells, correlation=correlation)
        won = cells[0].of(name) == 1.0
        bounds[name] = Rating("at_least", low=level + gap) if won else Rating("at_most", high=level - gap)
    return bounds
