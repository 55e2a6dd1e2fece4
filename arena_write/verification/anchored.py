"""Ratings against frozen baselines, recomputed: every candidate is one strength, fitted to its own battles alone.

With `g` the shares of the information about each candidate that come from each baseline, `V` the frozen covariance and
`C` that of the candidates given the baselines, ranks go by `Var(candidates) = C + g V g'` and
`Cov(candidates, baselines) = g V`: an error of a baseline moves whoever met it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, stdtrit

from arena_write.store import AnchorsRecord
from arena_write.verification.bounds import ELO_PER_NAT, perfect_gap
from arena_write.verification.cells import Cell
from arena_write.verification.ranks import Estimates, possible_ranks
from arena_write.verification.ratings import Rated, Rating
from arena_write.verification.rules import BASELINE_MEAN, CONFIDENCE, FEW_PROMPTS
from arena_write.verification.strengths import Array, NoScaleError

_FAR = 60.0
"""Natural-log units past the strongest opponent: nobody with a win and a loss in double precision is there."""


@dataclass(frozen=True)
class Frozen:
    """Baselines as they were frozen.

    Args:
        names: Their ids, in the order of the covariance.
        elo: (B,) their ratings.
        covariance: (B, B) Elo squared.
        prompts: On how many prompts they met.
        met: What the first of a pair got from the second, and in how many battles; each pair both ways.
    """

    names: tuple[str, ...]
    elo: Array
    covariance: Array
    prompts: int
    met: Mapping[tuple[str, str], tuple[float, int]]

    @property
    def strengths(self) -> dict[str, float]:
        """Natural-log strengths by id; 0 is 1000 Elo."""
        return dict(zip(self.names, ((self.elo - BASELINE_MEAN) / ELO_PER_NAT).tolist(), strict=True))


def frozen_baselines(record: AnchorsRecord, scope: str) -> Frozen | None:
    """Return the baselines of a set of prompts as a record froze them; nothing where it did not."""
    one = next((one for name, one in record.scopes.items() if name == scope), None)
    if one is None:
        return None
    met = {}
    for pair in one.goodness.residuals:
        met[pair.first, pair.second] = (pair.observed, pair.battles)
        met[pair.second, pair.first] = (1.0 - pair.observed, pair.battles)
    return Frozen(one.names, np.array(one.elo), np.array(one.covariance), one.prompts, met)


@dataclass(frozen=True)
class Own:
    """A candidate's own decided battles with frozen baselines.

    Args:
        name: The candidate.
        got: (N,) what it got.
        opponents: (N,) from whom.
        against: (N,) their strengths.
        prompts: (N,) on which prompts.
    """

    name: str
    got: Array
    opponents: tuple[str, ...]
    against: Array
    prompts: tuple[str, ...]

    @classmethod
    def of(cls, name: str, cells: Sequence[Cell], strengths: Mapping[str, float]) -> "Own":
        """Pick a candidate's battles."""
        opponents = tuple(cell.second if cell.first == name else cell.first for cell in cells)
        return cls(
            name=name,
            got=np.array([cell.of(name) for cell in cells], dtype=np.float64),
            opponents=opponents,
            against=np.array([strengths[opponent] for opponent in opponents]),
            prompts=tuple(cell.prompt for cell in cells),
        )

    @cached_property
    def theta(self) -> float:
        """Its strength: what it is expected to get is what it got."""
        return _fit(self.got, self.against)

    @property
    def elo(self) -> float:
        """Its rating."""
        return BASELINE_MEAN + ELO_PER_NAT * self.theta

    @cached_property
    def held(self) -> Array:
        """(N,) information of each battle."""
        chance = expit(self.theta - self.against)
        return np.asarray(chance * (1.0 - chance), dtype=np.float64)

    @cached_property
    def rows(self) -> Mapping[str, Array]:
        """Numbers of the battles on each prompt."""
        places: dict[str, list[int]] = {}
        for place, prompt in enumerate(self.prompts):
            places.setdefault(prompt, []).append(place)
        return {prompt: np.array(mine) for prompt, mine in places.items()}

    def beyond(self, prompt: str) -> float:
        """Return what it got on a prompt beyond what was expected."""
        mine = self.rows.get(prompt)
        return 0.0 if mine is None else float((self.got[mine] - expit(self.theta - self.against[mine])).sum())

    def is_settled_without(self, prompt: str) -> bool:
        """Say whether the other prompts alone still hold something won and something lost."""
        rest = self._without(prompt)
        return bool(self.got[rest].max() > 0.0 and self.got[rest].min() < 1.0)

    def shift_without(self, prompt: str, *, step: bool) -> float:
        """Return how far the strength moves without a prompt: by a new fit, or by one Newton step."""
        if prompt not in self.rows:
            return 0.0
        rest = self._without(prompt)
        if step:
            return -self.beyond(prompt) / float(self.held[rest].sum())
        return _fit(self.got[rest], self.against[rest]) - self.theta

    def shares(self, names: Sequence[str]) -> Array:
        """Return (B,) the share of the information that comes from each of the baselines."""
        by_name = dict.fromkeys(names, 0.0)
        for opponent, held in zip(self.opponents, self.held.tolist(), strict=True):
            by_name[opponent] += held
        return np.array([by_name[name] / float(self.held.sum()) for name in names])

    def _without(self, prompt: str) -> Array:
        return np.array([other != prompt for other in self.prompts])


def _fit(got: Array, against: Array) -> float:
    def surplus(theta: float) -> float:
        return float((got - expit(theta - against)).sum())

    return float(brentq(surplus, against.min() - _FAR, against.max() + _FAR, xtol=1e-13, rtol=1e-14))


