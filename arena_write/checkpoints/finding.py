"""From what a user typed to a checkpoint that is known by its content."""

from dataclasses import dataclass
from pathlib import Path

from arena_write.checkpoints.adapters import Adapter, adapter_id, is_adapter, read_adapter
from arena_write.checkpoints.digests import file_digest, sampled_digest
from arena_write.checkpoints.errors import BadFolderError, HubError
from arena_write.checkpoints.folders import CheckpointFolder, read_folder, require_trust
from arena_write.checkpoints.hub import find_checkpoint
from arena_write.checkpoints.identity import checkpoint_id


@dataclass(frozen=True, slots=True)
class FoundCheckpoint:
    """A checkpoint.

    Args:
        folder: The model's folder; the base's, where there is an adapter.
        id: Its id.
        name: What people call it.
        adapter: What is added to the model, where something is.
    """

    folder: CheckpointFolder
    id: str
    name: str
    adapter: Adapter | None = None


class Finder:
    """Finds the checkpoints of a run; each is read once, whoever asks for it.

    Args:
        trust_remote_code: Whether code that checkpoints bring along may run.
        fast: Whether samples of the weights decide who a checkpoint is, not every byte.
    """

    def __init__(self, *, trust_remote_code: bool = False, fast: bool = False) -> None:
        self.trust_remote_code = trust_remote_code
        self._fast = fast
        self._found: dict[Path, FoundCheckpoint] = {}

    def find(self, target: str) -> FoundCheckpoint:
        """Return the checkpoint in a folder or with a name on the hub. Its content is read, and nothing is loaded.

        Raises:
            BadFolderError: There is no whole checkpoint.
            UntrustedCodeError: It brings code, and that may not run.
            HubError: The hub and its cache do not have it.
        """
        here = Path(target).expanduser()
        path = find_checkpoint(target).resolve()
        if path not in self._found:
            name = here.resolve().name if here.is_dir() else target
            self._found[path] = self._adapter(path, name) if is_adapter(path) else self._model(path, name)
        return self._found[path]

    def _model(self, path: Path, name: str) -> FoundCheckpoint:
        folder = read_folder(path)
        if not self.trust_remote_code:
            require_trust(folder)
        return FoundCheckpoint(folder, checkpoint_id(folder, fast=self._fast), name)

    def _adapter(self, path: Path, name: str) -> FoundCheckpoint:
        adapter = read_adapter(path)
        try:
            base = self.find(adapter.base)
        except (BadFolderError, HubError) as error:
            raise BadFolderError(
                f"{path} is an adapter for {adapter.base}, and that base cannot be used: {error}. If it lies "
                "elsewhere, write its path into base_model_name_or_path of adapter_config.json"
            ) from None
        if base.adapter is not None:
            raise BadFolderError(f"{path} is an adapter for {adapter.base}, which is an adapter itself: merge that one")
        digest = sampled_digest if self._fast else file_digest
        return FoundCheckpoint(base.folder, adapter_id(adapter, base.id, digest), name, adapter)
