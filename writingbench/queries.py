"""The records of WritingBench's queries, in both schemas.

One JSON object per line: `index` (a whole number), `domain1`, `domain2`, `query`, since 2025-06 `lang`, and the
criteria: a `checklist` in the edition of 2025-04 (1,000 queries), `criteria` in the first one (1,239 queries). A
criterion is an object of strings: `name`, `criteria_description` and the five bands `1-2` to `9-10`.
"""

from collections.abc import Mapping
from typing import Any, Literal

from judges import BAND_NAMES, Criterion

Edition = Literal["v1", "2025-04"]
EDITIONS: Mapping[str, Edition] = {"criteria": "v1", "checklist": "2025-04"}
"""The edition of queries, by the field that holds their criteria."""


class QueryError(ValueError):
    """A field of a query is not as it must be; the message names it and says what was expected."""


def find_criteria(fields: Mapping[str, Any]) -> str:
    """Return the name of the field with a query's criteria.

    Raises:
        QueryError: There is none.
    """
    for key in EDITIONS:
        if key in fields:
            return key
    raise QueryError(f"expected the criteria in 'checklist' (or 'criteria', as in v1), found fields {sorted(fields)}")


def read_criteria(value: object, key: str) -> tuple[Criterion, ...]:
    """Return the criteria of a query, as WritingBench writes them or as `{name, description, bands}`.

    Args:
        value: What the field holds; null for none.
        key: Name of the field, for messages.

    Raises:
        QueryError: It is no list of criteria, one lacks a band, or one name stands twice.
    """
    if value is None:
        return ()
    if not isinstance(value, list):
        raise QueryError(f"expected {key!r} to be a list of criteria, found {value!r:.60}")
    criteria = tuple(_read_criterion(item, f"{key}[{number}]") for number, item in enumerate(value))
    names = [criterion.name for criterion in criteria]
    for name in names:
        if names.count(name) > 1:
            raise QueryError(f"the criterion {name!r} stands twice; give each its own name")
    return criteria


def _read_criterion(item: object, key: str) -> Criterion:
    if not isinstance(item, dict):
        raise QueryError(f"expected {key} to be an object {{name, description, bands}}, found {item!r:.60}")
    if set(item) == {"name", "criteria_description", *BAND_NAMES}:
        item = {
            "name": item["name"],
            "description": item["criteria_description"],
            "bands": [item[name] for name in BAND_NAMES],
        }
    if set(item) != {"name", "description", "bands"}:
        raise QueryError(
            f"expected {key} to be an object {{name, description, bands}} or {{name, criteria_description, "
            f"{', '.join(BAND_NAMES)}}}, found fields {sorted(item)}{_lacking(item)}"
        )
    bands = item["bands"]
    if isinstance(bands, dict) and set(bands) == set(BAND_NAMES):
        bands = [bands[name] for name in BAND_NAMES]
    if not isinstance(bands, list) or len(bands) != len(BAND_NAMES):
        raise QueryError(
            f"expected the bands of {key} to be {', '.join(BAND_NAMES)}, or a list of five, found {bands!r:.60}"
        )
    for value in (item["name"], item["description"], *bands):
        if not isinstance(value, str):
            raise QueryError(f"expected the texts of {key} to be strings, found {value!r:.60}")
    if not item["name"].strip():
        raise QueryError(f"{key} has no name; give it one")
    first, second, third, fourth, fifth = bands
    return Criterion(item["name"], item["description"], (first, second, third, fourth, fifth))


def _lacking(item: Mapping[str, Any]) -> str:
    """Return which bands a criterion in WritingBench's own form lacks, for the message."""
    lacking = [name for name in BAND_NAMES if name not in item] if "criteria_description" in item else []
    return f"; add {', '.join(lacking)}" if lacking else ""
