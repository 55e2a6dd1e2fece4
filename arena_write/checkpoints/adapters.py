"""Adapters (LoRA): weights that are added to those of a base model, which lies elsewhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arena_write.checkpoints.errors import BadFolderError
from arena_write.checkpoints.folders import read_json
from judges import content_id

_CONFIG = "adapter_config.json"
_WEIGHTS = ("adapter_model.safetensors", "adapter_model.bin")
_NOT_CONTENT = frozenset(
    {"base_model_name_or_path", "revision", "inference_mode", "auto_mapping", "peft_version", "runtime_config"}
)
"""Where the base came from, and how the adapter was last loaded."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """An adapter as peft saves it.

    Args:
        path: Its folder.
        weights: Its file of weights.
        config: What `adapter_config.json` says.
        base: Path or name on the hub of the model that it was trained on.
        rank: The largest rank of its matrices.
    """

    path: Path
    weights: Path
    config: Mapping[str, Any]
    base: str
    rank: int


def is_adapter(path: Path) -> bool:
    """Return whether a folder holds an adapter and no model of its own."""
    return (path / _CONFIG).is_file() and any((path / name).is_file() for name in _WEIGHTS)


def read_adapter(path: Path) -> Adapter:
    """Look at a folder with an adapter.

    Raises:
        BadFolderError: It is no LoRA adapter, or does not say what it was trained on.
    """
    config = read_json(path / _CONFIG)
    kind, base, rank = config.get("peft_type"), config.get("base_model_name_or_path"), config.get("r")
    if kind != "LORA":
        raise BadFolderError(f"{path} holds an adapter of the kind {kind!r}, and only LORA can be served: merge it")
    if not isinstance(base, str) or not base.strip():
        raise BadFolderError(f"{path / _CONFIG} does not name its base model: write it into base_model_name_or_path")
    pattern = config.get("rank_pattern")
    ranks = [rank, *(pattern.values() if isinstance(pattern, dict) else ())]
    if not all(type(value) is int and value > 0 for value in ranks):
        raise BadFolderError(f"{path / _CONFIG} gives no rank (r): save the adapter again")
    weights = next(path / name for name in _WEIGHTS if (path / name).is_file())
    local = path / base
    return Adapter(path, weights, config, str(local.resolve()) if local.is_dir() else base, max(ranks))


def adapter_id(adapter: Adapter, base: str, digest: Callable[[Path], str]) -> str:
    """Return the id of an adapter on its base: the same for the same content of both, wherever they lie.

    Args:
        adapter: The adapter.
        base: Id of the base model, whose prefix it shares.
        digest: Returns the digest of a file.
    """
    config = {name: value for name, value in adapter.config.items() if name not in _NOT_CONTENT}
    said = {"base": base, "weights": digest(adapter.weights), "config": config}
    return f"{base.partition(':')[0]}:" + content_id("adapter", said)
