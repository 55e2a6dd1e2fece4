"""What a run may spend, and what it has spent. A bound is hard: a request that might break it is not sent.

Money is set aside before a request goes out, at the worst that the request may cost. What is left of it comes back when
the request ends, and whoever lacks money meanwhile waits for it: a run stops when the money is spent, not when it is
merely set aside.

This module stands below the endpoints: they pay from an `Account` for every request that they send.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from judges import TransportError, Usage

T = TypeVar("T")


class Tariff(Protocol):
    """What a request costs."""

    def cost(self, usage: Usage) -> float:
        """Return the price in US dollars of a request that used these tokens."""
        ...


class BudgetReachedError(TransportError):
    """The next request might cost more than the run may spend: those under way end, and no more are sent."""

    fatal = True


@dataclass
class Purse:
    """One run's money and requests. For one event loop.

    Args:
        max_cost: US dollars that may be spent; no bound where `None`.
        max_calls: Requests that may be sent, retries included; no bound where `None`.
        spent: US dollars spent, where prices are known.
        requests: Requests sent.
        closed: Why no more requests may be sent, whatever is left.
        too_dear: The worst price of a request that was refused, where the bound would not pay for it alone.
    """

    max_cost: float | None = None
    max_calls: int | None = None
    spent: float = 0.0
    requests: int = 0
    closed: str = ""
    too_dear: float = 0.0
    _reserved: float = field(default=0.0, repr=False)
    _out: int = field(default=0, repr=False)
    _waiting: deque[tuple[float, asyncio.Future[None]]] = field(default_factory=deque, repr=False)
    _idle: set[asyncio.Future[None]] = field(default_factory=set, repr=False)

    async def admit(self, worst: float) -> None:
        """Set `worst` dollars aside for one request, and count it.

        Waits while they are only set aside for others: first come, first served, so that an expensive request is not
        overtaken for ever by cheap ones.

        Raises:
            BudgetReachedError: They are not there, whatever the requests under way give back.
        """
        if not self._waiting and self._take(worst):
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((worst, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._serve()  # those behind it may need less
            elif turn.exception() is None:  # admitted and cancelled at once
                self.settle(worst, None)
            raise

    def close(self, why: str) -> None:
        """Let no further request go out, those that wait for money or for a connection included."""
        self.closed = self.closed or why
        self._serve()
        for wait in self._idle:
            if not wait.done():
                wait.set_exception(BudgetReachedError(self.closed))

    @contextmanager
    def wakes(self, wait: "asyncio.Future[None]") -> Iterator[None]:
        """Let a wait that costs nothing end with `BudgetReachedError` when the purse is closed during the block."""
        self._idle.add(wait)
        try:
            yield
        finally:
            self._idle.discard(wait)

    def settle(self, worst: float, price: float | None) -> None:
        """Give back what was set aside for a request, and book what it cost; `None` where it was never sent."""
        self._out -= 1
        # Sums of floats do not come back to zero by themselves, and nobody is there to wait for.
        self._reserved = self._reserved - worst if self._out else 0.0
        if price is None:
            self.requests -= 1
        else:
            self.spent += price
        self._serve()

    def _serve(self) -> None:
        while self._waiting:
            worst, turn = self._waiting[0]
            if not turn.done():
                try:
                    if not self._take(worst):
                        return
                except BudgetReachedError as reached:
                    turn.set_exception(reached)
                else:
                    turn.set_result(None)
            self._waiting.popleft()

    def _take(self, worst: float) -> bool:
        """Set money aside; return whether it was there, or raise where it cannot be there any more."""
        if self.closed:
            raise BudgetReachedError(self.closed)
        if self.max_calls is not None and self.requests >= self.max_calls:
            raise BudgetReachedError(f"{self.requests} requests are sent, as many as --max-calls allows")
        if self.max_cost is not None:
            if self.spent + worst > self.max_cost:
                if worst > self.max_cost:
                    self.too_dear = max(self.too_dear, worst)
                raise BudgetReachedError(
                    f"${self.spent:.4f} is spent, and the next request might cost up to ${worst:.4f}: "
                    f"--max-cost {self.max_cost:g} may be reached"
                )
            if self.spent + self._reserved + worst > self.max_cost:
                return False
        self.requests += 1
        self._out += 1
        self._reserved += worst
        return True


class Payment:
    """The price of one request: nothing before it is sent, and from then on the worst until more is known.

    So a request that ends in a way that nobody foresaw, a cancelled one for example, is booked at its worst.

    Args:
        tariff: What requests cost; prices stay unknown where `None`.
        worst: The most tokens that the request may take.
        aside: What these cost, in US dollars.
    """

    def __init__(self, tariff: Tariff | None, *, worst: Usage, aside: float) -> None:
        self._tariff = tariff
        self._worst = worst
        self._aside = aside
        self._booked: float | None = None

    @property
    def price(self) -> float | None:
        """US dollars so far; `None` where prices are not known."""
        return None if self._tariff is None else self._booked or 0.0

    @property
    def booked(self) -> float | None:
        """What the purse is to book, in US dollars; `None` where the request was not sent."""
        return self._booked

    def sent(self) -> None:
        """Note that the request goes out now."""
        self._booked = self._aside

    def waive(self) -> None:
        """Book nothing: the server refused the request before it did anything that it could charge for."""
        self._booked = 0.0

    def answered(self, usage: Usage) -> None:
        """Book a whole reply by what the server says was used; what it does not say, by the worst."""
        self._booked = self._cost(usage)

    def broken(self, usage: Usage) -> None:
        """Book a reply that broke off by an estimate of what was used, and never more than the worst."""
        self._booked = min(self._cost(usage), self._aside)

    def _cost(self, usage: Usage) -> float:
        if self._tariff is None:
            return 0.0
        prompt, completion = usage.prompt_tokens, usage.completion_tokens
        return self._tariff.cost(
            Usage(
                prompt_tokens=self._worst.prompt_tokens if prompt is None else prompt,
                cached_tokens=usage.cached_tokens,
                completion_tokens=self._worst.completion_tokens if completion is None else completion,
            )
        )


class Account:
    """Pays for the requests to one model from a purse.

    Args:
        purse: The run's purse.
        tariff: What requests cost; nothing where that is not known.
    """

    def __init__(self, purse: Purse, tariff: Tariff | None = None) -> None:
        self.purse = purse
        self.tariff = tariff
        self._excess = 1.0
        """The most by which a request has cost more than its worst: a server need not keep to what it is asked."""

    def require_open(self) -> None:
        """Refuse to begin anything where no request may be sent any more.

        Raises:
            BudgetReachedError: The run ends.
        """
        if self.purse.closed:
            raise BudgetReachedError(self.purse.closed)

    async def unless_closed(self, wait: Awaitable[T]) -> T:
        """Wait for something that costs nothing, but no longer than requests may be sent.

        Raises:
            BudgetReachedError: The run ends.
        """
        self.require_open()
        waiting = asyncio.ensure_future(wait)
        closing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        either: set[asyncio.Future[Any]] = {waiting, closing}
        with self.purse.wakes(closing):
            try:
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            finally:
                if not waiting.done():
                    waiting.cancel()
        # Looked at in any case: asyncio complains of errors that nobody saw.
        ended = closing.done() and closing.exception()
        if ended and not waiting.done():
            raise ended
        return waiting.result()

    @asynccontextmanager
    async def request(self, worst: Usage) -> AsyncIterator[Payment]:
        """Have money for one request: its worst price is set aside, and at the end of the block its real one booked.

        Args:
            worst: The most tokens that the request may take.

        Raises:
            BudgetReachedError: The worst price might not be there.
        """
        expected = 0.0 if self.tariff is None else self.tariff.cost(worst)
        aside = expected * self._excess
        await self.purse.admit(aside)
        payment = Payment(self.tariff, worst=worst, aside=aside)
        try:
            yield payment
        finally:
            if expected and payment.booked:
                self._excess = max(self._excess, payment.booked / expected)
            self.purse.settle(aside, payment.booked)
