"""What can be done with a request, by name: `ok`, and all that goes wrong with real servers.

| name | what happens | options |
|---|---|---|
| `ok` | the reply | |
| `delay` | the reply, later | `seconds` (0.5) |
| `drip` | the reply, in slow pieces | `seconds` between pieces (0.05) |
| `rate_limited` | 429 | `retry_after`: seconds, `"date"` (two seconds ahead), or null (0.05) |
| `rate_limited_silent` | 429 without Retry-After | |
| `quota` | 429 with the code `insufficient_quota` | |
| `error` | any status | `status` (500), `message`, `code`, `retry_after`, `location` |
| `server_error`, `bad_gateway`, `unavailable` | 500, 502 with HTML, 503 | |
| `hang` | nothing, ever | `seconds` (3600) |
| `stall` | some pieces, then nothing | `seconds` (3600) |
| `reset` | connection reset before an answer | |
| `reset_midway` | connection reset within the answer | |
| `cut` | the stream ends properly, without a finish reason | |
| `garbage` | a piece that is not JSON | |
| `noise` | bytes that are no event stream at all | |
| `words` | a status of 200, and `body` as `content_type` in a reply's place | `body`, `content_type` ("text/html") |
| `empty_pieces` | pieces without text, for ever | `seconds` between pieces (0.02) |
| `stream_error` | an error object within the stream | `message` |
| `length` | the reply cut in half, finish reason `length` | |
| `empty` | no text, finish reason `stop` | |
| `open_think` | an unclosed `<think>`, then the reply | |
| `wrong_model` | the reply, under another model's name | `name` |
| `unauthorized`, `not_found`, `overflow` | 401, 404, 400 of a prompt that is too long | |
| `huge` | a reply of `megabytes` (10.5) | |
| `die` | the whole server ends, without a word | |
| `lingering` | the whole reply, and the connection stays open without an end | `seconds` (3600) |
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from email.utils import formatdate
from functools import lru_cache
from typing import Any

from scripted_server import wire
from scripted_server.replies import Reply, make_reply
from scripted_server.script import Plan, Request, Script


@dataclass(frozen=True)
class Scene:
    """One request, what is planned for it, and the line to the client."""

    script: Script
    request: Request
    plan: Plan
    writer: asyncio.StreamWriter

    def option(self, name: str, default: Any) -> Any:
        return self.plan.options.get(name, default)

    @property
    def streaming(self) -> bool:
        return bool(self.request.body.get("stream")) and self.script.streaming is True

    def reply(self) -> Reply:
        return make_reply(self.request, self.plan.reply, self.script.seed)

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()


Behaviour = Callable[[Scene], Awaitable[None]]


async def act(scene: Scene) -> None:
    """Do with the request what is planned."""
    if scene.script.latency:
        await asyncio.sleep(scene.script.latency)
    await BEHAVIOURS[scene.plan.do](scene)


async def deliver(scene: Scene, reply: Reply, *, pause: float | None = None) -> None:
    """Send a whole reply, streamed or not as the client asked."""
    if not scene.streaming:
        await scene.send(wire.json_answer(200, _whole(scene, reply)))
        return
    pause = scene.script.chunk_seconds if pause is None else pause
    events = [*_pieces(scene, reply), *_ending(scene, reply), b"data: [DONE]\n\n"]
    if not pause:
        await scene.send(wire.STREAM_HEAD + wire.chunk(b"".join(events)) + wire.LAST_CHUNK)
        return
    await scene.send(wire.STREAM_HEAD)
    for event in events:
        await scene.send(wire.chunk(event))
        await asyncio.sleep(pause)
    await scene.send(wire.LAST_CHUNK)


async def _die(scene: Scene) -> None:
    os._exit(1)


async def _ok(scene: Scene) -> None:
    await deliver(scene, scene.reply())


async def _delay(scene: Scene) -> None:
    await asyncio.sleep(scene.option("seconds", 0.5))
    await deliver(scene, scene.reply())


async def _drip(scene: Scene) -> None:
    await deliver(scene, scene.reply(), pause=scene.option("seconds", 0.05))


def _refuse(status: int, message: str, *, code: str | None = None, retry_after: Any = None) -> Behaviour:
    async def refuse(scene: Scene) -> None:
        wait = scene.option("retry_after", retry_after)
        headers = {}
        if location := scene.option("location", None):
            headers["location"] = location
        if wait is not None:
            headers["retry-after"] = formatdate(time.time() + 2, usegmt=True) if wait == "date" else str(wait)
        error = {
            "message": scene.option("message", message),
            "type": "error",
            "param": None,
            "code": scene.option("code", code),
        }
        await scene.send(wire.json_answer(scene.option("status", status), {"error": error}, headers))

    return refuse


async def _bad_gateway(scene: Scene) -> None:
    page = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
    headers = {"content-type": "text/html", "content-length": str(len(page))}
    await scene.send(wire.head(502, headers) + page)


async def _hang(scene: Scene) -> None:
    await asyncio.sleep(scene.option("seconds", 3600))


async def _begin(scene: Scene) -> None:
    """Send about half of the reply and leave the answer open."""
    if scene.streaming:
        pieces = _pieces(scene, scene.reply())
        await scene.send(wire.STREAM_HEAD + wire.chunk(b"".join(pieces[: 1 + len(pieces) // 2])))
    else:
        whole = wire.json_answer(200, _whole(scene, scene.reply()))
        await scene.send(whole[: len(whole) // 2])


async def _stall(scene: Scene) -> None:
    await _begin(scene)
    await asyncio.sleep(scene.option("seconds", 3600))


async def _reset(scene: Scene) -> None:
    wire.reset(scene.writer)


async def _reset_midway(scene: Scene) -> None:
    await _begin(scene)
    await asyncio.sleep(0.02)
    wire.reset(scene.writer)


async def _cut(scene: Scene) -> None:
    await _begin(scene)
    if scene.streaming:
        await scene.send(wire.LAST_CHUNK)
    else:
        scene.writer.close()


async def _garbage(scene: Scene) -> None:
    if scene.streaming:
        await _begin(scene)
        await scene.send(wire.chunk(b'data: {"choices": [{"delta": {"conte\n\n') + wire.LAST_CHUNK)
    else:
        await _noise(scene)


async def _noise(scene: Scene) -> None:
    body = b"\xff\xfe\x00garbage \x80\x81" * 20
    kind = "text/event-stream" if scene.streaming else "application/json"
    await scene.send(wire.head(200, {"content-type": kind, "content-length": str(len(body))}) + body)


async def _words(scene: Scene) -> None:
    body = str(scene.option("body", "<html><body>Please log in</body></html>")).encode()
    headers = {"content-type": scene.option("content_type", "text/html"), "content-length": str(len(body))}
    await scene.send(wire.head(200, headers) + body)


async def _empty_pieces(scene: Scene) -> None:
    if not scene.streaming:
        await _hang(scene)
        return
    await scene.send(wire.STREAM_HEAD)
    while True:
        await scene.send(wire.chunk(_event(scene.request.path, scene.request.model, {"content": ""})))
        await asyncio.sleep(scene.option("seconds", 0.02))


async def _stream_error(scene: Scene) -> None:
    await _begin(scene)
    error = {"error": {"message": scene.option("message", "the engine died"), "type": "internal", "code": 500}}
    if scene.streaming:
        await scene.send(wire.chunk(wire.event(error)) + wire.LAST_CHUNK)
    else:
        scene.writer.close()


async def _length(scene: Scene) -> None:
    reply = scene.reply()
    await deliver(scene, replace(reply, text=reply.text[: len(reply.text) // 2], finish="length"))


async def _empty(scene: Scene) -> None:
    await deliver(scene, replace(scene.reply(), text=""))


async def _open_think(scene: Scene) -> None:
    reply = scene.reply()
    await deliver(scene, replace(reply, text=f"<think>Let me think about this. {reply.text}"))


async def _wrong_model(scene: Scene) -> None:
    await deliver(scene, replace(scene.reply(), served_model=scene.option("name", "another-model")))


async def _huge(scene: Scene) -> None:
    size = int(scene.option("megabytes", 10.5) * 2**20)
    await deliver(scene, replace(scene.reply(), text="word " * (size // 5)))


async def _lingering(scene: Scene) -> None:
    if not scene.streaming:
        await _ok(scene)
        return
    reply = scene.reply()
    events = [*_pieces(scene, reply), *_ending(scene, reply)]
    await scene.send(wire.STREAM_HEAD + wire.chunk(b"".join(events)))
    await asyncio.sleep(scene.option("seconds", 3600))


BEHAVIOURS: dict[str, Behaviour] = {
    "ok": _ok,
    "die": _die,
    "delay": _delay,
    "drip": _drip,
    "rate_limited": _refuse(429, "Rate limit reached.", code="rate_limit_exceeded", retry_after=0.05),
    "rate_limited_silent": _refuse(429, "Rate limit reached.", code="rate_limit_exceeded"),
    "quota": _refuse(429, "You exceeded your current quota.", code="insufficient_quota"),
    "error": _refuse(500, "Something went wrong."),
    "server_error": _refuse(500, "The server had an error."),
    "bad_gateway": _bad_gateway,
    "unavailable": _refuse(503, "Overloaded."),
    "hang": _hang,
    "stall": _stall,
    "reset": _reset,
    "reset_midway": _reset_midway,
    "cut": _cut,
    "garbage": _garbage,
    "noise": _noise,
    "words": _words,
    "empty_pieces": _empty_pieces,
    "stream_error": _stream_error,
    "length": _length,
    "empty": _empty,
    "open_think": _open_think,
    "wrong_model": _wrong_model,
    "unauthorized": _refuse(401, "Incorrect API key provided.", code="invalid_api_key"),
    "not_found": _refuse(404, "The model does not exist.", code="model_not_found"),
    "overflow": _refuse(400, "This model's maximum context length is 8192 tokens.", code="context_length_exceeded"),
    "huge": _huge,
    "lingering": _lingering,
}


def _pieces(scene: Scene, reply: Reply) -> list[bytes]:
    model = reply.served_model or scene.request.model
    return list(_encode_pieces(scene.request.path, model, reply, scene.script.chunk_words))


@lru_cache(maxsize=256)
def _encode_pieces(path: str, model: str, reply: Reply, words: int) -> tuple[bytes, ...]:
    if path != "chat":
        return tuple(_event(path, model, {"content": piece}) for piece in _split(reply.text, words))
    deltas: list[Mapping[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{reply.thinking_field: piece} for piece in _split(reply.thinking or "", words)]
    deltas += [{"content": piece} for piece in _split(reply.text, words)]
    return tuple(_event(path, model, delta) for delta in deltas)


def _ending(scene: Scene, reply: Reply) -> list[bytes]:
    path, model = scene.request.path, reply.served_model or scene.request.model
    events = [_event(path, model, {}, finish=reply.finish)]
    wanted = scene.request.body.get("stream_options") or {}
    if wanted.get("include_usage") and scene.script.stream_usage is True:
        frame = _frame(path, model, streaming=True)
        events.append(wire.event({**frame, "choices": [], "usage": _usage(scene, reply)}))
    return events


def _event(path: str, model: str, delta: Mapping[str, Any], finish: str | None = None) -> bytes:
    content: dict[str, Any] = {"delta": delta} if path == "chat" else {"text": delta.get("content", "")}
    choice = {"index": 0, **content, "finish_reason": finish}
    return wire.event({**_frame(path, model, streaming=True), "choices": [choice]})


def _frame(path: str, model: str, *, streaming: bool) -> dict[str, Any]:
    kind = "text_completion" if path != "chat" else "chat.completion.chunk" if streaming else "chat.completion"
    return {"id": "scripted", "object": kind, "created": 0, "model": model}


def _whole(scene: Scene, reply: Reply) -> dict[str, Any]:
    content: dict[str, Any] = {"text": reply.text}
    if scene.request.path == "chat":
        message: dict[str, Any] = {"role": "assistant", "content": reply.text}
        if reply.thinking:
            message[reply.thinking_field] = reply.thinking
        content = {"message": message}
    choice = {"index": 0, **content, "finish_reason": reply.finish}
    frame = _frame(scene.request.path, reply.served_model or scene.request.model, streaming=False)
    return {**frame, "choices": [choice], "usage": _usage(scene, reply)}


def _usage(scene: Scene, reply: Reply) -> dict[str, Any]:
    prompt = len(scene.request.text) // 4 + 1
    thinking = len((reply.thinking or "").split())
    answer = len(reply.text.split()) + thinking
    usage: dict[str, Any] = {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}
    if scene.script.cached_share is not None:
        usage["prompt_tokens_details"] = {"cached_tokens": int(prompt * scene.script.cached_share)}
    if reply.thinking:
        usage["completion_tokens_details"] = {"reasoning_tokens": thinking}
    return usage


def _split(text: str, words: int) -> list[str]:
    """Cut a text into pieces of so many words (or eight times as many characters, where there are no spaces)."""
    if not text:
        return []
    if text.count(" ") * 20 < len(text):
        return [text[start : start + words * 8] for start in range(0, len(text), words * 8)]
    parts = text.split(" ")
    pieces = [" ".join(parts[start : start + words]) for start in range(0, len(parts), words)]
    return [piece + " " for piece in pieces[:-1]] + pieces[-1:]
