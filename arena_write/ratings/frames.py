"""A table of named battles as columns of codes, whatever its columns are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from arena_write.ratings.blocks import blocks
from arena_write.ratings.columns import BoolArray, FloatArray, IntArray, first_row
from arena_write.ratings.errors import ColumnError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas

OUTCOMES = {
    "A>>B": 1.0,
    "A>B": 1.0,
    "A=B": 0.5,
    "B>A": 0.0,
    "B>>A": 0.0,
    "model_a": 1.0,
    "model_b": 0.0,
    "tie": 0.5,
    "tie (bothbad)": 0.5,
    "both_bad": 0.5,
}
"""Score of the first by outcome label: the verdicts of a judge, and the labels of the Chatbot Arena data sets."""


def name_codes(frame: pandas.DataFrame, labels: Sequence[str]) -> tuple[tuple[str, ...], list[IntArray]]:
    """Return the names that occur in some columns, sorted, and the (N,) codes of each column into them.

    Raises:
        ColumnError: there is no such column, or a row holds no name.
    """
    encoded = [_encoded(frame, label) for label in labels]
    for label, (codes, values) in zip(labels, encoded, strict=True):
        for code, value in enumerate(values):
            if not isinstance(value, str) or not value:
                raise ColumnError(f"row {int(np.argmax(codes == code))}: {label} is {value!r}, which is no name")
    names = sorted({value for _, values in encoded for value in values})
    code_of = {name: code for code, name in enumerate(names)}
    tables = [np.array([code_of[value] for value in values], dtype=np.int32) for _, values in encoded]
    return tuple(names), [_looked_up(table, codes) for table, (codes, _) in zip(tables, encoded, strict=True)]


def outcome_scores(frame: pandas.DataFrame, label: str) -> FloatArray:
    """Return (N,) scores of the first by an outcome column.

    Raises:
        ColumnError: there is no such column, or a row holds another label than those of ``OUTCOMES``.
    """
    codes, values = _encoded(frame, label)
    for code, value in enumerate(values):
        if value not in OUTCOMES:
            raise ColumnError(
                f"row {int(np.argmax(codes == code))}: {label} is {value!r}; known outcomes are {', '.join(OUTCOMES)}"
            )
    return _looked_up(np.array([OUTCOMES[value] for value in values]), codes)


def cluster_column(frame: pandas.DataFrame, label: str) -> IntArray:
    """Return (N,) codes of prompts: the column itself where it holds integers, else numbers in sorted order.

    Raises:
        ColumnError: there is no such column, or a row holds nothing.
    """
    series = _column(frame, label)
    if series.dtype.kind in "iu" and not series.hasnans:
        return np.asarray(series.to_numpy())
    codes, values = _encoded(frame, label)
    order = sorted(range(len(values)), key=lambda code: (type(values[code]).__name__, values[code]))
    rank = np.empty(len(values), dtype=np.int64)
    rank[order] = np.arange(len(values))
    return _looked_up(rank, codes)


def numbers(frame: pandas.DataFrame, label: str) -> FloatArray:
    """Return a column of numbers, NaN where a row holds nothing.

    Raises:
        ColumnError: there is no such column, or it holds something else.
    """
    try:
        return np.asarray(_column(frame, label).to_numpy(dtype=np.float64, na_value=np.nan))
    except (TypeError, ValueError) as error:
        raise ColumnError(f"{label} must be a column of numbers: {error}") from None


def _column(frame: pandas.DataFrame, label: str) -> pandas.Series:
    found = list(frame.columns).count(label)
    if found != 1:
        listed = ", ".join(map(repr, frame.columns))
        raise ColumnError(f"the table has {found or 'no'} columns {label!r}; its columns are {listed}")
    return frame[label]


def _encoded(frame: pandas.DataFrame, label: str) -> tuple[IntArray, list[Any]]:
    """Return (N,) codes of a column's values, and those values: only such as occur.

    A categorical column holds its codes already. Everything else is hashed by pandas, once a row.
    """
    series = _column(frame, label)
    if series.dtype == "category":
        codes, values = series.cat.codes.to_numpy(), series.cat.categories.to_numpy(dtype=object)
    else:
        try:
            codes, values = series.array.factorize()
        except TypeError as error:
            raise ColumnError(f"{label} holds values of no use as labels: {error}") from None
        values = np.asarray(values, dtype=object)
    if codes.min() < 0:
        raise ColumnError(f"row {first_row(codes < 0)}: {label} holds nothing")
    if series.dtype == "category":
        used = _used(codes, len(values))
        if not used.all():
            codes, values = (np.cumsum(used) - 1)[codes], values[used]
    return codes, values.tolist()


def _used(codes: IntArray, size: int) -> BoolArray:
    """Return (size,) true for the codes that occur."""
    used = np.zeros(size, dtype=bool)
    for rows in blocks(len(codes)):
        used[codes[rows]] = True
        if used.all():
            break
    return used


def _looked_up(table: NDArray[Any], codes: IntArray) -> NDArray[Any]:
    """Return ``table[codes]``, in parts: codes of any width then need no copy of 64 bits."""
    found = np.empty(len(codes), dtype=table.dtype)
    for rows in blocks(len(codes)):
        found[rows] = table[codes[rows]]
    return found
