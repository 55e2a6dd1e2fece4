"""A server wherever Ray has a place for it: an actor in a placement group of its own, seen from the run's process."""

import asyncio
import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from arena_write.checkpoints.finding import FoundCheckpoint
from arena_write.endpoints import ConnectionTroubleError, EndpointModel, RequestSettings, UnreachableError
from arena_write.endpoints.exchange import Request
from arena_write.endpoints.limit import Connections, Slot
from arena_write.endpoints.meter import Meter
from arena_write.serving.command import EXECUTABLE_VARIABLE, ServingOptions
from arena_write.serving.errors import ServerFailedError
from arena_write.serving.host import Host, Started, wait_for_end
from arena_write.serving.ports import RETRY
from arena_write.spending import Account, Payment
from judges import Completion, TransportError

_ROOM_SECONDS = 300.0
"""How long a place may take to be free, and its actor to be up."""
_END_SECONDS = 30.0
"""What an actor gets to end its server; somewhat more than the server gets (`server`)."""
_ANSWER_SECONDS = 10.0
"""What an actor gets beyond the time that a question takes anyway."""
_AT_ONCE = 100_000
_SLIVER = 0.01
"""Of a CPU: a place on a machine without GPUs. Whole ones would be held, and nothing else could run beside."""
_THREADS = "OMP_NUM_THREADS"
"""Ray sets it to 1 for its actors, and a server is to have what it would have without Ray."""


