"""What can go wrong between us and a server, sorted by what the caller does about it.

* `FatalEndpointError`: no call to this endpoint can succeed; the run stops.
* `PassingError`: tried again within bounds; raised once the attempts are used up, and the cell stays missing.
* Everything else: final for this one request.

Messages name the server and never hold a key.
"""

from judges import ports
from judges.ports import TransportError


class EndpointAddressError(ValueError):
    """An address names no endpoint that can be asked. An error of usage."""


class EndpointError(TransportError):
    """A call to an endpoint gave no answer.

    Args:
        message: What happened.
        status: HTTP status, where there was one.

    Attributes:
        place: The server.
        attempts: How many times the request was sent.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.place: str | None = None
        self.attempts = 1

    def __str__(self) -> str:
        message = super().__str__() if self.place is None else f"{self.place}: {super().__str__()}"
        return f"{message} (after {self.attempts} attempts)" if self.attempts > 1 else message


class FatalEndpointError(EndpointError):
    """No call to this endpoint can succeed: stop the run and tell the user."""

    fatal = True


class RefusedKeyError(FatalEndpointError):
    """The server does not accept the key (401, 403)."""


class MissingKeyError(RefusedKeyError):
    """The server wants a key, and the environment holds none."""


class UnknownModelError(FatalEndpointError):
    """The server does not know the model, or the path (404, or a 400 that says so)."""


class UnreachableError(FatalEndpointError):
    """Nobody ever answered at this address."""


class SilentServerError(FatalEndpointError):
    """The server takes requests and gives nothing, to nobody and for a long time."""


class QuotaExhaustedError(FatalEndpointError):
    """The account has no money left (402, or a 429 that says so): waiting does not help."""


class ContextOverflowError(EndpointError, ports.ContextOverflowError):
    """The request does not fit into the model's context."""


class BadRequestError(EndpointError):
    """The server refuses this request (other 4xx)."""


class ReplyTooLargeError(EndpointError):
    """The reply outgrew the bound on memory and was broken off."""


class PassingError(EndpointError):
    """Another attempt may succeed.

    Args:
        message: What happened.
        status: HTTP status, where there was one.
        retry_after: Seconds that the server asks us to wait.
    """

    def __init__(self, message: str, *, status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(message, status=status)
        self.retry_after = retry_after


class RateLimitedError(PassingError):
    """Too many requests (429)."""


class ServerFaultError(PassingError):
    """The server failed (5xx, 408, 409, or an error within a stream)."""


class ConnectionTroubleError(PassingError):
    """The connection broke."""


class NoConnectionError(ConnectionTroubleError):
    """There was no connection to begin with: refused, no such host, no route."""


class CutReplyError(PassingError):
    """The reply ended without a finish reason: part of it is missing, and a part is never taken for the whole."""


class GarbageReplyError(PassingError):
    """The reply is not what the protocol says.

    Args:
        message: What it is instead; may quote what came.
    """

    @classmethod
    def instead(cls, said: str) -> "GarbageReplyError":
        """Return the error for words that stand in a reply's place; who shows them keeps keys out, and cuts them."""
        words = said.strip()
        if words.startswith("<"):
            hint = "check that the base URL ends as the server's documentation says, mostly in /v1"
            return cls(f"a page came in the place of a reply; {hint}. It begins: {words}")
        return cls(f"in the place of a reply the server said: {words}")


class StalledError(PassingError):
    """No progress for too long."""


class DeadlineError(PassingError):
    """The reply took longer than its token budget explains."""
