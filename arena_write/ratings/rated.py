"""The battles behind a board's ratings, for everything that looks at them once more."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from arena_write.ratings.columns import BoolArray, Comparisons
from arena_write.ratings.elo import to_theta
from arena_write.ratings.results import Ratings


def rated_rows(comparisons: Comparisons, ratings: Ratings) -> tuple[Comparisons, BoolArray]:
    """Return the rows among rated entrants, with only their names left, and (N,) which rows these are.

    Battles between two frozen entrants are no evidence, and left out as :func:`rate` leaves them out. There must be an
    estimate, that is, a ``method`` other than ``none``.
    """
    rated, frozen = (
        np.array([name in names for name in comparisons.names]) for names in (ratings.names, ratings.frozen)
    )
    first, second = comparisons.first, comparisons.second
    kept: BoolArray = rated[first] & rated[second] & ~(frozen[first] & frozen[second])
    return comparisons.select(kept).among(rated), kept


def thetas(facts: Comparisons, offsets: Mapping[str, float]) -> dict[str, float]:
    """Return the frozen strengths, natural-log units, of those who are in ``facts``."""
    return {name: to_theta(elo) for name, elo in offsets.items() if name in facts.names}
