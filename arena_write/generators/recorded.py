"""Reading files of recorded outputs, in the formats in which such files are passed around.

The format is told from the names of the fields, and every row must have it. Nothing is skipped and nothing is guessed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from arena_write.generators.answers import Answer, Failure, clean_text, has_content, split_answer
from arena_write.generators.arena_hard import flatten
from arena_write.generators.errors import RecordedOutputsError
from arena_write.generators.outputs import RecordedAnswer, RecordedOutputs, recorded_model_id
from arena_write.generators.profiles import RECORDED, Entrant, Profile
from arena_write.jsonl import JsonlError, read_lines
from judges import Usage, text_id

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class _Format:
    """Which fields hold what: the answer, and at least one way to know its prompt."""

    name: str
    shape: str
    answer: str
    id: str | None = None
    texts: tuple[str, ...] = ()
    hash: str | None = None

    def fits(self, row: Mapping[str, Any]) -> bool:
        return self.answer in row and any(key in row for key in (self.id, self.hash, *self.texts[:1]) if key)


_FORMATS = (
    _Format("results", "{prompt_id and/or prompt (SHA-256), text}", "text", id="prompt_id", hash="prompt"),
    _Format("hellobench", "{id, instruction, response}", "response", id="id", texts=("instruction", "prompt")),
    _Format("writingbench", "{index, response}", "response", id="index", texts=("query",)),
    _Format("longbench-write", "{prompt, response}", "response", texts=("prompt",)),
    _Format("arena-hard", "{uid, model, messages}", "answer", id="uid", texts=("prompt",)),
)
FORMATS = tuple(item.name for item in _FORMATS)
"""Names of the formats."""
_KNOWN = ", ".join(f"{item.name} {item.shape}" for item in _FORMATS)


@dataclass(frozen=True, slots=True)
class _Identity:
    """What a row says about whose it is; nothing of it may change within a file."""

    name: str | None
    model: str | None
    entrant: str | None
    profile: Profile | None


def read_recorded(
    path: Path | str, *, name: str | None = None, faults: list[RecordedOutputsError] | None = None
) -> RecordedOutputs:
    """Read the recorded outputs of one entrant.

    Rows of a results folder (with `entrant`, `model` and `settings`) keep their identity; in any other file the model
    is known by its outputs alone (`recorded_model_id`). A `null` answer is a generation that failed when it was
    recorded: the candidate's own failure (`Failure.NO_ANSWER`), not an empty text. Rows with a `failure` field are
    taken as split already; all other texts pass through `split_answer`.

    Args:
        path: The `.jsonl` file.
        name: What to call the entrant; otherwise the name in the rows, or else the stem of the file's name.
        faults: Gains what is wrong with each row that cannot be used, and such rows are left out; without it the first
            one is raised.

    Raises:
        RecordedOutputsError: The file cannot be read, its format is unknown or changes, a field is missing or has the
            wrong type, an answer stands there twice, or the rows belong to more than one entrant. With `faults`: it
            cannot be read, or no row can be used.
    """
    path = Path(path)
    found = _Found()
    bad: list[RecordedOutputsError] = []
    try:
        for line, row in read_lines(path):
            try:
                if isinstance(row, JsonlError):
                    raise RecordedOutputsError(row.message, path=path, line=line) from row
                found.add(_Row(flatten(row), path, line))
            except RecordedOutputsError as error:
                if faults is None:
                    raise
                bad.append(error)
    except JsonlError as error:
        raise RecordedOutputsError(error.message, path=error.path, line=error.line) from error
    if faults is not None:
        faults += bad
    if found.format is None or found.first is None:
        raise bad[0]  # read_lines refuses a file without rows
    identity = found.first[1]
    return RecordedOutputs(
        _entrant(identity, name or identity.name or path.stem, found.answers),
        tuple(found.answers),
        path,
        found.format.name,
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that knows where it stands."""

    fields: Mapping[str, Any]
    path: Path
    line: int

    def error(self, message: str) -> RecordedOutputsError:
        return RecordedOutputsError(message, path=self.path, line=self.line)

    def text(self, key: str) -> str | None:
        value = self.fields.get(key)
        if value is not None and not isinstance(value, str):
            raise self.error(f"expected {key!r} to be a string, found {value!r:.60}")
        return None if value is None else clean_text(value)

    def count(self, key: str, fields: Mapping[str, Any] | None = None) -> int | None:
        value = (self.fields if fields is None else fields).get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            raise self.error(f"expected {key!r} to be a whole number from 0 on, found {value!r:.60}")
        return value


@dataclass
class _Found:
    """What the rows of a file have said so far; every further row must agree with it."""

    format: _Format | None = None
    first: tuple[int, _Identity] | None = None
    answers: list[RecordedAnswer] = field(default_factory=list)
    lines: dict[tuple[str, int], int] = field(default_factory=dict)

    def add(self, row: _Row) -> None:
        """Take one row in, or raise and stay as it was."""
        format = _check_format(row, self.format)
        answer = _read_answer(row, format)
        key = (answer.reference, answer.sample)
        if key in self.lines:
            raise row.error(
                f"a second answer to prompt {key[0]!r}, sample {key[1]}; the first is in line {self.lines[key]}: "
                "remove one, or number them with `sample`"
            )
        identity = _read_identity(row)
        if self.first is not None and identity != self.first[1]:
            raise row.error(
                f"expected one entrant per file, found {_describe(identity)} here and {_describe(self.first[1])} "
                f"in line {self.first[0]}: split the file"
            )
        self.format, self.first = format, self.first or (row.line, identity)
        self.lines[key] = row.line
        self.answers.append(answer)


