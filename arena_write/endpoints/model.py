"""A model behind a server: one call, with its attempts."""

import copy
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from arena_write.endpoints.carriers import Carrier, HttpCarrier
from arena_write.endpoints.deadlines import Pace, Patience
from arena_write.endpoints.dialects import Dialect
from arena_write.endpoints.errors import (
    BadRequestError,
    ConnectionTroubleError,
    DeadlineError,
    EndpointError,
    FatalEndpointError,
    NoConnectionError,
    RateLimitedError,
    StalledError,
    UnreachableError,
)
from arena_write.endpoints.exchange import Request
from arena_write.endpoints.limit import ConnectionLimit, Slot
from arena_write.endpoints.meter import CallMeter, Meter
from arena_write.endpoints.retry import Reached, RetryPolicy, attempts_of
from arena_write.endpoints.settings import RequestSettings
from arena_write.endpoints.targets import OPENAI_BASE_URL, endpoint_id, normalise_base_url, read_key
from arena_write.spending import Account, Payment, Purse
from judges.ports import Completion, Message

if TYPE_CHECKING:
    from arena_write.endpoints.wire import Transport

DEFAULT_CONNECTIONS = 64

# Scheduled retries are counted by the meter; without a handler Python would print stamina's warnings.
logging.getLogger("stamina").addHandler(logging.NullHandler())


