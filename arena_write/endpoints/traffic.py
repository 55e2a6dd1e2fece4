"""What is on the wire to one server, in the order in which it was sent, and when the server last gave a sign of life.

Two questions are answered here. May a request still hope that its reply begins? Servers take requests in turn, so it
may as long as replies to earlier requests come. And is the server dead: has it given nothing at all, to anybody, for a
long time and over several attempts, while calls wait that were never sent? Without these it may as well be a few
prompts on which the server hangs: what is left of a run that was otherwise served.

Times are those of the event loop, in seconds.
"""

import asyncio
import itertools
import math
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from arena_write.endpoints.errors import SilentServerError

_REMEMBERED = 1024
"""Ended requests whose last piece is remembered: a request that more later ones overtook was lost, not queued."""


class Flight:
    """One request on the wire.

    Attributes:
        traffic: What else is on the wire.
        number: Its place in the order of sending.
        sent: When it was sent.
        last_moved: When the last piece of its reply came; `None` where none has come.
        accepted: Whether the server said that it will reply (a status of 200).
    """

    __slots__ = ("accepted", "last_moved", "number", "sent", "traffic")

    def __init__(self, traffic: "Traffic", number: int, sent: float) -> None:
        self.traffic = traffic
        self.number = number
        self.sent = sent
        self.last_moved: float | None = None
        self.accepted = False

    def moved(self, now: float) -> None:
        """Note that a piece of the reply has come."""
        self.last_moved = now
        self.traffic.alive(now)


class Traffic:
    """The requests to one server. For one event loop.

    Args:
        silence: Seconds without any sign of life after which the server is taken for dead.
        attempts: How many requests must have been in vain meanwhile.
        others_wait: Whether calls wait that were never sent. Where none do, nobody is kept waiting by those that hang,
            and each of these ends by its own attempts.
    """

    def __init__(self, *, silence: float, attempts: int, others_wait: Callable[[], bool] = lambda: True) -> None:
        self._silence = silence
        self._attempts = attempts
        self._others_wait = others_wait
        self._numbers = itertools.count()
        self._flying: dict[Flight, None] = {}
        self._ended: deque[tuple[int, float]] = deque(maxlen=_REMEMBERED)
        self._silent_since = 0.0
        self._in_vain = 0

    @contextmanager
    def flight(self) -> Iterator[Flight]:
        """Keep a request in the order for the time of the block."""
        now = asyncio.get_running_loop().time()
        if not self._flying and not self._in_vain:
            self._silent_since = now  # nobody was asked before, so nobody was silent
        flight = Flight(self, next(self._numbers), now)
        self._flying[flight] = None
        try:
            yield flight
        finally:
            del self._flying[flight]
            if flight.last_moved is not None:
                self._ended.append((flight.number, flight.last_moved))

    def alive(self, now: float) -> None:
        """Note a sign of life: a piece of a reply, or a refusal."""
        self._silent_since = now
        self._in_vain = 0

    def in_vain(self) -> None:
        """Note that a request ended without any sign of life."""
        self._in_vain += 1

    def patience_ends(self, flight: Flight, patience: float) -> float:
        """Return until when a reply may be waited for: `patience` seconds from what last came for it or one before."""
        moved = [flight.sent]
        moved += (when for number, when in self._ended if number < flight.number)
        for other in self._flying:
            if other.last_moved is not None:
                moved.append(other.last_moved)
            if other is flight:
                break
        return max(moved) + patience

    @property
    def silence_ends(self) -> float:
        """When the server is to be taken for dead, if it gives no sign of life until then."""
        return self._silent_since + self._silence if self._in_vain >= self._attempts else math.inf

    def silence(self, now: float, *, gone: bool = False) -> SilentServerError | None:
        """Return the error to raise where the server is dead; where nobody else waits for one that hangs, count anew.

        Args:
            now: The time.
            gone: Whether there was no connection, or none that held: that is no matter of single prompts.
        """
        if now < self.silence_ends:
            return None
        if not gone and not self._others_wait():
            self.alive(now)
            return None
        return SilentServerError(
            f"no reply has begun for {now - self._silent_since:.4g} s, over {self._in_vain} attempts: the server takes "
            "requests and gives nothing. Look after it or restart it, then run the same command again: what is written "
            "is kept"
        )
