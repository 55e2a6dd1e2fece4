"""The checkpoints of one run: each is read, loaded and asked once, whoever uses it."""

from collections.abc import Callable, Iterable

from arena_write.checkpoints.engine import Engine
from arena_write.checkpoints.errors import BadFolderError, TooSlowError
from arena_write.checkpoints.finding import Finder
from arena_write.checkpoints.loading import require_libraries
from arena_write.checkpoints.pace import LIMIT_SECONDS, Workload, measure


def _be_silent(line: str) -> None:
    pass


class Checkpoints:
    """Opens checkpoints, and makes them ready before anyone is asked.

    Args:
        finder: Finds them.
        allow_slow: Whether work may take longer than half an hour on a CPU.
        say: Tells the user one line.
    """

    def __init__(
        self, finder: Finder | None = None, *, allow_slow: bool = False, say: Callable[[str], None] = _be_silent
    ) -> None:
        self._finder, self._allow_slow, self._say = finder or Finder(), allow_slow, say
        self._by_id: dict[str, Engine] = {}

    def open(self, target: str) -> Engine:
        """Return the checkpoint in a folder or with a name on the hub. Its content is read, and nothing is loaded.

        Raises:
            BadFolderError: There is no whole checkpoint.
            UntrustedCodeError: It brings code, and that may not run.
            HubError: The hub and its cache do not have it.
        """
        found = self._finder.find(target)
        if found.adapter is not None:
            raise BadFolderError(
                f"{found.adapter.path} is an adapter (LoRA): have vLLM serve it on its base with vllm/PATH, or merge "
                "it with peft's merge_and_unload(), save the merged model with its tokenizer, and give that folder"
            )
        if found.id not in self._by_id:
            trust = self._finder.trust_remote_code
            engine = Engine(found.folder, id=found.id, name=found.name, trust_remote_code=trust, say=self._say)
            self._by_id[found.id] = engine
        return self._by_id[found.id]

    def require_libraries(self) -> None:
        """Refuse to go on where one of the opened checkpoints could not be run; nothing is imported.

        Raises:
            MissingLibraryError: A library is not installed.
        """
        if self._by_id:
            require_libraries()

    def make_ready(self, work: Iterable[Workload], *, rows: int) -> None:
        """Load the checkpoints that have work, and on a CPU predict how long it takes.

        Args:
            work: What models have before them; those that are no opened checkpoint are passed over.
            rows: Calls at a time, at most.

        Raises:
            LoadingError: One cannot be loaded.
            CheckpointUsageError: One cannot be asked as it is to be asked.
            TooSlowError: The work would take more than half an hour, and nobody said that it may.
        """
        jobs: dict[str, list[Workload]] = {}
        for item in work:
            if item.model in self._by_id and item.calls:
                jobs.setdefault(item.model, []).append(item)
        total = 0.0
        for model, items in jobs.items():
            loaded = self._by_id[model].load()
            if loaded.device == "cpu":
                seconds = measure(loaded, rows=min(rows, sum(item.calls for item in items))).predict(items)
                self._say(f"{self._by_id[model].name} will take about {describe_time(seconds)}, a short probe says")
                total += seconds
        if total > LIMIT_SECONDS and not self._allow_slow:
            raise TooSlowError(
                f"on this machine's CPU this would take about {describe_time(total)}: run it where there is a GPU, "
                "serve the model and give openai/NAME@http://host:port/v1, take fewer prompts with --limit, or give "
                "--allow-slow"
            )


def describe_time(seconds: float) -> str:
    """Return a time in the unit that suits it."""
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 1):.0f} s"
