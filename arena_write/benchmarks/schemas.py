"""The row schemas in which benchmarks come, told apart by their fields, and how each becomes a prompt."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from arena_write.benchmarks import longbench_write
from arena_write.benchmarks.baselines import read_baselines
from arena_write.benchmarks.fields import Row
from arena_write.benchmarks.frozen import BASELINES
from arena_write.benchmarks.frozen import FIELD as FROZEN
from arena_write.benchmarks.lengths import read_length_request, read_required_length, read_stated_length
from arena_write.benchmarks.prompts import Prompt
from arena_write.textstats.language import detect_language
from arena_write.textstats.requests import parse_length_request
from judges import Criterion
from writingbench.queries import QueryError, find_criteria, read_criteria

OWN = "prompts"
"""Name of our own schema."""
WRITINGBENCH = "writingbench"
"""Name of the schema of WritingBench's queries."""
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_UNKNOWN = "und"


@dataclass(frozen=True, slots=True)
class Schema:
    """One way in which rows are written.

    Args:
        name: For messages.
        keys: Fields that every row has.
        read: Turns a row into a prompt.
        baselines: The field with baseline answers, where the schema has one.
    """

    name: str
    keys: tuple[str, ...]
    read: Callable[[Row], Prompt]
    baselines: str | None = None

    def fits(self, row: Mapping[str, Any]) -> bool:
        """Say whether a row has the schema's fields."""
        return all(key in row for key in self.keys)

    def read_baselines(self, row: Row) -> dict[str, str | None]:
        """Return the baseline answers of a row by name."""
        return read_baselines(row, self.baselines) if self.baselines else {}


def read_own(row: Row) -> Prompt:
    """Read a row of our own `prompts.jsonl`, as a results folder holds it or as people write it."""
    known = [*(item.name for item in fields(Prompt)), BASELINES, FROZEN]
    unknown = sorted(set(row.fields) - set(known))
    if unknown:
        raise row.error(f"unknown field {unknown[0]!r}; a prompt has {', '.join(known)}")
    text = row.text("text")
    language = _language(row, text)
    stated = "length" in row.fields
    criteria = _criteria(row, "criteria")
    return Prompt(
        id=row.id("id"),
        text=text,
        language=language,
        type=row.label("type"),
        domain=row.label("domain"),
        subdomain=row.label("subdomain"),
        length=read_stated_length(row, "length") if stated else parse_length_request(text, language),
        criteria=criteria,
        requirements=_requirements(row, criteria),
        required_length=read_required_length(row, "required_length"),
    )


def read_hellobench(row: Row) -> Prompt:
    """Read a row of HelloBench (arXiv 2409.16191)."""
    text = row.text("instruction")
    language = _language(row, text)
    length = parse_length_request(text, language)
    return Prompt(id=row.id("id"), text=text, language=language, type=row.label("category"), length=length)


def read_arena_write(row: Row) -> Prompt:
    """Read a row of Arena-Write (arXiv 2506.18841)."""
    return _with_number(row, row.id("idx"), "question")


def read_writingbench(row: Row) -> Prompt:
    """Read a query of WritingBench (arXiv 2503.05244) in either schema; see `writingbench.queries`.

    Its queries are English or Chinese: one without `lang` that is neither for certain, such as an English table of
    figures, is English.
    """
    text = row.text("query")
    language = _language(row, text, key="lang")
    if language == _UNKNOWN and row.label("lang") is None:
        language = "en"
    try:
        key = find_criteria(row.fields)
    except QueryError as error:
        raise row.error(str(error)) from error
    return Prompt(
        id=row.whole_number("index"),
        text=text,
        language=language,
        domain=row.label("domain1"),
        subdomain=row.label("domain2"),
        length=parse_length_request(text, language),
        criteria=_criteria(row, key),
    )


