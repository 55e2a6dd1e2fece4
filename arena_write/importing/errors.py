"""What can go wrong with a file of judgements made elsewhere."""

from pathlib import Path

from arena_write.jsonl import located


class ImportingError(Exception):
    """A file cannot be imported.

    Args:
        message: What was expected and found, and the mend.
        path: The file at fault.
        line: 1-based number of the line at fault, where there is one.
    """

    def __init__(self, message: str, *, path: Path, line: int | None = None) -> None:
        super().__init__(f"{located(path, line)}: {message}")
        self.path = path
        self.line = line


class ImportingUsageError(ImportingError):
    """A file cannot be imported as asked: it is not there, or an option names what is not in it."""
