"""When a request has taken too long: by its token budget and the measured pace, and when nothing moves.

All times come from the event loop's clock, which is monotonic: setting the wall clock changes nothing.
"""

import asyncio
import math
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from arena_write.endpoints.errors import DeadlineError, EndpointError, StalledError
from arena_write.endpoints.traffic import Flight


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds.

    Args:
        no_progress: For the next piece of a reply that has begun.
        first_token: For a reply to begin: long prompts take time. A busy server queues requests, so the time counts
            from the last piece of any reply to a request that was sent before.
        silence: For any reply at all to begin, whatever is sent: then the server is taken for dead (see `traffic`).
        after_finish: For the end of a stream whose text is complete.
        pace: Tokens per second to begin with, low on purpose; replaced by what is measured.
        slack: How many times longer than the measured pace explains a reply may take.
    """

    no_progress: float = 120.0
    first_token: float = 600.0
    silence: float = 900.0
    after_finish: float = 5.0
    pace: float = 10.0
    slack: float = 3.0


class Pace:
    """Tokens per second of one reply, learned from replies as they come.

    It falls fast and rises slowly: too low a pace only makes a deadline late, too high a one cuts good replies.
    """

    _SHORTEST = 32
    """Replies of fewer tokens say more about latency than about pace."""

    def __init__(self, tokens_per_second: float) -> None:
        self.tokens_per_second = tokens_per_second
        self._learned = False

    def observe(self, tokens: int, seconds: float) -> None:
        """Take a complete reply into account."""
        if tokens < self._SHORTEST or seconds <= 0:
            return
        pace = tokens / seconds
        if not self._learned:
            self._learned, self.tokens_per_second = True, pace
        else:
            weight = 0.5 if pace < self.tokens_per_second else 0.1
            self.tokens_per_second += weight * (pace - self.tokens_per_second)

    def slow_down(self, tokens: int, seconds: float) -> None:
        """Take a reply into account that was still coming when its deadline cut it: the pace is no higher than its.

        A reply of which nothing had come says nothing of the pace.
        """
        if tokens and seconds > 0:
            self.tokens_per_second = min(self.tokens_per_second, tokens / seconds)

    def deadline(self, tokens: int, patience: Patience) -> float:
        """Return how many seconds after its beginning a reply of so many tokens is overdue.

        Of a reply that is not streamed nobody knows when it begins: there the seconds count from its request.
        """
        return patience.first_token + patience.slack * tokens / self.tokens_per_second


class Watch:
    """Cancels the block it guards when nothing moves or the deadline passes, and says which.

    One timer for a whole reply: a piece only notes the time, and the timer looks at it when it rings.

    Args:
        patience: How long to wait.
        deadline: Seconds that the reply may take.
        flight: The request.
        streamed: Whether the reply comes in pieces.

    Raises:
        StalledError: No progress for too long.
        DeadlineError: The deadline passed.
        SilentServerError: No reply at all has begun for too long.
    """

    def __init__(self, patience: Patience, *, deadline: float, flight: Flight, streamed: bool) -> None:
        self._patience = patience
        self._deadline = deadline
        self._flight = flight
        self._waiting = streamed
        self._end = self._limit = math.inf
        self._finished = False
        self._reason: EndpointError | None = None
        self._timeout = asyncio.timeout(None)

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._moved = self._loop.time()
        if not self._waiting:
            self._end = self._moved + self._deadline
        await self._timeout.__aenter__()
        # What else is on the wire matters only then.
        first_look = min(self._moved + self._patience.first_token, self._flight.traffic.silence_ends)
        self._arm(first_look if self._waiting else self._end)
        return self

    def progress(self) -> None:
        """Note that a piece has come."""
        self._moved = self._loop.time()
        self._flight.moved(self._moved)
        if self._end == math.inf:
            self._end = self._moved + self._deadline

    def begun(self) -> None:
        """From the first token on, pieces follow each other faster."""
        if self._waiting:
            self._waiting = False
            self._shorten(self._patience.no_progress)

    def finished(self) -> None:
        """After the finish reason only the formal end is missing."""
        if not self._finished:
            self._waiting, self._finished = False, True
            self._shorten(self._patience.after_finish)

    def _shorten(self, limit: float) -> None:
        self._limit = limit
        self._timer.cancel()
        self._arm(self._due())

    def _due(self) -> float:
        if not self._waiting:
            return min(self._moved + self._limit, self._end)
        traffic = self._flight.traffic
        patience_ends = traffic.patience_ends(self._flight, self._patience.first_token)
        return min(patience_ends, traffic.silence_ends, self._end)

    def _arm(self, at: float) -> None:
        self._timer = self._loop.call_at(at, self._look)

    def _look(self) -> None:
        now, due = self._loop.time(), self._due()
        if now < due:
            self._arm(due)
            return
        self._reason = self._find_reason(now)
        self._timeout.reschedule(now)

    def _find_reason(self, now: float) -> EndpointError:
        if now >= self._end:
            return DeadlineError(f"no complete reply within {self._deadline:.4g} s")
        if self._waiting:
            waited = f"waited {now - self._flight.sent:.4g} s in vain for the reply to begin"
            return self._flight.traffic.silence(now) or StalledError(waited)
        return StalledError(f"waited {self._limit:.4g} s in vain for the {'end' if self._finished else 'next piece'}")

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError:
            if self._reason is None:
                raise
        else:
            return
        raise self._reason
