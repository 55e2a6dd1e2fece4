"""The event loop of a run, tasks that belong together, and how they are brought to an end."""

import asyncio
import gc
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TypeVar

T = TypeVar("T")


_COLLECT_EVERY = 10_000
"""Objects more than before until the youngest are looked through; Python's own number is 700."""

_ENDING = (signal.SIGINT, signal.SIGTERM)
"""What a user sends, and what a scheduler or a CI system does when a job's time is over."""


def run_calls(main: Coroutine[object, object, T]) -> T:
    """Run a coroutine that makes many calls in an event loop of its own, as `asyncio.run` does.

    Hundreds of calls at once hold so many objects, hardly any of them in a cycle, that looking for cycles as often as
    Python does took a quarter of the CPU time of a call (`perf/client/compare.py`).
    """
    usual = gc.get_threshold()
    gc.set_threshold(_COLLECT_EVERY, *usual[1:])
    try:
        return asyncio.run(main)
    finally:
        gc.set_threshold(*usual)


def tasks_for(connections: int) -> int:
    """Return how many tasks keep so many connections busy: one that waits to try again holds no connection."""
    return 2 * max(1, connections)


class TaskGroup(asyncio.TaskGroup):
    """A task group whose error comes out as itself, not inside an `ExceptionGroup`.

    Of several errors the first counts: the others met the same trouble before they could be cancelled.
    """

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        first: BaseException | None = None
        try:
            await super().__aexit__(kind, error, traceback)
        except BaseExceptionGroup as errors:
            first = errors.exceptions[0]
        if first is not None:
            raise first


class Halt:
    """A word to all tasks of a run: begin nothing new, but bring what is under way to its end, for it is paid for.

    True once it was said. The first error counts; `reason` says why where there is none.

    Args:
        on_stop: Told the reason when it is said.
    """

    def __init__(self, on_stop: Callable[[str], None] | None = None) -> None:
        self._on_stop = on_stop
        self.reason = ""
        self._error: Exception | None = None

    def __bool__(self) -> bool:
        return bool(self.reason)

    def stop(self, why: Exception | str) -> None:
        """Say it, because of an error or for another reason."""
        if not self.reason:
            self.reason = str(why) or type(why).__name__
            self._error = why if isinstance(why, Exception) else None
            if self._on_stop is not None:
                self._on_stop(self.reason)

    def raise_error(self) -> None:
        """Raise the error for which it was said, if that was the reason."""
        if self._error is not None:
            raise self._error


@contextmanager
def ends_softly(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` on the first Ctrl-C or SIGTERM while the block runs; raise `KeyboardInterrupt` in it on the second.

    To be used within the event loop of the main thread; elsewhere, and on systems without signals in event loops,
    these signals do what they always do.

    Raises:
        KeyboardInterrupt: The second signal came.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    times = 0

    def interrupted() -> None:
        nonlocal times
        times += 1
        if times == 1:
            stop()
        elif task is not None:
            task.cancel()

    before = {number: signal.getsignal(number) for number in _ENDING}
    try:
        for number in _ENDING:
            loop.add_signal_handler(number, interrupted)
    except (NotImplementedError, RuntimeError, ValueError):
        yield
        return
    try:
        yield
    except asyncio.CancelledError:
        if times > 1:
            raise KeyboardInterrupt from None
        raise
    finally:
        for number in _ENDING:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number])
