"""A whole board against frozen anchors: candidates and anchors in one order, the anchors' own error in the ranks.

An anchor's error moves every candidate that met it, by the share of the information about the candidate that comes from
that anchor. So with ``g`` those shares, ``V_A`` the anchors' covariance and ``C`` the candidates' given the anchors,

    Var(candidates) = C + g V_A g',    Cov(candidates, anchors) = g V_A,

and ranks that take the anchors as known would say too much.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from arena_write.ratings.anchoring import AnchoredRating, Anchors, rate_against
from arena_write.ratings.columns import Comparisons, FloatArray
from arena_write.ratings.ranks import rank_ranges
from arena_write.ratings.rate import board_order, rate, with_ranks
from arena_write.ratings.results import EntrantRating, Ratings


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchoredBoard:
    """Candidates and anchors together.

    Attributes:
        ratings: everybody: candidates with their intervals given the anchors, anchors as they were frozen; rank ranges
            and ``covariance`` hold the anchors' own error.
        candidates: what anchors say of each candidate beside.
    """

    ratings: Ratings
    candidates: tuple[AnchoredRating, ...]


def rate_on_anchors(
    comparisons: Comparisons, anchors: Anchors, *, confidence: float = 0.95, seed: int = 0
) -> AnchoredBoard:
    """Rate every candidate by its own battles with the anchors, and rank all together.

    Args:
        comparisons: the battles; those among candidates and among anchors are left out.
        anchors: the frozen ratings. One that is not among the names is no row.
        confidence: of the intervals and rank ranges.
        seed: of the draws behind the rank ranges.

    Raises:
        RatingError: nobody met an anchor; a confidence outside (0, 1).
    """
    candidates = rate_against(comparisons, anchors, confidence=confidence, seed=seed)
    known = {name: elo for name, elo in anchors.offsets.items() if name in comparisons.names}
    together = rate(comparisons, baselines=sorted(known), offsets=known, confidence=confidence, seed=seed)
    frozen = [_frozen(together.entrant(name), anchors, confidence) for name in sorted(known)]
    rated = [one for one in candidates if one.shares]
    rows = frozen + [one.rating for one in rated]
    covariance = _covariance(sorted(known), rated, together, anchors)
    ranks = rank_ranges(
        np.array([row.elo for row in rows]),
        covariance,
        df=[row.df or 1 for row in rows],
        confidence=confidence,
        seed=seed,
    )
    others = [one.rating for one in candidates if not one.shares]
    return AnchoredBoard(
        ratings=replace(
            together,
            entrants=tuple(sorted(with_ranks(rows, others, ranks), key=board_order)),
            critical=ranks.critical,
            names=tuple(row.name for row in rows),
            covariance=tuple(tuple(line) for line in covariance.tolist()),
        ),
        candidates=candidates,
    )


def _frozen(row: EntrantRating, anchors: Anchors, confidence: float) -> EntrantRating:
    """Return an anchor's row with the interval that it was frozen with."""
    low, high = anchors.interval(row.name, confidence=confidence)
    code = anchors.names.index(row.name)
    return replace(
        row,
        kind="interval",
        elo=anchors.elo[code],
        se=max(0.0, anchors.covariance[code][code]) ** 0.5,
        low=low,
        high=high,
        df=anchors.degrees_of_freedom(row.name),
        naive_half_width=None,
        deff=None,
        reason="",
    )


def _covariance(known: list[str], rated: list[AnchoredRating], together: Ratings, anchors: Anchors) -> FloatArray:
    """Return the covariance of anchors, then candidates, Elo squared."""
    places = [anchors.names.index(name) for name in known]
    whole = np.array(anchors.covariance)
    shares = np.array([one.shares for one in rated]).reshape(len(rated), len(anchors.names))
    crossed = shares @ whole
    own = np.array(together.covariance)
    codes = [together.names.index(one.rating.name) for one in rated]
    given = own[np.ix_(codes, codes)].reshape(len(rated), len(rated))
    # Each candidate's own variance is that of its own fit, as its interval has it.
    for number, one in enumerate(rated):
        given[number, number] = (one.rating.se or 0.0) ** 2
    upper = np.hstack([whole[np.ix_(places, places)], crossed[:, places].T])
    return np.vstack([upper, np.hstack([crossed[:, places], given + crossed @ shares.T])])
