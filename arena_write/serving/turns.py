"""Whose turn it is on the GPUs: models that are served here follow each other, as a run needs them."""

import asyncio
from collections.abc import Iterable


class Turns:
    """An order in which those who need the same thing have it. For one event loop at a time.

    Whoever is not in the order comes last. A turn ends when its owner says so, and not before.
    """

    def __init__(self) -> None:
        self._order: list[str] = []
        self._changed: asyncio.Event | None = None

    def arrange(self, names: Iterable[str]) -> None:
        """Set the order; a name that comes twice keeps its first place."""
        self._order = list(dict.fromkeys(names))

    async def wait(self, name: str) -> None:
        """Wait until it is the turn of `name`, which is then its own until it ends."""
        if name not in self._order:
            self._order.append(name)
        while self._order[0] != name:
            if self._changed is None:
                self._changed = asyncio.Event()
            await self._changed.wait()

    def end(self, name: str) -> None:
        """End a turn, also one that never came."""
        if name in self._order:
            self._order.remove(name)
        if self._changed is not None:
            self._changed.set()
            self._changed = None
