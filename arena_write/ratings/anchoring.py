"""Frozen anchors: the baselines' strengths, judged once, so that published numbers stay where they are.

A candidate rated against frozen anchors is one strength fitted to its own battles with them, and no newcomer ever moves
it. The alternatives do not hold: with the mean of everybody at 1000, six stronger newcomers take 61 Elo from the old;
with two anchors setting shift *and* scale a newcomer's own error grows by half. Anchors are worth their numbers only
for the judge and the texts they were made with; who keeps them keeps those, too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from arena_write.ratings.bradley_terry import win_probability
from arena_write.ratings.columns import Comparisons, FloatArray, sum_by
from arena_write.ratings.elo import checked_baselines, to_theta
from arena_write.ratings.errors import RatingError
from arena_write.ratings.goodness import GoodnessOfFit, goodness_of_fit
from arena_write.ratings.length import LengthSlope, adjust_for_length, fit_length_slopes
from arena_write.ratings.quantiles import t_quantile, two_sided
from arena_write.ratings.rate import rate
from arena_write.ratings.rated import thetas
from arena_write.ratings.results import FLAT, EntrantRating, Ratings


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchors:
    """Baselines with frozen ratings; plain values, to be stored as they are.

    Attributes:
        names: the B baselines, sorted.
        elo: their ratings; mean 1000.
        covariance: B x B, Elo squared, clustered by prompt; relative to their mean.
        elo_at_equal_length: their ratings at equal length; empty where lengths were not given or give no slope.
        slopes: how length moves the judge, by language.
        goodness: whether the baselines' results are transitive.
        prompts: prompts they were judged on.
        battles: rows.
        own_prompts: on how many of these each baseline was judged, in the order of ``names``; empty where that is all.
    """

    names: tuple[str, ...]
    elo: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    elo_at_equal_length: tuple[float, ...]
    slopes: tuple[LengthSlope, ...]
    goodness: GoodnessOfFit
    prompts: int
    battles: int
    own_prompts: tuple[int, ...] = ()

    @property
    def offsets(self) -> dict[str, float]:
        """Frozen Elo by name, as :func:`rate` takes them."""
        return dict(zip(self.names, self.elo, strict=True))

    def degrees_of_freedom(self, name: str) -> int:
        """Return those of an anchor's interval: the prompts that it was judged on, minus 1.

        Raises:
            ValueError: there is no such anchor.
        """
        code = self.names.index(name)
        return (self.own_prompts[code] if self.own_prompts else self.prompts) - 1

    def interval(self, name: str, *, confidence: float = 0.95) -> tuple[float, float]:
        """Return the interval of one anchor, Elo: how sure the baselines' battles were of it.

        Raises:
            ValueError: there is no such anchor.
            RatingError: a confidence outside (0, 1).
        """
        code = self.names.index(name)
        error = math.sqrt(max(0.0, self.covariance[code][code]))
        half = t_quantile(two_sided(confidence), self.degrees_of_freedom(name)) * error
        return self.elo[code] - half, self.elo[code] + half

    @property
    def offsets_at_equal_length(self) -> dict[str, float]:
        """Frozen Elo at equal length by name, as :func:`adjust_for_length` takes them."""
        return dict(zip(self.names, self.elo_at_equal_length, strict=True)) if self.elo_at_equal_length else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchoredRating:
    """A candidate against frozen anchors.

    Attributes:
        rating: with its interval given the anchors, from its own battles with them alone.
        se_with_anchors: standard error with the anchors' own uncertainty, Elo; ``None`` without an interval.
        low_with_anchors: lower end of that interval.
        high_with_anchors: upper end.
        goodness: whether its results against the anchors are those of one strength; ``None`` without an interval.
        shares: by anchor, the share of the information about the candidate that comes from its battles with it: how far
            an error of that anchor moves the rating. Empty without an interval.
    """

    rating: EntrantRating
    se_with_anchors: float | None = None
    low_with_anchors: float | None = None
    high_with_anchors: float | None = None
    goodness: GoodnessOfFit | None = None
    shares: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A joint fit for a release, on the scale of the anchors' mean, and how far it moved them.

    Attributes:
        ratings: the joint fit; baselines' mean 1000, never rescaled.
        moved: each anchor's new rating less the frozen one, Elo, in the order of the anchors.
        rms: root mean square of these moves; more than an anchor's own error asks for new anchors.
    """

    ratings: Ratings
    moved: tuple[float, ...]
    rms: float


