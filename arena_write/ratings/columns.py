"""The input of a rating: columns of pairwise comparisons, checked once at the door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arena_write.ratings.blocks import blocks
from arena_write.ratings.checks import check_rows
from arena_write.ratings.errors import ColumnError
from arena_write.ratings.ordering import sorted_rows

if TYPE_CHECKING:
    import pandas

FloatArray = NDArray[np.floating[Any]]
IntArray = NDArray[np.signedinteger[Any]]
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
        plain: true where every row is one battle that was won, lost or tied. Sums over such rows are whole numbers of
            half points, exact in any order.

    Anything array-like may be passed; it is copied and made read-only, so a set of comparisons never changes. An array
    that nobody can write to (it and its base are read-only) is taken as it is: at ten million rows a copy costs as much
    as a fit. Codes stay 32 bits wide where they are, scores and weights single precision.

    Raises:
        ColumnError: at construction, naming the first bad row (counted from 0).
    """

    names: tuple[str, ...]
    first: IntArray
    second: IntArray
    score: FloatArray
    cluster: IntArray
    weight: FloatArray | None = None
    plain: bool = field(init=False)

    def __post_init__(self) -> None:
        """Check everything the fits rely on."""
        names = _checked_names(self.names)
        first = integers("first", self.first)
        columns: dict[str, NDArray[Any]] = {
            "first": first,
            "second": integers("second", self.second),
            "score": floats("score", self.score),
            "cluster": integers("cluster", self.cluster),
        }
        if self.weight is not None:
            columns["weight"] = floats("weight", self.weight)
        lengths = {label: len(column) for label, column in columns.items()}
        if len(set(lengths.values())) > 1:
            listed = ", ".join(f"{label} {length}" for label, length in lengths.items())
            raise ColumnError(f"the columns have different lengths: {listed}")
        if not len(first):
            raise ColumnError("there are no comparisons")
        object.__setattr__(self, "plain", check_rows(columns, names))
        object.__setattr__(self, "names", names)
        for label, column in columns.items():
            column.setflags(write=False)
            object.__setattr__(self, label, column)

    @classmethod
    def from_frame(
        cls,
        frame: pandas.DataFrame,
        *,
        first: str,
        second: str,
        cluster: str,
        score: str | None = None,
        winner: str | None = None,
        weight: str | None = None,
    ) -> Self:
        """Return the comparisons of a table with names in it, entrants sorted by name.

        Categorical columns are fastest: their codes are taken, nothing is hashed.

        Args:
            frame: one row per battle.
            first: column with the name of who stood first.
            second: column with the name of who stood second.
            cluster: column with the prompt, any kind of value.
            score: column with the score of the first; or
            winner: column with an outcome, one of ``frames.OUTCOMES``.
            weight: column with the number of battles a row stands for.

        Raises:
            ColumnError: a column is missing, neither or both of ``score`` and ``winner`` are given, or a row is bad:
                the message has its number, counted from 0 whatever the index says.
        """
        from arena_write.ratings.frames import cluster_column, name_codes, numbers, outcome_scores

        if not len(frame):
            raise ColumnError("the table has no rows")
        if score is not None and winner is None:
            points = numbers(frame, score)
        elif winner is not None and score is None:
            points = outcome_scores(frame, winner)
        else:
            raise ColumnError("give either the column with the score or the one with the winner")
        names, (ahead, behind) = name_codes(frame, (first, second))
        return cls(
            names=names,
            first=_locked(ahead),
            second=_locked(behind),
            score=_locked(points),
            cluster=cluster_column(frame, cluster),
            weight=None if weight is None else numbers(frame, weight),
        )

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
            first=_locked(self.first[rows]),
            second=_locked(self.second[rows]),
            score=_locked(self.score[rows]),
            cluster=_locked(self.cluster[rows]),
            weight=None if self.weight is None else _locked(self.weight[rows]),
        )

    def among(self, members: BoolArray) -> Comparisons:
        """Return the rows between entrants in the (K,) mask, with only their names left.

        Raises:
            ColumnError: fewer than two members, or none of them ever met.
        """
        if members.all():
            return self
        kept = np.flatnonzero(members)
        code = np.cumsum(members) - 1
        rows = members[self.first] & members[self.second]
        return Comparisons(
            names=tuple(self.names[member] for member in kept),
            first=_locked(code[self.first[rows]]),
            second=_locked(code[self.second[rows]]),
            score=_locked(self.score[rows]),
            cluster=_locked(self.cluster[rows]),
            weight=None if self.weight is None else _locked(self.weight[rows]),
        )

    def canonical(self) -> Comparisons:
        """Return the same facts in one fixed form, so that equal facts give equal bytes downstream.

        Names are sorted; in every row the first is the one whose name comes first (its score turned with it); rows
        are sorted by entrants, cluster, score and weight; rows of weight 0 are gone; clusters are numbered 0..G-1 in
        the order of their codes.
        """
        alive = None if self.weight is None or self.weight.all() else self.weight > 0
        data = self if alive is None else self.select(alive)
        order = sorted(range(len(data.names)), key=data.names.__getitem__)
        code = np.empty(len(order), dtype=np.int64)
        code[order] = np.arange(len(order))
        first, second = code[data.first], code[data.second]
        swap = first > second
        score = np.where(swap, 1.0 - data.score, data.score)
        low, high = np.minimum(first, second), np.maximum(first, second)
        cluster, _ = cluster_codes(data)
        weight = None if data.plain else data.weight
        low, high, cluster, score, weight = sorted_rows(low, high, cluster, score, weight, plain=data.plain)
        return Comparisons(
            names=tuple(data.names[index] for index in order),
            first=_locked(low),
            second=_locked(high),
            score=_locked(score),
            cluster=_locked(cluster),
            weight=weight,
        )


