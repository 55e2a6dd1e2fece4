"""The models that one run serves: each is read once, and they follow each other on the GPUs."""

from collections.abc import Callable, Iterable
from pathlib import Path

from arena_write.checkpoints.finding import Finder
from arena_write.serving.command import (
    ServingOptions,
    find_executable,
    require_executable,
    share_out,
    visible_gpus,
)
from arena_write.serving.fleet import Fleet
from arena_write.serving.turns import Turns


def _be_silent(line: str) -> None:
    pass


class Servers:
    """Opens models to be served, and says in which order they have the GPUs.

    Args:
        finder: Finds them.
        options: How they are served.
        logs: The folder of the servers' logs.
        say: Tells the user one line.
    """

    def __init__(
        self,
        finder: Finder | None = None,
        *,
        options: ServingOptions | None = None,
        logs: Path = Path("results/runs"),
        say: Callable[[str], None] = _be_silent,
    ) -> None:
        self._finder = finder or Finder()
        self._options, self._logs, self._say = options or ServingOptions(), logs, say
        self._turns = Turns()
        self._fleets: dict[str, Fleet] = {}

    @property
    def replicas(self) -> int:
        """How many servers the model with most of them has; 1 where none is served here."""
        return max((fleet.replicas for fleet in self._fleets.values()), default=1)

    def are_at_hand(self) -> bool:
        """Return whether a folder is served where nothing else is said: vLLM is here, and a GPU is."""
        return bool(visible_gpus()) and find_executable() is not None

    def open(self, target: str) -> Fleet:
        """Return the servers of a checkpoint in a folder or with a name on the hub. Its content is read.

        Raises:
            ServingUsageError: vLLM is not here, or not enough GPUs are.
            CheckpointUsageError: There is no whole checkpoint, or it brings code and that may not run.
        """
        found = self._finder.find(target)
        if found.id not in self._fleets:
            self._fleets[found.id] = Fleet(
                found,
                executable=require_executable(),
                options=self._options,
                gpus=share_out(self._options),
                logs=self._logs,
                turns=self._turns,
                say=self._say,
            )
        return self._fleets[found.id]

    def arrange(self, models: Iterable[str]) -> None:
        """Set the order in which models have the GPUs.

        Args:
            models: Ids of the models that have work before them, in the order of that work; those that are not served
                here are passed over.
        """
        self._turns.arrange(model for model in models if model in self._fleets)
