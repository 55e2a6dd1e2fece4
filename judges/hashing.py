"""Content hashes: the only identity that texts, judges and keys have.

A hash is taken over content alone, never over a name, a path or a time, so that a verdict can never attach to a text it
did not judge.
"""

import hashlib
import json
from collections.abc import Mapping


def text_id(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, as 64 hex digits.

    The text is hashed exactly as it is: no trimming and no Unicode normalisation.

    Raises:
        UnicodeEncodeError: The text holds a lone surrogate; texts are cleaned where they enter (see
            `arena_write.generators.answers.clean_text`).
    """
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def content_id(*parts: object) -> str:
    """Return the first 32 hex digits of the SHA-256 over the canonical JSON of `parts`.

    Canonical JSON has sorted keys, no spaces and unescaped Unicode. Keys whose value is `None` are left out, so that a
    field added later with the default `None` changes no existing id, and 1.0 is written as 1. Parts are strings,
    numbers, booleans, `None`, and lists or mappings (with names that are strings) of these.

    Raises:
        TypeError: A part is of another type.
        ValueError: A number is not finite.
    """
    return hashlib.sha256(_JSON.encode(_canonical(parts)).encode("utf-8")).hexdigest()[:32]


_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
"""Made once: rows are held against their keys by the hundred thousand."""


def _canonical(value: object) -> object:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("the names in a mapping are strings: as JSON, 1 and '1' would be the same")
        return {key: _canonical(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [_canonical(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
