"""One server on a machine of a cluster: what an actor of Ray is there.

Only requests and replies leave the machine, over Ray. The server listens on the loopback interface, behind a key that
stays where it was drawn.
"""

import os
import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from arena_write.checkpoints.finding import FoundCheckpoint
from arena_write.endpoints.carriers import HttpCarrier
from arena_write.endpoints.deadlines import Patience
from arena_write.endpoints.exchange import Request
from arena_write.endpoints.limit import ConnectionLimit
from arena_write.endpoints.retry import Reached
from arena_write.serving.command import Replica, ServingOptions, replica_command, require_executable
from arena_write.serving.errors import ServerFailedError, ServingUsageError
from arena_write.serving.ports import RETRY
from arena_write.serving.server import Server
from arena_write.spending import Payment
from judges import Completion

_MANY = 100_000
"""Who calls keeps to a bound of its own."""
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Started:
    """A server that is up.

    Args:
        base_url: Where it answers, on its own machine.
        process: The process group of its guard, which is there as long as anything of the server is.
    """

    base_url: str
    process: int


class Host:
    """Starts one server on this machine, and passes requests on to it. For one event loop.

    Args:
        found: What it serves.
        options: How it is served.
        log: The log, where its folder is there; else a file of that name in a temporary one.
        environment: What the server has in its environment from the machine where the run was started; a name without
            a value is not there.
    """

    def __init__(
        self, found: FoundCheckpoint, options: ServingOptions, *, log: Path, environment: Mapping[str, str | None]
    ) -> None:
        self._found, self._options = found, options
        self._log = log if log.parent.is_dir() else Path(mkdtemp(prefix="arena-write-")) / log.name
        for name, value in environment.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        self._server: Server | None = None
        self._carrier: HttpCarrier | None = None
        self._limit = ConnectionLimit(_MANY, start=_MANY)

    async def where(self) -> tuple[str, str]:
        """Return Ray's id of this machine; and where the log is, for people."""
        import ray

        return ray.get_runtime_context().get_node_id(), f"{self._log} on {platform.node()}"

    async def start(self) -> Started:
        """Start the server, and wait until it is ready.

        Raises:
            ServerFailedError: The checkpoint or vLLM is not on this machine, or the server did not come up.
        """
        for path in (self._found.folder.path, *([self._found.adapter.path] if self._found.adapter else [])):
            if not path.is_dir():
                raise ServerFailedError(
                    f"{path} is not on {platform.node()}: a checkpoint is read where it is served, so it must lie in a "
                    "folder that all machines of the cluster have under the same path"
                )
        try:
            executable = require_executable()
        except ServingUsageError as error:
            raise ServerFailedError(f"on {platform.node()}: {error}") from None

        def make(port: int, key: str) -> Replica:
            return replica_command(
                self._options, executable=executable, found=self._found, port=port, key=key,
                gpus=(),  # Ray has said in our environment which they are
            )  # fmt: skip

        self._server = server = Server(make, log=self._log)
        await server.start()
        self._carrier = HttpCarrier(
            server.base_url,
            server.key,
            max_connections=_MANY,
            patience=Patience(),
            silent_attempts=RETRY.silent_attempts,
            reached=Reached(),
        )
        return Started(server.base_url, server.process)

    async def carry(self, request: Request) -> Completion:
        """Send one request, once, and return the whole reply.

        Raises:
            EndpointError: There is no whole reply.
        """
        assert self._carrier is not None
        async with self._limit.slot() as slot:
            return await self._carrier.carry(request, slot=slot, payment=Payment(None, worst=request.worst, aside=0.0))

    async def tokenize(self, asked: Mapping[str, object]) -> list[int]:
        """Return the tokens of a prompt or of messages, as the server reads them."""
        assert self._server is not None
        return await self._server.tokenize(asked)

    async def dies_within(self, seconds: float) -> bool:
        """Wait for the server's end for a while; return whether it came."""
        return self._server is None or await self._server.dies_within(seconds)

    async def stop(self) -> str:
        """End the server, and return its last words."""
        if self._carrier is not None:
            await self._carrier.aclose()
        if self._server is None:
            return "it was not started"
        await self._server.stop()
        return self._server.describe_end()


def wait_for_end(process: int, seconds: float) -> None:
    """Wait until a server is gone whose host was killed: its guard ends it, and what it held is free then.

    Args:
        process: The process group of its guard.
        seconds: How long to wait at most.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.killpg(process, 0)
        except (ProcessLookupError, PermissionError):
            return
        time.sleep(_LOOK_SECONDS)
