"""Models behind any OpenAI-compatible server.

`EndpointModel` implements the port that judges and generators ask (`judges.ports.ChatModel`). The modules: `targets`
(addresses, ids, keys), `settings` (what a request asks for), `dialects` (how a server wants to be asked), `model` (a
call with its attempts), `carriers` (over HTTP, or in another way), `exchange` (one request and its reply), `wire` (the
SDK and the transport), `events` and `replies` (from bytes to a `Completion`), `deadlines`, `traffic` (is the server
alive), `retry`, `limit` (adaptive connections), `meter` (for a status line), `prices`, `failures` (from foreign errors
to ours, `errors`). Requests are paid from an account of `arena_write.spending`.

Importing this package loads neither the SDK nor a transport; the first call does.
"""

from arena_write.endpoints.deadlines import Pace, Patience
from arena_write.endpoints.errors import (
    BadRequestError,
    ConnectionTroubleError,
    ContextOverflowError,
    CutReplyError,
    DeadlineError,
    EndpointAddressError,
    EndpointError,
    FatalEndpointError,
    GarbageReplyError,
    MissingKeyError,
    NoConnectionError,
    PassingError,
    QuotaExhaustedError,
    RateLimitedError,
    RefusedKeyError,
    ReplyTooLargeError,
    ServerFaultError,
    SilentServerError,
    StalledError,
    UnknownModelError,
    UnreachableError,
)
from arena_write.endpoints.limit import ConnectionLimit
from arena_write.endpoints.meter import Meter, Reading
from arena_write.endpoints.model import EndpointModel
from arena_write.endpoints.retry import RetryPolicy
from arena_write.endpoints.settings import RequestSettings
from arena_write.endpoints.targets import OPENAI_BASE_URL, endpoint_id, parse_endpoint

__all__ = [
    "OPENAI_BASE_URL",
    "BadRequestError",
    "ConnectionLimit",
    "ConnectionTroubleError",
    "ContextOverflowError",
    "CutReplyError",
    "DeadlineError",
    "EndpointAddressError",
    "EndpointError",
    "EndpointModel",
    "FatalEndpointError",
    "GarbageReplyError",
    "Meter",
    "MissingKeyError",
    "NoConnectionError",
    "Pace",
    "PassingError",
    "Patience",
    "QuotaExhaustedError",
    "RateLimitedError",
    "Reading",
    "RefusedKeyError",
    "ReplyTooLargeError",
    "RequestSettings",
    "RetryPolicy",
    "ServerFaultError",
    "SilentServerError",
    "StalledError",
    "UnknownModelError",
    "UnreachableError",
    "endpoint_id",
    "parse_endpoint",
]
