"""How many calls are on the wire at once: found by trying, as TCP finds the width of a line.

It doubles with every round of accepted calls until the first trouble; then it grows by one a round and halves on
trouble, once for all calls that were under way when it halved. A server that queues what it cannot serve accepts a call
when it sends the first piece of the reply.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

Wakes = Callable[["asyncio.Future[None]"], AbstractContextManager[None]]


class Slot:
    """The right to have one call on the wire."""

    def __init__(self, limit: "ConnectionLimit") -> None:
        self._limit = limit
        self._answered = False
        self.started = time.monotonic()

    def accepted(self) -> None:
        """Note that the server has begun to reply."""
        if not self._answered:
            self._answered = True
            self._limit._raise()

    def trouble(self, hold: float | None = None) -> None:
        """Note a 429, a timeout or a broken connection; `hold` is how many seconds the server wants peace."""
        self._answered = True
        self._limit._halve(self.started, hold)


class ConnectionLimit:
    """An adaptive bound on calls at once; every call takes a slot. For one event loop.

    A waiting call holds a future and nothing else, so a million may wait.

    Args:
        max_connections: Never more than this.
        start: Where to begin.
    """

    def __init__(self, max_connections: int, *, start: int = 16) -> None:
        if max_connections < 1:
            raise ValueError("max_connections is at least 1")
        self.max_connections = max_connections
        self._width = float(min(start, max_connections))
        self._doubling = True
        self._halved_at = float("-inf")
        self._held_until = float("-inf")
        self._wake: asyncio.TimerHandle | None = None
        self._flying: dict[Slot, None] = {}
        self._granted = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def current(self) -> int:
        """How many calls may be on the wire now."""
        return int(self._width)

    @property
    def in_flight(self) -> int:
        """How many are."""
        return len(self._flying)

    @property
    def waiting(self) -> int:
        """How many wait for a slot."""
        return len(self._waiting)

    @property
    def oldest_seconds(self) -> float | None:
        """Age of the call that is longest on the wire."""
        oldest = next(iter(self._flying), None)
        return None if oldest is None else time.monotonic() - oldest.started

    @asynccontextmanager
    async def slot(self, *, front: bool = False, wakes: Wakes | None = None) -> AsyncIterator[Slot]:
        """Wait for a slot, in order.

        Args:
            front: Whether the call has waited before, and comes first.
            wakes: Knows what may end the wait with an error.
        """
        await self._acquire(front, wakes)
        slot = Slot(self)
        self._flying[slot] = None
        try:
            yield slot
        finally:
            del self._flying[slot]
            self._granted -= 1
            self._admit()

    async def _acquire(self, front: bool, wakes: Wakes | None) -> None:
        if not self._waiting and self._is_free():
            self._granted += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        (self._waiting.appendleft if front else self._waiting.append)(turn)
        self._admit()
        try:
            with wakes(turn) if wakes else nullcontext():
                await turn
        except BaseException:
            if turn.cancelled() or turn.exception() is not None:
                if turn in self._waiting:
                    self._waiting.remove(turn)
            else:  # granted and cancelled at once: pass it on
                self._granted -= 1
                self._admit()
            raise

    def _is_free(self) -> bool:
        return self._granted < self.current and time.monotonic() >= self._held_until

    def _admit(self) -> None:
        while self._waiting and self._is_free():
            turn = self._waiting.popleft()
            if not turn.done():
                self._granted += 1
                turn.set_result(None)
        if self._waiting and self._wake is None and (pause := self._held_until - time.monotonic()) > 0:
            self._wake = asyncio.get_running_loop().call_later(pause, self._resume)

    def _resume(self) -> None:
        self._wake = None
        self._admit()

    def _raise(self) -> None:
        # A bound that nobody touches says nothing about what the server can bear.
        if self._granted >= self.current:
            self._width = min(self._width + (1.0 if self._doubling else 1.0 / self._width), self.max_connections)
            self._admit()

    def _halve(self, started: float, hold: float | None) -> None:
        now = time.monotonic()
        if hold is not None:
            self._held_until = max(self._held_until, now + hold)
        if started > self._halved_at:
            self._doubling = False
            self._halved_at = now
            self._width = max(1.0, self._width / 2)


class Connections:
    """One bound for each server, shared by all who ask it: a server does not care what a call is for.

    Args:
        max_connections: Calls at a time to each server, at most.
    """

    def __init__(self, max_connections: int = 16) -> None:
        self._max = max_connections
        self._limits: dict[str | None, ConnectionLimit] = {}

    def to(self, base_url: str | None) -> ConnectionLimit:
        """Return the bound for a server, by its normalised base URL; `None` is OpenAI's."""
        return self._limits.setdefault(base_url, ConnectionLimit(self._max))
