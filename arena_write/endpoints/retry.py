"""The one retry policy: bounded attempts, growing waits with jitter, and the server's own word before ours."""

import random
from collections.abc import AsyncIterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from arena_write.endpoints.errors import DeadlineError, NoConnectionError, PassingError, StalledError

if TYPE_CHECKING:
    from stamina import Attempt


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often to try, and how long to wait in between, in seconds.

    Args:
        attempts: Of one call, the first included.
        stalled_attempts: Of these, so many may end because nothing came: each has cost minutes, where a refusal costs
            seconds.
        silent_attempts: Requests that must have been in vain before a silent server is taken for dead (see `traffic`).
        first_wait: Before the second attempt; doubles from there.
        longest_wait: Bound on the doubling.
        jitter: A random share of up to this is added, so that calls that failed together do not return together.
        longest_retry_after: Bound on what a server may ask for.
        connect_attempts: While nobody has ever answered at the address.
        connect_wait: Between these.
    """

    attempts: int = 8
    stalled_attempts: int = 3
    silent_attempts: int = 3
    first_wait: float = 1.0
    longest_wait: float = 60.0
    jitter: float = 1.0
    longest_retry_after: float = 300.0
    connect_attempts: int = 3
    connect_wait: float = 0.5

    def allowed_hold(self, error: Exception) -> float | None:
        """Return how long the server asks us to wait, within our bound; `None` where it says nothing."""
        asked = error.retry_after if isinstance(error, PassingError) else None
        return None if asked is None else min(max(asked, 0.0), self.longest_retry_after)


class Reached:
    """Whether anybody ever answered at an address: shared by the calls to it."""

    yet = False


def attempts_of(policy: RetryPolicy, reached: Reached) -> AsyncIterable["Attempt"]:
    """Return attempts as stamina's context managers, until one succeeds or may not be repeated.

    stamina takes the wait that its hook returns in place of its own, which is how Retry-After is honoured.
    """
    import stamina

    refusals = stalls = 0

    def wait_after(error: Exception) -> bool | float:
        nonlocal refusals, stalls
        if not isinstance(error, PassingError):
            return False
        if isinstance(error, StalledError | DeadlineError):
            stalls += 1
            if stalls >= policy.stalled_attempts:
                return False
        if isinstance(error, NoConnectionError) and not reached.yet:
            refusals += 1
            return policy.connect_wait if refusals < policy.connect_attempts else False
        hold = policy.allowed_hold(error)
        return True if hold is None else hold + random.uniform(0, min(policy.jitter, 0.1 * hold))

    return stamina.retry_context(
        on=wait_after,
        attempts=policy.attempts,
        timeout=None,
        wait_initial=policy.first_wait,
        wait_max=policy.longest_wait,
        wait_jitter=policy.jitter,
    )


def read_retry_after(value: str | None, *, now: float) -> float | None:
    """Read a Retry-After header: seconds, or an HTTP date.

    Args:
        value: The header.
        now: The wall clock, in seconds since 1970, as the date is by the wall clock.

    Returns:
        Seconds from now, at least 0; `None` where there is none or it cannot be read.
    """
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - now
        except (ValueError, TypeError, OverflowError):
            return None
    return max(0.0, seconds) if seconds == seconds else None
