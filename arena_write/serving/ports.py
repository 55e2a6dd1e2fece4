"""What a fleet needs: servers, and somebody who has places for them."""

from collections.abc import Mapping
from typing import Protocol

from arena_write.checkpoints.finding import FoundCheckpoint
from arena_write.endpoints import EndpointModel, RequestSettings, RetryPolicy
from arena_write.endpoints.limit import Connections
from arena_write.endpoints.meter import Meter
from arena_write.spending import Account

RETRY = RetryPolicy(attempts=4, first_wait=0.25, longest_wait=2.0)
"""A server of ours that fails is dead or dying: another one is asked soon, or started."""


class ModelServer(Protocol):
    """One server of a model, of ours."""

    @property
    def log(self) -> object:
        """Where its words are, for people."""
        ...

    async def start(self) -> None:
        """Start it, and wait until it is ready.

        Raises:
            ServerFailedError: It did not come up.
        """
        ...

    async def stop(self) -> None:
        """End it, and all that it has started; the memory that they held is free afterwards."""
        ...

    async def dies_within(self, seconds: float) -> bool:
        """Wait for its end for a while; return whether it came."""
        ...

    def describe_end(self) -> str:
        """Return its last words, for an error."""
        ...

    async def tokenize(self, asked: Mapping[str, object]) -> list[int]:
        """Return the tokens of a prompt or of messages, as it reads them.

        Args:
            asked: A request of vLLM's `/tokenize`.

        Raises:
            EndpointError: It does not answer, or refuses.
        """
        ...

    def open_model(
        self, name: str, settings: RequestSettings, *, connections: Connections, meter: Meter, account: Account
    ) -> EndpointModel:
        """Return what it serves under a name, to be asked in one way.

        Args:
            name: The name.
            settings: Decoding settings of every call.
            connections: Bounds calls to it.
            meter: Counts them.
            account: Pays for them.
        """
        ...


class Executor(Protocol):
    """Who has places for servers: this machine, or a cluster."""

    def connect(self) -> None:
        """Be ready for servers. Called by the main thread, outside any event loop, before all that follows.

        Raises:
            ServingUsageError: It cannot be had as asked.
        """
        ...

    def close(self) -> None:
        """Let go of what `connect` took; servers have ended by then."""
        ...

    def check(self) -> None:
        """Refuse what can be seen to be wrong before anything is started.

        Raises:
            ServingUsageError: A model cannot be served as asked.
        """
        ...

    @property
    def replicas(self) -> int:
        """For how many servers there are places; each has one for itself."""
        ...

    def describe(self) -> str:
        """Return where the places are, and the servers' logs, for people."""
        ...

    def make_server(self, found: FoundCheckpoint, place: int) -> ModelServer:
        """Return a server in one of the places, not yet started; places count from 0."""
        ...
