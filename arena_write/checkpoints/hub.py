"""Checkpoints by the name that the Hugging Face hub has for them, from the hub or from its cache."""

from pathlib import Path

from arena_write.checkpoints.errors import BadFolderError, HubError

_FILES = ("*.json", "*.txt", "*.jinja", "*.model", "*.tiktoken", "*.py")
_INNER = ("*/*.safetensors", "*/*.bin", "*/*.py", "*/*.model", "*/*.txt", "*/*.json")
"""Copies for other programs lie in folders of their own."""


def find_checkpoint(target: str) -> Path:
    """Return the folder of a checkpoint: a local one, or a snapshot of the hub's in its cache, downloaded if need be.

    Args:
        target: Path of a folder, or a name on the hub such as `Qwen/Qwen3-8B`.

    Raises:
        BadFolderError: It is a path, and there is no such folder.
        HubError: Neither the hub nor its cache has it.
    """
    path = Path(target).expanduser()
    if path.is_dir():
        return path
    if target.startswith((".", "/", "~")) or "\\" in target:
        raise BadFolderError(f"there is no folder {target!r}")
    snapshot = _fetch(target, "*.safetensors")
    if not any(snapshot.glob("*.safetensors")):
        snapshot = _fetch(target, "*.bin")
    return snapshot


def _fetch(name: str, weights: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.utils import httpx  # type: ignore[attr-defined]  # whichever httpx the hub's client uses

    try:
        return Path(snapshot_download(name, allow_patterns=[*_FILES, weights], ignore_patterns=[*_INNER]))
    except (OSError, ValueError, httpx.HTTPError) as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        reason = f"{type(error).__name__}: {lines[0]:.200}" if lines else type(error).__name__
        raise HubError(
            f"there is no folder {name!r}, and the model {name} cannot be had from the hub or its cache ({reason}); "
            f"download it where there is a network (`hf download {name}`), or give a checkpoint's folder"
        ) from None
