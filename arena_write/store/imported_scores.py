"""Rubric scores that were given elsewhere: their rows, and what is known of each of their files.

They are joined to the benchmark's prompts, but what was scored is known by the file's word alone. So they are no scores
of ours: they have files of their own in a folder of their own, and never stand on a board with others. Files of several
models come to one board where one judge is said to have scored them on one scale.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from arena_write.ratings import TEN, ScoreScale
from arena_write.store.errors import ConflictError
from arena_write.store.imports import InvalidKind, InvalidRows
from arena_write.store.keys import imported_score_key
from arena_write.store.records import FORMAT, STRICT, Count, Hex32, Hex64, Time
from arena_write.store.rows import RowFile

ScoreFormat = Literal["writingbench", "hellobench"]
"""Whose fields and scale a file of scores has."""

SCALES: Mapping[ScoreFormat, ScoreScale] = {
    "writingbench": TEN,
    "hellobench": ScoreScale(0.0, 1.0, 0.25, 1.0),
}
"""What a score can be in each format: WritingBench's integers from 1 to 10, HelloBench's quarters from 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedScoreRecord:
    """One score that was given elsewhere, or the reason why one that should be there is none.

    Args:
        file: SHA-256 of the file it was read from.
        line: Number of its line there, from 1.
        entrant: Whose answer was scored, as the user or the file's name says.
        prompt: Text id of the prompt.
        prompt_id: The prompt's id in its benchmark, as the file has it.
        criterion: Name of the criterion, or its number where the file has no names.
        record: Which of the file's rows on this prompt, from 0.
        repeat: Which of several scores on this criterion in the row, from 0.
        score: On the scale of the format, untouched.
        invalid: Why there is none.
        detail: What was found, where there is none.
        reason: The judge's reason, in its own words.
        text: Text id of the answer, where the file holds it.
        source: Name of the file.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    v: Literal[1] = FORMAT
    key: Hex32
    file: Hex64
    line: Annotated[int, Field(ge=1)]
    entrant: Annotated[str, Field(min_length=1)]
    prompt: Hex64
    prompt_id: str
    criterion: str
    record: Count
    repeat: Count
    score: Annotated[float, Field(allow_inf_nan=False)] | None
    invalid: InvalidKind | None
    detail: str
    reason: str
    text: Hex64 | None
    source: str
    run: str
    at: Time

    def __post_init__(self) -> None:
        """Refuse a row that is not what was read."""
        if (self.score is None) == (self.invalid is None):
            raise ValueError("a row holds either a score or the reason why there is none")
        key = imported_score_key(
            file=self.file,
            line=self.line,
            entrant=self.entrant,
            prompt=self.prompt,
            criterion=self.criterion,
            record=self.record,
            repeat=self.repeat,
            score=self.score,
            text=self.text,
        )
        if self.key != key:
            raise ValueError("key is not the hash of file, line, entrant, prompt, criterion and score: one was changed")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreFileRecord:
    """What is known of an imported file of scores; it is written after the file's rows.

    Args:
        file: SHA-256 of the file.
        source: Its name.
        entrant: Whose answers were scored.
        format: Whose fields and scale it has.
        scores: Rows in `imported-scores.jsonl` that are of this file, those without a score included.
        invalid: What is not as it should be, by kind.
        doubled: Ids of prompts on which the file has several rows.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    v: Literal[1] = FORMAT
    file: Hex64
    source: str
    entrant: Annotated[str, Field(min_length=1)]
    format: ScoreFormat
    scores: Count
    invalid: tuple[InvalidRows, ...]
    doubled: tuple[str, ...]


def read_score_files(file: RowFile[ScoreFileRecord]) -> tuple[ScoreFileRecord, ...]:
    """Return what is known of each imported file of a board, by entrant.

    Raises:
        RowError: A complete line is not a valid row; names file, line and field.
        ConflictError: Two files are of one entrant, or of several formats.
    """
    found = {record.file: record for record in file.read()}
    known: dict[str, ScoreFileRecord] = {}
    for record in sorted(found.values(), key=lambda record: (record.entrant, record.file)):
        other = known.setdefault(record.entrant, record)
        if other is not record:
            raise ConflictError(
                f"{file.path}: {record.source} and {other.source} are both scores of {record.entrant!r}; keep one of "
                "the two lines, or import one file under another name"
            )
    if len({record.format for record in known.values()}) > 1:
        raise ConflictError(f"{file.path}: files of several formats stand on one board; import each format by itself")
    return tuple(known.values())


def read_imported_scores(
    file: RowFile[ImportedScoreRecord], files: tuple[ScoreFileRecord, ...]
) -> tuple[ImportedScoreRecord, ...]:
    """Return the rows of these files, each once, sorted by key; rows of other files are of imports that were cut off.

    Raises:
        RowError: A complete line is not a valid row; names file, line and field.
        ConflictError: Rows of a file are missing, or are of another entrant than the file is.
    """
    about = {record.file: record for record in files}
    rows: dict[str, ImportedScoreRecord] = {}
    count: dict[str, int] = defaultdict(int)
    for number, row in enumerate(file.read(), start=1):
        whose = about.get(row.file)
        if whose is None or row.key in rows:
            continue
        if row.entrant != whose.entrant:
            raise ConflictError(
                f"{file.path}:{number}: a score of {row.entrant!r} from a file of {whose.entrant!r}; remove the line"
            )
        rows[row.key] = row
        count[row.file] += 1
    for record in files:
        if count[record.file] != record.scores:
            raise ConflictError(
                f"{file.path} holds {count[record.file]} rows of {record.source} and should hold {record.scores}; "
                "import it again, which adds what is missing"
            )
    return tuple(rows[key] for key in sorted(rows))
