"""Rows that cannot be used: counted by kind, and how many of them are too many."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from arena_write.importing.errors import ImportingError
from arena_write.names import counted
from arena_write.reports.import_wording import invalid_rows
from arena_write.store import InvalidKind, InvalidRows

MAX_INVALID = 0.05
"""Share of invalid rows past which a file is not imported unasked."""
_LINES_KEPT = 5
_NAMES_SHOWN = 10


class InvalidError(Exception):
    """A row, or a part of one, is not what it should be.

    Args:
        kind: Which kind of fault it is.
        detail: What was found.
    """

    def __init__(self, kind: InvalidKind, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


def gather(invalid: Mapping[InvalidKind, Sequence[tuple[int, str]]]) -> tuple[InvalidRows, ...]:
    """Return what is kept of invalid rows, given the line and the detail of each, by kind."""
    return tuple(
        InvalidRows(
            kind=kind,
            rows=len(found),
            lines=tuple(line for line, _ in found[:_LINES_KEPT]),
            detail=found[0][1],
        )
        for kind, found in sorted(invalid.items())
    )


def require_valid(
    path: Path,
    valid: int,
    kinds: Sequence[InvalidRows],
    *,
    allow_invalid: bool,
    one: str,
    many: str,
    of: str = "row",
) -> None:
    """Refuse a file without anything valid, or with too much that is not.

    Args:
        path: The file.
        valid: How many of its rows, or parts of rows, can be used.
        kinds: The others.
        allow_invalid: Only refuse it where nothing can be used.
        one: What one of them should be.
        many: What they should be.
        of: What one of those counted is called.

    Raises:
        ImportingError: It is refused.
    """
    bad = sum(kind.rows for kind in kinds)
    rows = valid + bad
    if not rows:
        raise ImportingError(f"the file has a header and no {many}", path=path)
    if not valid:
        raise ImportingError(f"none of {counted(rows, of)} is a {one}. {invalid_rows(kinds)}", path=path)
    if bad > MAX_INVALID * rows and not allow_invalid:
        raise ImportingError(
            f"{bad} of {counted(rows, of)} {f'is no {one}' if bad == 1 else f'are no {many}'}, more than "
            f"{MAX_INVALID:.0%}. {invalid_rows(kinds)}. Mend {'it' if bad == 1 else 'them'}, or leave out what is none "
            "with --allow-invalid",
            path=path,
        )


def listed(names: Sequence[str]) -> str:
    """Join names for a message, the first ten and a count of the rest."""
    shown = ", ".join(short(name) for name in names[:_NAMES_SHOWN])
    return shown + (f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else "")


def short(text: str) -> str:
    """Return a text in quotes for a message, its first 60 characters."""
    return repr(text if len(text) <= 60 else text[:60] + "...")


def readable(name: str) -> str:
    """Return a file's name with a sign for each byte that is no text."""
    return name.encode("utf-8", "replace").decode("utf-8")
