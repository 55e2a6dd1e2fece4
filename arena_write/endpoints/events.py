"""Server-sent events: the framing of streamed replies, as far as model servers use it.

The SDK's own decoder takes several times as long per event, and an event is a token.
"""

import json
from collections.abc import AsyncIterable, AsyncIterator

_DONE = b"[DONE]"


async def read_events(data: AsyncIterable[bytes]) -> AsyncIterator[object]:
    """Yield the JSON of each `data:` line, up to `[DONE]` or the end.

    Every event of these servers is one line of data; comments, which keep connections alive, and other fields are
    passed over. What follows `[DONE]` is read and dropped, so that the connection can serve the next call.

    Raises:
        ValueError: A line of data is not JSON in UTF-8.
    """
    rest: list[bytes] = []
    done = False
    async for piece in data:
        if done:
            continue
        if b"\n" not in piece:
            rest.append(piece)  # joined once, not at every piece: a line may come in very many
            continue
        *lines, last = b"".join([*rest, piece]).split(b"\n")
        rest = [last] if last else []
        for line in lines:
            event = _payload(line)
            if event == _DONE:
                done = True
                break
            if event:
                yield json.loads(event)
    if not done and (event := _payload(b"".join(rest))) and event != _DONE:
        yield json.loads(event)


def _payload(line: bytes) -> bytes:
    return line[5:].strip() if line.startswith(b"data:") else b""