class RayServer:
    """A `ModelServer` on Ray.

    An actor is never started twice: whoever finds it dead starts another, wherever there is a place.

    Args:
        found: What it serves.
        options: How it is served.
        gpus: Whether a place has GPUs.
        log: Its log.
    """

    def __init__(self, found: FoundCheckpoint, options: ServingOptions, *, gpus: bool, log: Path) -> None:
        self._found, self._options, self._gpus = found, options, gpus
        self.log: object = log
        self._log_path = log
        self._actor: Any = None
        self._group: Any = None
        self._node: str = ""
        self._started: Started | None = None
        self._end = "it was not started"
        self._ending: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Have a place found, and the server started there.

        Raises:
            ServerFailedError: There was no place, or it did not come up.
        """
        try:
            self._take_place()
            try:
                self._node, self.log = await self.ask("where", seconds=_ROOM_SECONDS)
            except TimeoutError:
                raise ServerFailedError(
                    f"Ray had no place for a server within {_ROOM_SECONDS:.0f} s: others may hold what it needs"
                ) from None
            self._started = await self.ask("start")
        except ServerFailedError:
            await self.stop()
            raise
        except TransportError as error:
            await self.stop()
            raise ServerFailedError(f"a server on Ray did not start; {error}") from None
        except BaseException:
            await self.stop()
            raise

    async def dies_within(self, seconds: float) -> bool:
        """Wait for its end, or that of its actor, for a while; return whether it came."""
        try:
            return bool(await self.ask("dies_within", seconds, seconds=seconds + _ANSWER_SECONDS))
        except UnreachableError:
            return True
        except (TransportError, TimeoutError):
            return False

    async def stop(self) -> None:
        """End it and its actor, and give back the place."""
        if self._ending is None:
            self._ending = asyncio.create_task(self._stop())
        await asyncio.shield(self._ending)

    async def tokenize(self, asked: Mapping[str, object]) -> list[int]:
        """Return the tokens of a prompt or of messages, as it reads them; see `ModelServer`."""
        tokens: list[int] = await self.ask("tokenize", asked)
        return tokens

    def describe_end(self) -> str:
        """Return its last words, for an error."""
        return self._end

    def open_model(
        self, name: str, settings: RequestSettings, *, connections: Connections, meter: Meter, account: Account
    ) -> EndpointModel:
        """Return what it serves under a name, to be asked in one way."""
        assert self._started is not None
        return EndpointModel(
            name,
            base_url=self._started.base_url,
            key="",
            settings=settings,
            limit=connections.to(f"ray:{id(self)}"),  # its address is one on its own machine
            meter=meter,
            account=account,
            retry=RETRY,
            carrier=_RayCarrier(self),
        )

    async def ask(self, question: str, *arguments: object, seconds: float | None = None) -> Any:  # noqa: ANN401 - Ray's word for it
        """Ask the actor; the one place where errors of Ray become ours.

        Raises:
            TransportError: Whatever the actor raised, as it raised it; `UnreachableError` where it is dead.
            TimeoutError: It took too long.
        """
        from ray.exceptions import ActorUnavailableError, RayActorError, RayError, RayTaskError

        if self._actor is None:
            raise UnreachableError("its actor on Ray has ended")
        try:
            async with asyncio.timeout(seconds):
                return await getattr(self._actor, question).remote(*arguments)
        except RayTaskError as error:
            raise error.cause from None
        except ActorUnavailableError as error:
            raise ConnectionTroubleError(f"its actor on Ray does not answer: {_first_line(error)}") from None
        except RayActorError as error:
            raise UnreachableError(f"its actor on Ray has died: {_first_line(error)}") from None
        except RayError as error:
            raise ConnectionTroubleError(f"Ray failed: {_first_line(error)}") from None

    def _take_place(self) -> None:
        import ray
        from ray.util.placement_group import placement_group
        from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

        size = self._options.tensor_parallel_size
        self._group = placement_group([{"GPU": size} if self._gpus else {"CPU": _SLIVER}])
        wanted = {name: value for name, value in os.environ.items() if name.startswith("VLLM_")}
        if named := os.environ.get(EXECUTABLE_VARIABLE):
            wanted[EXECUTABLE_VARIABLE] = named
        self._actor = (
            ray.remote(Host)
            .options(
                num_cpus=0 if self._gpus else _SLIVER,
                num_gpus=size if self._gpus else 0,
                max_concurrency=_AT_ONCE,
                max_restarts=0,
                max_task_retries=0,
                scheduling_strategy=PlacementGroupSchedulingStrategy(self._group),
            )
            .remote(
                self._found,
                self._options,
                log=self._log_path,
                environment={**wanted, _THREADS: os.environ.get(_THREADS)},
            )
        )

    async def _stop(self) -> None:
        import ray
        from ray.util.placement_group import remove_placement_group

        if self._node:
            try:
                self._end = await self.ask("stop", seconds=_END_SECONDS)
            except (TransportError, TimeoutError) as error:
                self._end = str(error) or "its actor on Ray did not answer"
                await self._wait_for_guard()
        actor, group, self._actor, self._group = self._actor, self._group, None, None
        if actor is not None:
            ray.kill(actor)
        if group is not None:
            remove_placement_group(group)

    async def _wait_for_guard(self) -> None:
        """Wait until the server is gone also where its actor cannot say so; the place is not free before."""
        if self._started is None:
            return
        import ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        there = NodeAffinitySchedulingStrategy(self._node, soft=False)
        looked = ray.remote(wait_for_end).options(num_cpus=0, max_retries=0, scheduling_strategy=there)
        with contextlib.suppress(ray.exceptions.RayError, TimeoutError):  # where the machine is gone, so is the server
            async with asyncio.timeout(_END_SECONDS + _ANSWER_SECONDS):
                await looked.remote(self._started.process, _END_SECONDS)


class _RayCarrier:
    """A `Carrier` to a server on Ray: one request is one call of its actor, and nothing of it is kept here."""

    def __init__(self, server: RayServer) -> None:
        self._server = server

    async def carry(self, request: Request, *, slot: Slot, payment: Payment) -> Completion:
        """Send a request and return the whole reply; a server of ours queues what it cannot serve yet."""
        payment.sent()
        slot.accepted()
        completion: Completion = await self._server.ask("carry", request)
        payment.answered(completion.usage)
        return completion

    async def aclose(self) -> None:
        """Do nothing: connections are those of Ray."""


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:300] if lines else type(error).__name__
