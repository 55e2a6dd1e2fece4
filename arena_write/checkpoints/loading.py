"""Loading a checkpoint with transformers: on which device, in which numbers, and what may not go unnoticed.

This module and those that compute are the only ones that need torch; it is imported when they are called.
"""

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arena_write.checkpoints.errors import LoadingError, MissingLibraryError
from arena_write.checkpoints.folders import CheckpointFolder, stated_context
from arena_write.checkpoints.rendering import control_tokens

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

LIBRARIES = ("torch", "transformers", "xgrammar")
_MEMORY_SHARE = 0.5
"""How much of the free memory a batch may plan for its cache; the rest is for what is computed, and for others."""
_UNKNOWN_MEMORY = 2 * 2**30


@dataclass(frozen=True, slots=True)
class Loaded:
    """A checkpoint in memory.

    Args:
        model: The model of transformers.
        tokenizer: Its tokenizer.
        controls: Tokens that control it and are no text, by their spelling.
        device: `cuda` or `cpu`.
        number: Type of its numbers, such as `bfloat16`.
        context: Tokens that it reads and writes in one call, at most; not known for every model.
        end_tokens: Ids of the tokens that end an answer.
        pad_token: Id that fills up shorter rows of a batch.
        vocabulary: How many ids the model has a score for.
        token_bytes: Memory for the keys and values of one token.
    """

    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"
    controls: Mapping[str, int]
    device: str
    number: str
    context: int | None
    end_tokens: frozenset[int]
    pad_token: int
    vocabulary: int
    token_bytes: int

    def cache_tokens(self) -> int:
        """Return for how many tokens, all rows of a batch together, there is room now."""
        return int(_MEMORY_SHARE * _free_memory(self.device)) // self.token_bytes

    def describe(self) -> str:
        """Return what runs it, in a few words."""
        import torch

        place = torch.cuda.get_device_name() if self.device == "cuda" else f"cpu, {torch.get_num_threads()} threads"
        return f"transformers {version('transformers')} (not vLLM) on {place}, {self.number}"


def require_libraries() -> None:
    """Refuse to go on where checkpoints cannot be run.

    Raises:
        MissingLibraryError: A library is not installed: says how to get it, and what does without.
    """
    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if missing:
        raise MissingLibraryError(
            f"running a checkpoint needs {' and '.join(missing)}: pip install 'arena-write[hf]'; or serve it, for "
            "example with `vllm serve PATH`, and give openai/PATH@http://127.0.0.1:8000/v1"
        )


def load_checkpoint(folder: CheckpointFolder, *, trust_remote_code: bool) -> Loaded:
    """Load a checkpoint: on a GPU where there is one, in the numbers of its config where the device has them.

    Raises:
        MissingLibraryError: A library is not installed.
        LoadingError: transformers cannot load it, or not all of it.
    """
    require_libraries()
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    common = {"trust_remote_code": trust_remote_code, "local_files_only": True}
    device = "cuda" if torch.cuda.is_available() else "cpu"
    with _Conversion(folder.path):
        tokenizer = AutoTokenizer.from_pretrained(str(folder.path), **common)
        model, report = AutoModelForCausalLM.from_pretrained(
            str(folder.path), dtype="auto", output_loading_info=True, **common
        )
        _check_report(report, folder.path)
        number = _find_number(model.dtype, device)
        model = (model if number == model.dtype else model.to(number)).to(device).eval()
        if device == "cpu":
            _own_weights(model)
        if folder.stamp_now() != folder.stamp:
            raise LoadingError(f"{folder.path} was written to while this run began: run again when it is whole")
    model.generation_config = GenerationConfig()  # how a model samples is said by a profile
    end_tokens = {*folder.end_tokens, *([] if tokenizer.eos_token_id is None else [tokenizer.eos_token_id])}
    config = model.config.get_text_config()
    return Loaded(
        model=model,
        tokenizer=tokenizer,
        controls=control_tokens(tokenizer),
        device=device,
        number=str(model.dtype).removeprefix("torch."),
        context=find_context(config),
        end_tokens=frozenset(end_tokens),
        pad_token=next((token for token in (tokenizer.pad_token_id, *sorted(end_tokens)) if token is not None), 0),
        vocabulary=config.vocab_size,
        token_bytes=_token_bytes(config, model.dtype),
    )


def find_context(config: "PreTrainedConfig") -> int | None:
    """Return how many tokens a model reads and writes in one call, at most, as its config says."""
    names = ("max_position_embeddings", "rope_parameters", "rope_scaling")
    return stated_context({name: getattr(config, name, None) for name in names})


class _Conversion:
    """Turns whatever a library raises over a checkpoint into one error."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from safetensors import SafetensorError

        foreign = (
            OSError, ValueError, TypeError, LookupError, AttributeError, ImportError, RuntimeError, MemoryError,
            SafetensorError, pickle.PickleError,
        )  # fmt: skip
        if isinstance(error, foreign):
            lines = [line.strip() for line in str(error).splitlines() if line.strip()]
            reason = f"{type(error).__name__}: {lines[0] if lines else 'no reason given'!s:.300}"
            raise LoadingError(
                f"transformers {version('transformers')} cannot load {self._path} as a model that continues text "
                f"({reason})"
            ) from error


def _own_weights(model: "PreTrainedModel") -> None:
    """Give a model memory of its own: weights that lie in a file's would change when somebody writes to that file."""
    for weights in (*model.parameters(), *model.buffers()):
        weights.data = weights.data.clone()


def _check_report(report: dict[str, Any], path: Path) -> None:
    """Refuse a model of which a part was not in the files: transformers would make that part up at random."""
    for key, what in (
        ("missing_keys", "not in the files"),
        ("mismatched_keys", "of another shape than its config says"),
    ):
        names = sorted(str(name) for name in report.get(key) or ())
        if names:
            raise LoadingError(f"{len(names)} weights of {path} are {what}, {names[0]} first: save the whole model")


def _find_number(wanted: "torch.dtype", device: str) -> "torch.dtype":
    """Return the type of numbers to compute in: float32 where the device has no arithmetic for the checkpoint's own."""
    import torch

    if wanted not in (torch.bfloat16, torch.float16):
        return wanted
    if device == "cuda":
        supported = wanted is torch.float16 or torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        has: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
        names = ("avx512_bf16", "amx_bf16", "bf16") if wanted is torch.bfloat16 else ("avx512_fp16", "amx_fp16", "fp16")
        supported = any(has.get(name) for name in names)
    return wanted if supported else torch.float32


def _token_bytes(config: "PreTrainedConfig", number: "torch.dtype") -> int:
    """Return how many bytes the cache of one token takes: keys and values of each layer."""
    heads = getattr(config, "num_attention_heads", None) or 1
    size = getattr(config, "head_dim", None) or config.hidden_size // heads
    return int(2 * config.num_hidden_layers * (getattr(config, "num_key_value_heads", None) or heads) * size) * int(
        number.itemsize
    )


def _free_memory(device: str) -> int:
    """Return the bytes that nothing uses yet."""
    if device == "cuda":
        import torch

        kept = torch.cuda.memory_reserved() - torch.cuda.memory_allocated()
        return int(torch.cuda.mem_get_info()[0]) + int(kept)
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, StopIteration):
        return _UNKNOWN_MEMORY
