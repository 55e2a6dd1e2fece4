"""The models that one run serves: each is read once, and they follow each other in the same places."""

from collections.abc import Callable, Iterable
from pathlib import Path

from arena_write.checkpoints.folders import read_folder, require_trust
from arena_write.checkpoints.hub import find_checkpoint
from arena_write.checkpoints.identity import checkpoint_id
from arena_write.serving.command import ServingOptions, find_executable, visible_gpus
from arena_write.serving.fleet import Fleet
from arena_write.serving.local import LocalExecutor
from arena_write.serving.ports import Executor
from arena_write.serving.turns import Turns


def _be_silent(line: str) -> None:
    pass


class Servers:
    """Opens models to be served, and says in which order they have the places of an executor.

    Args:
        options: How they are served.
        logs: The folder of the servers' logs.
        say: Tells the user one line.
    """

    def __init__(
        self,
        options: ServingOptions | None = None,
        *,
        logs: Path = Path("results/runs"),
        say: Callable[[str], None] = _be_silent,
    ) -> None:
        self._options, self._say = options or ServingOptions(), say
        self._executor = _make_executor(self._options, logs=logs)
        self._turns = Turns()
        self._fleets: dict[str, Fleet] = {}

    @property
    def replicas(self) -> int:
        """How many servers each model has; 1 where none is served by us. Known once the work is arranged."""
        return max((fleet.replicas for fleet in self._fleets.values()), default=1)

    def are_at_hand(self) -> bool:
        """Return whether a folder is served where nothing else is said: on Ray, or where vLLM and a GPU are here."""
        return self._options.executor == "ray" or (bool(visible_gpus()) and find_executable() is not None)

    def open(self, target: str) -> Fleet:
        """Return the servers of a checkpoint in a folder or with a name on the hub. Its content is read.

        Raises:
            ServingUsageError: It cannot be served as asked: vLLM is not here, for example, or not enough GPUs are.
            CheckpointUsageError: There is no whole checkpoint, or it brings code and that may not run.
        """
        folder = read_folder(find_checkpoint(target).resolve())
        if not self._options.trust_remote_code:
            require_trust(folder)
        id = checkpoint_id(folder)
        if id not in self._fleets:
            self._executor.check()
            here = Path(target).expanduser()
            self._fleets[id] = Fleet(
                folder,
                id=id,
                name=here.resolve().name if here.is_dir() else target,
                options=self._options,
                executor=self._executor,
                turns=self._turns,
                say=self._say,
            )
        return self._fleets[id]

    def arrange(self, models: Iterable[str]) -> None:
        """Set the order in which models have the places, and have the places ready.

        Args:
            models: Ids of the models that have work before them, in the order of that work; those that are not served
                by us are passed over.

        Raises:
            ServingUsageError: The places cannot be had as asked.
        """
        mine = [model for model in models if model in self._fleets]
        self._turns.arrange(mine)
        if mine:
            self._executor.connect()

    def close(self) -> None:
        """Let go of the places; all servers have ended by then."""
        self._executor.close()


def _make_executor(options: ServingOptions, *, logs: Path) -> Executor:
    if options.executor == "local":
        return LocalExecutor(options, logs=logs)
    from arena_write.serving.ray_executor import RayExecutor

    return RayExecutor(options, logs=logs)
