"""A model behind a server: one call, with its attempts."""

import asyncio
import copy
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from arena_write.endpoints.deadlines import Pace, Patience, Watch
from arena_write.endpoints.errors import (
    BadRequestError,
    ConnectionTroubleError,
    DeadlineError,
    EndpointError,
    FatalEndpointError,
    GarbageReplyError,
    NoConnectionError,
    RateLimitedError,
    StalledError,
    UnreachableError,
)
from arena_write.endpoints.limit import ConnectionLimit, Slot
from arena_write.endpoints.meter import Meter
from arena_write.endpoints.replies import ReplyReader
from arena_write.endpoints.retry import Reached, RetryPolicy, attempts_of
from arena_write.endpoints.settings import RequestSettings
from arena_write.endpoints.targets import OPENAI_BASE_URL, endpoint_id, normalise_base_url, read_key
from judges.ports import Completion, Message

if TYPE_CHECKING:
    from arena_write.endpoints.wire import Transport, Wire

DEFAULT_CONNECTIONS = 64
MAX_REPLY_BYTES = 10 * 2**20

# Scheduled retries are counted by the meter; without a handler Python would print stamina's warnings.
logging.getLogger("stamina").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Dialect:
    """How this server wants to be asked; simplified once where it says so, and remembered.

    Args:
        stream: Whether replies are streamed.
        usage: Whether a stream is asked for its usage.
        budget_field: What the token budget is called: OpenAI's newer models take only the longer name, and some
            other servers ignore that one.
    """

    stream: bool = True
    usage: bool = True
    budget_field: str = "max_tokens"

    def without(self, complaint: str) -> "Dialect | None":
        """Return the dialect that avoids what the server complains about; `None` where there is no such thing."""
        if self.usage and self.stream and "stream_options" in complaint:
            return replace(self, usage=False)
        if self.budget_field == "max_tokens" and "max_completion_tokens" in complaint:
            return replace(self, budget_field="max_completion_tokens")
        if self.stream and "stream" in complaint.replace("stream_options", ""):
            return replace(self, stream=False)
        return None


