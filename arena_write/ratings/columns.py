"""The input of a rating: columns of pairwise comparisons, checked once at the door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arena_write.ratings.errors import ColumnError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparisons:
    """N comparisons among K entrants, one row each.

    Attributes:
        names: the K entrants, unique.
        first: (N,) codes into ``names``: who stood first.
        second: (N,) codes into ``names``: who stood second.
        score: (N,) what the first got, in [0, 1]: 1 win, 0.5 tie, 0 loss; means of several battles are welcome.
        cluster: (N,) codes of prompts, any integers: rows of one prompt are never taken as independent.
        weight: (N,) number of battles a row stands for, 0 or more; ``None`` means 1 each. Rows of weight 0 do not
            count.

    Anything array-like may be passed; it is copied and made read-only, so a set of comparisons never changes.

    Raises:
        ColumnError: at construction, naming the first bad row (counted from 0).
    """

    names: tuple[str, ...]
    first: IntArray
    second: IntArray
    score: FloatArray
    cluster: IntArray
    weight: FloatArray | None = None

    def __post_init__(self) -> None:
        """Check everything the fits rely on."""
        names = _checked_names(self.names)
        first = _integers("first", self.first)
        columns: dict[str, NDArray[Any]] = {
            "first": first,
            "second": _integers("second", self.second),
            "score": _floats("score", self.score),
            "cluster": _integers("cluster", self.cluster),
        }
        if self.weight is not None:
            columns["weight"] = _floats("weight", self.weight)
        lengths = {label: len(column) for label, column in columns.items()}
        if len(set(lengths.values())) > 1:
            listed = ", ".join(f"{label} {length}" for label, length in lengths.items())
            raise ColumnError(f"the columns have different lengths: {listed}")
        if not len(first):
            raise ColumnError("there are no comparisons")
        _check_rows(columns, names)
        object.__setattr__(self, "names", names)
        for label, column in columns.items():
            column.setflags(write=False)
            object.__setattr__(self, label, column)

    def __len__(self) -> int:
        """Number of rows N."""
        return len(self.first)

    @property
    def weights(self) -> FloatArray:
        """(N,) the weights, 1 where none were given."""
        return np.ones(len(self)) if self.weight is None else self.weight

    def select(self, rows: BoolArray) -> Comparisons:
        """Return the rows where the (N,) mask is true, with the same names."""
        return Comparisons(
            names=self.names,
            first=self.first[rows],
            second=self.second[rows],
            score=self.score[rows],
            cluster=self.cluster[rows],
            weight=None if self.weight is None else self.weight[rows],
        )

    def among(self, members: BoolArray) -> Comparisons:
        """Return the rows between entrants in the (K,) mask, with only their names left.

        Raises:
            ColumnError: fewer than two members, or none of them ever met.
        """
        kept = np.flatnonzero(members)
        code = np.cumsum(members) - 1
        rows = members[self.first] & members[self.second]
        return Comparisons(
            names=tuple(self.names[member] for member in kept),
            first=code[self.first[rows]],
            second=code[self.second[rows]],
            score=self.score[rows],
            cluster=self.cluster[rows],
            weight=None if self.weight is None else self.weight[rows],
        )

    def canonical(self) -> Comparisons:
        """Return the same facts in one fixed form, so that equal facts give equal bytes downstream.

        Names are sorted; in every row the first is the one whose name comes first (its score turned with it); rows
        are sorted; rows of weight 0 are gone; clusters are numbered 0..G-1 in the order of their codes.
        """
        order = sorted(range(len(self.names)), key=self.names.__getitem__)
        code = np.empty(len(order), dtype=np.int64)
        code[order] = np.arange(len(order))
        alive = self.weights > 0
        first, second = code[self.first[alive]], code[self.second[alive]]
        swap = first > second
        score = np.where(swap, 1.0 - self.score[alive], self.score[alive])
        low, high = np.where(swap, second, first), np.where(swap, first, second)
        weight, cluster = self.weights[alive], np.unique(self.cluster[alive], return_inverse=True)[1]
        rows = np.lexsort((weight, score, cluster, high, low))
        return Comparisons(
            names=tuple(self.names[index] for index in order),
            first=low[rows],
            second=high[rows],
            score=score[rows],
            cluster=cluster[rows],
            weight=weight[rows],
        )


def sum_by(index: IntArray, values: FloatArray, size: int) -> FloatArray:
    """Return (size,) the sums of (N,) ``values`` that share an ``index``, in 0..size-1."""
    return np.asarray(np.bincount(index, values, size), dtype=np.float64)


def cluster_index(comparisons: Comparisons) -> tuple[IntArray, int]:
    """Return the (N,) cluster of each row as 0..G-1, and G."""
    codes, index = np.unique(comparisons.cluster, return_inverse=True)
    return index.astype(np.int64, copy=False), len(codes)


def clusters_per_entrant(comparisons: Comparisons) -> IntArray:
    """Return (K,) the number of clusters in which each entrant has at least one row."""
    index, total = cluster_index(comparisons)
    present = np.zeros((len(comparisons.names), total), dtype=bool)
    present[comparisons.first, index] = True
    present[comparisons.second, index] = True
    clusters: IntArray = present.sum(axis=1, dtype=np.int64)
    return clusters


def _checked_names(names: Sequence[str]) -> tuple[str, ...]:
    if isinstance(names, str):
        raise ColumnError("names must be a sequence of names, not one string")
    names = tuple(names)
    if len(names) < 2:
        raise ColumnError(f"a rating needs at least two names, got {len(names)}")
    seen: set[str] = set()
    for name in names:
        if not isinstance(name, str) or not name:
            raise ColumnError(f"names must be non-empty strings, got {name!r}")
        if name in seen:
            raise ColumnError(f"the name {name!r} occurs twice")
        seen.add(name)
    return names


def _integers(label: str, values: ArrayLike) -> IntArray:
    column = np.atleast_1d(np.asarray(values))
    if column.ndim != 1 or (column.size and column.dtype.kind not in "iu"):
        raise ColumnError(f"{label} must be one column of integer codes, got {column.dtype} of shape {column.shape}")
    return column.astype(np.int64)


def _floats(label: str, values: ArrayLike) -> FloatArray:
    try:
        column = np.array(values, dtype=np.float64, ndmin=1)
    except (TypeError, ValueError) as error:
        raise ColumnError(f"{label} must be one column of numbers: {error}") from None
    if column.ndim != 1:
        raise ColumnError(f"{label} must be one column of numbers, got shape {column.shape}")
    return column


def _check_rows(columns: dict[str, NDArray[Any]], names: tuple[str, ...]) -> None:
    first, second, score = columns["first"], columns["second"], columns["score"]
    for label in ("first", "second"):
        column = columns[label]
        row = _first_row((column < 0) | (column >= len(names)))
        if row is not None:
            raise ColumnError(f"row {row}: {label} is code {column[row]}, but there are {len(names)} names")
    row = _first_row(first == second)
    if row is not None:
        raise ColumnError(f"row {row}: {names[first[row]]!r} is compared with itself")
    row = _first_row(~((score >= 0) & (score <= 1)))
    if row is not None:
        raise ColumnError(f"row {row}: score {score[row]} is not in [0, 1]")
    weight = columns.get("weight")
    if weight is None:
        return
    row = _first_row(~((weight >= 0) & np.isfinite(weight)))
    if row is not None:
        raise ColumnError(f"row {row}: weight {weight[row]} is not a finite number of 0 or more")
    if not weight.any():
        raise ColumnError("every row has weight 0")


def _first_row(bad: NDArray[np.bool_]) -> int | None:
    return int(np.argmax(bad)) if bad.any() else None
