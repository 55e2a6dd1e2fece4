"""A file of rows with named columns, CSV or JSON Lines: numbered rows, with those that are none named, not skipped.

The whole file is in memory, for its hash is its identity.
"""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from arena_write.importing.errors import ImportingError, ImportingUsageError
from arena_write.jsonl import ARRAY, JsonlError, parse_object
from arena_write.spreadsheets import unguard_cell
from arena_write.store import InvalidKind

_LARGEST = 2**31 - 1
"""Characters that a field may have; the module's own bound of 131,072 is less than a long answer."""

_UNDECODED = "a byte that is not UTF-8"
_SEPARATORS = {b";": "semicolons", b"\t": "tabs", b"|": "bars"}
"""What stands between columns where it is not the comma."""
_MARK = b"\xef\xbb\xbf"
"""What some programs put before UTF-8."""


class TableRow(NamedTuple):
    """A row of a file: its fields by column, or why it has none.

    Args:
        line: Number of its (first) line, from 1.
        fields: What it holds; in CSV strings, in JSON Lines anything.
        invalid: Why it cannot be read.
        detail: What was found.
    """

    line: int
    fields: dict[str, Any]
    invalid: InvalidKind | None = None
    detail: str = ""


@dataclass(frozen=True)
class Table:
    """A file of rows.

    Args:
        path: The file.
        columns: Names of the columns; of JSON Lines, those that any object has.
        rows: The rows, to be read once. Blank lines are no rows.
    """

    path: Path
    columns: tuple[str, ...]
    rows: Iterator[TableRow]


def read_bytes(path: Path) -> bytes:
    """Return what a file holds.

    Raises:
        ImportingUsageError: There is no such file.
        ImportingError: It cannot be read, or is empty.
    """
    try:
        data = path.read_bytes()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise ImportingUsageError(f"there is no such file ({error.strerror})", path=path) from error
    except OSError as error:
        raise ImportingError(f"cannot be read: {error.strerror or error}", path=path) from error
    if not data.removeprefix(_MARK).strip():
        raise ImportingError("the file is empty; expected CSV with a header, or JSON Lines", path=path)
    return data


def read_table(data: bytes, path: Path) -> Table:
    """Read a file: JSON Lines where it begins with a brace, else CSV with commas and a header.

    Args:
        data: What the file holds.
        path: Its name, for messages.

    Raises:
        ImportingError: It has no header, no row at all, is a JSON array, or has no commas between columns; while rows
            are read: its quotes are broken, so that nobody can say where rows begin.
    """
    begin = data.removeprefix(_MARK).lstrip()[:1]
    if begin == b"[":
        raise ImportingError(ARRAY, path=path)
    if begin == b"{":
        return read_jsonl(data, path)
    return _read_csv(data, path)


def read_jsonl(data: bytes, path: Path) -> Table:
    """Read JSON Lines.

    Raises:
        ImportingError: No line is an object.
    """
    rows = list(_objects(data.removeprefix(_MARK), path))
    columns = dict.fromkeys(name for row in rows for name in row.fields)
    if all(row.invalid for row in rows):
        said = rows[0].detail
        mend = "" if "per line" in said else "; write one object per line"
        raise ImportingError(f"no line is a JSON object: {said}{mend}", path=path, line=rows[0].line)
    return Table(path, tuple(columns), iter(rows))


def _objects(data: bytes, path: Path) -> Iterator[TableRow]:
    for number, raw in enumerate(io.BytesIO(data), start=1):
        if not raw.strip():
            continue
        try:
            yield TableRow(number, parse_object(path, number, raw))
        except JsonlError as error:
            if isinstance(error.__cause__, UnicodeDecodeError):
                yield TableRow(number, {}, "not UTF-8", _UNDECODED)
            else:
                yield TableRow(number, {}, "not an object", error.message)


def _read_csv(data: bytes, path: Path) -> Table:
    first = data.removeprefix(_MARK).lstrip().splitlines()[0]
    for separator, name in _SEPARATORS.items():
        if separator in first and b"," not in first:
            raise ImportingError(
                f"{name} stand between the columns, and commas are wanted; save the file again as CSV with commas, or "
                f"in pandas: read_csv(OLD, sep={separator.decode()!r}).to_csv(NEW, index=False)",
                path=path,
                line=1,
            )
    numbered = _records(data, path)
    line, header = next(numbered)
    if not is_text("".join(header)):
        raise ImportingError("the header is not UTF-8; save the file as UTF-8", path=path, line=line)
    columns = tuple(name.strip() for name in header)
    return Table(path, columns, (_row(line, record, columns) for line, record in numbered))


def _row(line: int, record: list[str], columns: tuple[str, ...]) -> TableRow:
    if len(record) != len(columns):
        return TableRow(line, {}, "wrong number of columns", f"{len(record)}, the header has {len(columns)}")
    if not is_text("".join(record)):
        return TableRow(line, {}, "not UTF-8", _UNDECODED)
    return TableRow(line, dict(zip(columns, map(unguard_cell, record), strict=True)))


def _records(data: bytes, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the fields of each record, with the number of its first line."""
    text = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", errors="surrogateescape", newline="")
    reader = csv.reader(text, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            with _long_fields():
                record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ImportingError(
                f"the quotes of this row are broken ({error}), so nobody can say where the next rows begin; mend it",
                path=path,
                line=line,
            ) from error
        if record:
            yield line, record


@contextmanager
def _long_fields() -> Iterator[None]:
    bound = csv.field_size_limit(_LARGEST)
    try:
        yield
    finally:
        csv.field_size_limit(bound)


def is_text(text: str) -> bool:
    """Return whether a text could be decoded: what could not stands in it as lone surrogates."""
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
