"""Two questions, two errors: would other prompts agree, and would the judge agree with itself on the same texts?

The interval of a board is about the first: prompts like these, new answers, new verdicts. The second takes the texts as
given and asks about the judge alone. Its noise shows where one pair of texts was judged more than once, in both orders
or again: the spread of those verdicts around their mean, less the judge's constant love of a slot. It is the smaller
error by far, and the wrong one for saying which model writes better.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from arena_write.ratings.bradley_terry import fit, generalised_inverse
from arena_write.ratings.columns import Comparisons, FloatArray, sum_by
from arena_write.ratings.elo import to_elo
from arena_write.ratings.errors import ColumnError
from arena_write.ratings.orders import Orders
from arena_write.ratings.quantiles import t_quantile, two_sided
from arena_write.ratings.rate import rate
from arena_write.ratings.rated import rated_rows, thetas

NEW_PROMPTS = "prompts like these, with new answers and new verdicts"
SAME_TEXTS = "the same texts, judged again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimand:
    """A rating's error with respect to one question, in Elo.

    Attributes:
        about: what is thought to be repeated.
        se: standard error.
        low: lower end of the interval.
        high: upper end.
        df: its degrees of freedom.
    """

    about: str
    se: float
    low: float
    high: float
    df: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoErrors:
    """One rated entrant and its two errors.

    Attributes:
        name: the entrant.
        elo: its rating.
        new_prompts: the error of the board; ``None`` where every prompt gave the same result, which says nothing of
            the next.
        same_texts: the error by the judge alone; ``None`` where no pair of texts was judged twice.
    """

    name: str
    elo: float
    new_prompts: Estimand | None
    same_texts: Estimand | None


def both_errors(
    comparisons: Comparisons,
    *,
    baselines: Sequence[str],
    offsets: Mapping[str, float] | None = None,
    texts: ArrayLike | None = None,
    confidence: float = 0.95,
) -> tuple[TwoErrors, ...]:
    """Give each rated entrant both errors; in the order of the ratings, frozen ones left out.

    Args:
        comparisons: the battles, a row each.
        baselines: as for :func:`rate`.
        offsets: as for :func:`rate`.
        texts: (N,) any integers, equal where a row compares the same two texts; ``None``: an entrant has one text per
            prompt.
        confidence: of the intervals.

    Raises:
        ColumnError: ``texts`` has another length than the comparisons.
        RatingError: anything that :func:`rate` raises.
    """
    upper = two_sided(confidence)
    codes = np.zeros(len(comparisons), dtype=np.int64) if texts is None else np.asarray(texts)
    if codes.shape != (len(comparisons),):
        raise ColumnError(f"texts has shape {codes.shape}, the comparisons have {len(comparisons)} rows")
    frozen = dict(offsets or {})
    ratings = rate(comparisons, baselines=baselines, offsets=frozen, confidence=confidence)
    if ratings.method == "none":
        return ()
    facts, inside = rated_rows(comparisons, ratings)
    fitted = fit(facts, offsets=thetas(facts, frozen))
    noise = _noise(Orders.of(facts, codes[inside]), len(facts.names))
    judged = None
    if noise is not None:
        meat, df = noise
        bread = generalised_inverse(fitted.hessian, fitted.free)
        anchors = None if frozen else [facts.names.index(name) for name in baselines]
        judged = np.diag(to_elo(fitted.theta, bread @ meat @ bread, baselines=anchors)[1])
    found = []
    for row in ratings.entrants:
        if row.name in frozen or row.elo is None or row.se is None or row.df is None:
            continue
        again = None
        if judged is not None:
            se = math.sqrt(max(0.0, float(judged[facts.names.index(row.name)])))
            half = t_quantile(upper, df) * se
            again = Estimand(about=SAME_TEXTS, se=se, low=row.elo - half, high=row.elo + half, df=df)
        new = None
        if row.low is not None and row.high is not None:
            new = Estimand(about=NEW_PROMPTS, se=row.se, low=row.low, high=row.high, df=row.df)
        found.append(TwoErrors(name=row.name, elo=row.elo, new_prompts=new, same_texts=again))
    return tuple(found)


def _noise(orders: Orders, size: int) -> tuple[FloatArray, int] | None:
    """Return (K, K) the variance of the score by the judge's noise alone, and its degrees of freedom.

    Pairs of texts judged once take the mean variance of the others. ``None`` where all were.
    """
    residual, groups = orders.residuals(), orders.groups
    count = np.bincount(orders.group, minlength=groups)
    mean = sum_by(orders.group, residual, groups) / count
    squares = sum_by(orders.group, (residual - mean[orders.group]) ** 2, groups)
    df = int((count - 1).sum())
    if not df:
        return None
    own = np.where(count > 1, squares / np.maximum(count - 1, 1), squares.sum() / df)
    variance = own[orders.group]
    meat = sum_by(orders.facts.first * size + orders.facts.second, variance, size * size).reshape(size, size)
    meat = -(meat + meat.T)
    np.fill_diagonal(meat, -meat.sum(axis=1))
    return meat, df
