"""Progress for people at a terminal, and plain lines in a log.

Cells end when models answer, and a slow model may not answer for a long time. So what is shown does not wait for a cell
to end: a thread looks now and then how the calls stand.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from arena_write.reports.terminal import make_console

Status = Callable[[], str]
"""Says in a few words how the calls of a stage stand; empty where it makes none. Any thread may ask."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When plain lines are written, in seconds.

    Args:
        first: The first line, where nothing has ended.
        ending: Between lines while cells end, at least.
        quiet: Between lines while nothing ends.
    """

    first: float = 15.0
    ending: float = 15.0
    quiet: float = 30.0


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


@contextmanager
def show_progress(
    totals: Mapping[str, int], status: Mapping[str, Status], *, rhythm: Rhythm | None = None
) -> Iterator[Mapping[str, StageProgress]]:
    """Show on standard error how far stages have come while the block runs; nothing is written after it.

    Args:
        totals: Stages by what they do, each with how much there is to do.
        status: How the calls of each stage stand.
        rhythm: When plain lines are written.
    """
    console = make_console(stderr=True)
    if not console.is_terminal:
        rhythm = rhythm or Rhythm()
        stages = {what: _Lines(what, total=totals[what], status=status[what], rhythm=rhythm) for what in totals}
        with _beating(tuple(stages.values()), rhythm.quiet / 30):
            yield stages
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} failed"),
        _StatusColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    # Its own thread draws it anew ten times a second.
    with Progress(*columns, console=console, transient=True) as progress:
        yield {what: _Bar(progress, what=what, total=totals[what], status=status[what]) for what in totals}


class _StatusColumn(ProgressColumn):
    """How the calls stand at the moment of drawing."""

    max_refresh = 0.5

    def render(self, task: Task) -> Text:
        return Text(task.fields["status"]())


class _Bar(StageProgress):
    def __init__(self, progress: Progress, *, what: str, total: int, status: Status) -> None:
        super().__init__(total=total, status=status)
        self._progress = progress
        self._task = progress.add_task(what, total=total, failed=0, status=status, visible=total > 0)

    def show(self) -> None:
        self._progress.update(self._task, completed=self.done, failed=self.failed)


class _Lines(StageProgress):
    def __init__(self, what: str, *, total: int, status: Status, rhythm: Rhythm) -> None:
        super().__init__(total=total, status=status)
        self._what = what
        self._rhythm = rhythm
        self._begun = self._last = time.monotonic()
        self._quiet = rhythm.first
        self._lock = threading.Lock()

    def show(self) -> None:
        with self._lock:
            if self.done >= self.total or time.monotonic() - self._last >= self._rhythm.ending:
                self._write()

    def beat(self) -> None:
        """Write a line where nothing has been written for a while."""
        with self._lock:
            if self.done < self.total and time.monotonic() - self._last >= self._quiet:
                self._write()

    def _write(self) -> None:
        now = time.monotonic()
        self._last, self._quiet = now, self._rhythm.quiet
        parts = [f"{self._what}: {self.done} of {self.total}"]
        if self.failed:
            parts.append(f"{self.failed} failed")
        if status := self.status():
            parts.append(status)
        if 0 < self.done < self.total:
            parts.append(f"about {_duration((now - self._begun) / self.done * (self.total - self.done))} left")
        print(", ".join(parts), file=sys.stderr, flush=True)  # noqa: T201


@contextmanager
def _beating(stages: Sequence[_Lines], seconds: float) -> Iterator[None]:
    """Look at the stages now and then while the block runs."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(seconds):
            unfinished = [stage for stage in stages if stage.done < stage.total]
            # A stage without calls waits for another one, unless none makes any.
            for stage in [stage for stage in unfinished if stage.status()] or unfinished:
                stage.beat()

    thread = threading.Thread(target=beat, name="arena-write progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _duration(seconds: float) -> str:
    """Return a time in the unit that people would use."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 120 * 60 else f"{seconds / 3600:.1f} h"
