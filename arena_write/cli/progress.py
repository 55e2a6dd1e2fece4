"""Progress for people at a terminal, and plain lines in a log."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from arena_write.reports.terminal import make_console

_PLAIN_SECONDS = 15.0


Status = Callable[[], str]
"""Says in a few words how the calls of a stage stand; empty where it makes none."""


class StageProgress:
    """Counts the cells of one stage as they end."""

    def __init__(self, *, total: int, status: Status) -> None:
        self.total = total
        self.done = 0
        self.failed = 0
        self.status = status

    def advance(self, *, failed: bool) -> None:
        """One more cell has ended, with a valid result or not."""
        self.done += 1
        self.failed += failed
        self.show()

    def show(self) -> None:
        """Show how far the stage has come."""


class _Bar(StageProgress):
    def __init__(self, progress: Progress, *, what: str, total: int, status: Status) -> None:
        super().__init__(total=total, status=status)
        self._progress = progress
        self._task = progress.add_task(what, total=total, failed=0, status="", visible=total > 0)

    def show(self) -> None:
        self._progress.update(self._task, completed=self.done, failed=self.failed, status=self.status())


class _Lines(StageProgress):
    def __init__(self, *, what: str, total: int, status: Status) -> None:
        super().__init__(total=total, status=status)
        self._what = what
        self._begun = self._last = time.monotonic()

    def show(self) -> None:
        now = time.monotonic()
        if self.done < self.total and now - self._last < _PLAIN_SECONDS:
            return
        self._last = now
        parts = [f"{self._what}: {self.done} of {self.total}"]
        if self.failed:
            parts.append(f"{self.failed} failed")
        if status := self.status():
            parts.append(status)
        if self.done < self.total:
            parts.append(f"about {(now - self._begun) / self.done * (self.total - self.done):.0f} s left")
        print(", ".join(parts), file=sys.stderr, flush=True)  # noqa: T201


@contextmanager
def show_progress(totals: Mapping[str, int], status: Mapping[str, Status]) -> Iterator[Mapping[str, StageProgress]]:
    """Show on standard error how far stages have come while the block runs.

    Args:
        totals: Stages by what they do, each with how much there is to do.
        status: How the calls of each stage stand.
    """
    console = make_console(stderr=True)
    if not console.is_terminal:
        yield {what: _Lines(what=what, total=total, status=status[what]) for what, total in totals.items()}
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} failed"),
        TextColumn("{task.fields[status]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield {what: _Bar(progress, what=what, total=total, status=status[what]) for what, total in totals.items()}
