"""One writer per results folder: an advisory lock that names who holds it."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from arena_write.store.credentials import hide_credentials
from arena_write.store.errors import LockedError, WriteError


@contextmanager
def lock_for_writing(root: Path, *, command: str) -> Iterator[None]:
    """Hold the writer's lock of the results folder `root`; the system lets go of it when the process dies.

    Args:
        root: The results folder; made where absent.
        command: What holds the lock, for the message a second writer prints; credentials in URLs are not kept.

    Raises:
        LockedError: Another process writes to the folder; names it.
        WriteError: The folder cannot be written.
    """
    holder = root / ".writer.json"
    lock = FileLock(root / ".lock", timeout=0)
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise LockedError(
            f"{root} is being written by {_describe(holder)}. Wait for it, or give another folder with --results."
        ) from None
    except OSError as error:
        raise WriteError(root, error) from error
    try:
        shown = hide_credentials(command)
        who = {"pid": os.getpid(), "host": socket.gethostname(), "command": shown, "since": _now()}
        try:
            holder.write_text(json.dumps(who), encoding="utf-8")
        except OSError as error:
            raise WriteError(holder, error) from error
        yield
    finally:
        with suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _describe(holder: Path) -> str:
    try:
        who = json.loads(holder.read_text(encoding="utf-8"))
        return f"process {who['pid']} on {who['host']} ({who['command']}, since {who['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
