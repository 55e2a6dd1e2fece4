"""From errors to exit codes and messages."""

import sys
from collections.abc import Callable

from arena_write.names import printable

USAGE = 2
WITHHELD = 4
INTERRUPTED = 130


def run_with_exits(command: Callable[[], object]) -> None:
    """Run the command line; known errors become one message and their exit code, unknown ones stay tracebacks."""
    try:
        command()
    except SystemExit as end:
        if end.code == INTERRUPTED:
            sys.stderr.write(
                "\narena-write: interrupted; everything paid for is kept. Run the same command again to go on.\n"
            )
        raise
    except Exception as error:
        code = exit_code(error)
        if code is None:
            raise
        said = "\n".join(map(printable, str(error).split("\n")))
        sys.stderr.write(f"arena-write: {said}\n")
        raise SystemExit(code) from None


def exit_code(error: Exception) -> int | None:
    """Return the exit code of an error that a user can mend, and nothing for a fault of ours.

    The modules that define the errors are imported here, late, so that `--help` loads nothing heavy.
    """
    from arena_write.battles.plan import PlanError
    from arena_write.benchmarks.errors import (
        BenchmarkError,
        BenchmarkUnavailableError,
        EmptySelectionError,
        UnknownBenchmarkError,
    )
    from arena_write.checkpoints.errors import CheckpointError, CheckpointUsageError
    from arena_write.endpoints.errors import EndpointAddressError, MissingKeyError
    from arena_write.evaluation import NotConfirmedError, SetupError
    from arena_write.exporting.errors import ExportError, ExportUsageError
    from arena_write.generators.errors import GeneratorError, UnknownAddressError
    from arena_write.generators.profile_files import ProfileError
    from arena_write.importing.errors import ImportingError, ImportingUsageError
    from arena_write.jsonl import JsonlError
    from arena_write.judging import ContextError, ServedModelError, UnknownJudgeError
    from arena_write.reports.anchors import AnchorsError
    from arena_write.reports.published import PublishedError
    from arena_write.serving.errors import ServingUsageError
    from arena_write.store import StoreError
    from judges import TransportError
    from judges.llm import OfficialPromptError

    usage = (
        SetupError,
        CheckpointUsageError,
        ServingUsageError,
        PlanError,
        UnknownJudgeError,
        OfficialPromptError,
        UnknownAddressError,
        ProfileError,
        EndpointAddressError,
        MissingKeyError,
        UnknownBenchmarkError,
        BenchmarkUnavailableError,
        EmptySelectionError,
        ImportingUsageError,
        ExportUsageError,
    )
    if isinstance(error, usage):
        return USAGE
    known = (
        AnchorsError,
        BenchmarkError,
        CheckpointError,
        ContextError,
        ExportError,
        GeneratorError,
        ImportingError,
        JsonlError,
        PublishedError,
        StoreError,
        ServedModelError,
        TransportError,
        NotConfirmedError,
    )
    return 1 if isinstance(error, known) else None
