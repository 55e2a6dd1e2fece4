"""One request and its reply: what is sent, how long it is waited for, and what it is taken to have cost."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arena_write.endpoints.deadlines import Pace, Patience, Watch
from arena_write.endpoints.errors import (
    ConnectionTroubleError,
    DeadlineError,
    EndpointError,
    GarbageReplyError,
    NoConnectionError,
    SilentServerError,
    StalledError,
)
from arena_write.endpoints.limit import Slot
from arena_write.endpoints.replies import ReplyReader
from arena_write.endpoints.retry import Reached
from arena_write.endpoints.traffic import Flight, Traffic
from arena_write.spending import Payment
from judges.ports import Completion, Message, Usage

if TYPE_CHECKING:
    from arena_write.endpoints.wire import Wire

MAX_REPLY_BYTES = 10 * 2**20
_GATEWAY_TIMEOUTS = frozenset({504, 524})
"""Said by a gateway that ran out of patience: the server behind it may have worked all the time."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it goes out.

    Args:
        path: Below the base URL.
        messages: What is asked, to estimate its tokens where the server does not count them.
        body: The bytes.
        streamed: Whether the reply is to come in pieces.
        budget: Tokens that the reply may have.
    """

    path: str
    messages: Sequence[Message]
    body: bytes
    streamed: bool
    budget: int

    @property
    def worst(self) -> Usage:
        """The most tokens that it may take: a prompt has no more tokens than its request has bytes."""
        return Usage(prompt_tokens=len(self.body), completion_tokens=self.budget)


class Exchange:
    """Sends requests of one model and reads the replies.

    Args:
        patience: How long to wait.
        traffic: What is on the wire to the server.
        reached: Whether anybody ever answered there.
        key: Kept out of every error.

    Attributes:
        pace: How fast replies come.
    """

    def __init__(self, patience: Patience, *, traffic: Traffic, reached: Reached, key: str) -> None:
        self.pace = Pace(patience.pace)
        self._patience = patience
        self._traffic = traffic
        self._reached = reached
        self._key = key

    async def send(self, request: Request, wire: "Wire", *, slot: Slot, payment: Payment) -> Completion:
        """Send a request and return the whole reply; `payment` says afterwards what it cost, or may have cost.

        Raises:
            EndpointError: There is no whole reply.
        """
        from arena_write.endpoints.failures import FOREIGN, convert, redact

        reader = ReplyReader(MAX_REPLY_BYTES)
        clock = asyncio.get_running_loop().time
        failure: EndpointError | None = None
        with self._traffic.flight() as flight:
            payment.sent()
            try:
                await self._receive(request, wire, reader=reader, flight=flight, slot=slot)
            except GarbageReplyError as error:
                failure = GarbageReplyError(redact(str(error), self._key))  # it quotes what came
            except EndpointError as error:
                failure = error
            except FOREIGN as error:
                failure = convert(error, key=self._key)
        seconds = clock() - flight.sent
        # What goes wrong after the finish reason takes nothing from the text.
        if failure and not (reader.is_finished and isinstance(failure, StalledError | ConnectionTroubleError)):
            _book(failure, payment, request=request, reader=reader, flight=flight)
            failure = self._learn_from(failure, reader, flight, seconds=seconds)
            # Without what was caught: that holds the request, and the request holds the key.
            failure.__cause__ = failure.__context__ = None
            raise failure.with_traceback(None)
        slot.accepted()
        self._reached.yet = True
        completion = reader.completion(seconds)
        payment.answered(completion.usage)
        self.pace.observe(completion.usage.completion_tokens or reader.pieces, seconds)
        return completion

    async def _receive(
        self, request: Request, wire: "Wire", *, reader: ReplyReader, flight: Flight, slot: Slot
    ) -> None:
        deadline = self.pace.deadline(request.budget, self._patience)
        async with Watch(self._patience, deadline=deadline, flight=flight, streamed=request.streamed) as watch:
            if not request.streamed:
                reply = await wire.post(request.path, request.body)
                flight.accepted = True
                watch.progress()
                reader.feed(reply)
            else:
                async with wire.stream(request.path, request.body) as pieces:
                    flight.accepted = self._reached.yet = True
                    news = 0
                    async for events in pieces:
                        for event in events:
                            reader.feed(event)
                        if reader.news == news:
                            continue  # events without words: they may come for ever
                        news = reader.news
                        slot.accepted()
                        watch.progress()
                        if reader.is_finished:
                            watch.finished()
                        elif reader.pieces:
                            watch.begun()
        reader.end()

    def _learn_from(
        self, failure: EndpointError, reader: ReplyReader, flight: Flight, *, seconds: float
    ) -> EndpointError:
        """Take a failure into account; return it, or the news that the server is dead."""
        if isinstance(failure, SilentServerError):
            return failure
        if isinstance(failure, DeadlineError):
            self.pace.slow_down(reader.pieces, seconds)
        now = flight.sent + seconds
        if not isinstance(failure, StalledError | DeadlineError | ConnectionTroubleError):
            self._reached.yet = True
            self._traffic.alive(now)
            return failure
        if isinstance(failure, ConnectionTroubleError) and not isinstance(failure, NoConnectionError):
            self._reached.yet = True
        if flight.last_moved is not None:
            return failure
        self._traffic.in_vain()
        return self._traffic.silence(now, gone=isinstance(failure, ConnectionTroubleError)) or failure


def _book(failure: EndpointError, payment: Payment, *, request: Request, reader: ReplyReader, flight: Flight) -> None:
    """Book what a request without a whole reply cost.

    A refusal costs nothing, nor does a request that found no connection. Of a reply that had begun, what was asked and
    what has come is booked. Where nothing came, nobody knows what the server did, and the worst stays booked.
    """
    refused = failure.status is not None and not flight.accepted and failure.status not in _GATEWAY_TIMEOUTS
    if refused or isinstance(failure, NoConnectionError):
        payment.waive()
    elif reader.pieces:
        payment.broken(reader.estimate_usage(request.messages))