def _check_format(row: _Row, known: _Format | None) -> _Format:
    if known is not None:
        if not known.fits(row.fields):
            raise row.error(
                f"expected the fields of the rows before, {known.name} {known.shape}, found {sorted(row.fields)}: "
                "every row of a file has the same format"
            )
        return known
    for candidate in _FORMATS:
        if candidate.fits(row.fields):
            return candidate
    raise row.error(f"no known format of recorded outputs has the fields {sorted(row.fields)}; known are {_KNOWN}")


def _read_answer(row: _Row, known: _Format) -> RecordedAnswer:
    prompt_id = row.fields.get(known.id) if known.id else None
    if isinstance(prompt_id, int) and not isinstance(prompt_id, bool):
        prompt_id = str(prompt_id)
    if prompt_id is not None and (not isinstance(prompt_id, str) or not prompt_id):
        raise row.error(f"expected {known.id!r} to be a non-empty string or a whole number, found {prompt_id!r:.60}")
    prompt_text = next((text for text in map(row.text, known.texts) if text is not None), None)
    prompt_hash = row.text(known.hash) if known.hash else None
    if prompt_hash is not None and not _SHA256.fullmatch(prompt_hash):
        raise row.error(
            f"expected {known.hash!r} to be the SHA-256 of the prompt's text in 64 hex digits, found "
            f"{prompt_hash[:60]!r}: name prompts by `prompt_id` instead"
        )
    if prompt_text is not None:
        prompt_hash = text_id(prompt_text)
    if prompt_id is None and prompt_hash is None:
        raise row.error("the answer names no prompt: its id and its prompt are null")
    usage = row.fields.get("usage")
    counts = usage if isinstance(usage, dict) else row.fields
    seconds = row.fields.get("seconds")
    return RecordedAnswer(
        prompt_id=clean_text(prompt_id) if prompt_id is not None else None,
        prompt_text=prompt_text,
        prompt_hash=prompt_hash,
        sample=row.count("sample") or 0,
        answer=_split(row, known.answer),
        finish_reason=row.text("finish_reason"),
        served_model=row.text("served_model" if "served_model" in row.fields else "model"),
        usage=Usage(*(row.count(key, counts) for key in Usage.__slots__)),
        seconds=_seconds(seconds),
        line=row.line,
    )


def _seconds(value: object) -> float | None:
    """Return a recorded duration, or nothing where it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e9:
        return None
    return float(value)


def _split(row: _Row, key: str) -> Answer:
    raw, thinking, finish_reason = row.text(key), row.text("thinking"), row.text("finish_reason")
    if "failure" in row.fields and "entrant" in row.fields:
        failure = row.text("failure")
        if failure is not None and failure not in set(Failure):
            raise row.error(
                f"expected 'failure' to be null or one of {[str(item) for item in Failure]}, found {failure!r}"
            )
        if failure is None and raw is not None and not has_content(raw):
            failure = Failure.EMPTY.value
        known = row.text("text_id")
        if known is not None and known != text_id(raw or ""):
            raise row.error("'text_id' is not the hash of the text: the text was changed; remove the field 'entrant'")
        return Answer(raw or "", thinking, Failure(failure) if failure else None)
    if raw is None:
        return Answer("", thinking, Failure.NO_ANSWER)
    return split_answer(raw, thinking=thinking, finish_reason=finish_reason)


def _read_identity(row: _Row) -> _Identity:
    name, model, entrant = row.text("entrant_name"), row.text("model"), row.text("entrant")
    if entrant is None:
        return _Identity(name, model, None, None)
    settings = row.fields.get("settings")
    if model is None or not isinstance(settings, dict):
        raise row.error("a row with 'entrant' also needs its 'model' and its 'settings' (the profile's, as an object)")
    try:
        profile = RECORDED if settings == RECORDED.settings() else Profile.from_settings(settings, name="stored")
    except ValueError as error:
        raise row.error(str(error)) from error
    if entrant != Entrant("", model, profile).id:
        raise row.error(
            f"entrant {entrant[:40]!r} is not the id of the row's model and settings: restore the file from a copy, or "
            "remove the field 'entrant' from every row, and the outputs get an id of their own"
        )
    return _Identity(name, model, entrant, profile)


def _entrant(identity: _Identity, name: str, answers: list[RecordedAnswer]) -> Entrant:
    if identity.model is not None and identity.profile is not None:
        return Entrant(name, identity.model, identity.profile)
    return Entrant(name, recorded_model_id(answers), RECORDED)


def _describe(identity: _Identity) -> str:
    return " ".join(part for part in (identity.name, identity.model, identity.entrant) if part) or "rows without a name"
