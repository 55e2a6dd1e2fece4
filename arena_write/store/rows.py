"""Append-only JSONL files: one row a line, UTF-8, split on `\n` only.

A reader takes complete lines and forgives a last one that a killed writer left torn. A writer repairs it on opening.
Real texts hold U+2028 and its like, so lines are never split by what Unicode calls a line.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Generic, Self, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, from_json

from arena_write.store.errors import ReadError, RowError, StoreError, VersionError, WriteError
from arena_write.store.records import FORMAT

Row = TypeVar("Row")


class RowFile(Generic[Row]):
    """One JSONL file of rows of one type."""

    def __init__(self, path: Path, row_type: TypeAdapter[Row]) -> None:
        self.path = path
        self._rows = row_type

    def read(self) -> Iterator[Row]:
        """Yield the rows in file order; nothing where the file does not exist.

        Raises:
            RowError: A complete line is not a valid row; names file, line and field.
            VersionError: A row has another format.
            ReadError: The file is there and cannot be read.
        """
        for number, line in self._lines():
            yield self._parse(line, number)

    def check(self) -> None:
        """Read the whole file strictly and raise at the first bad row; see `read`."""
        for _ in self.read():
            pass

    def append(self) -> "RowWriter[Row]":
        """Open the file for appending, made with its folder where absent, its torn last line repaired."""
        return RowWriter(self.path, self._rows)

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        try:
            if self.path.is_char_device():
                return  # /dev/full, where a test fills the disk, never ends
            with self.path.open("rb") as file:
                for number, line in enumerate(file, start=1):
                    if line.endswith(b"\n") or _is_whole(line):
                        yield number, line
        except FileNotFoundError:
            return
        except OSError as error:
            raise ReadError(self.path, error) from error

    def _parse(self, line: bytes, number: int) -> Row:
        try:
            return self._rows.validate_json(line, strict=True)
        except ValidationError as error:
            raise row_error(self.path, number, line, error) from None


class RowWriter(Generic[Row]):
    """Appends rows, each with one write, so that a kill leaves at most one torn line."""

    def __init__(self, path: Path, row_type: TypeAdapter[Row]) -> None:
        self.path = path
        self._rows = row_type
        self._file = -1
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o644)
            self._repair()
        except OSError as error:
            self.close()
            raise WriteError(path, error) from error

    def write(self, row: Row) -> None:
        """Append one row, as a reader will accept it.

        Raises:
            StoreError: The row could not be read again; nothing is written, for one such row closes the whole file.
            WriteError: The disk is full or the file cannot be written; rows written before are kept.
        """
        line = self._line(row)
        written = 0
        try:
            while written < len(line):
                written += os.write(self._file, line[written:])
        except OSError as error:
            if written:
                with suppress(OSError):
                    os.ftruncate(self._file, os.fstat(self._file).st_size - written)
            raise WriteError(self.path, error) from error

    def close(self) -> None:
        """Close the file; closing twice does no harm."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _line(self, row: Row) -> bytes:
        try:
            line = self._rows.dump_json(row, warnings=False)  # what follows is the stricter check
            self._rows.validate_json(line, strict=True)
        except PydanticSerializationError as error:
            raise StoreError(f"a row for {self.path} was refused: {error}") from error
        except ValidationError as error:
            raise StoreError(f"a row for {self.path} was refused: {first_problem(error, whole='row')}") from error
        return line + b"\n"

    def _repair(self) -> None:
        """Drop what a killed writer left behind the last newline; a whole object that lost only its newline is kept.

        An object that is no valid row is kept too, for the reader to refuse by name: no part of a row is an object.
        """
        size = os.fstat(self._file).st_size
        if size == 0:
            return
        start, tail = size, b""
        while start > 0 and b"\n" not in tail:
            step = min(start, 1 << 16)
            start -= step
            os.lseek(self._file, start, os.SEEK_SET)
            tail = os.read(self._file, step) + tail
        torn = tail[tail.rfind(b"\n") + 1 :]
        if not torn:
            return
        if _is_whole(torn):
            os.write(self._file, b"\n")
        else:
            os.ftruncate(self._file, size - len(torn))


def _is_whole(line: bytes) -> bool:
    """Say whether a last line lost only its newline: no part of a row is an object, so it is the whole row."""
    try:
        from_json(line)
    except ValueError:
        return False
    return True


def row_error(
    path: Path,
    number: int,
    line: bytes,
    error: ValidationError,
    *,
    remedy: str = "delete the line, or restore the file from a copy",
) -> RowError:
    """Return what to say of a line that is not a valid row."""
    try:
        found = from_json(line)
    except ValueError:
        return RowError(path, number, f"not a JSON object; {remedy}")
    if isinstance(found, dict) and found.get("v", FORMAT) != FORMAT:
        return VersionError(path, number, found["v"])
    problem = first_problem(error, whole="row")
    return RowError(path, number, f"{problem}; {remedy}")


def first_problem(error: ValidationError, *, whole: str) -> str:
    """Return the first thing wrong, with its field; `whole` names the place where it is no single field."""
    first = error.errors(include_url=False, include_input=False)[0]
    return f"field {'.'.join(str(part) for part in first['loc']) or whole}: {first['msg']}"
