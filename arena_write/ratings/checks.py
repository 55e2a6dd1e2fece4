"""Are these columns battles? One look at every row, a refusal that names the first bad one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arena_write.ratings.blocks import blocks
from arena_write.ratings.errors import ColumnError


def check_rows(columns: Mapping[str, NDArray[Any]], names: Sequence[str]) -> bool:
    """Tell whether every row is one battle won, lost or tied.

    Args:
        columns: (N,) each: ``first``, ``second`` and ``score``, perhaps ``weight``.
        names: the K entrants.

    Raises:
        ColumnError: at the first bad row, or where every row has weight 0.
    """
    size, plain = len(names), True
    first, second, score, weight = (columns.get(label) for label in ("first", "second", "score", "weight"))
    assert first is not None and second is not None and score is not None
    for rows in blocks(len(first)):
        a, b, points = first[rows], second[rows], score[rows]
        fine = a.min() >= 0 and a.max() < size and b.min() >= 0 and b.max() < size and not (a == b).any()
        # A NaN compares as false.
        fine = fine and points.min() >= 0 and points.max() <= 1
        if not fine:
            raise _refusal(columns, names, rows)
        if plain:
            doubled = points + points
            plain = bool((doubled == np.rint(doubled)).all())
        if weight is None:
            continue
        times = weight[rows]
        if not (times.min() >= 0 and times.max() < np.inf):
            raise _refusal(columns, names, rows)
        plain = plain and bool((times == 1).all())
    if weight is not None and not weight.any():
        raise ColumnError("every row has weight 0")
    return plain


def _refusal(columns: Mapping[str, NDArray[Any]], names: Sequence[str], rows: slice) -> ColumnError:
    """Say which of some rows, at least one of which is bad, is the first bad one, and why."""
    for row in range(rows.start, rows.stop):
        first, second, score = (columns[label][row] for label in ("first", "second", "score"))
        for label, code in (("first", first), ("second", second)):
            if not 0 <= code < len(names):
                return ColumnError(f"row {row}: {label} is code {code}, but there are {len(names)} names")
        if first == second:
            return ColumnError(f"row {row}: {names[first]!r} is compared with itself")
        if not 0 <= score <= 1:
            return ColumnError(f"row {row}: score {score} is not in [0, 1]")
        weight = columns["weight"][row] if "weight" in columns else 1.0
        if not 0 <= weight < np.inf:
            return ColumnError(f"row {row}: weight {weight} is not a finite number of 0 or more")
    raise AssertionError("unreachable: one of the rows is bad")
