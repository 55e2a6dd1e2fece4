"""Just enough HTTP/1.1 to answer, and to break off at any byte."""

import asyncio
import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

LAST_CHUNK = b"0\r\n\r\n"


@dataclass(frozen=True)
class Call:
    """A request as it came over the wire."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


async def read_call(reader: asyncio.StreamReader) -> Call | None:
    """Read one request; `None` where the client has closed."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    try:
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return Call(method, path, headers, body)


def head(status: int, headers: Mapping[str, str]) -> bytes:
    """Return status line and headers."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def json_answer(status: int, body: Any, headers: Mapping[str, str] | None = None) -> bytes:
    """Return a whole answer with a JSON body."""
    raw = json.dumps(body).encode()
    return head(status, {"content-type": "application/json", "content-length": str(len(raw)), **(headers or {})}) + raw


STREAM_HEAD = head(200, {"content-type": "text/event-stream", "transfer-encoding": "chunked"})


def chunk(data: bytes) -> bytes:
    """Return one piece of a chunked body."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def event(data: Any) -> bytes:
    """Return one server-sent event with JSON data."""
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def reset(writer: asyncio.StreamWriter) -> None:
    """End the connection with a reset instead of a goodbye."""
    sock = writer.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
