"""Progress for people at a terminal, and plain lines in a log."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from arena_write.reports.terminal import make_console

_PLAIN_SECONDS = 15.0


class StageProgress:
    """Counts the cells of one stage as they end."""

    def __init__(self, *, total: int) -> None:
        self.total = total
        self.done = 0
        self.failed = 0

    def advance(self, *, failed: bool) -> None:
        """One more cell has ended, with a valid result or not."""
        self.done += 1
        self.failed += failed
        self.show()

    def show(self) -> None:
        """Show how far the stage has come."""


class _Bar(StageProgress):
    def __init__(self, progress: Progress, *, what: str, total: int) -> None:
        super().__init__(total=total)
        self._progress = progress
        self._task = progress.add_task(what, total=total, failed=0, visible=total > 0)

    def show(self) -> None:
        self._progress.update(self._task, completed=self.done, failed=self.failed)


class _Lines(StageProgress):
    def __init__(self, *, what: str, total: int) -> None:
        super().__init__(total=total)
        self._what = what
        self._last = time.monotonic()

    def show(self) -> None:
        if self.done == self.total or time.monotonic() - self._last >= _PLAIN_SECONDS:
            self._last = time.monotonic()
            failed = f", {self.failed} failed" if self.failed else ""
            print(f"{self._what}: {self.done} of {self.total}{failed}", file=sys.stderr, flush=True)  # noqa: T201


@contextmanager
def show_progress(totals: Mapping[str, int]) -> Iterator[Mapping[str, StageProgress]]:
    """Show on standard error how far stages have come while the block runs.

    Args:
        totals: Stages by what they do, each with how much there is to do.
    """
    console = make_console(stderr=True)
    if not console.is_terminal:
        yield {what: _Lines(what=what, total=total) for what, total in totals.items()}
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} failed"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield {what: _Bar(progress, what=what, total=total) for what, total in totals.items()}
