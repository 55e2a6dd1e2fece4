"""The servers of one model: as many replicas as the GPUs hold, each replaced once where it dies."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from arena_write.checkpoints.finding import FoundCheckpoint
from arena_write.checkpoints.folders import stated_context
from arena_write.serving.command import Replica, ServingOptions, replica_command
from arena_write.serving.errors import ServerFailedError
from arena_write.serving.server import Server
from arena_write.serving.turns import Turns

_DYING_SECONDS = 5.0
"""How long a server that fails calls is watched for its end."""
_CHECK_SECONDS = 0.5


@dataclass(eq=False)
class Berth:
    """A place for one replica.

    Args:
        gpus: Its GPUs.
        number: Counts from 1.
        server: What serves there now.
        starts: How often a server was started there.
        outstanding: Tokens that calls under way there may still take.
    """

    gpus: tuple[str, ...]
    number: int
    server: Server | None = None
    starts: int = 0
    outstanding: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Fleet:
    """The replicas of one model. For one event loop at a time.

    They are started by the first call, once it is the model's turn on the GPUs, and ended when the last user leaves.

    Args:
        found: The checkpoint. It is served under its id: rows then say who answered, wherever it ran.
        executable: vLLM's command.
        options: How it is served.
        gpus: The GPUs of each replica.
        logs: The folder of the servers' logs.
        turns: Whose turn it is on these GPUs.
        say: Tells the user one line.
    """

    def __init__(
        self,
        found: FoundCheckpoint,
        *,
        executable: str,
        options: ServingOptions,
        gpus: tuple[tuple[str, ...], ...],
        logs: Path,
        turns: Turns,
        say: Callable[[str], None],
    ) -> None:
        self.found, self.id, self.name, self.options = found, found.id, found.name, options
        self._executable, self._logs, self._turns, self._say = executable, logs, turns, say
        self._berths = [Berth(places, number) for number, places in enumerate(gpus, start=1)]
        self._users: set[object] = set()
        self._up: asyncio.Task[None] | None = None

    @property
    def context(self) -> int | None:
        """Tokens that the model reads and writes in one call, where somebody says so."""
        return self.options.max_model_len or stated_context(self.found.folder.config)

    @property
    def replicas(self) -> int:
        """How many replicas there are when all are up."""
        return len(self._berths)

    def join(self, user: object) -> None:
        """Count a user, which keeps the servers up until it leaves."""
        self._users.add(user)

    async def leave(self, user: object) -> None:
        """Let a user go; with the last one the servers end, and the GPUs are free for whose turn is next."""
        self._users.discard(user)
        if self._users:
            return
        up, self._up = self._up, None
        if up is not None and not up.done():  # a finished one may belong to an event loop that is closed
            up.cancel()
            await asyncio.gather(up, return_exceptions=True)
        await asyncio.gather(*(berth.server.stop() for berth in self._berths if berth.server))
        for berth in self._berths:
            berth.server, berth.starts = None, 0
        self._turns.end(self.id)

    async def ready(self, check: Callable[[], None]) -> None:
        """Wait until the servers are up.

        Args:
            check: Raises where nobody needs them any more; asked again and again, for a start takes minutes.

        Raises:
            ServerFailedError: None of them could be started.
        """
        check()
        up = self._up
        if up is None:
            up = self._up = asyncio.create_task(self._start_all())
        while not up.done():
            await asyncio.wait({up}, timeout=_CHECK_SECONDS)
            check()
        up.result()

    def choose(self, tokens: int) -> Berth:
        """Return the replica with the least to do, and count a call of so many tokens against it.

        Raises:
            ServerFailedError: None is left.
        """
        berths = [berth for berth in self._berths if berth.server is not None]
        if not berths:
            raise ServerFailedError(f"no server of {self.name} is left; the same command goes on where this one ended")
        berth = min(berths, key=lambda berth: berth.outstanding)
        berth.outstanding += tokens
        return berth

    async def replace(self, berth: Berth, server: Server, *, deaf: bool) -> bool:
        """Replace a server on which a call failed, if it is the server's fault.

        Args:
            berth: Where it serves.
            server: The server.
            deaf: Whether it takes calls and answers none, so that it must go although its process runs.

        Returns:
            Whether it is worth while to ask again: its process is gone, and there is another.

        Raises:
            ServerFailedError: There is no other.
        """
        if berth.server is server and not deaf and not await server.dies_within(_DYING_SECONDS):
            return False
        async with berth.lock:
            if berth.server is not server:
                return True  # somebody was here before us
            self._say(f"server {berth.number} of {self.name} {'fell silent' if deaf else 'died'} ({server.log})")
            await server.stop()
            berth.server = None
            if berth.starts < 2:
                try:
                    await self._start(berth)
                except ServerFailedError as error:
                    self._say(f"{error}")
            if not any(other.server for other in self._berths):
                raise ServerFailedError(f"the server of {self.name} died twice; {server.describe_end()}")
        return True

    async def _start_all(self) -> None:
        await self._turns.wait(self.id)
        begun = time.monotonic()
        gpus = ", ".join("+".join(berth.gpus) for berth in self._berths)
        self._say(f"vLLM starts {self.name} on {f'GPU {gpus}' if gpus else 'CPU'}; its log is in {self._logs}")
        results = await asyncio.gather(*(self._start(berth) for berth in self._berths), return_exceptions=True)
        failures = [result for result in results if isinstance(result, BaseException)]
        for failure in failures:
            if not isinstance(failure, ServerFailedError):
                raise failure
        if len(failures) == len(results):
            raise failures[0]
        for failure in failures:
            self._say(f"{failure}")
        self._say(f"{self.name} is served after {time.monotonic() - begun:.0f} s")

    async def _start(self, berth: Berth) -> None:
        """Start a server in a berth.

        Raises:
            ServerFailedError: It did not come up.
        """

        def make(port: int, key: str) -> Replica:
            return replica_command(
                self.options,
                executable=self._executable,
                found=self.found,
                port=port,
                key=key,
                gpus=berth.gpus,
            )

        berth.starts += 1
        digest = self.id.rpartition(":")[2][:8]
        server = Server(make, log=self._logs / f"vllm-{digest}-{berth.number}.log")
        await server.start()
        if not self._is_unchanged():
            await server.stop()
            raise ServerFailedError(f"{self.found.folder.path} was written to since this run began: run it again")
        berth.server = server

    def _is_unchanged(self) -> bool:
        """Return whether the files are those of which the id speaks."""
        try:
            return self.found.folder.stamp_now() == self.found.folder.stamp
        except OSError:
            return False
