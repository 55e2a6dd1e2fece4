"""Who brings requests to a server and its replies back: over HTTP from here, or in another way that somebody has."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from arena_write.endpoints.deadlines import Pace, Patience
from arena_write.endpoints.exchange import MAX_REPLY_BYTES, Exchange, Request
from arena_write.endpoints.limit import Slot
from arena_write.endpoints.retry import Reached
from arena_write.endpoints.traffic import Traffic
from arena_write.spending import Payment
from judges.ports import Completion

if TYPE_CHECKING:
    from arena_write.endpoints.wire import Transport, Wire


class Carrier(Protocol):
    """Brings requests to one server and its replies back. Attempts, bounds and money are its user's."""

    async def carry(self, request: Request, *, slot: Slot, payment: Payment) -> Completion:
        """Send a request and return the whole reply; `payment` says afterwards what it cost, or may have cost.

        Raises:
            EndpointError: There is no whole reply.
        """
        ...

    async def aclose(self) -> None:
        """Close all connections; a later request opens new ones."""
        ...


class HttpCarrier:
    """Over HTTP, from this process.

    Args:
        base_url: The server, normalised.
        key: Sent as a bearer token, and kept out of every error.
        max_connections: Connections at a time, at most.
        patience: How long to wait.
        silent_attempts: Requests that must have been in vain before a silent server is taken for dead.
        reached: Whether anybody ever answered there.
        others_wait: Whether calls wait that were never sent; see `Traffic`.
        transport: What moves the bytes.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        max_connections: int,
        patience: Patience,
        silent_attempts: int,
        reached: Reached,
        others_wait: Callable[[], bool] = lambda: True,
        transport: "Transport" = "aiohttp",
    ) -> None:
        self._base_url, self._key, self._max_connections = base_url, key, max_connections
        self._transport: Transport = transport
        traffic = Traffic(silence=patience.silence, attempts=silent_attempts, others_wait=others_wait)
        self._exchange = Exchange(patience, traffic=traffic, reached=reached, key=key)
        self._wire: Wire | None = None

    @property
    def pace(self) -> Pace:
        """How fast replies come."""
        return self._exchange.pace

    async def carry(self, request: Request, *, slot: Slot, payment: Payment) -> Completion:
        """Send a request and return the whole reply; see `Carrier`."""
        return await self._exchange.send(request, self._open(), slot=slot, payment=payment)

    async def aclose(self) -> None:
        """Close all connections; a later request opens new ones."""
        wire, self._wire = self._wire, None
        if wire is not None:
            await wire.close()

    def _open(self) -> "Wire":
        if self._wire is None:
            from arena_write.endpoints.wire import Wire

            self._wire = Wire(
                self._base_url,
                self._key,
                max_connections=self._max_connections,
                max_bytes=MAX_REPLY_BYTES,
                transport=self._transport,
            )
        return self._wire
