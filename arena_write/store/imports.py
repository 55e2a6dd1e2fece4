"""Battles that were judged elsewhere: their rows, what is known of their file, and the columns that fits read.

The texts are not known, only the names under which they were judged. So these rows are no battles of ours: they have
a file of their own (`imports.jsonl`) in a folder of their own, and never stand on a board with others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from sys import intern
from typing import Annotated, ClassVar, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import ConfigDict, Field

from arena_write.store.errors import ConflictError
from arena_write.store.keys import imported_battle_key
from arena_write.store.records import FORMAT, STRICT, Count, Hex32, Hex64, Time
from arena_write.store.rows import RowFile

BattleFormat = Literal["evalica", "arena", "arena-hard"]
"""Whose names of fields and labels a file of battles has."""
InvalidKind = Literal[
    "wrong number of columns",
    "not UTF-8",
    "not an object",
    "missing field",
    "empty name",
    "long name",
    "unknown label",
    "self-battle",
    "unknown prompt",
    "other prompt text",
    "unknown criterion",
    "missing criterion",
    "no score",
    "not a score",
]
"""Why a row of a file, or a part of one, is no battle or no score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedBattleRecord:
    """One battle that was judged elsewhere. Rows of one file with the same content differ in their line.

    Args:
        file: SHA-256 of the file it was read from.
        line: Number of its line there, from 1; of its first, where it has several.
        first: Who stood first, as the file calls it.
        second: Who stood second.
        score: What the first got: 1, 0.5 or 0.
        cluster: What the file says of the prompt, in the column that was chosen; none where none was.
        judge: Who judged, as the file says; empty where it does not.
        source: Name of the file.
        label: The verdict in the file's words, where it says more than who won.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    v: Literal[1] = FORMAT
    key: Hex32
    file: Hex64
    line: Annotated[int, Field(ge=1)]
    first: Annotated[str, Field(min_length=1)]
    second: Annotated[str, Field(min_length=1)]
    score: Annotated[float, Field(ge=0, le=1, multiple_of=0.5)]
    cluster: str | None
    judge: str
    source: str
    run: str
    at: Time
    label: str | None = None

    def __post_init__(self) -> None:
        """Refuse a row that is not what was read."""
        key = imported_battle_key(
            file=self.file,
            line=self.line,
            first=self.first,
            second=self.second,
            score=self.score,
            cluster=self.cluster,
            judge=self.judge,
            label=self.label,
        )
        if self.key != key:
            raise ValueError(
                "key is not the hash of file, line, names, score, cluster, judge and label: one was changed"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidRows:
    """Rows of a file, or parts of rows, that are no battles or no scores, of one kind.

    Args:
        rows: How many.
        lines: Numbers of the first of them.
        detail: What was found in the first.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    kind: InvalidKind
    rows: Annotated[int, Field(ge=1)]
    lines: tuple[int, ...]
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRecord:
    """What is known of an imported file: `import.json`. It and the rows are all that a board is made from.

    Args:
        file: SHA-256 of the file.
        source: Its name.
        format: Whose columns and labels it has.
        cluster: The column that says which battles share a prompt; none where every battle counts as its own.
        judges: How many names of judges it holds, no name counting as one beside others; 0 where it names none.
        battles: Rows that are battles.
        invalid: Rows that are not, by kind.
        baselines: Names whose mean is 1000; none stands for everybody's mean.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    v: Literal[1] = FORMAT
    file: Hex64
    source: str
    format: BattleFormat
    cluster: str | None
    judges: Count
    battles: Count
    invalid: tuple[InvalidRows, ...]
    baselines: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Rows of the file, invalid ones included."""
        return self.battles + sum(kind.rows for kind in self.invalid)


@dataclass(frozen=True)
class ImportedColumns:
    """Imported battles as columns, one entry a battle, sorted by key.

    Args:
        names: The entrants, sorted.
        first: Who stood first, as codes into `names`.
        second: Who stood second.
        score: What the first got: 1, 0.5 or 0.
        cluster: Which battles share a prompt, as codes; by the file's words where a column of it was chosen, else a
            code of its own for each battle.
    """

    names: tuple[str, ...]
    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    score: npt.NDArray[np.float64]
    cluster: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of battles."""
        return len(self.score)


class _Row(NamedTuple):
    first: str
    second: str
    score: float
    cluster: str | None


def read_imports(file: RowFile[ImportedBattleRecord], about: ImportRecord) -> ImportedColumns:
    """Read the battles of one imported file; rows in any order, and any of them twice, give the same columns.

    Raises:
        RowError: A complete line is not a valid row; names file, line and field.
        ConflictError: A row is of another file, or a battle is missing.
    """
    rows: dict[str, _Row] = {}
    for number, row in enumerate(file.read(), start=1):
        if row.file != about.file:
            raise ConflictError(
                f"{file.path}:{number}: this row was read from {row.source} ({row.file[:8]}), but this is the folder "
                f"of {about.source} ({about.file[:8]}). Move the row to its own file's folder."
            )
        cluster = row.cluster and intern(row.cluster)
        rows[row.key] = _Row(intern(row.first), intern(row.second), row.score, cluster)
    if len(rows) != about.battles:
        raise ConflictError(
            f"{file.path} holds {len(rows)} battles of {about.battles}; import {about.source} again, which adds what "
            "is missing."
        )
    return _columns([rows[key] for key in sorted(rows)], clustered=about.cluster is not None)


def _columns(rows: Sequence[_Row], *, clustered: bool) -> ImportedColumns:
    names = sorted({name for row in rows for name in (row.first, row.second)})
    code = {name: number for number, name in enumerate(names)}
    prompts = sorted({row.cluster or "" for row in rows}) if clustered else []
    prompt = {name: number for number, name in enumerate(prompts)}
    return ImportedColumns(
        names=tuple(names),
        first=np.array([code[row.first] for row in rows], dtype=np.int64),
        second=np.array([code[row.second] for row in rows], dtype=np.int64),
        score=np.array([row.score for row in rows], dtype=np.float64),
        cluster=np.array([prompt[row.cluster or ""] for row in rows], dtype=np.int64)
        if clustered
        else np.arange(len(rows), dtype=np.int64),
    )
