"""Checkpoint folders made by hand: whole to look at, and never loaded."""

import json
import struct
from pathlib import Path

CONFIG = {
    "architectures": ["Qwen2ForCausalLM"],
    "model_type": "qwen2",
    "hidden_size": 8,
    "rope_theta": 10000.0,
    "eos_token_id": 2,
    "_name_or_path": "/home/somebody/base",
    "transformers_version": "5.0.0",
}
TOKENIZER_CONFIG = {
    "tokenizer_class": "Qwen2Tokenizer",
    "eos_token": "<|im_end|>",
    "name_or_path": "/home/somebody/base",
}


def safetensors(content: bytes, *, metadata: dict | None = None) -> bytes:
    head = {"w": {"dtype": "U8", "shape": [len(content)], "data_offsets": [0, len(content)]}}
    text = json.dumps(head | ({} if metadata is None else {"__metadata__": metadata})).encode()
    return struct.pack("<Q", len(text)) + text + content


def write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")


def make_folder(folder: Path, *, weights: bytes | None = b"weights", **config: object) -> Path:
    """Write a folder as `save_pretrained` does: config, tokenizer and weights; without these where they are `None`."""
    folder.mkdir(parents=True)
    write_json(folder / "config.json", CONFIG | config)
    write_json(folder / "tokenizer_config.json", TOKENIZER_CONFIG)
    (folder / "tokenizer.json").write_text('{"model": {"type": "BPE"}}', encoding="utf-8")
    (folder / "chat_template.jinja").write_text("{{ messages }}", encoding="utf-8")
    if weights is not None:
        (folder / "model.safetensors").write_bytes(safetensors(weights))
    return folder


def shard(folder: Path, *pieces: bytes, name: str = "model-{:05d}.safetensors") -> None:
    """Write weights as several files and their index."""
    files = [name.format(number) for number in range(1, len(pieces) + 1)]
    for file, piece in zip(files, pieces, strict=True):
        (folder / file).write_bytes(safetensors(piece))
    write_json(
        folder / "model.safetensors.index.json",
        {"metadata": {}, "weight_map": {f"w{number}": file for number, file in enumerate(files)}},
    )


def make_adapter(
    folder: Path, *, base: Path | str, weights: bytes = b"adapter", rank: int = 8, **config: object
) -> Path:
    """Write a folder as peft saves a LoRA adapter."""
    folder.mkdir(parents=True)
    said = {"peft_type": "LORA", "base_model_name_or_path": str(base), "r": rank, "lora_alpha": 16}
    write_json(folder / "adapter_config.json", said | config)
    (folder / "adapter_model.safetensors").write_bytes(safetensors(weights))
    return folder
