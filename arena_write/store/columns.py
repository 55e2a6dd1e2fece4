"""Battle rows as columns: what fits read.

Every row passes the strict reader, and none is kept as an object. Of several rows of one key the board uses one: the
first valid row, by time. Keys are sorted, so the same rows in any order, and any of them twice, give the same columns.

Not read by pyarrow, which is little faster (200,000 rows in 1.4 s, this way in 2.0 s) and lets pass what the strict
reader refuses: missing and extra fields, two rows on a line, broken UTF-8, rows longer than its blocks.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from sys import intern
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from arena_write.store.errors import ConflictError
from arena_write.store.records import BattleRecord
from arena_write.store.rows import RowFile
from judges import Verdict

MAX_ATTEMPTS = 3
"""A key is settled by one valid row, or by this many invalid attempts."""


@dataclass(frozen=True)
class BattleColumns:
    """The settled state of each judged key, one entry a key, sorted by key.

    Args:
        key: Keys of battles.
        prompt: Text ids of the prompts.
        first: Text ids of the texts shown first.
        second: Text ids of the texts shown second.
        repeat: Which repeat.
        score: Score of the first text (1, 0.5, 0); NaN where no attempt was valid.
        verdict: Label of the valid attempt; empty where none was valid.
        attempts: Number of attempts made; a row that is there twice is one attempt.
        served_models: Names under which the judge's server answered.
    """

    key: npt.NDArray[np.object_]
    prompt: npt.NDArray[np.object_]
    first: npt.NDArray[np.object_]
    second: npt.NDArray[np.object_]
    repeat: npt.NDArray[np.int64]
    score: npt.NDArray[np.float64]
    verdict: npt.NDArray[np.object_]
    attempts: npt.NDArray[np.int64]
    served_models: frozenset[str] = frozenset()

    def __len__(self) -> int:
        """Return the number of keys."""
        return len(self.key)

    @cached_property
    def index(self) -> dict[tuple[str, str, str, int], int]:
        """Where each (prompt, first, second, repeat) stands; made once."""
        parts = zip(self.prompt, self.first, self.second, self.repeat, strict=True)
        return {key: position for position, key in enumerate(parts)}


class _Attempt(NamedTuple):
    """What counts of a row, in the order by which one of several is chosen: valid ones first, then the earliest."""

    invalid: bool
    at: str
    verdict: str
    run: str
    attempt: int
    prompt: str
    first: str
    second: str
    repeat: int


def read_battles(file: RowFile[BattleRecord], *, judge: str) -> BattleColumns:
    """Read the battles of one judge.

    Raises:
        RowError: A complete line is not a valid row; names file, line and field.
        ConflictError: A row was made by another judge.
    """
    chosen: dict[str, _Attempt] = {}
    repeated: dict[str, set[_Attempt]] = defaultdict(set)
    served: set[str | None] = {None}
    for number, row in enumerate(file.read(), start=1):
        if row.judge != judge:
            raise ConflictError(
                f"{file.path}:{number}: this row was judged by {row.judge}, but this is the folder of judge {judge}. "
                "Move the row to its own judge's folder."
            )
        served.add(row.served_model)
        texts = intern(row.prompt), intern(row.first), intern(row.second)
        attempt = _Attempt(row.verdict is None, row.at, row.verdict or "", row.run, row.attempt, *texts, row.repeat)
        if chosen.setdefault(row.key, attempt) is not attempt:
            repeated[row.key].add(attempt)
    attempts = dict.fromkeys(chosen, 1)
    for key, rows in repeated.items():
        rows.add(chosen[key])
        chosen[key] = min(rows)
        attempts[key] = len({(row.at, row.run, row.attempt) for row in rows})
    return _columns(dict(sorted(chosen.items())), attempts, frozenset(name for name in served if name is not None))


def _columns(chosen: dict[str, _Attempt], attempts: dict[str, int], served: frozenset[str]) -> BattleColumns:
    rows = chosen.values()
    scores = {label.value: label.score for label in Verdict} | {"": np.nan}
    return BattleColumns(
        key=np.array([*chosen], dtype=object),
        prompt=np.array([row.prompt for row in rows], dtype=object),
        first=np.array([row.first for row in rows], dtype=object),
        second=np.array([row.second for row in rows], dtype=object),
        repeat=np.array([row.repeat for row in rows], dtype=np.int64),
        score=np.array([scores[row.verdict] for row in rows], dtype=np.float64),
        verdict=np.array([str(row.verdict) for row in rows], dtype=object),
        attempts=np.array([attempts[key] for key in chosen], dtype=np.int64),
        served_models=served,
    )