class EndpointModel:
    """A `judges.ports.ChatModel` behind an OpenAI-compatible server. For one event loop; `async with` closes it.

    The key comes from `OPENAI_API_KEY` where none is given; a server of one's own needs none.

    Args:
        name: What the server calls the model.
        base_url: The server; OpenAI's where `None`.
        key: For a server that was started here; keys of others come from the environment.
        settings: Decoding settings of every request.
        limit: Connections; may be shared by models of one server.
        meter: Counts calls; may be shared.
        account: Pays for every request, failed ones included; without one, nothing is bounded and no price is known.
        retry: How often to try.
        patience: How long to wait.
        transport: What moves the bytes; the default was the fastest (see `wire`).
        carrier: Brings requests there in another way than over HTTP from here; then `key`, `patience` and `transport`
            are its own business.

    Raises:
        EndpointAddressError: The base URL cannot be used.
        MissingKeyError: The server wants a key and there is none.
    """

    def __init__(
        self,
        name: str,
        *,
        base_url: str | None = None,
        key: str | None = None,
        settings: RequestSettings | None = None,
        limit: ConnectionLimit | None = None,
        meter: Meter | None = None,
        account: Account | None = None,
        retry: RetryPolicy | None = None,
        patience: Patience | None = None,
        transport: "Transport" = "aiohttp",
        carrier: Carrier | None = None,
    ) -> None:
        self.name = name
        self.base_url = normalise_base_url(base_url or OPENAI_BASE_URL)
        self.settings = settings or RequestSettings()
        self.limit = limit or ConnectionLimit(DEFAULT_CONNECTIONS)
        self.meter = meter or Meter()
        self.account = account or Account(Purse())
        self.retry = retry or RetryPolicy()
        self.patience = patience or Patience()
        self._dialect = Dialect(
            budget_field="max_completion_tokens" if self.base_url == OPENAI_BASE_URL else "max_tokens"
        )
        self._reached = Reached()
        self._http = HttpCarrier(
            self.base_url,
            read_key(self.base_url) if key is None else key,
            max_connections=self.limit.max_connections,
            patience=self.patience,
            silent_attempts=self.retry.silent_attempts,
            reached=self._reached,
            transport=transport,
        )
        self._carrier: Carrier = carrier or self._http
        self._fatal: FatalEndpointError | None = None

    def __repr__(self) -> str:
        return f"EndpointModel({self.id!r})"

    @property
    def id(self) -> str:
        """Identity of the model: the server and the name."""
        return endpoint_id(self.name, self.base_url)

    @property
    def pace(self) -> Pace:
        """How fast replies come over HTTP."""
        return self._http.pace

    async def complete(self, messages: Sequence[Message], *, seed: int | None = None) -> Completion:
        """Answer chat messages.

        Raises:
            FatalEndpointError: No call can succeed; every later call raises the same at once.
            EndpointError: No answer could be had.
            BudgetReachedError: The next request might cost more than the run may spend.
        """
        return await self._call(_Call("/chat/completions", tuple(messages), seed))

    async def complete_text(self, prompt: str, *, seed: int | None = None) -> Completion:
        """Continue a raw prompt, without any chat template; errors as in `complete`."""
        return await self._call(_Call("/completions", (Message("user", prompt),), seed))

    async def complete_tokens(
        self, tokens: Sequence[int], messages: Sequence[Message], *, seed: int | None = None
    ) -> Completion:
        """Answer chat messages that are sent as tokens, which servers of our own take; errors as in `complete`."""
        return await self._call(_Call("/completions", tuple(messages), seed, tokens=tuple(tokens)))

    async def aclose(self) -> None:
        """Close all connections; a later call opens new ones."""
        await self._carrier.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _call(self, call: "_Call") -> Completion:
        with self.meter.call() as counted:
            completion: Completion | None = None
            attempts = aiter(attempts_of(self.retry, self._reached))
            try:
                while completion is None:
                    following = anext(attempts)  # what it waits for costs nothing, and need not come
                    with await (self.account.unless_closed(following) if call.attempts else following):
                        async with self.limit.slot(front=call.attempts > 0, wakes=self.account.purse.wakes) as slot:
                            self._check_fatal()
                            call.attempts += 1
                            completion = await self._attempt(call, counted, slot)
            except EndpointError as error:
                raise self._final(error, call.attempts) from None
            self.meter.add(completion.usage)
            return replace(completion, price=call.price)

    def _check_fatal(self) -> None:
        if self._fatal is not None:
            raise copy.copy(self._fatal)

    def _final(self, error: EndpointError, sent: int) -> EndpointError:
        """Return what the caller gets to see of the last attempt's error."""
        if isinstance(error, NoConnectionError) and not self._reached.yet:
            error = UnreachableError(f"nobody answers ({error.args[0]}); is the server running, is the address right?")
            error.place = self.base_url
        error.attempts = max(sent, 1)
        if isinstance(error, FatalEndpointError) and self._fatal is None:
            self._fatal = error
        return error

    async def _attempt(self, call: "_Call", counted: CallMeter, slot: Slot) -> Completion:
        """Send once, or once more where the server refuses how it was asked."""
        while True:
            dialect = self._dialect
            try:
                return await self._send(call, counted, slot, dialect)
            except EndpointError as error:
                simpler = dialect.without(str(error)) if isinstance(error, BadRequestError) else None
                if simpler is None:
                    error.place = self.base_url
                    self._slow_down_after(error, slot)
                    if isinstance(error, FatalEndpointError):
                        self._fatal = self._fatal or error  # before the slot is free for the next call
                    raise
                if self._dialect == dialect:
                    self._dialect = simpler

    def _slow_down_after(self, error: EndpointError, slot: Slot) -> None:
        crowded = isinstance(error, RateLimitedError | StalledError | DeadlineError | ConnectionTroubleError)
        if crowded or error.status == 503:
            slot.trouble(self.retry.allowed_hold(error))

    async def _send(self, call: "_Call", counted: CallMeter, slot: Slot, dialect: Dialect) -> Completion:
        """Send one request once it can be paid for."""
        request = Request(
            path=call.path,
            messages=call.messages,
            body=dialect.encode(call.content(self.name), self.settings),
            streamed=dialect.stream,
            budget=self.settings.token_budget,
        )
        async with self.account.request(request.worst) as payment:
            self._check_fatal()  # again: money may have been long in coming
            try:
                with counted.attempt(call.attempts):
                    return await self._carrier.carry(request, slot=slot, payment=payment)
            finally:
                call.pay(payment)


@dataclass(slots=True)
class _Call:
    """One call: what is asked, also as tokens, how often it was tried, and what that has cost in US dollars."""

    path: str
    messages: tuple[Message, ...]
    seed: int | None
    attempts: int = 0
    price: float | None = field(default=None, init=False)
    tokens: tuple[int, ...] | None = None

    def content(self, model: str) -> dict[str, Any]:
        if self.tokens is not None:
            # Without a budget a raw completion would end after a few tokens, and a chat would not.
            asked: dict[str, Any] = {"prompt": list(self.tokens), "max_tokens": None}
        elif self.path == "/completions":
            asked = {"prompt": self.messages[0].content}
        else:
            asked = {"messages": [asdict(message) for message in self.messages]}
        return {"model": model, **asked} | ({} if self.seed is None else {"seed": self.seed})

    def pay(self, payment: Payment) -> None:
        if payment.price is not None:
            self.price = (self.price or 0.0) + payment.price
