"""Long columns, a part at a time: what is made of a part on the way stays in the processor's cache."""

from __future__ import annotations

from collections.abc import Iterator

BLOCK = 1 << 15


def blocks(size: int, rows: int = BLOCK) -> Iterator[slice]:
    """Yield slices that cover ``size`` rows, ``rows`` at a time."""
    for begin in range(0, size, rows):
        yield slice(begin, min(size, begin + rows))
