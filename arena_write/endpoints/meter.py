"""What a status line needs to know about calls. Counts only; others render."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from judges.ports import Usage


@dataclass(frozen=True, slots=True)
class Reading:
    """What the meter says at one moment.

    Args:
        done: Calls that were answered.
        failed: Calls that were given up.
        open: Calls that were begun and have not ended, waiting ones included.
        in_flight: Attempts on the wire.
        retries: Attempts beyond the first.
        oldest_seconds: Age of the call that was sent first of those that have not ended, failed attempts included.
        held_seconds: How long a server still wants to be left in peace, where one does.
        prompt_tokens: Tokens of prompts of answered calls, as servers counted them.
        cached_tokens: How many of them came from a cache.
        completion_tokens: Tokens of replies, thinking included.
        thinking_tokens: How many of them were thinking.
        faults: Failed attempts by kind of error.
    """

    done: int
    failed: int
    open: int
    in_flight: int
    retries: int
    oldest_seconds: float | None
    held_seconds: float | None
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    thinking_tokens: int
    faults: dict[str, int] = field(default_factory=dict)


def describe(reading: Reading) -> str:
    """Return how the calls stand, in a few words; nothing where none was made."""
    if not reading.done + reading.failed + reading.open:
        return ""
    parts = [f"{reading.in_flight} in flight"]
    if reading.oldest_seconds is not None and reading.oldest_seconds >= 1:
        parts.append(f"oldest {reading.oldest_seconds:.0f} s")
    if reading.held_seconds is not None and reading.held_seconds >= 1:
        parts.append(f"the server asks us to wait: {reading.held_seconds:.0f} s more")
    if reading.retries:
        parts.append(f"{reading.retries} retries")
    if reading.prompt_tokens or reading.completion_tokens:
        parts.append(f"{_short(reading.prompt_tokens)} tokens in, {_short(reading.completion_tokens)} out")
    return ", ".join(parts)


def _short(number: int) -> str:
    for size, sign in ((1_000_000, "M"), (1_000, "k")):
        if number >= size:
            return f"{number / size:.1f}{sign}"
    return str(number)


class Meter:
    """Counts calls and tokens of one endpoint, or of several that share it."""

    def __init__(self) -> None:
        self._done = self._failed = self._open = self._in_flight = self._retries = 0
        self._tokens: Counter[str] = Counter()
        self._faults: Counter[str] = Counter()
        self._begun: dict[CallMeter, float] = {}
        self._held_until: float | None = None

    @contextmanager
    def call(self) -> Iterator["CallMeter"]:
        """Count a call from its beginning to its answer or its end; a cancelled one is neither done nor failed."""
        self._open += 1
        call = CallMeter(self)
        try:
            yield call
        except Exception:
            self._failed += 1
            raise
        else:
            self._done += 1
        finally:
            self._open -= 1
            self._begun.pop(call, None)

    def add(self, usage: Usage) -> None:
        """Count the tokens of an answer."""
        for name in ("prompt_tokens", "cached_tokens", "completion_tokens", "thinking_tokens"):
            self._tokens[name] += getattr(usage, name) or 0

    def hold(self, seconds: float) -> None:
        """Note that a server wants to be left in peace for so long."""
        until = time.monotonic() + seconds
        self._held_until = until if self._held_until is None else max(self._held_until, until)

    def read(self) -> Reading:
        """Return the counts; any thread may ask."""
        # The list is made in one step, while calls come and go in the thread of the event loop.
        oldest = next(iter(list(self._begun.values())), None)
        now, held = time.monotonic(), self._held_until
        return Reading(
            done=self._done,
            failed=self._failed,
            open=self._open,
            in_flight=self._in_flight,
            retries=self._retries,
            oldest_seconds=None if oldest is None else now - oldest,
            held_seconds=None if held is None or held <= now else held - now,
            prompt_tokens=self._tokens["prompt_tokens"],
            cached_tokens=self._tokens["cached_tokens"],
            completion_tokens=self._tokens["completion_tokens"],
            thinking_tokens=self._tokens["thinking_tokens"],
            faults=dict(self._faults),
        )


class CallMeter:
    """Counts the attempts of one call."""

    __slots__ = ("_meter",)

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    @contextmanager
    def attempt(self, number: int) -> Iterator[None]:
        """Count an attempt while it is on the wire; `number` counts from 1 within the call."""
        meter = self._meter
        meter._begun.setdefault(self, time.monotonic())
        meter._in_flight += 1
        meter._retries += number > 1
        try:
            yield
        except Exception as error:
            meter._faults[type(error).__name__] += 1
            raise
        finally:
            meter._in_flight -= 1