def own_battles(cells: Sequence[Cell], frozen: Frozen) -> dict[str, list[Cell]]:
    """Return each candidate's decided cells with frozen baselines.

    Raises:
        NoScaleError: There are none.
    """
    mine: dict[str, list[Cell]] = {}
    for cell in cells:
        if cell.score is not None and (cell.first in frozen.names) != (cell.second in frozen.names):
            mine.setdefault(cell.second if cell.first in frozen.names else cell.first, []).append(cell)
    if not mine:
        raise NoScaleError("no candidate met a frozen baseline")
    return mine


def rate_on_frozen(cells: Sequence[Cell], frozen: Frozen, entrants: Collection[str]) -> Rated:
    """Rate every candidate against frozen baselines, and rank all together.

    Args:
        cells: Cells; those that are missing do not count.
        frozen: The baselines.
        entrants: Everybody in the plan; a frozen baseline that is not is not ranked.

    Raises:
        NoScaleError: No candidate met one.
    """
    rated, ratings = [], {}
    for name, mine in sorted(own_battles(cells, frozen).items()):
        own = Own.of(name, mine, frozen.strengths)
        if own.got.max() == 0.0 or own.got.min() == 1.0:
            level, gap = BASELINE_MEAN + ELO_PER_NAT * float(own.against.mean()), perfect_gap(mine, correlation=1.0)
            won = own.got[0] == 1.0
            ratings[name] = Rating("at_least", low=level + gap) if won else Rating("at_most", high=level - gap)
        elif len(own.rows) > 1:
            rated.append(own)
    known = [name for name in sorted(frozen.names) if name in entrants]
    places = [frozen.names.index(name) for name in known]
    for name, place in zip(known, places, strict=True):
        error = float(np.sqrt(max(0.0, frozen.covariance[place, place])))
        ratings[name] = _interval(float(frozen.elo[place]), error, frozen.prompts)
    with_anchors = {}
    shares = np.array([own.shares(frozen.names) for own in rated]).reshape(len(rated), len(frozen.names))
    given, method = _covariance(rated) if rated else (np.zeros((0, 0)), "none")
    for number, own in enumerate(rated):
        alone = _covariance([own])[0][0, 0]
        given[number, number] = alone
        ratings[own.name] = _interval(own.elo, float(np.sqrt(alone)), len(own.rows))
        whole = float(np.sqrt(alone + shares[number] @ frozen.covariance @ shares[number]))
        with_anchors[own.name] = _interval(own.elo, whole, len(own.rows))
    crossed = shares @ frozen.covariance
    estimates = Estimates(
        names=[*known, *(own.name for own in rated)],
        values=np.array([*frozen.elo[places], *(own.elo for own in rated)]),
        covariance=np.block(
            [
                [frozen.covariance[np.ix_(places, places)], crossed[:, places].T],
                [crossed[:, places], given + crossed @ shares.T],
            ]
        ),
        df=[*(frozen.prompts - 1.0 for _ in known), *(len(own.rows) - 1.0 for own in rated)],
    )
    ends = {
        name: (-np.inf if one.low is None else one.low, np.inf if one.high is None else one.high)
        for name, one in ratings.items()
    }
    prompts = {prompt for own in rated for prompt in own.rows}
    return Rated(
        ratings=ratings,
        method=method,
        df=max(0, len(prompts) - 1),
        design_effect=_design_effect(rated) if rated else None,
        ranks=possible_ranks(estimates, ends),
        with_anchors=with_anchors,
    )


def rate_one_on_frozen(cells: Sequence[Cell], frozen: Frozen, entrant: str) -> float | None:
    """Return the rating of one candidate; nothing where it has none.

    Raises:
        NoScaleError: No candidate met a frozen baseline.
    """
    mine = own_battles(cells, frozen).get(entrant)
    if mine is None:
        return None
    own = Own.of(entrant, mine, frozen.strengths)
    return own.elo if len(own.rows) > 1 and own.got.max() > 0.0 and own.got.min() < 1.0 else None


def _interval(elo: float, error: float, prompts: int) -> Rating:
    half = float(stdtrit(prompts - 1, 0.5 + CONFIDENCE / 2.0)) * error
    return Rating("interval", elo, elo - half, elo + half, error)


def _covariance(together: Sequence[Own]) -> tuple[Array, str]:
    """Return (C, C) how the ratings of candidates vary given the baselines, Elo squared, and how it was made."""
    prompts = sorted({prompt for own in together for prompt in own.rows})
    count = len(prompts)
    if min(len(own.rows) for own in together) < FEW_PROMPTS:
        shifts = []
        for prompt in prompts:
            step = not all(own.is_settled_without(prompt) for own in together)
            shifts.append([own.shift_without(prompt, step=step) for own in together])
        method, times = "jackknife", (count - 1) / count
    else:
        shifts = [[own.beyond(prompt) / float(own.held.sum()) for own in together] for prompt in prompts]
        method, times = "CR1", count / (count - 1)
    moved = ELO_PER_NAT * np.array(shifts)
    return np.asarray(moved.T @ moved * times, dtype=np.float64), method


def _design_effect(together: Sequence[Own]) -> float:
    by_prompts = 0.0
    for own in together:
        count = len(own.rows)
        by_prompts += sum(own.beyond(prompt) ** 2 for prompt in own.rows) * count / (count - 1)
    return by_prompts / sum(float(own.held.sum()) for own in together)
