"""Ratings against frozen baselines, recomputed: every candidate is one strength, fitted to its own battles alone.

With `g` the shares of the information about each candidate that come from each baseline, `V` the frozen covariance and
`C` that of the candidates given the baselines, ranks go by `Var(candidates) = C + g V g'` and
`Cov(candidates, baselines) = g V`: an error of a baseline moves whoever met it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.special import expit, stdtrit

from arena_write.store import AnchorsRecord
from arena_write.verification.bounds import ELO_PER_NAT, perfect_gap
from arena_write.verification.cells import Cell
from arena_write.verification.misfits import Pairings, judge_fit
from arena_write.verification.own import Own, fit_alone, own_battles, vary
from arena_write.verification.ranks import Estimates, possible_ranks
from arena_write.verification.ratings import Rated, Rating
from arena_write.verification.rules import BASELINE_MEAN, CONFIDENCE, NO_WIDTH
from arena_write.verification.slopes import Slope
from arena_write.verification.strengths import Array, NoScaleError


@dataclass(frozen=True)
class Frozen:
    """Baselines as they were frozen.

    Args:
        names: Their ids, in the order of the covariance.
        elo: (B,) their ratings.
        covariance: (B, B) Elo squared.
        prompts: On how many prompts they met.
        own_prompts: (B,) on how many of these each of them did.
        met: What the first of a pair got from the second, and in how many battles; each pair both ways.
        level: Ratings at equal length, by id; none where it was not frozen how length counts.
        slopes: How length counts, by language.
    """

    names: tuple[str, ...]
    elo: Array
    covariance: Array
    prompts: int
    own_prompts: tuple[int, ...]
    met: Mapping[tuple[str, str], tuple[float, int]]
    level: Mapping[str, float] = field(default_factory=dict)
    slopes: Mapping[str, Slope] = field(default_factory=dict)

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
    return Frozen(
        names=one.names,
        elo=np.array(one.elo),
        covariance=np.array(one.covariance),
        prompts=one.prompts,
        own_prompts=one.own_prompts or (one.prompts,) * len(one.names),
        met=met,
        level=dict(zip(one.names, one.elo_at_equal_length, strict=False)),
        slopes={
            slope.language: Slope(slope.gamma, slope.se, slope.scale)
            for slope in one.slopes
            if slope.gamma is not None and slope.se is not None and slope.scale is not None
        },
    )


def rate_on_frozen(cells: Sequence[Cell], frozen: Frozen, entrants: Collection[str]) -> Rated:
    """Rate every candidate against frozen baselines, and rank all together.

    Args:
        cells: Cells; those that are missing do not count.
        frozen: The baselines.
        entrants: Everybody in the plan; a frozen baseline that is not is not ranked.

    Raises:
        NoScaleError: No candidate met one.
    """
    rated, ratings, battles = [], {}, own_battles(cells, frozen.names)
    for name, mine in sorted(battles.items()):
        own = Own.of(name, mine, frozen.strengths)
        if own.got.max() == 0.0 or own.got.min() == 1.0:
            level, gap = BASELINE_MEAN + ELO_PER_NAT * float(own.against.mean()), perfect_gap(mine, correlation=1.0)
            won = own.got[0] == 1.0
            ratings[name] = Rating("at_least", low=level + gap) if won else Rating("at_most", high=level - gap)
        elif own.is_between and (error := float(np.sqrt(vary([own])[0][0, 0]))) < NO_WIDTH:
            ratings[name] = Rating("interval", own.elo, error=error)
        elif own.is_between:
            rated.append(own)
    known = [name for name in sorted(frozen.names) if name in entrants]
    places = [frozen.names.index(name) for name in known]
    for name, place in zip(known, places, strict=True):
        error = float(np.sqrt(max(0.0, frozen.covariance[place, place])))
        ratings[name] = _interval(float(frozen.elo[place]), error, frozen.own_prompts[place])
    with_anchors, misfits = {}, {}
    shares = np.array([own.shares(frozen.names) for own in rated]).reshape(len(rated), len(frozen.names))
    given, method = vary(rated) if rated else (np.zeros((0, 0)), "none")
    for number, own in enumerate(rated):
        alone = vary([own])[0][0, 0]
        given[number, number] = alone
        ratings[own.name] = _interval(own.elo, float(np.sqrt(alone)), len(own.rows))
        whole = float(np.sqrt(alone + shares[number] @ frozen.covariance @ shares[number]))
        with_anchors[own.name] = _interval(own.elo, whole, len(own.rows))
        misfits[own.name] = _misfit(own.name, battles[own.name], frozen)
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
        df=[*(frozen.own_prompts[place] - 1.0 for place in places), *(len(own.rows) - 1.0 for own in rated)],
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
        misfits=misfits,
    )


def rate_one_on_frozen(cells: Sequence[Cell], frozen: Frozen, entrant: str) -> float | None:
    """Return the rating of one candidate; nothing where it has none.

    Raises:
        NoScaleError: No candidate met a frozen baseline.
    """
    mine = own_battles(cells, frozen.names).get(entrant)
    if mine is None:
        return None
    own = Own.of(entrant, mine, frozen.strengths)
    return own.elo if own.is_between else None


def _misfit(name: str, cells: Sequence[Cell], frozen: Frozen) -> float | None:
    """Return the chance of results against the baselines if one strength explained them; nothing without a test."""

    def explain(pairings: Pairings) -> tuple[Array, Array]:
        against = np.array([frozen.strengths[baseline] for _, baseline in pairings.pairs])
        got, battles = pairings.got.sum(axis=0), pairings.battles.sum(axis=0)
        if not 0.0 < got.sum() < battles.sum():
            raise NoScaleError("everything was won, or lost")
        return expit(fit_alone(got, against, battles) - against), np.ones((len(against), 1))

    p: float | None = judge_fit(Pairings.of(cells, [(name, other) for other in frozen.names]), explain)["p"]
    return p


def _interval(elo: float, error: float, prompts: int) -> Rating:
    half = float(stdtrit(prompts - 1, 0.5 + CONFIDENCE / 2.0)) * error
    return Rating("interval", elo, elo - half, elo + half, error)


def _design_effect(together: Sequence[Own]) -> float:
    by_prompts = 0.0
    for own in together:
        count = len(own.rows)
        by_prompts += sum(own.beyond(prompt) ** 2 for prompt in own.rows) * count / (count - 1)
    return by_prompts / sum(float(own.held.sum()) for own in together)
