"""What a user may tell vLLM beside our options: all but what a run relies on, and what would make another model."""

import shlex
from collections.abc import Sequence

from arena_write.serving.errors import ServingUsageError

_OPTIONS = {
    "--tensor-parallel-size": "--tensor-parallel-size",
    "-tp": "--tensor-parallel-size",
    "--max-model-len": "--max-model-len",
    "--gpu-memory-utilization": "--gpu-memory-utilization",
    "--trust-remote-code": "--trust-remote-code",
}
"""Those for which there is an option of ours, with which a run plans."""
_PLACES = frozenset(
    {"--pipeline-parallel-size", "-pp", "--data-parallel-size", "-dp", "--nnodes", "-n", "--node-rank", "-r"}
)
"""More GPUs than the tensor-parallel ones, which are all that a replica gets."""
_SEEN_TO = frozenset(
    {"--model", "--served-model-name", "--host", "--port", "--uds", "--api-key", "--root-path", "--config"}
    | {"--ssl-keyfile", "--ssl-certfile", "--headless", "--generation-config", "--override-generation-config"}
    | {"--enable-lora", "--no-enable-lora", "--lora-modules"}
)
"""Where a server listens, for whom, and under which name; and that a profile alone says how a model samples."""
_ANOTHER = frozenset(
    {"--quantization", "-q", "--hf-overrides", "--hf-config-path", "--tokenizer", "--chat-template"}
    | {"--default-chat-template-kwargs", "--revision", "--tokenizer-revision", "--code-revision"}
)
"""What makes another model of a checkpoint, which its id would not say."""


def split_args(text: str | None) -> tuple[str, ...]:
    """Return the words of `--vllm-args` as a shell would split them.

    Raises:
        ServingUsageError: A quotation is not closed, or an argument is not the user's to give.
    """
    try:
        words = tuple(shlex.split(text or ""))
    except ValueError as error:
        raise ServingUsageError(f"--vllm-args cannot be read: {error}") from None
    _check(words)
    return words


def _check(words: Sequence[str]) -> None:
    for word in words:
        if not word.startswith("-"):
            continue
        given = word.partition("=")[0].partition(".")[0]
        name = given.replace("_", "-") if given.startswith("--") else given
        if option := _find(name, _OPTIONS):
            raise ServingUsageError(
                f"{given} within --vllm-args: give {_OPTIONS[option]} itself, which the run plans with"
            )
        if _find(name, _PLACES):
            raise ServingUsageError(
                f"{given} within --vllm-args: a replica has --tensor-parallel-size GPUs and no others; --replicas says "
                "how many replicas there are"
            )
        if _find(name, _SEEN_TO):
            raise ServingUsageError(f"{given} within --vllm-args: arena-write sees to that itself, so leave it out")
        if _find(name, _ANOTHER):
            raise ServingUsageError(
                f"{given} within --vllm-args would make another model of the checkpoint, under the same id: write it "
                "into the checkpoint's own files, which makes it a checkpoint of its own"
            )


def _find(name: str, known: "frozenset[str] | dict[str, str]") -> str | None:
    """Return the argument that a name is of: it, or the beginning of it, which vLLM takes as well."""
    if name in known:
        return name
    return next((full for full in sorted(known) if len(name) > len("--m") and full.startswith(name)), None)
