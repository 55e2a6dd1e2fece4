"""The length a prompt asks for, from the benchmark's field and from the prompt's own words."""

from typing import Any

from arena_write.benchmarks.fields import Row
from arena_write.textstats.requests import LengthRequest, parse_length_request


def read_length_request(row: Row, key: str, *, text: str, language: str) -> LengthRequest | None:
    """Return the length request of a row whose field `key` holds a bare number.

    The words of the prompt are more precise than the number ("at least", "between", words or characters), so they win
    where they agree with it. Where they do not, they were about something else, such as one part of the text, and
    the number counts, as `about`. A missing, null, empty or zero field says nothing, and the words decide alone.

    Raises:
        BenchmarkError: The field is neither a whole number from 0 on, nor null, nor empty.
    """
    parsed = parse_length_request(text, language)
    value = read_required_length(row, key)
    if value is None or (parsed is not None and _agree(parsed, value)):
        return parsed
    return LengthRequest(
        lo=value, hi=value, unit="chars" if language == "zh" else "words", kind="about", source="field"
    )


def read_required_length(row: Row, key: str) -> int | None:
    """Return the bare number of a row's field `key`; nothing where it is missing, null, empty or zero.

    Raises:
        BenchmarkError: The field is neither a whole number from 0 on, nor null, nor empty.
    """
    value = row.fields.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise row.error(
            f"expected {key!r} to be a whole number (0 or null for none), found {value!r:.60}; write the number alone"
        )
    return value or None


def read_stated_length(row: Row, key: str) -> LengthRequest | None:
    """Return the length request that a row of our own states as an object; null means that none was asked for.

    Raises:
        BenchmarkError: The object has other fields than a length request, or they do not fit together.
    """
    value: Any = row.fields.get(key)
    if value is None:
        return None
    names = {"lo", "hi", "unit", "kind", "source"}
    if not isinstance(value, dict) or not {"unit", "kind"} <= set(value) <= names:
        found = f"an object with {sorted(value)}" if isinstance(value, dict) else f"{value!r:.60}"
        raise row.error(
            f"expected {key!r} to be an object {{lo, hi, unit, kind, source}} or null, found {found}; for a length in "
            "the prompt's own words leave the field out"
        )
    try:
        return LengthRequest(
            lo=value.get("lo"),
            hi=value.get("hi"),
            unit=value["unit"],
            kind=value["kind"],
            source=value.get("source", "field"),
        )
    except (ValueError, TypeError) as error:
        raise row.error(f"{key!r} is no length request: {error}; mend its numbers or its kind") from error


def _agree(request: LengthRequest, number: int) -> bool:
    """Say whether a benchmark's number can stand for the request: within 10 %, on an open side within a factor of 2."""
    low = request.lo if request.lo is not None else number if request.hi is None else request.hi / 2
    high = request.hi if request.hi is not None else low * 2
    return low * 0.9 <= number <= high * 1.1