class EndpointModel:
    """A `judges.ports.ChatModel` behind an OpenAI-compatible server. For one event loop; `async with` closes it.

    The key comes from `OPENAI_API_KEY`; a server of one's own needs none.

    Args:
        name: What the server calls the model.
        base_url: The server; OpenAI's where `None`.
        settings: Decoding settings of every request.
        limit: Connections; may be shared by models of one server.
        meter: Counts calls; may be shared.
        retry: How often to try.
        patience: How long to wait.
        transport: What moves the bytes; the default was the fastest (see `wire`).

    Raises:
        EndpointAddressError: The base URL cannot be used.
        MissingKeyError: The server wants a key and there is none.
    """

    def __init__(
        self,
        name: str,
        *,
        base_url: str | None = None,
        settings: RequestSettings | None = None,
        limit: ConnectionLimit | None = None,
        meter: Meter | None = None,
        retry: RetryPolicy | None = None,
        patience: Patience | None = None,
        transport: "Transport" = "aiohttp",
    ) -> None:
        self.name = name
        self.base_url = normalise_base_url(base_url or OPENAI_BASE_URL)
        self.settings = settings or RequestSettings()
        self.limit = limit or ConnectionLimit(DEFAULT_CONNECTIONS)
        self.meter = meter or Meter()
        self.retry = retry or RetryPolicy()
        self.patience = patience or Patience()
        self.pace = Pace(self.patience.pace)
        self._key = read_key(self.base_url)
        self._transport: Transport = transport
        self._dialect = Dialect(
            budget_field="max_completion_tokens" if self.base_url == OPENAI_BASE_URL else "max_tokens"
        )
        self._reached = Reached()
        self._fatal: FatalEndpointError | None = None
        self._wire: Wire | None = None

    def __repr__(self) -> str:
        return f"EndpointModel({self.id!r})"

    @property
    def id(self) -> str:
        """Identity of the model: the server and the name."""
        return endpoint_id(self.name, self.base_url)

    async def complete(self, messages: Sequence[Message], *, seed: int | None = None) -> Completion:
        """Answer chat messages.

        Raises:
            FatalEndpointError: No call can succeed; every later call raises the same at once.
            EndpointError: No answer could be had.
        """
        return await self._call("/chat/completions", {"messages": [asdict(message) for message in messages]}, seed)

    async def complete_text(self, prompt: str, *, seed: int | None = None) -> Completion:
        """Continue a raw prompt, without any chat template; errors as in `complete`."""
        return await self._call("/completions", {"prompt": prompt}, seed)

    async def aclose(self) -> None:
        """Close all connections; a later call opens new ones."""
        wire, self._wire = self._wire, None
        if wire is not None:
            await wire.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _call(self, path: str, text: dict[str, Any], seed: int | None) -> Completion:
        content = {"model": self.name, **text} | ({} if seed is None else {"seed": seed})
        sent = 0
        with self.meter.call():
            try:
                async for attempt in attempts_of(self.retry, self._reached):
                    with attempt:
                        async with self.limit.slot(front=sent > 0) as slot:
                            if self._fatal is not None:
                                raise copy.copy(self._fatal)
                            sent += 1
                            with self.meter.attempt(sent):
                                completion = await self._attempt(path, content, slot)
            except EndpointError as error:
                raise self._final(error, sent) from None
            self.meter.add(completion.usage)
            return completion

    def _final(self, error: EndpointError, sent: int) -> EndpointError:
        """Return what the caller gets to see of the last attempt's error."""
        if isinstance(error, NoConnectionError) and not self._reached.yet:
            error = UnreachableError(f"nobody answers ({error.args[0]}); is the server running, is the address right?")
            error.place = self.base_url
        error.attempts = max(sent, 1)
        if isinstance(error, FatalEndpointError) and self._fatal is None:
            self._fatal = error
        return error

    async def _attempt(self, path: str, content: dict[str, Any], slot: Slot) -> Completion:
        """Send once, or once more where the server refuses how it was asked."""
        while True:
            dialect = self._dialect
            try:
                completion = await self._send(path, content, slot, dialect)
            except EndpointError as error:
                simpler = dialect.without(str(error)) if isinstance(error, BadRequestError) else None
                if simpler is None:
                    error.place = self.base_url
                    self._slow_down_after(error, slot)
                    raise
                if self._dialect == dialect:
                    self._dialect = simpler
            else:
                slot.accepted()
                return completion

    def _slow_down_after(self, error: EndpointError, slot: Slot) -> None:
        crowded = isinstance(error, RateLimitedError | StalledError | DeadlineError | ConnectionTroubleError)
        if crowded or error.status == 503:
            slot.trouble(self.retry.allowed_hold(error))

    async def _send(self, path: str, content: dict[str, Any], slot: Slot, dialect: Dialect) -> Completion:
        from arena_write.endpoints.failures import FOREIGN, convert

        body = {**content, **self.settings.body(chat="messages" in content, budget_field=dialect.budget_field)}
        if dialect.stream and dialect.usage:
            body["stream_options"] = {"include_usage": True}
        wire = self._open()
        reader = ReplyReader(MAX_REPLY_BYTES)
        deadline = self.pace.deadline(self.settings.token_budget, self.patience)
        waiting = self.patience.first_token if dialect.stream else deadline
        clock = asyncio.get_running_loop().time
        started = clock()
        failure: EndpointError | None = None
        try:
            async with Watch(self.patience, deadline=deadline, waiting=waiting) as watch:
                if dialect.stream:
                    async with wire.stream(path, body) as events:
                        self._reached.yet = True
                        async for event in events:
                            slot.accepted()
                            watch.progress()
                            reader.feed(event)
                            if reader.is_finished:
                                watch.finished()
                            elif reader.pieces == 1:
                                watch.begun()
                else:
                    reader.feed(await wire.post(path, body))
        except EndpointError as error:
            failure = error
        except FOREIGN as error:
            failure = convert(error, key=self._key)
        seconds = clock() - started
        if failure is not None:
            self._learn_from(failure, reader, seconds)
            # What goes wrong after the finish reason takes nothing from the text.
            if not reader.is_finished or not isinstance(failure, StalledError | ConnectionTroubleError):
                # Without what was caught: that holds the request, and the request holds the key.
                failure.__cause__ = failure.__context__ = None
                raise failure.with_traceback(None)
        else:
            self._reached.yet = True
        completion = reader.completion(seconds)
        self.pace.observe(completion.usage.completion_tokens or reader.pieces, seconds)
        return completion

    def _learn_from(self, failure: EndpointError, reader: ReplyReader, seconds: float) -> None:
        if isinstance(failure, DeadlineError):
            self.pace.slow_down(reader.pieces, seconds)
        if failure.status is not None or (
            isinstance(failure, ConnectionTroubleError | GarbageReplyError)
            and not isinstance(failure, NoConnectionError)
        ):
            self._reached.yet = True

    def _open(self) -> "Wire":
        if self._wire is None:
            from arena_write.endpoints.wire import Wire

            self._wire = Wire(
                self.base_url,
                self._key,
                max_connections=self.limit.max_connections,
                max_bytes=MAX_REPLY_BYTES,
                transport=self._transport,
            )
        return self._wire
