"""One checkpoint in this process: calls are collected into batches, and a thread computes them.

The event loop stays free, so that answers of one model are judged by another while its next ones are computed. A
checkpoint that is candidate and judge at once is in memory once.
"""

import asyncio
import gc
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from arena_write.checkpoints.batches import Ask, choose_batch
from arena_write.checkpoints.controls import Controls, read_controls
from arena_write.checkpoints.folders import CheckpointFolder
from arena_write.checkpoints.generation import Generator, Reply
from arena_write.checkpoints.loading import Loaded, load_checkpoint

THREAD = "arena-write-checkpoint"
_GATHER_SECONDS = 0.01
"""How long the first call waits for others: they come together when a batch ends, within one turn of the loop."""


class User(Protocol):
    """Somebody who asks the checkpoint."""

    def check(self, loaded: Loaded) -> None:
        """Refuse a checkpoint that cannot be asked in this way.

        Raises:
            CheckpointUsageError: It cannot.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    ask: Ask
    reply: "asyncio.Future[Reply]"


class Engine:
    """Answers calls to one checkpoint. For one event loop at a time.

    Args:
        folder: The checkpoint.
        id: Its id.
        name: What people call it.
        trust_remote_code: Whether code that it brings may run.
        say: Tells the user one line.
    """

    def __init__(
        self, folder: CheckpointFolder, *, id: str, name: str, trust_remote_code: bool, say: Callable[[str], None]
    ) -> None:
        self.folder, self.id, self.name = folder, id, name
        self._trust, self._say = trust_remote_code, say
        self._users: set[User] = set()
        self._loaded: Loaded | None = None
        self._generator: Generator | None = None
        self._given_up = threading.Event()
        self._waiting: list[_Waiting] = []
        self._thread: ThreadPoolExecutor | None = None
        self._loop: asyncio.Task[None] | None = None

    @cached_property
    def controls(self) -> Controls:
        """Its control tokens."""
        return read_controls(self.folder)

    def join(self, user: User) -> None:
        """Count a user, which keeps the checkpoint in memory until it leaves."""
        self._users.add(user)

    async def leave(self, user: User) -> None:
        """Let a user go; with the last one the thread ends and the memory is free."""
        self._users.discard(user)
        if not self._users:
            await self._close()

    def load(self) -> Loaded:
        """Load the checkpoint, if it is not, and say what runs it.

        Raises:
            MissingLibraryError: A library is not installed.
            LoadingError: It cannot be loaded.
            CheckpointUsageError: A user cannot ask it.
        """
        if self._loaded is None:
            loaded = load_checkpoint(self.folder, trust_remote_code=self._trust)
            for user in self._users:
                user.check(loaded)
            self._say(f"{self.name} runs on {loaded.describe()}")
            self._loaded, self._generator = loaded, Generator(loaded, self._given_up)
        return self._loaded

    async def ready(self) -> Loaded:
        """Return the loaded checkpoint; loading does not hold up the event loop."""
        if self._loaded is not None:
            return self._loaded
        return await asyncio.get_running_loop().run_in_executor(self._executor(), self.load)

    async def reply(self, ask: Ask) -> Reply:
        """Return the reply to a call.

        Raises:
            OutOfMemoryError: It alone does not fit into memory.
            BrokenWeightsError: The model computes something that is no number.
        """
        await self.ready()
        waiting = _Waiting(ask, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._loop is None or self._loop.done():
            self._loop = asyncio.create_task(self._work())
        return await waiting.reply

    async def _work(self) -> None:
        """Compute batches while calls wait; an error goes to every call that it concerns."""
        while True:
            await asyncio.sleep(_GATHER_SECONDS)
            self._waiting = [waiting for waiting in self._waiting if not waiting.reply.done()]  # some were cancelled
            if not self._waiting:
                return
            loaded, generator = await self.ready(), self._generator
            assert generator is not None
            places = choose_batch([item.ask for item in self._waiting], cache_tokens=loaded.cache_tokens())
            batch = [self._waiting[place] for place in places]
            self._waiting = [item for place, item in enumerate(self._waiting) if place not in places]
            try:
                await self._compute(generator, batch)
            finally:  # of a batch that was given up, nobody else would tell
                for item in batch:
                    item.reply.cancel()

    async def _compute(self, generator: Generator, batch: list[_Waiting]) -> None:
        asks = [item.ask for item in batch]
        written = asyncio.get_running_loop().run_in_executor(self._executor(), generator.write, asks)
        await asyncio.wait([written])
        error = written.exception()
        replies = [error] * len(batch) if error is not None else written.result()
        for item, reply in zip(batch, replies, strict=True):
            if item.reply.done():
                continue
            if isinstance(reply, Reply):
                item.reply.set_result(reply)
            else:
                item.reply.set_exception(reply)

    def _executor(self) -> ThreadPoolExecutor:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix=THREAD)
        return self._thread

    async def _close(self) -> None:
        """End the batch under way at its next token, and free the memory."""
        self._given_up.set()
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
            self._loop = None
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.to_thread(thread.shutdown, cancel_futures=True)
        for item in self._waiting:
            item.reply.cancel()
        self._waiting.clear()
        self._given_up.clear()
        if self._loaded is not None:
            on_gpu = self._loaded.device == "cuda"
            self._loaded = self._generator = None
            gc.collect()
            if on_gpu:
                import torch

                torch.cuda.empty_cache()
