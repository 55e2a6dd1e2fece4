"""Who a checkpoint is: a hash of what decides what the model says, and of nothing else.

The id becomes part of keys, so this definition cannot change; `tests/checkpoints/test_identity.py` pins its value. What
counts, in the words of the definition:

* `weights`: the SHA-256 of each file of weights that would be loaded, whole, in sorted order. Names do not count, and
  weights sharded anew are another model.
* `config`: what `config.json` says.
* `tokenizer`: the SHA-256 of each file of the tokenizer, chat templates included, by its name within the folder; of
  `tokenizer_config.json`, what it says.
* `code`: the SHA-256 of each Python file by its name, where the checkpoint brings its own code.
* `quantization`: what each file says that tells how the weights were quantised, by its name, where there is one beside
  `config.json`.
* `end_tokens`: ids that end an answer, from `generation_config.json` where that says any. The rest of the generation
  config does not count, because a profile decides how a model samples.

Of what JSON files say, the names in `_NOT_CONTENT` are left out: where a model came from, and which release wrote it.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from arena_write.checkpoints.digests import file_digest, sampled_digest
from arena_write.checkpoints.folders import CheckpointFolder, read_folder, read_json
from judges import content_id

_NOT_CONTENT = frozenset(
    {"_name_or_path", "name_or_path", "transformers_version", "tokenizer_file", "special_tokens_map_file"}
)
_READERS = 4


def checkpoint_id(folder: CheckpointFolder | Path, *, fast: bool = False) -> str:
    """Return `checkpoint:` and 32 hex digits: the same for the same content, wherever it lies and whatever its name.

    Every byte of the weights is read; hashing takes about as long as reading them. With `fast` samples of the weights
    stand for them, and the id begins with `checkpoint-fast:`, for it is another statement.

    Raises:
        BadFolderError: The folder holds no whole checkpoint, or a file cannot be read.
    """
    if isinstance(folder, Path):
        folder = read_folder(folder)
    with ThreadPoolExecutor(_READERS) as pool:
        weights = sorted(pool.map(sampled_digest if fast else file_digest, folder.weights))
    tokenizer: dict[str, object] = {
        file.relative_to(folder.path).as_posix(): file_digest(file) for file in folder.tokenizer
    }
    if "tokenizer_config.json" in tokenizer:
        tokenizer["tokenizer_config.json"] = _content(read_json(folder.path / "tokenizer_config.json"))
    return ("checkpoint-fast:" if fast else "checkpoint:") + content_id(
        "checkpoint",
        {
            "weights": weights,
            "config": _content(folder.config),
            "tokenizer": tokenizer,
            "code": {file.name: file_digest(file) for file in folder.code} or None,
            "quantization": {file.name: read_json(file) for file in folder.quantization} or None,
            "end_tokens": list(folder.end_tokens),
        },
    )


def _content(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in _NOT_CONTENT}
