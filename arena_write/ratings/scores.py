"""The input of rubric statistics: columns of scores on one scale, from 1 to 10 here, checked once at the door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from arena_write.ratings.columns import BoolArray, FloatArray, IntArray, first_row, floats, integers, sum_by
from arena_write.ratings.errors import ColumnError


@dataclass(frozen=True, slots=True)
class ScoreScale:
    """What a score can be. Scores on different scales are never averaged together.

    Attributes:
        lowest: lowest score; an interval of a mean is cut there.
        highest: highest score, likewise.
        step: distance of one score to the next.
        saturated: score from which on an answer counts as at the top.
    """

    lowest: float
    highest: float
    step: float
    saturated: float

    def holds(self, value: float) -> bool:
        """Say whether this is one of the scale's scores."""
        return self.lowest <= value <= self.highest and ((value - self.lowest) / self.step).is_integer()


TEN = ScoreScale(1.0, 10.0, 1.0, 9.0)
"""Our own scores, and WritingBench's."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """N judgements of answers by K entrants, one row each: one criterion, one answer, one score.

    Attributes:
        names: the K entrants, unique.
        entrant: (N,) codes into ``names``: whose answer was judged.
        query: (N,) codes of queries, any integers: judgements on one query are never taken as independent.
        criterion: (N,) codes of criteria, any integers. The same code on two queries may mean two things.
        sample: (N,) which of the entrant's answers to that query, any integers. Rows that agree in all four are
            repeats: the same answer judged again.
        score: (N,) in [lowest, highest] of the scale.
        scale: what a score can be.

    Anything array-like may be passed; it is copied and made read-only, so a set of scores never changes.

    Raises:
        ColumnError: at construction, naming the first bad row (counted from 0).
    """

    names: tuple[str, ...]
    entrant: IntArray
    query: IntArray
    criterion: IntArray
    sample: IntArray
    score: FloatArray
    scale: ScoreScale = TEN

    def __post_init__(self) -> None:
        """Check everything the statistics rely on."""
        names = _unique(self.names)
        codes = {label: integers(label, getattr(self, label)) for label in ("entrant", "query", "criterion", "sample")}
        score = floats("score", self.score)
        lengths = {label: len(column) for label, column in codes.items()} | {"score": len(score)}
        if len(set(lengths.values())) > 1:
            listed = ", ".join(f"{label} {length}" for label, length in lengths.items())
            raise ColumnError(f"the columns have different lengths: {listed}")
        if not len(score):
            raise ColumnError("there are no scores")
        entrant = codes["entrant"]
        row = first_row((entrant < 0) | (entrant >= len(names)))
        if row is not None:
            raise ColumnError(f"row {row}: entrant is code {entrant[row]}, but there are {len(names)} names")
        scale = self.scale
        row = first_row(~((score >= scale.lowest) & (score <= scale.highest)))
        if row is not None:
            raise ColumnError(f"row {row}: score {score[row]} is not in [{scale.lowest:g}, {scale.highest:g}]")
        object.__setattr__(self, "names", names)
        for label, column in (codes | {"score": score}).items():
            column.setflags(write=False)
            object.__setattr__(self, label, column)

    def __len__(self) -> int:
        """Number of rows N."""
        return len(self.score)

    def select(self, rows: BoolArray) -> Scores:
        """Return the rows where the (N,) mask is true, with the same names.

        Raises:
            ColumnError: no row is left.
        """
        return self._taken(np.flatnonzero(rows), self.names, self.entrant)

    def canonical(self) -> Scores:
        """Return the same facts in one fixed order: names sorted, rows sorted; equal facts give equal bytes."""
        order = sorted(range(len(self.names)), key=self.names.__getitem__)
        code = np.empty(len(order), dtype=np.int64)
        code[order] = np.arange(len(order))
        entrant = code[self.entrant]
        rows = np.lexsort((self.score, self.sample, self.criterion, self.query, entrant))
        return self._taken(rows, tuple(self.names[index] for index in order), entrant)

    def _taken(self, rows: IntArray, names: tuple[str, ...], entrant: IntArray) -> Scores:
        return Scores(
            names=names,
            entrant=entrant[rows],
            query=self.query[rows],
            criterion=self.criterion[rows],
            sample=self.sample[rows],
            score=self.score[rows],
            scale=self.scale,
        )


def numbered(*columns: IntArray) -> tuple[IntArray, int]:
    """Return (N,) 0..M-1, the same number where all (N,) ``columns`` agree, in their order; and M."""
    index, size = _ranked(columns[0])
    for column in columns[1:]:
        codes, count = _ranked(column)
        index, size = _ranked(index * count + codes)
    return index, size


def _ranked(codes: IntArray) -> tuple[IntArray, int]:
    """Return each code's place among the distinct ones, and their number; by a table where codes lie close."""
    lowest = int(codes.min())
    span = int(codes.max()) - lowest + 1
    if span > 4 * len(codes) + 1024:
        found, index = np.unique(codes, return_inverse=True)
        return index.astype(np.int64, copy=False), len(found)
    codes = codes.astype(np.int64, copy=False) - lowest
    present = np.zeros(span, dtype=bool)
    present[codes] = True
    place = np.cumsum(present) - 1
    return place[codes], int(place[-1]) + 1


def means_by(index: IntArray, values: FloatArray, size: int) -> FloatArray:
    """Return (size,) the means of (N,) ``values`` that share an ``index``; every index occurs."""
    return sum_by(index, values, size) / np.bincount(index, minlength=size)


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    if isinstance(names, str):
        raise ColumnError("names must be a sequence of names, not one string")
    names = tuple(names)
    for name in names:
        if not isinstance(name, str) or not name:
            raise ColumnError(f"names must be non-empty strings, got {name!r}")
        if names.count(name) > 1:
            raise ColumnError(f"the name {name!r} occurs twice")
    return names
