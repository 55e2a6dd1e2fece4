"""What can go wrong with models and their outputs. Messages say what happened, to what, and what to do."""

from pathlib import Path

from arena_write.jsonl import located


class GeneratorError(Exception):
    """A model cannot be asked, or its outputs cannot be used."""


class UnknownAddressError(GeneratorError):
    """An address names no model: neither a known prefix nor an existing path. An error of usage."""


class RecordedOutputsError(GeneratorError):
    """A file of recorded outputs cannot be used.

    Args:
        message: What was expected and found, and the mend.
        path: The file.
        line: 1-based number of the line at fault; `None` where the file as a whole is at fault.
    """

    def __init__(self, message: str, *, path: Path | str, line: int | None = None) -> None:
        super().__init__(f"{located(path, line)}: {message}")
        self.path = path
        self.line = line


class PromptMismatchError(GeneratorError):
    """Recorded answers were written for other prompts than the benchmark's."""


class MissingAnswersError(GeneratorError):
    """An entrant has no answer for some prompts that need one.

    Args:
        name: The entrant.
        missing: Ids of the prompts without an answer; the message names five at most.
        total: How many prompts need an answer.
    """

    def __init__(self, name: str, missing: tuple[str, ...], total: int) -> None:
        ids = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
        super().__init__(
            f"{name} has no answer for {len(missing)} of {total} prompts: {ids}; "
            "add these answers, or leave the prompts out for every entrant"
        )
        self.name = name
        self.missing = missing
        self.total = total
