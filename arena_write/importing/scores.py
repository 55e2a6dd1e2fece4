"""Rubric scores in a file that another tool wrote: WritingBench's score files and HelloBench's checklist judgements.

* WritingBench: `{index, scores: {criterion: [{score, reason}, ...]}}`, one row a query, a list of repeats for each
  criterion (X-PLUG/WritingBench, `evaluate_benchmark.py` writes it and `calculate_scores.py` reads it).
* HelloBench: `{id, instruction, response, checklist_wise_evaluation}`, the last a string of JSON, `[{checklist_id,
  reason, evaluation_score}, ...]` (Quehry/HelloBench).

Nothing is guessed, and nothing is mended: what is not one of the scale's numbers is no score, and said to be none.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from arena_write.benchmarks.prompts import Prompt
from arena_write.generators.answers import clean_text
from arena_write.importing.errors import ImportingError, ImportingUsageError
from arena_write.importing.invalid import InvalidError, gather, listed, require_valid, short
from arena_write.importing.tables import Table, TableRow, read_bytes, read_jsonl
from arena_write.ratings import ScoreScale
from arena_write.store import SCALES, InvalidKind, InvalidRows, ScoreFormat
from judges import text_id

FIELDS: Mapping[ScoreFormat, tuple[str, str]] = {
    "writingbench": ("index", "scores"),
    "hellobench": ("id", "checklist_wise_evaluation"),
}
"""The fields by which a format is known: the prompt's id, and the scores."""
MAX_CHECKS = 100
"""So many checks HelloBench never has: a higher number is no number of a check."""

Faults = dict[InvalidKind, list[tuple[int, str]]]


class ReadScore(NamedTuple):
    """One score of a file, or why there is none; see `arena_write.store.ImportedScoreRecord`."""

    line: int
    prompt: str
    prompt_id: str
    criterion: str
    record: int
    repeat: int
    score: float | None
    invalid: InvalidKind | None
    detail: str
    reason: str
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreFile:
    """A file of scores, read.

    Args:
        path: The file.
        digest: SHA-256 of what it holds.
        format: Whose fields and scale it has.
        scores: What stands on the criteria of the benchmark's prompts, missing ones included.
        invalid: What is not as it should be, by kind.
        doubled: Ids of prompts on which it has several rows.
    """

    path: Path
    digest: str
    format: ScoreFormat
    scores: tuple[ReadScore, ...]
    invalid: tuple[InvalidRows, ...]
    doubled: tuple[str, ...]


class _Said(NamedTuple):
    """What a row says of one criterion: a score and a reason, or what is wrong."""

    criterion: str
    repeat: int
    score: float | None
    reason: str
    invalid: InvalidKind | None = None
    detail: str = ""


def read_scores(
    path: Path, prompts: Sequence[Prompt], *, format: ScoreFormat | None = None, allow_invalid: bool = False
) -> ScoreFile:
    """Read a file of one model's scores and join it to prompts by id.

    Args:
        path: JSON Lines.
        prompts: The prompts of the benchmark.
        format: Whose fields it has; found by them where not given.
        allow_invalid: Read it although more than 5 % of its rows, or of its scores, cannot be used.

    Raises:
        ImportingUsageError: There is no such file, or it has not the fields of the format named.
        ImportingError: It has no known fields, too much that cannot be used, or no score.
    """
    data = read_bytes(path)
    table = read_jsonl(data, path)
    known = _find_format(table, format)
    by_id = {prompt.id: prompt for prompt in prompts}
    rows: Faults = defaultdict(list)
    parts: Faults = defaultdict(list)
    scores: list[ReadScore] = []
    records: Counter[str] = Counter()
    for row in table.rows:
        try:
            prompt, said = _read_row(row, known, by_id)
        except InvalidError as error:
            rows[error.kind].append((row.line, error.detail))
            continue
        record, records[prompt.id] = records[prompt.id], records[prompt.id] + 1
        text = _text_of(row)
        for one in said:
            if one.invalid is not None:
                parts[one.invalid].append((row.line, f"{short(one.criterion)}: {one.detail}"))
            if one.invalid != "unknown criterion":
                scores.append(_score(row.line, prompt, record, text, one))
    of_rows, of_scores = gather(rows), gather(parts)
    require_valid(
        path,
        sum(records.values()),
        of_rows,
        allow_invalid=allow_invalid,
        one="row of scores on a prompt of the benchmark",
        many="rows of scores on a prompt of the benchmark",
    )
    valid = sum(one.score is not None for one in scores)
    require_valid(
        path, valid, of_scores, allow_invalid=allow_invalid, one="valid score", many="valid scores", of="score"
    )
    doubled = tuple(sorted(prompt for prompt, count in records.items() if count > 1))
    return ScoreFile(
        path=path,
        digest=sha256(data).hexdigest(),
        format=known,
        scores=tuple(scores),
        invalid=(*of_rows, *of_scores),
        doubled=doubled,
    )


