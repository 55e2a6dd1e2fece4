"""vLLM as a command: where it is, on which GPUs, and how a model is served with it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from arena_write.checkpoints.finding import FoundCheckpoint
from arena_write.serving.errors import ServingUsageError

EXECUTABLE_VARIABLE = "ARENA_WRITE_VLLM"
_KEY_VARIABLE = "VLLM_API_KEY"
_QUIET = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1"}
"""The model lies in a folder: a server has nobody outside to talk to."""
_LORA_RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
_SECRETS = ("OPENAI_API_KEY", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")


@dataclass(frozen=True, slots=True)
class ServingOptions:
    """How models are served.

    Args:
        executor: Where: on this machine (`local`), or wherever Ray has a place (`ray`).
        replicas: How many copies of a model; as many as the GPUs hold where nothing is said, one on a CPU.
        gpus: Which GPUs may be used, by the numbers or ids that CUDA gives them; all that are visible where nothing is
            said.
        tensor_parallel_size: GPUs that one replica of a model is spread over.
        max_model_len: Tokens that a model reads and writes in one call; vLLM asks the checkpoint where nothing is said.
        gpu_memory_utilization: Share of a GPU's memory that a replica may take; vLLM's default where nothing is said.
        args: Further arguments of `vllm serve` (see `arguments`).
        trust_remote_code: Whether code that a checkpoint brings along may run.
    """

    executor: Literal["local", "ray"] = "local"
    replicas: int | None = None
    gpus: tuple[str, ...] | None = None
    tensor_parallel_size: int = 1
    max_model_len: int | None = None
    gpu_memory_utilization: float | None = None
    args: tuple[str, ...] = ()
    trust_remote_code: bool = False


@dataclass(frozen=True, slots=True)
class Replica:
    """One copy of a model, as a command.

    Args:
        command: What is run.
        environment: With what in its environment.
        serves: The name under which it answers.
        gpus: On which GPUs; none on a CPU.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    serves: str
    gpus: tuple[str, ...] = ()


def find_executable() -> str | None:
    """Return vLLM's command: the one that `ARENA_WRITE_VLLM` names, the one of our environment, or one on the path."""
    named = os.environ.get(EXECUTABLE_VARIABLE, "").strip()
    if named:
        return shutil.which(Path(named).expanduser())
    beside = Path(sys.executable).with_name("vllm")
    return str(beside) if beside.is_file() else shutil.which("vllm")


def require_executable() -> str:
    """Return vLLM's command.

    Raises:
        ServingUsageError: There is none.
    """
    found = find_executable()
    if found is None:
        named = os.environ.get(EXECUTABLE_VARIABLE, "").strip()
        raise ServingUsageError(
            f"{EXECUTABLE_VARIABLE} names {named!r}, and there is no such command"
            if named
            else "vLLM is not installed: pip install 'arena-write[vllm]', or name the command of another environment "
            f"in {EXECUTABLE_VARIABLE}; hf/PATH has transformers run the model"
        )
    return found


def visible_gpus() -> tuple[str, ...]:
    """Return the GPUs that a process started here may use, without loading anything; none where there are none."""
    said = os.environ.get("CUDA_VISIBLE_DEVICES")
    if said is not None:
        return tuple(part for part in said.replace(" ", "").split(",") if part and part != "-1")
    try:
        listed = subprocess.run(
            ["nvidia-smi", "--query-gpu=index", "--format=csv,noheader"],
            capture_output=True, text=True, timeout=20, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(line.strip() for line in listed.stdout.splitlines() if line.strip())


def choose_gpus(options: ServingOptions) -> tuple[str, ...]:
    """Return the GPUs of this machine that may be used.

    Raises:
        ServingUsageError: One is named that is not there, or named twice.
    """
    visible = visible_gpus()
    if options.gpus is None:
        return visible
    twice = [gpu for gpu in options.gpus if options.gpus.count(gpu) > 1]
    if twice:
        raise ServingUsageError(f"--gpus names {twice[0]} twice: a GPU serves one replica")
    missing = [gpu for gpu in options.gpus if gpu not in visible]
    if missing:
        there = f"visible are {', '.join(visible)}" if visible else "no GPU is visible here"
        raise ServingUsageError(f"--gpus names {missing[0]}, and {there}")
    return options.gpus


def share_out(options: ServingOptions) -> tuple[tuple[str, ...], ...]:
    """Return the GPUs of each replica: one replica for every `tensor_parallel_size` GPUs; none of them on a CPU.

    Raises:
        ServingUsageError: There are too few GPUs, or one is named that is not there.
    """
    chosen, size = choose_gpus(options), options.tensor_parallel_size
    replicas = count_replicas(options, [len(chosen)])
    return tuple(chosen[number * size : (number + 1) * size] for number in range(replicas))


def count_replicas(options: ServingOptions, gpus: Sequence[int]) -> int:
    """Return how many replicas of a model there are to be, on machines with so many GPUs each.

    Raises:
        ServingUsageError: There are too few GPUs; a replica has all of its own on one machine.
    """
    size = options.tensor_parallel_size
    if not any(gpus) and options.gpus is None and size == 1:
        return options.replicas or 1
    room = sum(number // size for number in gpus)
    if room < (options.replicas or 1):
        wanted = f"--replicas {options.replicas} with " if options.replicas else ""
        apart = f", on {len(gpus)} machines" if len(gpus) > 1 else ""
        raise ServingUsageError(
            f"{wanted}--tensor-parallel-size {size} needs {size * (options.replicas or 1)} GPUs, and there are "
            f"{sum(gpus)}{apart}"
        )
    return options.replicas or room


def replica_command(
    options: ServingOptions, *, executable: str, found: FoundCheckpoint, port: int, key: str, gpus: tuple[str, ...]
) -> Replica:
    """Return how one copy of a model is served: on the loopback interface, under its id, for whoever knows `key`.

    Its own generation config is off: how a model samples is said by a profile.
    """
    command = [
        executable, "serve", str(found.folder.path),
        "--served-model-name", found.id if found.adapter is None else f"base of {found.id}",
        "--host", "127.0.0.1",
        "--port", str(port),
        "--generation-config", "vllm",
        "--enable-prompt-tokens-details",  # rows then say how much of a prompt came from the prefix cache
        "--uvicorn-log-level", "warning",
        # Without this a reply held to a schema may be filled with spaces until its budget is used up.
        "--structured-outputs-config", '{"backend": "xgrammar", "disable_any_whitespace": true}',
    ]  # fmt: skip
    if found.adapter is not None:
        command += ["--enable-lora", "--max-lora-rank", str(_lora_rank(found.adapter.rank))]
        command += ["--lora-modules", f"{found.id}={found.adapter.path}"]
    if options.tensor_parallel_size > 1:
        command += ["--tensor-parallel-size", str(options.tensor_parallel_size)]
    if options.max_model_len is not None:
        command += ["--max-model-len", str(options.max_model_len)]
    if options.gpu_memory_utilization is not None:
        command += ["--gpu-memory-utilization", str(options.gpu_memory_utilization)]
    if options.trust_remote_code:
        command.append("--trust-remote-code")
    environment = {name: value for name, value in os.environ.items() if name not in _SECRETS}
    environment |= {**_QUIET, _KEY_VARIABLE: key}
    if gpus:
        environment["CUDA_VISIBLE_DEVICES"] = ",".join(gpus)
    return Replica((*command, *options.args), environment, found.id, gpus)


def _lora_rank(rank: int) -> int:
    """Return the least rank that vLLM can be told to make room for."""
    return next((size for size in _LORA_RANKS if size >= rank), rank)
