"""The row schemas in which benchmarks come, told apart by their fields, and how each becomes a prompt."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from arena_write.benchmarks.baselines import read_baselines
from arena_write.benchmarks.fields import Row
from arena_write.benchmarks.lengths import read_length_request, read_stated_length
from arena_write.benchmarks.prompts import Prompt
from arena_write.textstats.language import detect_language
from arena_write.textstats.requests import parse_length_request
from judges import BAND_NAMES, Criterion

_LANGUAGE = re.compile(r"[a-z]{2,3}")


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
    known = [item.name for item in fields(Prompt)]
    unknown = sorted(set(row.fields) - set(known))
    if unknown:
        raise row.error(f"unknown field {unknown[0]!r}; a prompt has {', '.join(known)}")
    text = row.text("text")
    language = _language(row, text)
    stated = "length" in row.fields
    return Prompt(
        id=row.id("id"),
        text=text,
        language=language,
        type=row.label("type"),
        domain=row.label("domain"),
        subdomain=row.label("subdomain"),
        length=read_stated_length(row, "length") if stated else parse_length_request(text, language),
        criteria=_criteria(row, "criteria"),
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
    """Read a query of WritingBench (arXiv 2503.05244): its criteria are a `checklist`, in v1 `criteria`."""
    text = row.text("query")
    language = _language(row, text, key="lang")
    return Prompt(
        id=row.id("index"),
        text=text,
        language=language,
        domain=row.label("domain1"),
        subdomain=row.label("domain2"),
        length=parse_length_request(text, language),
        criteria=_criteria(row, "checklist" if "checklist" in row.fields else "criteria"),
    )


def read_arena_hard(row: Row) -> Prompt:
    """Read a question of Arena-Hard-Auto (lmarena/arena-hard-auto); the kind of its text is the subcategory of v2."""
    text = row.text("prompt")
    language = _language(row, text)
    length = parse_length_request(text, language)
    kind = row.label("subcategory") or row.label("category")
    return Prompt(id=row.id("uid"), text=text, language=language, type=kind, length=length)


def read_longbench_write(row: Row) -> Prompt:
    """Read a row of LongBench-Write (arXiv 2408.07055), which has no ids: the line's number serves."""
    return _with_number(row, str(row.line), "prompt")


SCHEMAS = (
    Schema("arena-write", ("idx", "question"), read_arena_write, baselines="baseline_response"),
    Schema("hellobench", ("id", "instruction"), read_hellobench),
    Schema("prompts", ("id", "text"), read_own),
    Schema("writingbench", ("index", "query"), read_writingbench),
    Schema("arena-hard", ("uid", "prompt"), read_arena_hard),
    Schema("longbench-write", ("prompt", "length"), read_longbench_write),
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
    value = row.fields.get(key)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise row.error(f"expected {key!r} to be a list of criteria, found {value!r:.60}")
    criteria = tuple(_criterion(row, item, f"{key}[{number}]") for number, item in enumerate(value))
    names = [criterion.name for criterion in criteria]
    for name in names:
        if names.count(name) > 1:
            raise row.error(f"the criterion {name!r} stands twice; give each its own name")
    return criteria


def _criterion(row: Row, item: object, key: str) -> Criterion:
    if not isinstance(item, dict):
        raise row.error(f"expected {key} to be an object {{name, description, bands}}, found {item!r:.60}")
    if set(item) == {"name", "criteria_description", *BAND_NAMES}:  # as WritingBench writes it
        item = {
            "name": item["name"],
            "description": item["criteria_description"],
            "bands": [item[name] for name in BAND_NAMES],
        }
    if set(item) != {"name", "description", "bands"}:
        raise row.error(
            f"expected {key} to be an object {{name, description, bands}} or {{name, criteria_description, "
            f"{', '.join(BAND_NAMES)}}}, found fields {sorted(item)}"
        )
    bands = item["bands"]
    if isinstance(bands, dict) and set(bands) == set(BAND_NAMES):
        bands = [bands[name] for name in BAND_NAMES]
    if not isinstance(bands, list) or len(bands) != len(BAND_NAMES):
        raise row.error(
            f"expected the bands of {key} to be {', '.join(BAND_NAMES)}, or a list of five, found {bands!r:.60}"
        )
    for value in (item["name"], item["description"], *bands):
        if not isinstance(value, str):
            raise row.error(f"expected the texts of {key} to be strings, found {value!r:.60}")
        row.encodable(value, key)
    if not item["name"].strip():
        raise row.error(f"{key} has no name; give it one")
    first, second, third, fourth, fifth = bands
    return Criterion(item["name"], item["description"], (first, second, third, fourth, fifth))
