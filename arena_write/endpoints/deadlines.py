"""When a call has taken too long: by its token budget and the measured pace, and when nothing moves.

All times come from the event loop's clock, which is monotonic: setting the wall clock changes nothing.
"""

import asyncio
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from arena_write.endpoints.errors import DeadlineError, PassingError, StalledError


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds.

    Args:
        no_progress: For the next piece of a reply that has begun.
        first_token: For a reply to begin: a busy server queues requests, and long prompts take time.
        after_finish: For the end of a stream whose text is complete.
        pace: Tokens per second to begin with, low on purpose; replaced by what is measured.
        slack: How many times longer than the measured pace explains a reply may take.
    """

    no_progress: float = 120.0
    first_token: float = 600.0
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
        """Take a reply into account that was still coming when its deadline cut it: the pace is no higher than its."""
        if seconds > 0:
            self.tokens_per_second = min(self.tokens_per_second, max(tokens, 1) / seconds)

    def deadline(self, tokens: int, patience: Patience) -> float:
        """Return after how many seconds a reply of so many tokens is overdue."""
        return patience.first_token + patience.slack * tokens / self.tokens_per_second


class Watch:
    """Cancels the block it guards when nothing moves or the deadline passes, and says which.

    One timer for a whole reply: a piece only notes the time, and the timer looks at it when it rings.

    Raises:
        StalledError: No progress for too long.
        DeadlineError: The deadline passed.
    """

    def __init__(self, patience: Patience, *, deadline: float, waiting: float) -> None:
        self._patience = patience
        self._deadline = deadline
        self._limit = waiting
        self._state = "to begin"
        self._reason: PassingError | None = None
        self._timeout = asyncio.timeout(None)

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._moved = self._loop.time()
        self._end = self._moved + self._deadline
        await self._timeout.__aenter__()
        self._arm()
        return self

    def progress(self) -> None:
        """Note that a piece has come."""
        self._moved = self._loop.time()

    def begun(self) -> None:
        """From the first token on, pieces follow each other faster."""
        self._shorten(self._patience.no_progress, "for the next piece")

    def finished(self) -> None:
        """After the finish reason only the formal end is missing."""
        self._shorten(self._patience.after_finish, "for the end")

    @property
    def is_finished(self) -> bool:
        """Whether the finish reason has come."""
        return self._state == "for the end"

    def _shorten(self, limit: float, state: str) -> None:
        if self._state != state:
            self._limit, self._state = limit, state
            self._timer.cancel()
            self._arm()

    def _arm(self) -> None:
        self._timer = self._loop.call_at(min(self._moved + self._limit, self._end), self._look)

    def _look(self) -> None:
        now = self._loop.time()
        if now >= self._end:
            self._reason = DeadlineError(f"no complete reply within {self._deadline:.4g} s")
        elif now >= self._moved + self._limit:
            self._reason = StalledError(f"waited {self._limit:.4g} s in vain {self._state}")
        else:
            self._arm()
            return
        self._timeout.reschedule(now)

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
