"""Do judges agree, with each other or with people: Krippendorff's alpha, with an interval by prompt.

``alpha = 1 - observed / expected disagreement`` (Krippendorff 2018) takes any number of judges, gaps, and nominal or
ordered labels; 1 is agreement, 0 what chance would give. It is evalica's; the interval draws prompts again, because
labels on one prompt hang together. High agreement on lopsided labels still has a low alpha, so raw agreement and the
labels' shares stand beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from arena_write.ratings.columns import FloatArray, IntArray, first_row, floats, integers
from arena_write.ratings.errors import ColumnError
from arena_write.ratings.quantiles import two_sided
from arena_write.ratings.scores import numbered

Scale = Literal["nominal", "ordinal", "interval", "ratio"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far judges agree; ``None`` where the labels cannot say.

    Attributes:
        alpha: Krippendorff's.
        low: lower percentile over draws of prompts.
        high: upper percentile.
        raw: share of pairs of labels on one unit that are the same, in [0, 1], units counting alike.
        kappa: Cohen's, where there are exactly two judges: on the units that both labelled.
        shares: each label and its share of all labels on units with two labels or more, by label.
        judges: who labelled.
        units: units with two labels or more; others do not count.
        prompts: their prompts.
        draws: draws of prompts behind the interval; those with one label only are left out.
        reason: what could not be said and why; empty where all is said.
    """

    alpha: float | None = None
    low: float | None = None
    high: float | None = None
    raw: float | None = None
    kappa: float | None = None
    shares: tuple[tuple[float, float], ...] = ()
    judges: int = 0
    units: int = 0
    prompts: int = 0
    draws: int = 0
    reason: str = ""


def agreement(
    *,
    judge: ArrayLike,
    unit: ArrayLike,
    prompt: ArrayLike,
    label: ArrayLike,
    scale: Scale = "nominal",
    confidence: float = 0.95,
    draws: int = 500,
    seed: int = 0,
) -> Agreement:
    """Measure agreement of N labels, one row each.

    Args:
        judge: (N,) who labelled, any integers.
        unit: (N,) what was labelled, any integers: for verdicts a pair of texts in one order.
        prompt: (N,) the unit's prompt, any integers.
        label: (N,) finite numbers, such as -1, 0, 1 for loss, tie, win of the first.
        scale: how far apart two labels are. ``nominal``: the same or not.
        confidence: of the interval.
        draws: of prompts.
        seed: of the draws.

    Raises:
        ColumnError: columns of different lengths or none, a label that is not finite, a unit of two prompts, or a unit
            labelled twice by one judge.
        RatingError: a confidence outside (0, 1).
    """
    upper = two_sided(confidence)
    table, prompts = _table(
        integers("judge", judge), integers("unit", unit), integers("prompt", prompt), floats("label", label)
    )
    paired = (~np.isnan(table)).sum(axis=0) > 1
    found = Agreement(judges=len(table), units=int(paired.sum()), prompts=len(np.unique(prompts[paired])), draws=0)
    if not paired.any():
        return replace(found, reason="no unit was labelled by two judges")
    table, prompts = table[:, paired], prompts[paired]
    values, counts = np.unique(table[~np.isnan(table)], return_counts=True)
    shares = tuple(zip(values.tolist(), (counts / counts.sum()).tolist(), strict=True))
    found = replace(found, shares=shares, raw=_raw(table, values), kappa=_kappa(table, values))
    if len(values) == 1:
        return replace(found, reason="there is one label only, so chance agrees as well as anybody")
    found = replace(found, alpha=_alpha(table, scale))
    if found.prompts < 2:
        return replace(found, reason="there is one prompt only: nothing says how much prompts vary")
    index, size = numbered(prompts)
    members = [np.flatnonzero(index == code) for code in range(size)]
    rng, drawn = np.random.default_rng(seed), []
    for _ in range(draws):
        units = np.concatenate([members[code] for code in rng.integers(0, size, size)])
        value = _alpha(table[:, units], scale)
        if value is not None:
            drawn.append(value)
    if not drawn:
        return replace(found, reason="every draw of prompts has one label only")
    low, high = np.quantile(drawn, [1.0 - upper, upper])
    return replace(found, low=float(low), high=float(high), draws=len(drawn))


def _table(judge: IntArray, unit: IntArray, prompt: IntArray, label: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return (judges, units) labels, NaN where there is none, and (units,) prompts; both in the order of codes."""
    lengths = {"judge": len(judge), "unit": len(unit), "prompt": len(prompt), "label": len(label)}
    if len(set(lengths.values())) > 1:
        raise ColumnError(f"the columns have different lengths: {', '.join(f'{k} {v}' for k, v in lengths.items())}")
    if not len(label):
        raise ColumnError("there are no labels")
    row = first_row(~np.isfinite(label))
    if row is not None:
        raise ColumnError(f"row {row}: label {label[row]} is not a finite number")
    judges, units = np.unique(judge, return_inverse=True)[1], np.unique(unit, return_inverse=True)[1]
    prompts = prompt[np.unique(unit, return_index=True)[1]]
    row = first_row(prompts[units] != prompt)
    if row is not None:
        raise ColumnError(f"row {row}: unit {unit[row]} belongs to prompt {prompts[units[row]]} in an earlier row")
    table = np.full((int(judges.max()) + 1, len(prompts)), np.nan)
    cell = judges * len(prompts) + units
    again = np.ones(len(cell), dtype=bool)
    again[np.unique(cell, return_index=True)[1]] = False
    row = first_row(again)
    if row is not None:
        raise ColumnError(f"row {row}: judge {judge[row]} labelled unit {unit[row]} before")
    table.ravel()[cell] = label
    return table, prompts


def _alpha(table: FloatArray, scale: Scale) -> float | None:
    """Return alpha of (judges, units) labels; ``None`` where they are all the same."""
    import evalica
    import pandas as pd

    if np.nanmin(table) == np.nanmax(table):
        return None
    return float(evalica.alpha(pd.DataFrame(table), distance=scale).alpha)


def _raw(table: FloatArray, values: FloatArray) -> float:
    """Return the mean over units of the share of equal pairs of labels."""
    counts = np.stack([(table == value).sum(axis=0) for value in values])
    total = counts.sum(axis=0)
    return float(np.mean((counts * (counts - 1)).sum(axis=0) / (total * (total - 1))))


def _kappa(table: FloatArray, values: FloatArray) -> float | None:
    """Return Cohen's kappa (1960) of two judges who labelled every unit; ``None`` for more, or without variety."""
    if len(table) != 2:
        return None
    shares = np.stack([(table == value).mean(axis=1) for value in values])
    chance = float(shares[:, 0] @ shares[:, 1])
    return (float(np.mean(table[0] == table[1])) - chance) / (1.0 - chance) if chance < 1.0 else None
