"""The SHA-256 of files: whole, and remembered by what the file system says of them; or of samples, where that will do.

Reading 100 GB of weights takes minutes, and the same weights are met at every step of a run. A file is taken for the
one whose digest is remembered where device, inode, size and the times of its last change (to the nanosecond, both of
content and of inode) are the same. A file that was written just now is not remembered: it may be written to again
within the same tick of the clock.
"""

import contextlib
import hashlib
import os
import tempfile
import time
from pathlib import Path

from arena_write.checkpoints.errors import BadFolderError

_REMEMBERED_BYTES = 16 * 2**20
"""Smaller files are read faster than looked up."""
_SETTLED_SECONDS = 2.0
_SAMPLE_BYTES = 64 * 2**10
_SAMPLES = 64


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, every byte read or remembered.

    Raises:
        BadFolderError: It cannot be read.
    """
    try:
        with path.open("rb", buffering=0) as stream:
            state = os.fstat(stream.fileno())
            note = _note_of(state) if state.st_size >= _REMEMBERED_BYTES else None
            if note is not None:
                with contextlib.suppress(OSError, ValueError):
                    return _read(note)
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            unchanged = _note_of(os.fstat(stream.fileno())) == note
    except OSError as error:
        raise BadFolderError(f"{path} cannot be read: {error.strerror or error}") from None
    if note is not None and unchanged and time.time() - state.st_mtime > _SETTLED_SECONDS:
        with contextlib.suppress(OSError):  # without a cache the file is read again, that is all
            _write(note, digest)
    return digest


def sampled_digest(path: Path) -> str:
    """Return a SHA-256 of a file's size and of samples spread over it: 4 MB of it are read, whatever its size.

    Raises:
        BadFolderError: It cannot be read.
    """
    found = hashlib.sha256()
    try:
        with path.open("rb", buffering=0) as stream:
            size = os.fstat(stream.fileno()).st_size
            found.update(str(size).encode())
            for number in range(_SAMPLES):
                stream.seek(max(0, size - _SAMPLE_BYTES) * number // (_SAMPLES - 1))
                found.update(stream.read(_SAMPLE_BYTES))
    except OSError as error:
        raise BadFolderError(f"{path} cannot be read: {error.strerror or error}") from None
    return found.hexdigest()


def _note_of(state: os.stat_result) -> Path:
    """Return where the digest of a file in this state is remembered."""
    said = (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
    home = os.environ.get("XDG_CACHE_HOME", "").strip() or "~/.cache"
    return Path(home).expanduser() / "arena-write" / "digests" / "-".join(map(str, said))


def _read(note: Path) -> str:
    digest = note.read_text(encoding="ascii").strip()
    if len(bytes.fromhex(digest)) != hashlib.sha256().digest_size:
        raise ValueError(digest)
    return digest


def _write(note: Path, digest: str) -> None:
    """Write in one step, since several runs may look at one file at a time."""
    note.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=note.parent, delete=False, encoding="ascii") as file:
        file.write(digest + "\n")
    Path(file.name).replace(note)
