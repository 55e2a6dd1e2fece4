"""From the errors of the SDK, the transports and the system to our own: converted once, here.

Nothing of the original error is kept but words, without keys: its request object holds the key.
"""

import re
import time
from collections.abc import Iterator, Mapping

import aiohttp
import httpx2

from arena_write.endpoints.errors import (
    BadRequestError,
    ConnectionTroubleError,
    ContextOverflowError,
    EndpointError,
    GarbageReplyError,
    NoConnectionError,
    QuotaExhaustedError,
    RateLimitedError,
    RefusedKeyError,
    ServerFaultError,
    UnknownModelError,
)
from arena_write.endpoints.replies import ReportedFault
from arena_write.endpoints.retry import read_retry_after
from arena_write.endpoints.targets import NO_KEY
from arena_write.names import printable

FOREIGN = (
    ReportedFault,
    httpx2.HTTPError,
    httpx2.StreamError,
    aiohttp.ClientError,
    aiohttp.http_exceptions.HttpProcessingError,
    OSError,
    EOFError,
    ValueError,
    RecursionError,
)
"""All that may come out of a call."""

_OVERFLOW = re.compile(
    r"context[ _](length|window|size|limit)|maximum (model|sequence|input|prompt) length|max_model_len"
    r"|(prompt|input|request|messages?) (is|are) too long|too many (input |prompt )?tokens|reduce the length",
    re.IGNORECASE,
)
_UNKNOWN_MODEL = re.compile(
    r"(unknown|invalid|no such|unrecognized) model\b|not a valid model"
    r"|\bmodel\b.{0,120}?\b(does not exist|not found|is not available|not exist)",
    re.IGNORECASE | re.DOTALL,
)
_NO_QUOTA = re.compile(r"insufficient_quota|exceeded your current quota|insufficient (balance|credits?)", re.IGNORECASE)
_FLAGGED = re.compile(r"moderation|flagged|content.policy", re.IGNORECASE)
_SECRET = re.compile(r"\b(?:sk|key|pk|hf|gsk|xai)[-_][\w*.\-]{6,}|(?<=bearer )\S+", re.IGNORECASE)
_LONGEST = 300
_LONG_WAIT = 60.0
"""Seconds from which a wait that a server asks for is named."""


def redact(text: str, key: str) -> str:
    """Return `text` on one line, trimmed, without control signs and anything that looks like a key."""
    if key != NO_KEY:
        text = text.replace(key, "***")
    text = printable(_SECRET.sub("***", " ".join(text.split())))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def convert(error: Exception, *, key: str) -> EndpointError:
    """Return our error for one of `FOREIGN`."""
    if isinstance(error, ReportedFault):
        message, code = _words(error.body, fallback="")
        status = int(code) if code and re.fullmatch(r"[45]\d\d", code) else 500
        return from_status(status, redact(message, key), code=code, retry_after=None)
    for cause in _chain(error):
        if isinstance(cause, EndpointError):
            return cause
    if _timed_out_connecting(list(_chain(error))):
        return NoConnectionError("no connection: nobody took it up in time")
    if any(isinstance(cause, httpx2.ConnectError | aiohttp.ClientConnectorError) for cause in _chain(error)):
        return NoConnectionError(f"no connection: {_last_words(error, key)}")
    if isinstance(error, httpx2.HTTPError | aiohttp.ClientError | OSError | EOFError):
        return ConnectionTroubleError(f"the connection broke: {_last_words(error, key)}")
    return GarbageReplyError(f"the reply cannot be read: {type(error).__name__}: {redact(str(error), key):.120}")


def refusal(status: int, body: object, headers: Mapping[str, str], *, reason: str, key: str) -> EndpointError:
    """Return the error for a reply that is a refusal.

    Args:
        status: HTTP status.
        body: The reply, as JSON where it is that.
        headers: Of the reply.
        reason: The words beside the status.
        key: Kept out of the error.
    """
    said = body.get("error", body) if isinstance(body, Mapping) else body
    message, code = _words(said, fallback=reason)
    return from_status(status, redact(message, key), code=code, retry_after=_retry_after(headers))


def from_status(status: int, message: str, *, code: str | None, retry_after: float | None) -> EndpointError:
    """Return the error for an HTTP status with the server's message and code."""
    asked = "" if retry_after is None or retry_after < _LONG_WAIT else f"; it asks us to wait {retry_after:.0f} s"
    said = f"{status}: {message}{asked}"
    searched = f"{code} {message}"
    if status in {402, 429} and (status == 402 or _NO_QUOTA.search(searched)):
        return QuotaExhaustedError(f"the account's quota is used up ({said})", status=status)
    if status == 429:
        return RateLimitedError(f"too many requests ({said})", status=status, retry_after=retry_after)
    if status in {408, 409, 425} or status >= 500:
        return ServerFaultError(f"the server failed ({said})", status=status, retry_after=retry_after)
    if 300 <= status < 400:
        return UnknownModelError(
            f"the server sends us elsewhere ({said}), and prompts go nowhere but to the server that was named: give "
            "the address that it names",
            status=status,
        )
    if status in {401, 403} and not (status == 403 and _FLAGGED.search(searched)):
        return RefusedKeyError(f"the key is refused ({said}); check OPENAI_API_KEY", status=status)
    if status == 404:
        hint = "check the model's name, and that the base URL ends as the server's documentation says, mostly in /v1"
        return UnknownModelError(f"no such model or path ({said}); {hint}", status=status)
    if _OVERFLOW.search(searched):
        return ContextOverflowError(f"the request does not fit into the model's context ({said})", status=status)
    if code == "model_not_found" or _UNKNOWN_MODEL.search(message):
        return UnknownModelError(f"no such model ({said}); check its name", status=status)
    return BadRequestError(f"the request is refused ({said})", status=status)


def _words(body: object, *, fallback: str) -> tuple[str, str | None]:
    """Return message and code of an error body, in the shapes that servers give it."""
    if isinstance(body, Mapping):
        message = next((body[name] for name in ("message", "detail", "error") if body.get(name)), body)
        code = body.get("code") or body.get("type")
        return str(message), None if code is None else str(code)
    return (str(body) if body else fallback) or "no message", None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    milliseconds = read_retry_after(headers.get("retry-after-ms"), now=0.0)
    if milliseconds is not None:
        return milliseconds / 1000
    return read_retry_after(headers.get("retry-after"), now=time.time())


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen = 0
    while error is not None and seen < 10:
        yield error
        error, seen = error.__cause__ or error.__context__, seen + 1


def _timed_out_connecting(causes: list[BaseException]) -> bool:
    kind: type[Exception] = httpx2.ConnectTimeout
    if any(isinstance(cause, aiohttp.ClientError) for cause in causes):
        kind = aiohttp.ConnectionTimeoutError  # the SDK's transport calls every lost connection a `ConnectTimeout`
    return any(isinstance(cause, kind) for cause in causes)


def _last_words(error: Exception, key: str) -> str:
    """Return what the innermost cause says: the outer ones say `Connection error.`"""
    cause = list(_chain(error))[-1]
    return redact(str(cause), key)[:160] or type(cause).__name__
