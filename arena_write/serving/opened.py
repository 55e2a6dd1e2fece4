"""The models that one run serves: each is read once, and they follow each other in the same places."""

from collections.abc import Callable, Iterable
from pathlib import Path

from arena_write.checkpoints.finding import Finder
from arena_write.concurrency import run_calls
from arena_write.serving.command import ServingOptions, find_executable, visible_gpus
from arena_write.serving.fleet import Fleet
from arena_write.serving.local import LocalExecutor
from arena_write.serving.ports import Executor
from arena_write.serving.turns import Turns

PREFIX = "vllm/"
"""Of addresses of models that are served here whether or not there is a GPU."""
_HOLD = "held"


def _be_silent(line: str) -> None:
    pass


class Servers:
    """Opens models to be served, and says in which order they have the places of an executor.

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
        self._options, self._say = options or ServingOptions(), say
        self._executor = _make_executor(self._options, logs=logs)
        self._turns = Turns()
        self._fleets: dict[str, Fleet] = {}
        self._held: Fleet | None = None

    @property
    def replicas(self) -> int:
        """How many servers each model has; 1 where none is served by us. Known once the work is arranged."""
        return max((fleet.replicas for fleet in self._fleets.values()), default=1)

    def are_at_hand(self) -> bool:
        """Return whether a folder is served where nothing else is said: on Ray, or where vLLM and a GPU are here."""
        return self._options.executor == "ray" or (bool(visible_gpus()) and find_executable() is not None)

    def are_asked_for(self, address: str) -> bool:
        """Return whether an address is that of a model that is served here."""
        return address.startswith(PREFIX) or (self.are_at_hand() and Path(address).expanduser().is_dir())

    def hold(self, target: str) -> None:
        """Keep the servers of a model up, once they are, until they are released: several runs ask it.

        Raises:
            ServingUsageError: See `open`, for this and what else is raised.
        """
        self.release()
        self._held = self.open(target)
        self._held.join(_HOLD)

    def release(self) -> None:
        """End the servers that are held; not within an event loop."""
        held, self._held = self._held, None
        if held is not None:
            run_calls(held.leave(_HOLD))
        self.close()

    def open(self, target: str) -> Fleet:
        """Return the servers of a checkpoint in a folder or with a name on the hub. Its content is read.

        Raises:
            ServingUsageError: It cannot be served as asked: vLLM is not here, for example, or not enough GPUs are.
            CheckpointUsageError: There is no whole checkpoint, or it brings code and that may not run.
        """
        found = self._finder.find(target)
        if found.id not in self._fleets:
            self._executor.check()
            self._fleets[found.id] = Fleet(
                found,
                options=self._options,
                executor=self._executor,
                turns=self._turns,
                say=self._say,
            )
        return self._fleets[found.id]

    def arrange(self, models: Iterable[str]) -> None:
        """Set the order in which models have the places, and have the places ready.

        Args:
            models: Ids of the models that have work before them, in the order of that work; those that are not served
                by us are passed over.

        Raises:
            ServingUsageError: The places cannot be had as asked.
        """
        order = [model for model in models if model in self._fleets]
        if self._held is not None and any(model != self._held.id for model in order):
            self.release()  # somebody else needs the places
        self._turns.arrange(order)
        if order:
            self._executor.connect()

    def close(self) -> None:
        """Let go of the places, unless a model is held there."""
        if self._held is None:
            self._executor.close()


def _make_executor(options: ServingOptions, *, logs: Path) -> Executor:
    if options.executor == "local":
        return LocalExecutor(options, logs=logs)
    from arena_write.serving.ray_executor import RayExecutor

    return RayExecutor(options, logs=logs)
