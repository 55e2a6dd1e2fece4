"""The SDK and the transport: the only module, with `failures`, that knows their types. Imported by the first call.

The SDK brings the client that moves the bytes and says with which headers. Requests are put together here once for all
calls, and requests and replies pass as plain JSON: the SDK's own way to a request and its models of replies cost more
than all the rest. Retries and timeouts are ours as well.

aiohttp moves the bytes: at 256 connections and 50 ms, streamed, it carried 1,318 requests a second from one core where
the SDK's default transport, httpx2, carried 256 (`perf/client/compare.py` measures; its docstring has the table).
"""

import contextlib
import json
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Literal

import httpx2
import openai
from openai import AsyncOpenAI

from arena_write.endpoints.errors import GarbageReplyError, ReplyTooLargeError
from arena_write.endpoints.events import read_events
from arena_write.endpoints.failures import refusal

Transport = Literal["aiohttp", "httpx2"]

_JSON = re.compile(r"\s*[\w.+-]+/(?:[\w.+-]*\+)?json\s*(?:;|$)", re.IGNORECASE)
"""Content types of one JSON object, `application/problem+json` for example."""
_CONNECT_SECONDS = 15.0
_KEEP_IDLE_SECONDS = 3.0
"""Under the 5 s after which uvicorn, and so vLLM, closes idle connections: a request must not run into that."""


class Wire:
    """Requests and replies as plain JSON.

    Args:
        base_url: Of the server.
        key: Sent as a bearer token, and kept out of every error.
        max_connections: Never more than this.
        max_bytes: Bound on one reply, unpacked.
        transport: What moves the bytes.
    """

    def __init__(self, base_url: str, key: str, *, max_connections: int, max_bytes: int, transport: Transport) -> None:
        timeout = httpx2.Timeout(None, connect=_CONNECT_SECONDS)
        make = openai.DefaultAioHttpClient if transport == "aiohttp" else openai.DefaultAsyncHttpx2Client
        self._client = make(
            verify=_trust(),
            timeout=timeout,
            limits=httpx2.Limits(
                max_connections=max_connections,
                max_keepalive_connections=max_connections,
                keepalive_expiry=_KEEP_IDLE_SECONDS,
            ),
        )
        sdk = AsyncOpenAI(api_key=key, base_url=base_url, http_client=self._client)
        said = {name: value for name, value in sdk.default_headers.items() if isinstance(value, str)}
        # A compressed reply could be any size once it is unpacked.
        self._headers = httpx2.Headers({**said, **sdk.auth_headers, "Accept-Encoding": "identity"})
        self._extensions = {"timeout": timeout.as_dict()}
        self._urls = {path: httpx2.URL(base_url + path) for path in ("/chat/completions", "/completions")}
        self._key = key
        self._max = max_bytes

    @asynccontextmanager
    async def stream(self, path: str, body: bytes) -> AsyncIterator[AsyncIterator[list[object]]]:
        """Post, and yield the events of the reply, those together that came together.

        On leaving, the connection is given back or closed.

        Raises:
            EndpointError: The server refused.
        """
        response = await self._client.send(self._request(path, body), stream=True, follow_redirects=False)
        try:
            await self._check(response)
            yield self._whole(response) if _is_json(response) else read_events(self._pieces(response))
        finally:
            await response.aclose()

    async def post(self, path: str, body: bytes) -> object:
        """Post, and return the whole reply.

        Raises:
            EndpointError: The server refused.
        """
        response = await self._client.send(self._request(path, body), stream=True, follow_redirects=False)
        try:
            await self._check(response)
            return _parse(await self._read(response))
        finally:
            await response.aclose()

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    def _request(self, path: str, body: bytes) -> httpx2.Request:
        return httpx2.Request(
            "POST", self._urls[path], headers=self._headers, content=body, extensions=self._extensions
        )

    async def _check(self, response: httpx2.Response) -> None:
        if response.is_success:
            return
        text: object = (await self._read(response)).decode(errors="replace").strip()
        with contextlib.suppress(ValueError, RecursionError):
            text = json.loads(str(text))
        raise refusal(response.status_code, text, response.headers, reason=response.reason_phrase, key=self._key)

    async def _pieces(self, response: httpx2.Response) -> AsyncIterator[bytes]:
        """Yield the body up to the bound, unpacked where the server packs it although we asked it not to.

        Raises:
            ReplyTooLargeError: There is more.
        """
        packed = "content-encoding" in response.headers
        left = self._max
        async for piece in response.aiter_bytes() if packed else response.aiter_raw():
            left -= len(piece)
            if left < 0:
                raise ReplyTooLargeError(f"the reply has more than {self._max / 2**20:.3g} MB and was broken off")
            yield piece

    async def _read(self, response: httpx2.Response) -> bytes:
        return b"".join([piece async for piece in self._pieces(response)])

    async def _whole(self, response: httpx2.Response) -> AsyncIterator[list[object]]:
        """Yield the one reply of a server that does not stream, whatever it was asked."""
        yield [_parse(await self._read(response))]


@cache
def _trust() -> ssl.SSLContext:
    """Return whom to trust, read once: it takes longer than the rest of a client."""
    return httpx2.create_ssl_context()


def _is_json(response: httpx2.Response) -> bool:
    return _JSON.match(response.headers.get("content-type", "")) is not None


def _parse(body: bytes) -> object:
    """Return the JSON of a whole reply.

    Raises:
        GarbageReplyError: It is none; quotes its beginning.
    """
    try:
        return json.loads(body)
    except ValueError:
        raise GarbageReplyError.instead(body[:2_000].decode(errors="replace")) from None
