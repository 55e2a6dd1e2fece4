"""What can go wrong with a results folder, in words that say what to do."""

from pathlib import Path


class StoreError(Exception):
    """A results folder cannot be read or written."""


class RowError(StoreError):
    """A row of a results file cannot be read."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")
        self.path = path
        self.line = line


class ReadError(StoreError):
    """A file is there and cannot be opened or read."""

    def __init__(self, path: Path, cause: OSError) -> None:
        super().__init__(f"cannot read {path}: {cause.strerror or cause}. Mend the permissions, or the disk.")
        self.path = path


class VersionError(RowError):
    """A row was written by a version of arena-write with another format."""

    def __init__(self, path: Path, line: int, found: object) -> None:
        super().__init__(
            path,
            line,
            f"this row has format {found!r}, this version of arena-write reads format 1. "
            "Use the version that wrote the folder, or give a fresh one with --results.",
        )


class LockedError(StoreError):
    """Another process writes to this results folder."""


class WriteError(StoreError):
    """A row could not be written; every row before it is kept."""

    def __init__(self, path: Path, cause: OSError) -> None:
        super().__init__(
            f"cannot write to {path}: {cause.strerror or cause}. Every row written before is kept; "
            "make room (or mend the permissions) and run the same command again."
        )
        self.path = path


class ConflictError(StoreError):
    """What is stored contradicts what is asked for."""
