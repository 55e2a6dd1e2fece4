"""One server process of ours: started, waited for, watched and ended."""

import asyncio
import contextlib
import http.client
import json
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from arena_write.endpoints import BadRequestError, ConnectionTroubleError, EndpointModel, RequestSettings
from arena_write.endpoints.limit import Connections
from arena_write.endpoints.meter import Meter
from arena_write.names import printable
from arena_write.serving import guard
from arena_write.serving.command import Replica
from arena_write.serving.errors import ServerFailedError
from arena_write.serving.ports import RETRY
from arena_write.spending import Account

_LOOK_SECONDS = 0.2
_SILENT_SECONDS = 900.0
"""A server that is starting and has written nothing into its log for so long will not come up any more."""
_END_SECONDS = 15.0
"""What a server gets to end by itself."""
_TOKENIZE_SECONDS = 60.0
_SAID_BYTES = 300
_PORTS = 3
"""How many ports are tried: somebody else may take one between its choice and its use."""
_TAKEN = re.compile("address already in use", re.IGNORECASE)
_TAIL_LINES = 12
_TAIL_BYTES = 131_072
_PREFIX = re.compile(r"^(?:\(\w+(?: pid=\d+)?\) )?(?:(?:ERROR|CRITICAL|INFO) [\d-]+ [\d:]+ \[\S+:\d+\] )?")
"""Which of its processes says something, how grave it is, when and where."""
_ERROR = re.compile(r"(?!WARNING)(?:[\w.]+: )?[\w.]*(?:Error|Exception)(?:: (?P<said>\S.*))?$")
"""The line of a traceback that says what was wrong; hundreds of others stand around it, in each process once more."""
_MORE = re.compile(r"  +(?!File |\^|~)\S")
"""A line that goes on about the error above it."""
_LOOPBACK = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""No proxy stands between this machine and itself."""

MakeCommand = Callable[[int, str], Replica]
"""From a port and a key to what is run."""


class Server:
    """A `ModelServer`: a process on this machine, on a free port of the loopback interface and behind a key of its own.

    Args:
        make: Makes the command.
        log: Where its words go.
        patience: Seconds that it gets to end by itself.
        silence: Seconds without a word after which a start is given up.
    """

    def __init__(
        self, make: MakeCommand, *, log: Path, patience: float = _END_SECONDS, silence: float = _SILENT_SECONDS
    ) -> None:
        self.log = log
        self.key = secrets.token_hex(16)
        self._make, self._port = make, 0
        self._begins = 0
        self._patience, self._silence = patience, silence
        self._guard: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def process(self) -> int:
        """The process group of its guard, which is there as long as anything of the server is."""
        assert self._guard is not None
        return self._guard.pid

    def is_alive(self) -> bool:
        """Return whether its process runs."""
        return self._guard is not None and self._guard.poll() is None

    async def start(self) -> None:
        """Start it, and wait until it says that it is ready.

        Raises:
            ServerFailedError: It ended, or said nothing for too long; the message has the end of its log.
        """
        for left in reversed(range(_PORTS)):
            self._begins = self._open_log()
            try:
                return await self._start()
            except ServerFailedError:
                await self.stop()
                if not left or not _TAKEN.search(self._words()):
                    raise
            except BaseException:
                await self.stop()
                raise

    async def dies_within(self, seconds: float) -> bool:
        """Wait for its end for a while; return whether it came."""
        end = time.monotonic() + seconds
        while self.is_alive() and time.monotonic() < end:
            await asyncio.sleep(_LOOK_SECONDS)
        return not self.is_alive()

    async def stop(self) -> None:
        """End it, and all processes that it has started; the memory that they held is free afterwards."""
        process = self._guard
        if process is None:
            return
        assert process.stdin is not None
        with contextlib.suppress(OSError):
            process.stdin.close()
        # A thread of its own, which ends with the guard: also where this task is cancelled once more.
        await asyncio.shield(asyncio.to_thread(process.wait))

    def describe_end(self) -> str:
        """Return the last words of its log, for an error."""
        words = self.tail()
        if words:
            return f"its last words ({self.log}):\n{words}"
        full = "; the disk is full" if self.log.parent.is_dir() and not shutil.disk_usage(self.log.parent).free else ""
        return f"it said nothing ({self.log}){full}"

    async def tokenize(self, asked: Mapping[str, object]) -> list[int]:
        """Return the tokens of a prompt or of messages, as it reads them; see `ModelServer`."""
        return await asyncio.to_thread(self._tokenize, asked)

    def open_model(
        self, name: str, settings: RequestSettings, *, connections: Connections, meter: Meter, account: Account
    ) -> EndpointModel:
        """Return what it serves under a name, to be asked in one way."""
        return EndpointModel(
            name,
            base_url=self.base_url,
            key=self.key,
            settings=settings,
            limit=connections.to(self.base_url),
            meter=meter,
            account=account,
            retry=RETRY,
        )

    def tail(self) -> str:
        """Return the end of its log."""
        lines = self._words().splitlines()
        said = [_PREFIX.sub("", line.replace(self.key, "***")) for line in lines if line.strip()]
        errors = list(dict.fromkeys(_errors(said)))
        return "\n".join(f"    {printable(line)[:300]}" for line in (errors or said)[-_TAIL_LINES:])

    def _words(self) -> str:
        """Return what it has said since its start, the end of it where that is long."""
        try:
            with self.log.open("rb") as stream:
                stream.seek(max(self._begins, self._log_size() - _TAIL_BYTES))
                return stream.read().decode("utf-8", "replace")
        except OSError:
            return ""

    async def _wait(self, name: str) -> None:
        assert self._guard is not None
        size, moved = -1, time.monotonic()
        while not await asyncio.to_thread(self._is_ready, name):
            code = self._guard.poll()
            if code is not None:
                raise ServerFailedError(f"vLLM did not start (exit code {code}); {self.describe_end()}")
            if self._log_size() != size:
                size, moved = self._log_size(), time.monotonic()
            if time.monotonic() - moved > self._silence:
                raise ServerFailedError(f"vLLM did not start: no word for {self._silence:.0f} s; {self.describe_end()}")
            await asyncio.sleep(_LOOK_SECONDS)

    def _open_log(self) -> int:
        """Return where the next words in the log will begin.

        Raises:
            ServerFailedError: It cannot be written.
        """
        try:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            with self.log.open("ab") as stream:
                return stream.tell()
        except OSError as error:
            raise ServerFailedError(
                f"vLLM was not started: its log {self.log} cannot be written: {error.strerror}"
            ) from None

    async def _start(self) -> None:
        self._port = _free_port()
        replica = self._make(self._port, self.key)
        self._guard = subprocess.Popen(
            [sys.executable, "-I", guard.__file__, str(self.log), str(self._patience), *replica.command],
            stdin=subprocess.PIPE,
            env=dict(replica.environment),
            start_new_session=True,  # Ctrl-C is for us: calls under way end first
        )
        await self._wait(replica.serves)

    def _tokenize(self, asked: Mapping[str, object]) -> list[int]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}/tokenize",
            data=json.dumps(asked).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"},
        )
        try:
            with _LOOPBACK.open(request, timeout=_TOKENIZE_SECONDS) as reply:
                tokens: list[int] = json.load(reply)["tokens"]
        except urllib.error.HTTPError as error:
            said = printable(error.read(_SAID_BYTES).decode("utf-8", "replace"))
            raise BadRequestError(f"vLLM refuses to say how it reads a text ({error.code}: {said})") from None
        except (OSError, ValueError, LookupError, http.client.HTTPException) as error:
            raise ConnectionTroubleError(f"vLLM does not say how it reads a text ({error})") from None
        return tokens

    def _is_ready(self, name: str) -> bool:
        """Return whether it answers: this one, and not another one that took its port in the meantime."""
        try:
            with _LOOPBACK.open(f"http://127.0.0.1:{self._port}/health", timeout=5):
                pass
            models = urllib.request.Request(f"{self.base_url}/models", headers={"Authorization": f"Bearer {self.key}"})
            with _LOOPBACK.open(models, timeout=5) as reply:
                return name in [model["id"] for model in json.load(reply)["data"]]
        except (OSError, ValueError, LookupError, TypeError, http.client.HTTPException):
            return False

    def _log_size(self) -> int:
        try:
            return self.log.stat().st_size
        except OSError:
            return 0


def _errors(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines that say what was wrong; of pydantic's errors the next one does."""
    after = False
    for line in lines:
        if _ERROR.match(line) or (after and _MORE.match(line)):
            yield line
        after = _ERROR.match(line) is not None


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
