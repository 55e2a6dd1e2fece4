"""Battle and score rows as columns: what fits read.

Every row passes the strict reader, and none is kept as an object. Of several rows of one key the board uses one: the
first valid row, by time. Keys are sorted, so the same rows in any order, and any of them twice, give the same columns.

Not read by pyarrow, which is little faster (200,000 rows in 1.4 s, this way in 2.0 s) and lets pass what the strict
reader refuses: missing and extra fields, two rows on a line, broken UTF-8, rows longer than its blocks.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import fsum
from sys import intern
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from arena_write.store.errors import ConflictError
from arena_write.store.records import BattleRecord, ScoreRecord
from arena_write.store.rows import RowFile
from judges import Usage, Verdict

MAX_ATTEMPTS = 3
"""A key is settled by one valid row, or by this many invalid attempts."""

Record = TypeVar("Record", BattleRecord, ScoreRecord)


@dataclass(frozen=True)
class SpentColumns:
    """What all attempts at each key took.

    Args:
        attempts: Number of attempts made; a row that is there twice is one attempt.
        calls: Of these, attempts that bear their call: of the rows of one reply on several criteria, one does.
        prompt_tokens: Tokens sent, as far as servers said; likewise the next three.
        cached_tokens: Of these, tokens that came from a cache.
        completion_tokens: Tokens that came back, thinking included.
        thinking_tokens: Of these, tokens of thinking.
        price: US dollars; NaN where the price of an attempt is not known.
    """

    attempts: npt.NDArray[np.int64]
    calls: npt.NDArray[np.int64]
    prompt_tokens: npt.NDArray[np.int64]
    cached_tokens: npt.NDArray[np.int64]
    completion_tokens: npt.NDArray[np.int64]
    thinking_tokens: npt.NDArray[np.int64]
    price: npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class SettledColumns:
    """The settled state of each key of a judge, one entry a key, sorted by key.

    Args:
        key: Keys of the rows.
        prompt: Text ids of the prompts.
        repeat: Which repeat.
        score: What the valid attempt gave; NaN where no attempt was valid.
        spent: What all attempts took.
        served_models: Names under which the judge's server answered.
    """

    key: npt.NDArray[np.object_]
    prompt: npt.NDArray[np.object_]
    repeat: npt.NDArray[np.int64]
    score: npt.NDArray[np.float64]
    spent: SpentColumns
    served_models: frozenset[str] = frozenset()

    def __len__(self) -> int:
        """Return the number of keys."""
        return len(self.key)

    @property
    def attempts(self) -> npt.NDArray[np.int64]:
        """Number of attempts made."""
        return self.spent.attempts


@dataclass(frozen=True, kw_only=True)
class BattleColumns(SettledColumns):
    """Battles; `score` is the first text's: 1, 0.5 or 0.

    Args:
        first: Text ids of the texts shown first.
        second: Text ids of the texts shown second.
        verdict: Label of the valid attempt; empty where none was valid.
    """

    first: npt.NDArray[np.object_]
    second: npt.NDArray[np.object_]
    verdict: npt.NDArray[np.object_]

    @cached_property
    def index(self) -> dict[tuple[str, str, str, int], int]:
        """Where each (prompt, first, second, repeat) stands; made once."""
        parts = zip(self.prompt, self.first, self.second, self.repeat, strict=True)
        return {key: position for position, key in enumerate(parts)}


@dataclass(frozen=True, kw_only=True)
class ScoreColumns(SettledColumns):
    """Rubric scores; `score` is 1 to 10.

    Args:
        text: Text ids of the texts scored.
        criterion: Ids of the criteria.
    """

    text: npt.NDArray[np.object_]
    criterion: npt.NDArray[np.object_]

    @cached_property
    def index(self) -> dict[tuple[str, str, str, int], int]:
        """Where each (prompt, text, criterion, repeat) stands; made once."""
        parts = zip(self.prompt, self.text, self.criterion, self.repeat, strict=True)
        return {key: position for position, key in enumerate(parts)}


class _Attempt(NamedTuple):
    """What counts of a row, in the order by which one of several is chosen: valid ones first, then the earliest."""

    invalid: bool
    at: str
    said: str
    run: str
    attempt: int
    subject: tuple[str, str, str, int]
    tokens: tuple[int, int, int, int]
    price: float
    calls: int


class _Settled(NamedTuple):
    """The row that counts for each key, what all its attempts took, and who answered."""

    chosen: dict[str, _Attempt]
    spent: SpentColumns
    served_models: frozenset[str]


def read_battles(file: RowFile[BattleRecord], *, judge: str) -> BattleColumns:
    """Read the battles of one judge.

    Raises:
        RowError: A complete line is not a valid row; names file, line and field.
        ConflictError: A row was made by another judge.
    """
    chosen, spent, served = _settle(
        file, judge, said=lambda row: row.verdict or "", subject=lambda row: (row.prompt, row.first, row.second)
    )
    rows = chosen.values()
    scores = {label.value: label.score for label in Verdict} | {"": np.nan}
    return BattleColumns(
        key=np.array([*chosen], dtype=object),
        prompt=np.array([row.subject[0] for row in rows], dtype=object),
        first=np.array([row.subject[1] for row in rows], dtype=object),
        second=np.array([row.subject[2] for row in rows], dtype=object),
        repeat=np.array([row.subject[3] for row in rows], dtype=np.int64),
        score=np.array([scores[row.said] for row in rows], dtype=np.float64),
        verdict=np.array([str(row.said) for row in rows], dtype=object),
        spent=spent,
        served_models=served,
    )


def read_scores(file: RowFile[ScoreRecord], *, judge: str) -> ScoreColumns:
    """Read the rubric scores of one judge.

    Raises:
        RowError: A complete line is not a valid row; names file, line and field.
        ConflictError: A row was made by another judge.
    """
    chosen, spent, served = _settle(
        file,
        judge,
        said=lambda row: "" if row.score is None else str(row.score),
        subject=lambda row: (row.prompt, row.text, row.criterion),
    )
    rows = chosen.values()
    return ScoreColumns(
        key=np.array([*chosen], dtype=object),
        prompt=np.array([row.subject[0] for row in rows], dtype=object),
        text=np.array([row.subject[1] for row in rows], dtype=object),
        criterion=np.array([row.subject[2] for row in rows], dtype=object),
        repeat=np.array([row.subject[3] for row in rows], dtype=np.int64),
        score=np.array([float(row.said or "nan") for row in rows], dtype=np.float64),
        spent=spent,
        served_models=served,
    )


def _settle(
    file: RowFile[Record],
    judge: str,
    *,
    said: Callable[[Record], str],
    subject: Callable[[Record], tuple[str, str, str]],
) -> _Settled:
    """Choose the row that counts for each key."""
    chosen: dict[str, _Attempt] = {}
    repeated: dict[str, set[_Attempt]] = defaultdict(set)
    served: set[str | None] = {None}
    for row in _rows_of(file, judge):
        served.add(row.served_model)
        prompt, shown, beside = subject(row)
        one = _Attempt(
            row.invalid is not None,
            row.at,
            said(row),
            row.run,
            row.attempt,
            (intern(prompt), intern(shown), intern(beside), row.repeat),
            _tokens(row.usage),
            -1.0 if row.price is None else row.price,
            0 if isinstance(row, ScoreRecord) and row.call else 1,
        )
        if chosen.setdefault(row.key, one) is not one:
            repeated[row.key].add(one)  # most keys have one row, and no set
    attempts: dict[str, Sequence[_Attempt]] = {}
    for key, rows in repeated.items():
        rows.add(chosen[key])
        chosen[key] = min(rows)
        attempts[key] = list({(one.at, one.run, one.attempt): one for one in sorted(rows)}.values())
    keys = sorted(chosen)
    chosen = {key: chosen[key] for key in keys}
    return _Settled(chosen, _add_up(chosen, attempts), frozenset(name for name in served if name is not None))


def _add_up(chosen: Mapping[str, _Attempt], attempts: Mapping[str, Sequence[_Attempt]]) -> SpentColumns:
    """Return what all attempts took: of keys with several, by `attempts`."""
    made = np.ones(len(chosen), dtype=np.int64)
    calls = np.array([one.calls for one in chosen.values()], dtype=np.int64)
    tokens = np.array([one.tokens for one in chosen.values()], dtype=np.int64).reshape(len(chosen), 4)
    price = np.array([one.price for one in chosen.values()], dtype=np.float64)
    price[price < 0] = np.nan
    if attempts:
        place = {key: position for position, key in enumerate(chosen)}
        for key, ones in attempts.items():
            position = place[key]
            made[position] = len(ones)
            calls[position] = sum(one.calls for one in ones)
            tokens[position] = np.sum([one.tokens for one in ones], axis=0)
            prices = [one.price for one in ones]
            price[position] = np.nan if min(prices) < 0 else fsum(prices)
    return SpentColumns(made, calls, tokens[:, 0], tokens[:, 1], tokens[:, 2], tokens[:, 3], price)


def _rows_of(file: RowFile[Record], judge: str) -> Iterator[Record]:
    for number, row in enumerate(file.read(), start=1):
        if row.judge != judge:
            raise ConflictError(
                f"{file.path}:{number}: this row was judged by {row.judge}, but this is the folder of judge {judge}. "
                "Move the row to its own judge's folder."
            )
        yield row


def _tokens(usage: Usage) -> tuple[int, int, int, int]:
    return (
        usage.prompt_tokens or 0,
        usage.cached_tokens or 0,
        usage.completion_tokens or 0,
        usage.thinking_tokens or 0,
    )