def sum_by(index: IntArray, values: FloatArray | IntArray, size: int) -> FloatArray:
    """Return (size,) the sums of (N,) ``values`` that share an ``index``, in 0..size-1."""
    return np.asarray(np.bincount(index, values, size), dtype=np.float64)


def cluster_codes(comparisons: Comparisons) -> tuple[IntArray, int]:
    """Return the (N,) cluster of each row as 0..G-1, in any integer type and perhaps the column itself, and G."""
    codes = comparisons.cluster
    lowest, highest = int(codes.min()), int(codes.max())
    span = highest - lowest + 1
    if span > 4 * len(codes) + 1024:
        found, index = np.unique(codes, return_inverse=True)
        return index, len(found)
    codes = codes - lowest if lowest else codes
    present, count = np.zeros(span, dtype=bool), 0
    for rows in blocks(len(codes)):
        present[codes[rows]] = True
        count = int(np.count_nonzero(present))
        if count == span:
            break
    return (codes, count) if count == span else ((np.cumsum(present) - 1)[codes], count)


def cluster_index(comparisons: Comparisons) -> tuple[IntArray, int]:
    """Return the (N,) cluster of each row as 0..G-1, 64 bits wide, and G."""
    codes, count = cluster_codes(comparisons)
    return codes.astype(np.int64, copy=False), count


def clusters_per_entrant(comparisons: Comparisons) -> IntArray:
    """Return (K,) the number of clusters in which each entrant has at least one row."""
    codes, count = cluster_codes(comparisons)
    size, sides = len(comparisons.names), (comparisons.first, comparisons.second)
    if count * size > 4 * len(comparisons) + (1 << 20):
        met = np.concatenate([np.unique(codes.astype(np.int64) * size + side) for side in sides])
        return np.bincount(np.unique(met) % size, minlength=size)
    present = np.zeros(count * size, dtype=bool)
    for rows in blocks(len(comparisons)):
        row = codes[rows].astype(np.int64) * size
        for side in sides:
            present[row + side[rows]] = True
    clusters: IntArray = present.reshape(count, size).sum(axis=0, dtype=np.int64)
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


def integers(label: str, values: ArrayLike) -> IntArray:
    """Return (N,) integer codes, or refuse what is none; `label` names them in the `ColumnError`."""
    column = np.atleast_1d(np.asarray(values))
    if column.ndim != 1 or (column.size and column.dtype.kind not in "iu"):
        raise ColumnError(f"{label} must be one column of integer codes, got {column.dtype} of shape {column.shape}")
    narrow = column.dtype.kind == "i" and column.dtype.itemsize <= 4
    return _kept(column, np.dtype(np.int32 if narrow else np.int64))


def floats(label: str, values: ArrayLike) -> FloatArray:
    """Return (N,) numbers, or refuse what is none; `label` names them in the `ColumnError`."""
    try:
        column = np.atleast_1d(np.asarray(values))
        column = _kept(column, np.dtype(np.float32 if column.dtype == np.float32 else np.float64))
    except (TypeError, ValueError) as error:
        raise ColumnError(f"{label} must be one column of numbers: {error}") from None
    if column.ndim != 1:
        raise ColumnError(f"{label} must be one column of numbers, got shape {column.shape}")
    return column


def _kept(column: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return the column as ``dtype`` and contiguous: itself where nobody can write to it, else a copy."""
    base = column.base
    owned = base is None or (isinstance(base, np.ndarray) and not base.flags.writeable)
    safe = owned and not column.flags.writeable and column.flags.c_contiguous
    return column.astype(dtype, order="C", copy=not safe)


def _locked(column: NDArray[Any]) -> NDArray[Any]:
    """Make a column read-only that only its maker knows, so that it need not be copied."""
    column.setflags(write=False)
    return column


def first_row(bad: NDArray[np.bool_]) -> int | None:
    """Return the first row where an (N,) mask is true, if there is one."""
    return int(np.argmax(bad)) if bad.any() else None