def read_arena_hard(row: Row) -> Prompt:
    """Read a question of Arena-Hard-Auto (lmarena/arena-hard-auto); the kind of its text is the subcategory of v2."""
    text = row.text("prompt")
    language = _language(row, text)
    length = parse_length_request(text, language)
    kind = row.label("subcategory") or row.label("category")
    return Prompt(id=row.id("uid"), text=text, language=language, type=kind, length=length)


def read_longbench_write(row: Row) -> Prompt:
    """Read a row of LongBench-Write (arXiv 2408.07055), which has no ids: the line's number serves.

    It brings no criteria either: its six dimensions, in our own words, are those of every row.
    """
    prompt = _with_number(row, str(row.line), "prompt")
    required = read_required_length(row, "length")
    return replace(prompt, criteria=longbench_write.criteria(prompt.language), required_length=required)


SCHEMAS = (
    Schema("arena-write", ("idx", "question"), read_arena_write, baselines="baseline_response"),
    Schema("hellobench", ("id", "instruction"), read_hellobench),
    Schema(OWN, ("id", "text"), read_own, baselines=BASELINES),
    Schema(WRITINGBENCH, ("index", "query"), read_writingbench),
    Schema("arena-hard", ("uid", "prompt"), read_arena_hard),
    Schema(longbench_write.NAME, ("prompt", "length"), read_longbench_write),
)
"""The known schemas, in the order in which they are tried."""


def find_schema(row: Row) -> Schema:
    """Return the schema of a row.

    Raises:
        BenchmarkError: It has none, or holds an answer: then the file is one of outputs, not of prompts.
    """
    if "response" in row.fields or {"prompt_id", "text"} <= set(row.fields):
        raise row.error(
            f"expected prompts, found recorded outputs (fields {sorted(row.fields)}); give this file as --model or "
            "--baseline, and the prompts as --benchmark"
        )
    for schema in SCHEMAS:
        if schema.fits(row.fields):
            return schema
    known = ", ".join(f"{schema.name} {{{', '.join(schema.keys)}, ...}}" for schema in SCHEMAS)
    raise row.error(
        f"no known benchmark has the fields {sorted(row.fields)}; known are {known}. Rename the fields to "
        "`id` and `text`"
    )


def _with_number(row: Row, prompt_id: str, text_key: str) -> Prompt:
    text = row.text(text_key)
    language = _language(row, text)
    length = read_length_request(row, "length", text=text, language=language)
    return Prompt(id=prompt_id, text=text, language=language, type=row.label("type"), length=length)


def _language(row: Row, text: str, *, key: str = "language") -> str:
    stated = row.label(key)
    if stated is None:
        return detect_language(text)
    language = stated.strip().lower().replace("_", "-").split("-")[0]
    if not _LANGUAGE.fullmatch(language):
        raise row.error(
            f"expected {key!r} to be a code such as en or zh, found {stated!r:.60}; mend it or leave it out"
        )
    return language


def _criteria(row: Row, key: str) -> tuple[Criterion, ...]:
    try:
        criteria = read_criteria(row.fields.get(key), key)
    except QueryError as error:
        raise row.error(str(error)) from error
    for number, criterion in enumerate(criteria):
        for value in (criterion.name, criterion.description, *criterion.bands):
            row.encodable(value, f"{key}[{number}]")
    return criteria


def _requirements(row: Row, criteria: tuple[Criterion, ...]) -> dict[str, tuple[str, ...]]:
    """Return the requirements of a row of our own: lists of names of its criteria, by the requirement's name."""
    value = row.fields.get("requirements") or {}
    if not isinstance(value, dict):
        raise row.error(f"expected 'requirements' to be an object of lists of names of criteria, found {value!r:.60}")
    known = {criterion.name for criterion in criteria}
    for name, tested in value.items():
        if not isinstance(tested, list) or not all(isinstance(one, str) and one in known for one in tested):
            raise row.error(
                f"expected 'requirements' to say of {name!r} which of the prompt's criteria test it, found "
                f"{tested!r:.60}"
            )
    return {name: tuple(tested) for name, tested in value.items()}
