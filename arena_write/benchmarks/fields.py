"""Checked access to the fields of one row of a benchmark file: every error names file, line and field."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from arena_write.benchmarks.errors import BenchmarkError


@dataclass(frozen=True, slots=True)
class Row:
    """One object of a file, or of a data set on the hub, that knows where it stands.

    Args:
        fields: The object.
        source: The file's path, or the name of the data set.
        line: 1-based line or row.
    """

    fields: Mapping[str, Any]
    source: str
    line: int

    def error(self, message: str) -> BenchmarkError:
        """Return an error that names this row."""
        return BenchmarkError(message, path=self.source, line=self.line)

    def text(self, key: str) -> str:
        """Return a string that has to be there, unchanged.

        Raises:
            BenchmarkError: It is missing, blank, not a string, or holds a lone surrogate.
        """
        value = self.optional_text(key)
        if value is None:
            raise self.error(f"expected {key!r} to be a string, found {self._found(key)}; give the text")
        if not value.strip():
            raise self.error(f"{key!r} is empty; give the text or remove the row")
        return value

    def optional_text(self, key: str) -> str | None:
        """Return a string, or `None` where it is missing or null.

        Raises:
            BenchmarkError: It is not a string, or holds a lone surrogate.
        """
        value = self.fields.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self.error(f"expected {key!r} to be a string, found {value!r:.60}; write it in quotation marks")
        return self.encodable(value, key)

    def label(self, key: str) -> str | None:
        """Return a string for people, or `None` where it is missing, null or blank."""
        value = self.optional_text(key)
        return value if value and value.strip() else None

    def id(self, key: str) -> str:
        """Return an id, which may be written as a string or as a whole number.

        Raises:
            BenchmarkError: It is neither, or empty.
        """
        value = self.fields.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str) or not value.strip():
            raise self.error(
                f"expected {key!r} to be a string or a whole number, found {self._found(key)}; give each row an id"
            )
        return self.encodable(value, key)

    def whole_number(self, key: str) -> str:
        """Return an id that is a whole number.

        Raises:
            BenchmarkError: It is something else, such as a number in quotation marks.
        """
        value = self.fields.get(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.error(
                f"expected {key!r} to be a whole number, found {self._found(key)}; write it without quotation marks"
            )
        return str(value)

    def encodable(self, value: str, key: str) -> str:
        """Return `value`, or refuse it for a lone surrogate, which can be neither encoded nor hashed.

        Raises:
            BenchmarkError: It holds one.
        """
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise self.error(
                f"{key!r} holds a lone surrogate (\\u{ord(value[error.start]):04x}), half of a character, at character "
                f"{error.start + 1}; write the whole character"
            ) from None
        return value

    def _found(self, key: str) -> str:
        return f"{self.fields[key]!r:.60}" if key in self.fields else "no such field"
