"""What can go wrong with a benchmark. Messages say what was expected, what was found, and what to do."""

from pathlib import Path

from arena_write.jsonl import located


class BenchmarkError(Exception):
    """A benchmark cannot be used.

    Args:
        message: What was expected and found, and the mend.
        path: The file at fault, where there is one; the message then begins with it.
        line: 1-based number of the line at fault, where there is one.
    """

    def __init__(self, message: str, *, path: Path | str | None = None, line: int | None = None) -> None:
        super().__init__(message if path is None else f"{located(path, line)}: {message}")
        self.path = path
        self.line = line


class UnknownBenchmarkError(BenchmarkError):
    """An address is neither the name of a benchmark nor a file."""


class BenchmarkUnavailableError(BenchmarkError):
    """A benchmark exists, but cannot be had here and now: no network and no cached copy."""


class EmptySelectionError(BenchmarkError):
    """A selection leaves no prompt."""
