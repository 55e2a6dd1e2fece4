"""Servers on this machine."""

from functools import cached_property
from pathlib import Path

from arena_write.checkpoints.finding import FoundCheckpoint
from arena_write.serving.command import Replica, ServingOptions, replica_command, require_executable, share_out
from arena_write.serving.server import Server


class LocalExecutor:
    """An `Executor` on this machine's GPUs, or its CPU.

    Args:
        options: How models are served.
        logs: The folder of the servers' logs.
    """

    def __init__(self, options: ServingOptions, *, logs: Path) -> None:
        self._options, self._logs = options, logs

    def connect(self) -> None:
        """Do nothing: this machine is at hand."""

    def close(self) -> None:
        """Do nothing."""

    def check(self) -> None:
        """Refuse to serve where vLLM is not here, or not enough GPUs are.

        Raises:
            ServingUsageError: Says which.
        """
        _ = self._executable, self._gpus

    @property
    def replicas(self) -> int:
        """For how many servers there are places."""
        return len(self._gpus)

    def describe(self) -> str:
        """Return the GPUs of each replica, and where the logs are."""
        gpus = ", ".join("+".join(group) for group in self._gpus if group)
        copies = f", {self.replicas} times" if self.replicas > 1 else ""
        return f"{f'GPU {gpus}' if gpus else f'CPU{copies}'}; its log is in {self._logs}"

    def make_server(self, found: FoundCheckpoint, place: int) -> Server:
        """Return a server in one of the places, not yet started."""
        return Server(lambda port, key: self._command(found, place, port, key), log=self._logs / log_name(found, place))

    def _command(self, found: FoundCheckpoint, place: int, port: int, key: str) -> Replica:
        return replica_command(
            self._options,
            executable=self._executable,
            found=found,
            port=port,
            key=key,
            gpus=self._gpus[place],
        )

    @cached_property
    def _executable(self) -> str:
        return require_executable()

    @cached_property
    def _gpus(self) -> tuple[tuple[str, ...], ...]:
        return share_out(self._options)


def log_name(found: FoundCheckpoint, place: int) -> str:
    """Return the name of the log of what serves a model in one of the places."""
    return f"vllm-{found.id.rpartition(':')[2][:8]}-{place + 1}.log"
