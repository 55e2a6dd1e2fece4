"""The baseline answers inside a benchmark's rows, in the shapes in which they may come.

The structure of `baseline_response` in Arena-Write is not documented, and the example row of its card shows an empty
string; so each plausible shape is read, and any other is refused.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from arena_write.benchmarks.errors import BenchmarkError
from arena_write.benchmarks.fields import Row
from arena_write.benchmarks.prompts import BaselineTexts

_NAME_KEYS = ("model", "name")
_TEXT_KEYS = ("response", "text", "output", "content")


def read_baselines(row: Row, key: str) -> dict[str, str | None]:
    """Return the baseline answers of one row by name; `None` where a named answer is missing.

    A string is the one baseline `baseline`, a list of strings `baseline-1`, `baseline-2`, ...; a mapping, or a list of
    objects with a name and a text, names them itself. Null and empty values hold none.

    Raises:
        BenchmarkError: The field has another shape, or one name stands twice.
    """
    value = row.fields.get(key)
    if value is None or value in ("", [], {}):
        return {}
    if isinstance(value, str):
        return {"baseline": row.encodable(value, key)}
    if isinstance(value, dict):
        return dict(_entry(row, key, name, text) for name, text in value.items())
    if isinstance(value, list) and all(item is None or isinstance(item, str) for item in value):
        return dict(_entry(row, key, f"baseline-{number}", text) for number, text in enumerate(value, start=1))
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return _read_objects(row, key, value)
    kinds = sorted({type(item).__name__ for item in value}) if isinstance(value, list) else None
    found = f"a list of {' and '.join(kinds)}" if kinds else f"{value!r:.60}"
    raise row.error(
        f"expected {key!r} to be a string, a mapping from names to strings, a list of strings, or a list of objects "
        f"with a name ({' or '.join(_NAME_KEYS)}) and a text ({', '.join(_TEXT_KEYS)}), found {found}"
    )


def _read_objects(row: Row, key: str, items: list[dict[str, Any]]) -> dict[str, str | None]:
    answers: dict[str, str | None] = {}
    for number, item in enumerate(items, start=1):
        name_key, text_key = _present(item, _NAME_KEYS), _present(item, _TEXT_KEYS)
        if name_key is None or text_key is None:
            raise row.error(
                f"entry {number} of {key!r} has the fields {sorted(item)}; expected a name ({' or '.join(_NAME_KEYS)}) "
                f"and a text ({', '.join(_TEXT_KEYS)})"
            )
        name, text = _entry(row, key, item[name_key], item[text_key])
        if name in answers:
            raise row.error(f"{key!r} names the baseline {name!r} twice; give each answer its own name")
        answers[name] = text
    return answers


def _present(item: Mapping[str, Any], keys: tuple[str, ...]) -> str | None:
    """Return the first key with a value, or else the first key; the hub fills fields that a row lacks with null."""
    keys = tuple(key for key in keys if key in item)
    return next((key for key in keys if item[key] is not None), keys[0] if keys else None)


def _entry(row: Row, key: str, name: object, text: object) -> tuple[str, str | None]:
    if not isinstance(name, str) or not name.strip():
        raise row.error(f"expected the names in {key!r} to be non-empty strings, found {name!r:.60}")
    if text is not None and not isinstance(text, str):
        raise row.error(f"expected the answer of {name!r} in {key!r} to be a string, found {text!r:.60}")
    return row.encodable(name, key), row.encodable(text, key) if text else None


def gather_baselines(
    answers: Mapping[str, Mapping[str, str | None]], *, lines: Mapping[str, int], source: str
) -> tuple[BaselineTexts, ...]:
    """Turn the answers of all rows into baselines, in the order in which their names first appear.

    Args:
        answers: Baseline answers by prompt id and name.
        lines: Line of each prompt id.
        source: Where they were read, for messages.

    Raises:
        BenchmarkError: A baseline has no answer in some row; names baselines and rows.
    """
    names = list(dict.fromkeys(name for row in answers.values() for name in row))
    gaps = {name: [lines[key] for key, row in answers.items() if row.get(name) is None] for name in names}
    missing = "; ".join(
        f"{name!r} in {len(rows)} of {len(answers)} rows (lines {_list(rows)})" for name, rows in gaps.items() if rows
    )
    if missing:
        raise BenchmarkError(
            f"every baseline needs an answer in every row; missing: {missing}. Add these answers, or remove the "
            "baseline from every row",
            path=source,
        )
    return tuple(
        BaselineTexts(name, {key: text for key, row in answers.items() if (text := row[name]) is not None})
        for name in names
    )


def _list(numbers: Iterable[int]) -> str:
    shown = list(numbers)
    return ", ".join(map(str, shown[:5])) + (", ..." if len(shown) > 5 else "")
