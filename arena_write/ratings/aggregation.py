"""The ratings that other ways to count the two orders would give: to be compared, never to be published as ratings.

Averaging both orders is what the board does. Other rules are in use elsewhere and stretch, squeeze or shift the scale:
dropping inconsistent pairs keeps the easy ones and stretches it by some 40 %, a single fixed order adds the judge's
love of a slot. So a rating by another rule stands beside the board's, with its rule, and on an axis of its own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from arena_write.ratings.columns import BoolArray, Comparisons, FloatArray
from arena_write.ratings.errors import ColumnError, RatingError
from arena_write.ratings.orders import Orders
from arena_write.ratings.rate import rate
from arena_write.ratings.results import Ratings

Rule = Literal[
    "average of both orders",
    "disagreement is a tie",
    "inconsistent pairs dropped",
    "ties dropped",
    "candidate first",
    "baseline first",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregation:
    """What one rule makes of the pairs judged in both orders.

    Attributes:
        rule: how the two orders were counted.
        ratings: what :func:`rate` says then; ``None`` where it says nothing, see ``reason``.
        battles: rows that the rule kept.
        reason: why there are no ratings; empty where there are.
    """

    rule: Rule
    ratings: Ratings | None
    battles: int
    reason: str = ""


def compare_aggregations(
    comparisons: Comparisons,
    *,
    baselines: Sequence[str],
    offsets: Mapping[str, float] | None = None,
    texts: ArrayLike | None = None,
    confidence: float = 0.95,
) -> tuple[Aggregation, ...]:
    """Rate the pairs judged in both orders once by each rule, the board's own rule first.

    Args:
        comparisons: the battles, a row each.
        baselines: as for :func:`rate`; the two fixed orders are about candidates against them.
        offsets: as for :func:`rate`.
        texts: (N,) any integers, equal where a row compares the same two texts; ``None``: an entrant has one text per
            prompt.
        confidence: as for :func:`rate`.

    Raises:
        ColumnError: no pair was judged in both orders, or ``texts`` has another length.
    """
    kept, agree = _both_orders(comparisons, texts)
    baseline = np.array([name in set(baselines) for name in kept.names])
    candidate_first = baseline[kept.second] & ~baseline[kept.first]
    baseline_first = baseline[kept.first] & ~baseline[kept.second]
    every = np.ones(len(kept), dtype=bool)
    rules: dict[Rule, tuple[BoolArray, FloatArray]] = {
        "average of both orders": (every, kept.score),
        "disagreement is a tie": (every, np.where(agree, kept.score, 0.5)),
        "inconsistent pairs dropped": (agree, kept.score),
        "ties dropped": (kept.score != 0.5, kept.score),
        "candidate first": (~baseline_first, kept.score),
        "baseline first": (~candidate_first, kept.score),
    }
    found = []
    for rule, (rows, score) in rules.items():
        ratings, reason = None, "" if rows.any() else "the rule leaves no battle"
        try:
            if rows.any():
                counted = dataclasses.replace(kept, score=score).select(rows)
                ratings = rate(counted, baselines=baselines, offsets=offsets, confidence=confidence)
        except RatingError as error:
            reason = str(error)
        found.append(Aggregation(rule=rule, ratings=ratings, battles=int(rows.sum()), reason=reason))
    return tuple(found)


def _both_orders(comparisons: Comparisons, texts: ArrayLike | None) -> tuple[Comparisons, BoolArray]:
    """Return the rows of pairs of texts judged in both orders, and (N,) whether all their verdicts agree in kind."""
    orders = Orders.of(comparisons, texts)
    whole = orders.both()[orders.group]
    if not whole.any():
        raise ColumnError("no pair of texts was judged in both orders")
    agree = (orders.verdict_shares().min(axis=1).max(axis=1) == 1.0)[orders.group]
    return orders.facts.select(whole), agree[whole]
