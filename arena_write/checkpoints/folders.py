"""What a checkpoint's folder holds: which files decide what the model says, and why a folder holds no checkpoint.

Nothing here loads a model or needs torch. Files that are not named here do not count: optimizer states, logs, READMEs.
"""

import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from arena_write.checkpoints.errors import BadFolderError, UntrustedCodeError

_WEIGHTS = (
    ("model.safetensors", "model.safetensors.index.json"),
    ("pytorch_model.bin", "pytorch_model.bin.index.json"),
)
"""One file, or the index of several; as transformers looks for them, the first kind that is there counts."""

_TOKENIZER = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "chat_template.json",
    "additional_chat_templates/*.jinja",
    "vocab.*",
    "merges.txt",
    "bpe.codes",
    "*.model",
    "tokenizer.model.*",
    "tekken.json",
    "*.tiktoken",
)
"""Whatever a tokenizer may be read from. Of two files that say the same, both count: which one a library reads depends
on its version, and a model taken for another costs a run, while two models taken for one would share their answers."""

_QUANTIZATION = ("quantize_config.json", "quant_config.json", "hf_quant_config.json")
"""How weights were quantised, where `config.json` does not say it: the files of GPTQ, AWQ and ModelOpt."""

_MEGATRON = "shards of a model-parallel trainer (Megatron's, say): export them with its converter for Hugging Face"
_LEFTOVERS = (
    ("adapter_config.json", "an adapter (LoRA) without its base model: have vLLM serve it on its base with vllm/PATH, "
     "or merge it with peft's merge_and_unload(), save the merged model with its tokenizer, and give that folder"),
    ("model_world_size_*_rank_*.pt", "shards of verl: merge them with `python -m verl.model_merger merge`"),
    ("zero_to_fp32.py", "DeepSpeed's shards: merge them with the zero_to_fp32.py that lies in the folder"),
    ("*zero_pp_rank_*", "DeepSpeed's shards: merge them with its zero_to_fp32.py, or have the trainer save the model "
     "too (stage3_gather_16bit_weights_on_model_save)"),
    ("latest_checkpointed_iteration.txt", _MEGATRON),
    ("common.pt", _MEGATRON),
    ("*.distcp", "FSDP's shards: merge them with `accelerate merge-weights`"),
    ("pytorch_model_fsdp*", "FSDP's shards: merge them with `accelerate merge-weights`"),
    ("mp_rank_*", _MEGATRON),
    ("*.gguf", "weights for llama.cpp: serve them with it, and give openai/NAME@http://host:port/v1"),
    ("optimizer.*", "a trainer's state without the model: have the trainer save the model too (save_pretrained)"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CheckpointFolder:
    """A folder with a whole checkpoint.

    Args:
        path: The folder.
        weights: Files of weights that would be loaded.
        tokenizer: Files that the tokenizer may be read from.
        code: Python files, where the checkpoint brings its own.
        config: What `config.json` says.
        end_tokens: Ids of the tokens that end an answer, beside the tokenizer's own.
        quantization: Files that say how the weights were quantised.
        stamp: Sizes and times of the files when they were looked at; see `stamp_now`.
    """

    path: Path
    weights: tuple[Path, ...]
    tokenizer: tuple[Path, ...]
    code: tuple[Path, ...]
    config: Mapping[str, Any]
    end_tokens: tuple[int, ...]
    quantization: tuple[Path, ...] = ()
    stamp: tuple[tuple[int, int], ...] = ()

    def stamp_now(self) -> tuple[tuple[int, int], ...]:
        """Return sizes and times of the files that count: another stamp than before means that somebody wrote to them.

        Raises:
            OSError: A file is gone.
        """
        files = (self.path / "config.json", *self.weights, *self.tokenizer, *self.code, *self.quantization)
        return tuple((state.st_size, state.st_mtime_ns) for state in (file.stat() for file in files))


def read_folder(path: Path) -> CheckpointFolder:
    """Look at a folder.

    Raises:
        BadFolderError: It holds no whole checkpoint: says what it holds, and the mend.
    """
    weights = _find_weights(path)
    if (path / "adapter_config.json").is_file():
        raise BadFolderError(
            f"{path} holds a model and an adapter (adapter_config.json), and which of them is meant is not clear: move "
            "one of them to a folder of its own, or merge them"
        )
    config = read_json(path / "config.json")
    tokenizer = tuple(sorted(file for pattern in _TOKENIZER for file in path.glob(pattern) if file.is_file()))
    if not tokenizer:
        raise BadFolderError(f"{path} has no tokenizer: save it beside the model (tokenizer.save_pretrained)")
    for file in weights:
        if file.suffix == ".safetensors":
            _check_whole(file)
    folder = CheckpointFolder(
        path=path,
        weights=weights,
        tokenizer=tokenizer,
        code=tuple(sorted(path.glob("*.py"))) if _brings_code(path, config) else (),
        config=config,
        end_tokens=_end_tokens(path, config),
        quantization=tuple(path / name for name in _QUANTIZATION if (path / name).is_file()),
    )
    return replace(folder, stamp=folder.stamp_now())


def require_trust(folder: CheckpointFolder) -> None:
    """Refuse a checkpoint that brings code of its own.

    Raises:
        UntrustedCodeError: It does.
    """
    if _brings_code(folder.path, folder.config):
        raise UntrustedCodeError(
            f"{folder.path} brings Python code of its own (auto_map), which would run with all your rights: read it, "
            "and if you trust it, give --trust-remote-code"
        )


def has_template(folder: CheckpointFolder) -> bool:
    """Return whether the checkpoint has a chat template, without which it cannot be sent messages."""
    if any(file.name in ("chat_template.jinja", "chat_template.json") for file in folder.tokenizer):
        return True
    config = folder.path / "tokenizer_config.json"
    return config.is_file() and bool(read_json(config).get("chat_template"))


def stated_context(config: Mapping[str, Any]) -> int | None:
    """Return how many tokens a model reads and writes in one call, at most, as its config says.

    Stretched positions (linear, dynamic, YaRN) count by their factor; Llama 3's and LongRoPE's configs give the
    stretched number themselves.
    """
    inner = config.get("text_config")
    fields = inner if isinstance(inner, Mapping) and "max_position_embeddings" in inner else config
    limit = fields.get("max_position_embeddings")
    if type(limit) is not int:
        return None
    rope = fields.get("rope_parameters") or fields.get("rope_scaling") or {}
    if isinstance(rope, dict) and rope.get("rope_type", rope.get("type")) in {"linear", "dynamic", "yarn"}:
        original = rope.get("original_max_position_embeddings") or limit
        return max(limit, int(original * float(rope.get("factor") or 1)))
    return limit


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file of a checkpoint.

    Raises:
        BadFolderError: There is no such file, or it holds something else.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"), parse_constant=str)
    except FileNotFoundError:
        raise BadFolderError(f"{path.parent} has no {path.name}: give a folder as save_pretrained writes it") from None
    except (OSError, ValueError) as error:
        raise BadFolderError(f"{path} cannot be read: {error}") from None
    if not isinstance(content, dict):
        raise BadFolderError(f"{path} holds no JSON object: the file is damaged, save the checkpoint again")
    return content


def _find_weights(path: Path) -> tuple[Path, ...]:
    for single, index in _WEIGHTS:
        if (path / single).is_file():
            return (path / single,)
        if (path / index).is_file():
            return _indexed(path / index)
    raise BadFolderError(_say_what_is_there(path))


def _indexed(index: Path) -> tuple[Path, ...]:
    """Return the files that an index names."""
    names = read_json(index).get("weight_map")
    if not isinstance(names, dict) or not names or not all(isinstance(name, str) for name in names.values()):
        raise BadFolderError(f"{index} names no files (weight_map): the file is damaged, save the checkpoint again")
    files = [index.parent / name for name in sorted(set(names.values()))]
    if any(file.parent != index.parent for file in files):
        raise BadFolderError(f"{index} names files outside its folder: save the checkpoint again")
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        raise BadFolderError(
            f"{index.parent} lacks {len(missing)} of its {len(files)} files of weights, {missing[0]} first: is it "
            "still being written or copied?"
        )
    return tuple(files)


def _say_what_is_there(path: Path) -> str:
    found = {file.parent for names in _WEIGHTS for name in names for file in path.glob(f"*/{name}")}
    inner = sorted(folder.name for folder in found if (folder / "config.json").is_file())
    if inner:
        names = ", ".join(inner[:5]) + (", ..." if len(inner) > 5 else "")
        return f"{path} has no weights of its own, but holds checkpoints ({names}): give one of them"
    for pattern, what in _LEFTOVERS:
        if any(path.glob(pattern)) or any(path.glob(f"*/{pattern}")):
            return f"{path} holds {what}"
    return (
        f"{path} holds no weights that transformers loads (model.safetensors or pytorch_model.bin, or their index): "
        "give a folder as save_pretrained writes it"
    )


def _check_whole(file: Path) -> None:
    """Compare a file's size with what its head promises; a copy that broke off is found before it is loaded.

    Source of the format: the README of safetensors (8 bytes of length, a JSON head with the offsets, the data).
    """
    try:
        with file.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            size = file.stat().st_size
            head = json.loads(stream.read(min(length, size)))
            end = max((entry["data_offsets"][1] for name, entry in head.items() if name != "__metadata__"), default=0)
    except (OSError, ValueError, struct.error, AttributeError, LookupError, TypeError):
        raise BadFolderError(
            f"{file} is no file of safetensors: a pointer that `git lfs pull` replaces, or damaged"
        ) from None
    if size != 8 + length + end:
        raise BadFolderError(
            f"{file} has {size} bytes and should have {8 + length + end}: is it still being written or copied?"
        )


def _brings_code(path: Path, config: Mapping[str, Any]) -> bool:
    tokenizer = path / "tokenizer_config.json"
    return "auto_map" in config or (tokenizer.is_file() and "auto_map" in read_json(tokenizer))


def _end_tokens(path: Path, config: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the ids that end an answer: those of `generation_config.json`, else those of `config.json`.

    Nothing else of the generation config counts: how a model samples is said by a profile.
    """
    generation = path / "generation_config.json"
    stated = read_json(generation).get("eos_token_id") if generation.is_file() else None
    if stated is None:
        inner = config.get("text_config")
        stated = config.get("eos_token_id", inner.get("eos_token_id") if isinstance(inner, dict) else None)
    values: Iterable[object] = stated if isinstance(stated, list) else [stated]
    return tuple(sorted({value for value in values if type(value) is int}))