def make_anchors(
    comparisons: Comparisons,
    *,
    baselines: Sequence[str],
    difference: ArrayLike | None = None,
    language: Sequence[str] | None = None,
) -> Anchors:
    """Freeze the baselines' ratings from the battles among them.

    Args:
        comparisons: battles; those with anybody but baselines are left out.
        baselines: at least two.
        difference: (N,) relative length difference of each row, first minus second; for length slopes.
        language: (N,) language of each row's prompt; goes with ``difference``.

    Raises:
        RatingError: a baseline has no two-sided rating or is named twice, every prompt gave the same result, and
            anything that :func:`rate` or :func:`fit_length_slopes` raises.
    """
    names = tuple(checked_baselines(comparisons.names, baselines, {}))
    if len(names) < 2:
        raise RatingError("anchors are two baselines or more")
    anchor = np.array([name in names for name in comparisons.names])
    facts = comparisons.among(anchor)
    ratings = rate(facts, baselines=names)
    for name in names:
        if ratings.entrant(name).reason == FLAT:
            raise RatingError(f"the rating of {name!r} has no width: {FLAT}")
    slopes: tuple[LengthSlope, ...] = ()
    level: dict[str, float | None] = {}
    if difference is not None and language is not None:
        slopes = fit_length_slopes(comparisons, difference, language=language, baselines=names)
        if all(slope.gamma is not None for slope in slopes):
            rows = anchor[comparisons.first] & anchor[comparisons.second]
            adjusted = adjust_for_length(
                facts,
                np.asarray(difference)[rows],
                language=np.asarray(language)[rows].tolist(),
                slopes=slopes,
                baselines=names,
            )
            level = {row.name: row.elo for row in adjusted}
    own = tuple((ratings.entrant(name).df or 0) + 1 for name in names)
    return Anchors(
        names=names,
        elo=tuple(ratings.entrant(name).elo or 0.0 for name in names),
        covariance=ratings.covariance,
        elo_at_equal_length=tuple(level[name] or 0.0 for name in names) if level else (),
        slopes=slopes,
        goodness=goodness_of_fit(facts),
        prompts=ratings.clusters,
        battles=ratings.battles,
        own_prompts=own if min(own) < ratings.clusters else (),
    )


def rate_against(
    comparisons: Comparisons, anchors: Anchors, *, confidence: float = 0.95, seed: int = 0
) -> tuple[AnchoredRating, ...]:
    """Rate every candidate by its own battles with the anchors, in the order of a board.

    Battles between candidates are left out: with them, a newcomer would move the others. Rank ranges are among
    candidates and take the anchors as they stand; :func:`rate_on_anchors` ranks all of them, with the anchors' error.

    Args:
        comparisons: the battles.
        anchors: the frozen ratings.
        confidence: of the intervals and rank ranges.
        seed: of the draws behind the rank ranges.

    Raises:
        RatingError: nobody met an anchor; a confidence outside (0, 1).
    """
    upper = two_sided(confidence)
    anchor = np.array([name in anchors.names for name in comparisons.names])
    crossing = anchor[comparisons.first] != anchor[comparisons.second]
    if not (crossing & (comparisons.weights > 0)).any():
        raise RatingError("no candidate met an anchor")
    facts = comparisons.select(crossing)
    known = {name: elo for name, elo in anchors.offsets.items() if name in facts.names}
    together = rate(facts, baselines=sorted(known), offsets=known, confidence=confidence, seed=seed)
    found = []
    for row in together.entrants:
        if row.name in known:
            continue
        if row.kind == "unrated":
            found.append(AnchoredRating(rating=row))
            continue
        mine = _own_battles(facts, row.name)
        offsets = {name: elo for name, elo in known.items() if name in mine.names}
        alone = rate(mine, baselines=sorted(offsets), offsets=offsets, confidence=confidence).entrant(row.name)
        rating = replace(alone, best_rank=row.best_rank, worst_rank=row.worst_rank)
        if rating.elo is None or rating.se is None or rating.df is None or rating.reason:
            found.append(AnchoredRating(rating=rating))
            continue
        shares = _shares(mine, row.name, rating.elo, anchors)
        se = math.sqrt(rating.se**2 + float(shares @ np.array(anchors.covariance) @ shares))
        half = t_quantile(upper, rating.df) * se
        found.append(
            AnchoredRating(
                rating=rating,
                se_with_anchors=se,
                low_with_anchors=rating.elo - half,
                high_with_anchors=rating.elo + half,
                goodness=goodness_of_fit(mine, offsets=thetas(mine, offsets)),
                shares=tuple(shares.tolist()),
            )
        )
    return tuple(found)


def release(comparisons: Comparisons, anchors: Anchors, *, confidence: float = 0.95, seed: int = 0) -> Release:
    """Rate everybody jointly, shifted so that the anchors' mean is 1000, and say how far the anchors moved.

    Raises:
        RatingError: anything that :func:`rate` raises.
    """
    ratings = rate(comparisons, baselines=anchors.names, confidence=confidence, seed=seed)
    new = [ratings.entrant(name).elo for name in anchors.names]
    moved = tuple(there - here for there, here in zip(new, anchors.elo, strict=True) if there is not None)
    return Release(ratings=ratings, moved=moved, rms=math.sqrt(sum(step**2 for step in moved) / len(moved)))


def _own_battles(facts: Comparisons, name: str) -> Comparisons:
    """Return one candidate's rows, with only itself and the anchors it met left as names."""
    code = facts.names.index(name)
    rows = facts.select(((facts.first == code) | (facts.second == code)) & (facts.weights > 0))
    met = np.zeros(len(facts.names), dtype=bool)
    met[rows.first] = met[rows.second] = True
    return rows.among(met)


def _shares(mine: Comparisons, name: str, elo: float, anchors: Anchors) -> FloatArray:
    """(B,) ``g``, each anchor's share of the information about the candidate: the delta method of its rating."""
    strength = {**anchors.offsets, name: elo}
    theta = np.array([to_theta(strength[other]) for other in mine.names])
    gap = theta[mine.first] - theta[mine.second]
    held = mine.weights * win_probability(gap) * win_probability(-gap)
    opponent = np.where(mine.first == mine.names.index(name), mine.second, mine.first)
    share = sum_by(opponent, held, len(mine.names)) / held.sum()
    return np.array([share[mine.names.index(other)] if other in mine.names else 0.0 for other in anchors.names])