def _find_format(table: Table, format: ScoreFormat | None) -> ScoreFormat:
    fitting = [name for name, fields in FIELDS.items() if set(fields) <= set(table.columns)]
    if format is not None:
        if format not in fitting:
            wanted = " and ".join(FIELDS[format])
            raise ImportingUsageError(
                f"--from {format} wants rows with {wanted}, found {listed(table.columns)}", path=table.path
            )
        return format
    if not fitting:
        known = ", or ".join(f"{' and '.join(fields)} ({name})" for name, fields in FIELDS.items())
        raise ImportingError(f"the rows have the fields {listed(table.columns)}; wanted are {known}", path=table.path)
    return fitting[0]


def _read_row(row: TableRow, format: ScoreFormat, by_id: Mapping[str, Prompt]) -> tuple[Prompt, list[_Said]]:
    if row.invalid:
        raise InvalidError(row.invalid, row.detail)
    key, holder = FIELDS[format]
    prompt = _find_prompt(row, key, by_id)
    value = row.fields.get(holder)
    read = _writingbench if format == "writingbench" else _hellobench
    return prompt, list(read(value, holder, prompt, SCALES[format]))


def _find_prompt(row: TableRow, key: str, by_id: Mapping[str, Prompt]) -> Prompt:
    value = row.fields.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise InvalidError("missing field", f"{key} is {value!r:.60}, no id")
    prompt = by_id.get(str(value))
    if prompt is None:
        raise InvalidError("unknown prompt", f"{key} is {short(str(value))}, which the benchmark has not")
    asked = next((row.fields[name] for name in ("instruction", "query") if isinstance(row.fields.get(name), str)), None)
    if asked is not None and text_id(clean_text(asked)) != prompt.text_id:
        raise InvalidError("other prompt text", f"{short(prompt.id)} has another text in the benchmark")
    return prompt


def _writingbench(value: object, holder: str, prompt: Prompt, scale: ScoreScale) -> Iterator[_Said]:
    if not isinstance(value, dict):
        raise InvalidError("missing field", f"{holder} is {value!r:.60}, not an object of criteria")
    names = [criterion.name for criterion in prompt.criteria] or list(value)
    for name in names:
        evaluations = value.get(name, [])
        if not isinstance(evaluations, list):
            yield _Said(name, 0, None, "", "not a score", f"{evaluations!r:.60}, not a list of scores")
        elif not evaluations:
            yield _Said(name, 0, None, "", "missing criterion", "no score stands there")
        for repeat, item in enumerate(evaluations if isinstance(evaluations, list) else ()):
            yield _evaluation(clean_text(name), repeat, item, "score", scale)
    for name in value.keys() - set(names):
        yield _Said(name, 0, None, "", "unknown criterion", f"prompt {short(prompt.id)} has no such criterion")


def _hellobench(value: object, holder: str, prompt: Prompt, scale: ScoreScale) -> Iterator[_Said]:
    checks = _decode(value, holder)
    repeats: Counter[int] = Counter()
    for item in checks:
        number = item.get("checklist_id") if isinstance(item, dict) else None
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < MAX_CHECKS:
            yield _Said(
                f"{number!r:.60}", 0, None, "", "unknown criterion", f"prompt {short(prompt.id)} has no such check"
            )
            continue
        yield _evaluation(str(number), repeats[number], item, "evaluation_score", scale)
        repeats[number] += 1
    for number in range(max(repeats, default=-1)):
        if number not in repeats:
            yield _Said(str(number), 0, None, "", "missing criterion", "no score stands there")


def _decode(value: object, holder: str) -> list[Any]:
    """Return the list that a field holds, or that the JSON in it holds."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise InvalidError("missing field", f"{holder} holds no JSON ({error!s:.60})") from None
    if not isinstance(value, list) or not value:
        raise InvalidError("missing field", f"{holder} is {value!r:.60}, not a list of checks")
    return value


def _evaluation(criterion: str, repeat: int, item: object, key: str, scale: ScoreScale) -> _Said:
    if not isinstance(item, dict):
        return _Said(criterion, repeat, None, "", "not a score", f"{item!r:.60}, not an object with {key}")
    value, said = item.get(key), item.get("reason")
    reason = clean_text(said) if isinstance(said, str) else ""
    if value is None:
        return _Said(criterion, repeat, None, reason, "no score", f"{key} is null or not there")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not scale.holds(value):
        wanted = f"a number from {scale.lowest:g} to {scale.highest:g} in steps of {scale.step:g}"
        return _Said(criterion, repeat, None, reason, "not a score", f"{key} is {value!r:.60}, expected {wanted}")
    return _Said(criterion, repeat, float(value), reason)


def _text_of(row: TableRow) -> str | None:
    response = row.fields.get("response")
    return text_id(clean_text(response)) if isinstance(response, str) else None


def _score(line: int, prompt: Prompt, record: int, text: str | None, said: _Said) -> ReadScore:
    return ReadScore(
        line=line,
        prompt=prompt.text_id,
        prompt_id=prompt.id,
        criterion=said.criterion,
        record=record,
        repeat=said.repeat,
        score=said.score,
        invalid=said.invalid,
        detail=said.detail,
        reason=said.reason,
        text=text,
    )
