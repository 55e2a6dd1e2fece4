"""Tasks that belong together."""

import asyncio
from types import TracebackType


class TaskGroup(asyncio.TaskGroup):
    """A task group whose error comes out as itself, not inside an `ExceptionGroup`.

    Of several errors the first counts: the others met the same trouble before they could be cancelled.
    """

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        first: BaseException | None = None
        try:
            await super().__aexit__(kind, error, traceback)
        except BaseExceptionGroup as errors:
            first = errors.exceptions[0]
        if first is not None:
            raise first
