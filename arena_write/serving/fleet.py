"""The servers of one model: as many replicas as there are places, each replaced once where it dies."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from arena_write.checkpoints.controls import Controls, read_controls
from arena_write.checkpoints.finding import FoundCheckpoint
from arena_write.checkpoints.folders import stated_context
from arena_write.serving.command import ServingOptions
from arena_write.serving.errors import ServerFailedError
from arena_write.serving.ports import Executor, ModelServer
from arena_write.serving.turns import Turns

_DYING_SECONDS = 5.0
"""How long a server that fails calls is watched for its end."""
_CHECK_SECONDS = 0.5


@dataclass(eq=False)
class Berth:
    """A place for one replica.

    Args:
        number: Counts from 1.
        server: What serves there now.
        starts: How often a server was started there.
        outstanding: Tokens that calls under way there may still take.
        answered: When a call there was answered last, by the monotonic clock.
        lock: Held by who ends the server there.
        revival: Starts another one there.
    """

    number: int
    server: ModelServer | None = None
    starts: int = 0
    outstanding: int = 0
    answered: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    revival: "asyncio.Task[None] | None" = None


class Fleet:
    """The replicas of one model. For one event loop at a time.

    They are started by the first call, once it is the model's turn in these places, and end when the last user leaves.

    Args:
        found: The checkpoint. It is served under its id: rows then say who answered, wherever it ran.
        options: How it is served.
        executor: Has places for servers.
        turns: Whose turn it is in these places.
        say: Tells the user one line.
    """

    def __init__(
        self,
        found: FoundCheckpoint,
        *,
        options: ServingOptions,
        executor: Executor,
        turns: Turns,
        say: Callable[[str], None],
    ) -> None:
        self.found, self.id, self.name, self.options = found, found.id, found.name, options
        self._executor, self._turns, self._say = executor, turns, say
        self._berths: list[Berth] = []
        self._last_words = ""
        self._users: set[object] = set()
        self._up: asyncio.Task[None] | None = None

    @property
    def context(self) -> int | None:
        """Tokens that the model reads and writes in one call, where somebody says so."""
        return self.options.max_model_len or stated_context(self.found.folder.config)

    @cached_property
    def controls(self) -> Controls:
        """The model's control tokens."""
        return read_controls(self.found.folder)

    @property
    def replicas(self) -> int:
        """How many replicas there are when all are up."""
        return self._executor.replicas

    def join(self, user: object) -> None:
        """Count a user, which keeps the servers up until it leaves."""
        self._users.add(user)

    async def leave(self, user: object) -> None:
        """Let a user go; with the last one the servers end, and the places are free for whose turn is next."""
        self._users.discard(user)
        if self._users:
            return
        up, self._up = self._up, None
        # Finished ones may belong to an event loop that is closed.
        tasks = (up, *(berth.revival for berth in self._berths))
        starting = [task for task in tasks if task is not None and not task.done()]
        for task in starting:
            task.cancel()
        await asyncio.gather(*starting, return_exceptions=True)
        await asyncio.gather(*(berth.server.stop() for berth in self._berths if berth.server))
        self._berths = []
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

    async def choose(self, tokens: int, check: Callable[[], None]) -> Berth:
        """Return the replica with the least to do, and count a call of so many tokens against it.

        Args:
            tokens: What the call may take.
            check: As for `ready`; where none is left for the moment, one that is being started is waited for.

        Raises:
            ServerFailedError: None is left.
        """
        while not (berths := [berth for berth in self._berths if berth.server is not None]):
            revivals = {it.revival for it in self._berths if it.revival is not None and not it.revival.done()}
            if not revivals:
                raise ServerFailedError(
                    f"the server of {self.name} died twice; {self._last_words}\n"
                    "the same command goes on where this one ended"
                )
            await asyncio.wait(revivals, timeout=_CHECK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            check()
        berth = min(berths, key=lambda berth: berth.outstanding)
        berth.outstanding += tokens
        return berth

    @staticmethod
    def seems_deaf(berth: Berth, *, since: float) -> bool:
        """Say whether a server that let a call hang has answered nobody since that was sent.

        One that is started anew gets the benefit of the doubt: then it is the prompt on which it hangs.
        """
        return berth.starts < 2 and berth.answered < since

    async def replace(self, berth: Berth, server: ModelServer, *, deaf: bool) -> bool:
        """End a server on which a call failed, if it is the server's fault, and have another started in its place.

        Args:
            berth: Where it serves.
            server: The server.
            deaf: Whether it takes calls and answers none, so that it must go although its process runs.

        Returns:
            Whether it is worth while to ask again: it is gone. Whom, `choose` says.
        """
        if berth.server is server and not deaf and not await server.dies_within(_DYING_SECONDS):
            return False
        async with berth.lock:
            if berth.server is not server:
                return True  # somebody was here before us
            self._say(f"server {berth.number} of {self.name} {'fell silent' if deaf else 'died'} ({server.log})")
            await server.stop()
            berth.server, self._last_words = None, server.describe_end()
            if berth.starts < 2:
                berth.revival = asyncio.create_task(self._revive(berth))
        return True

    async def _revive(self, berth: Berth) -> None:
        try:
            await self._start(berth)
        except ServerFailedError as error:
            self._last_words = str(error)
            self._say(f"{error}")

    async def _start_all(self) -> None:
        await self._turns.wait(self.id)
        begun = time.monotonic()
        self._say(f"vLLM starts {self.name} on {self._executor.describe()}")
        self._berths = [Berth(number) for number in range(1, self.replicas + 1)]
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
        berth.starts += 1
        server = self._executor.make_server(self.found, berth.number - 1)
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
