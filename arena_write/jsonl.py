"""Strict reading of JSON Lines files that people hand to the harness: one line reader for prompts and recorded outputs.

Lines end at a line feed and nowhere else. Real texts hold U+2028, U+0085 and other characters at which
`str.splitlines` would cut them in two.
"""

import codecs
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_BLANK = b" \t\r\n"
ARRAY = (
    "the file is one JSON array; wanted is JSON Lines, one object per line with neither brackets nor commas around it: "
    "jq -c '.[]' OLD > NEW.jsonl writes that"
)
"""What is said of a file that begins with a bracket."""


class JsonlError(ValueError):
    """A file is not one JSON object per line, in UTF-8.

    Args:
        path: The file.
        line: 1-based number of the line; `None` where the file as a whole is at fault.
        message: What was expected, what was found and what to do.
    """

    def __init__(self, path: Path, line: int | None, message: str) -> None:
        super().__init__(f"{located(path, line)}: {message}")
        self.path = path
        self.line = line
        self.message = message


def located(path: Path | str, line: int | None) -> str:
    """Return `path:line`, or only the path where no line is at fault: how every message about a file begins."""
    return f"{path}" if line is None else f"{path}:{line}"


def read_objects(path: Path | str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number and the object of each line, in order; lines of blanks are skipped.

    A byte order mark and carriage returns at line ends are tolerated. Nothing else is: no second value for one name in
    an object, no `NaN`, no file without any object.

    Raises:
        JsonlError: The file cannot be read, is empty, or a line is not UTF-8 or not one JSON object.
    """
    for number, found in read_lines(path):
        if isinstance(found, JsonlError):
            raise found
        yield number, found


def read_lines(path: Path | str) -> Iterator[tuple[int, dict[str, Any] | JsonlError]]:
    """Yield the number of each line with its object, or with what is wrong with it, for who counts such lines.

    Raises:
        JsonlError: The file cannot be read, or is empty.
    """
    path = Path(path)
    offset, found = 0, False
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                line = raw
                if number == 1 and raw.startswith(codecs.BOM_UTF8):
                    line = raw[len(codecs.BOM_UTF8) :]
                if line.strip(_BLANK):
                    yield number, _parse(path, number, line, offset=offset + len(raw) - len(line))
                    found = True
                offset += len(raw)
    except IsADirectoryError as error:
        raise JsonlError(path, None, "is a folder; expected a file of JSON Lines") from error
    except OSError as error:
        raise JsonlError(path, None, f"cannot be read: {error.strerror or error}") from error
    if not found:
        raise JsonlError(path, None, "the file is empty; expected one JSON object per line")


def _parse(path: Path, number: int, raw: bytes, *, offset: int) -> dict[str, Any] | JsonlError:
    try:
        return parse_object(path, number, raw, offset=offset)
    except JsonlError as error:
        return error


def parse_object(path: Path, number: int, raw: bytes, *, offset: int = 0) -> dict[str, Any]:
    """Return the object of one line.

    Args:
        path: The file, for messages.
        number: 1-based number of the line, for messages.
        raw: The line.
        offset: Where in the file it begins.

    Raises:
        JsonlError: The line is not UTF-8 or not one JSON object.
    """
    try:
        text = raw.rstrip(b"\r\n").decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"byte {offset + error.start} of the file is not UTF-8; save the file as UTF-8"
        raise JsonlError(path, number, message) from error
    if number == 1 and text.lstrip().startswith("["):
        raise JsonlError(path, number, ARRAY)
    try:
        value = json.loads(text, object_pairs_hook=_refuse_repeats, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        message = f"expected one JSON object, found invalid JSON at column {error.colno}: {error.msg}"
        if number == 1 and "{" not in text and "," in text:
            message += "; the file looks like CSV: write one JSON object per line"
        raise JsonlError(path, number, message) from error
    except (ValueError, RecursionError) as error:
        message = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise JsonlError(path, number, f"expected one JSON object, found invalid JSON: {message}") from error
    if not isinstance(value, dict):
        kinds = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
        found = kinds.get(type(value), "a number")
        raise JsonlError(path, number, f"expected one JSON object, found {found}; write one object per line")
    return value


def _refuse_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        repeated = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the name {repeated!r} stands twice in one object")
    return fields


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON; write null")
