"""The server: connections in, behaviours out, every request in the log."""

import asyncio
import contextlib
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any, TextIO

from scripted_server import wire
from scripted_server.behaviours import BEHAVIOURS, Scene, act
from scripted_server.script import Director, Plan, Request, Script

_PATHS = {"/v1/chat/completions": "chat", "/v1/completions": "completion"}


class Server:
    """Serves one script. The log gets one line of JSON a request, when what happens to it is decided."""

    def __init__(self, script: Script, log: TextIO | None = None) -> None:
        names = {rule.do for rule in script.rules} | set(script.faults)
        if unknown := names - set(BEHAVIOURS):
            raise ValueError(f"unknown behaviours: {', '.join(sorted(unknown))}")
        self._script = script
        self._director = Director(script)
        self._log = log
        self._turns = asyncio.Semaphore(script.at_once) if script.at_once else contextlib.nullcontext()
        self._done: Counter[str] = Counter()
        self._open = self._peak = self._connections = self._busy = self._peak_busy = 0

    async def serve(self, connection_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until it ends."""
        self._connections += 1
        self._open += 1
        self._peak = max(self._peak, self._open)
        try:
            while (call := await wire.read_call(connection_reader)) is not None and not writer.is_closing():
                await self._answer(call, connection_reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._open -= 1
            with contextlib.suppress(Exception):
                writer.close()

    async def _answer(self, call: wire.Call, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = _PATHS.get(call.path)
        if call.method == "GET":
            writer.write(wire.json_answer(*self._look_up(call.path)))
            await writer.drain()
            return
        if path is None:
            writer.write(wire.json_answer(404, {"error": {"message": f"no such path: {call.path}"}}))
            return
        request = self._director.receive(path, call.body)
        plan = self._refusal(call, request) or self._director.plan(request)
        self._note(call, request, plan)
        self._done[plan.do] += 1
        self._busy += 1
        self._peak_busy = max(self._peak_busy, self._busy)
        try:
            async with self._turns:
                await _until_gone(act(Scene(self._script, request, plan, writer)), reader, plan.do)
        finally:
            self._busy -= 1

    def _refusal(self, call: wire.Call, request: Request) -> Plan | None:
        """Return what is refused whatever the rules say: key, model, or a field."""
        script = self._script
        if script.key is not None and call.headers.get("authorization") != f"Bearer {script.key}":
            sent = call.headers.get("authorization", "nothing").removeprefix("Bearer ")
            return Plan("unauthorized", {}, {"message": f"Incorrect API key provided: {sent}."})
        if script.models and request.model not in script.models:
            return Plan("not_found", {}, {"message": f"The model `{request.model}` does not exist."})
        if script.streaming == "refuse" and request.body.get("stream"):
            return Plan("error", {}, {"status": 400, "message": "stream is not supported"})
        if script.stream_usage == "refuse" and "stream_options" in request.body:
            return Plan("error", {}, {"status": 400, "message": "Unrecognized request argument: stream_options"})
        return None

    def _look_up(self, path: str) -> tuple[int, Any]:
        if path == "/v1/models":
            models = [{"id": name, "object": "model"} for name in self._script.models or {"scripted": None}]
            return 200, {"object": "list", "data": models}
        if path == "/health":
            return 200, {}
        if path == "/stats":
            return 200, {
                "requests": self._done.total(),
                "behaviours": self._done,
                "open": self._open - 1,  # but for the one that asks
                "peak": self._peak,
                "connections": self._connections,
                "busy": self._busy,
                "peak_busy": self._peak_busy,
            }
        return 404, {"error": {"message": f"no such path: {path}"}}

    def _note(self, call: wire.Call, request: Request, plan: Plan) -> None:
        if self._log is None:
            return
        row: dict[str, Any] = {
            "number": request.number,
            "time": time.monotonic(),
            "path": request.path,
            "model": request.model,
            "digest": request.digest,
            "attempt": request.attempt,
            "do": plan.do,
        }
        if self._script.log_bodies:
            row["body"] = request.body
            row["key"] = call.headers.get("authorization", "").removeprefix("Bearer ")
        self._log.write(json.dumps(row) + "\n")
        self._log.flush()


_WAITING = frozenset({"hang", "stall", "delay", "drip", "lingering"})


async def _until_gone(work: Any, reader: asyncio.StreamReader, behaviour: str) -> None:
    """Do the work; where it waits long, give up as soon as the client has closed."""
    if behaviour not in _WAITING:
        await work
        return
    working = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(reader.read(1))
    done, _ = await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
    for task in (working, gone):
        if task not in done:
            task.cancel()
    await asyncio.gather(working, gone, return_exceptions=True)
    if working not in done or behaviour not in {"delay", "drip"}:
        raise ConnectionResetError


async def run(script: Script, *, port: int, log: Path | None) -> None:
    """Serve until stopped; prints `listening on PORT` when ready."""
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(log.open("a", encoding="utf-8")) if log else None
        server = Server(script, file)
        listening = await asyncio.start_server(server.serve, "127.0.0.1", port, backlog=4096, limit=2**20)
        async with listening:
            print(f"listening on {listening.sockets[0].getsockname()[1]}", flush=True)
            await listening.serve_forever()
