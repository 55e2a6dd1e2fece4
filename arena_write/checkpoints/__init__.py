"""Checkpoints that transformers runs in this process, as candidate and as judge.

`hub` and `folders` find a checkpoint, `identity` says who it is, `loading` loads it, `rendering` turns messages into
tokens, `controls` keeps texts from controlling anything, `batches` says which calls go together, `sampling`, `grammar`
and `endings` decide each token, `generation` computes a batch, `engine` does so in a thread, `model` is what others
ask, `judging` a judge, `pace` a prediction, and `opened` holds the checkpoints of a run.

Importing this package loads neither torch nor transformers; loading a checkpoint does.
"""

from arena_write.checkpoints.engine import Engine
from arena_write.checkpoints.errors import (
    BadFolderError,
    BrokenWeightsError,
    CallError,
    CheckpointError,
    CheckpointUsageError,
    FatalCallError,
    HubError,
    LoadingError,
    MissingLibraryError,
    NoTemplateError,
    OutOfMemoryError,
    OverlongError,
    SmallContextError,
    TemplateRefusedError,
    TooSlowError,
    UnknownSettingError,
    UnsafeTextError,
    UntrustedCodeError,
)
from arena_write.checkpoints.folders import CheckpointFolder, read_folder
from arena_write.checkpoints.identity import checkpoint_id
from arena_write.checkpoints.model import CheckpointModel
from arena_write.checkpoints.opened import Checkpoints
from arena_write.checkpoints.pace import Pace, Workload

__all__ = [
    "BadFolderError",
    "BrokenWeightsError",
    "CallError",
    "CheckpointError",
    "CheckpointFolder",
    "CheckpointModel",
    "CheckpointUsageError",
    "Checkpoints",
    "Engine",
    "FatalCallError",
    "HubError",
    "LoadingError",
    "MissingLibraryError",
    "NoTemplateError",
    "OutOfMemoryError",
    "OverlongError",
    "Pace",
    "SmallContextError",
    "TemplateRefusedError",
    "TooSlowError",
    "UnknownSettingError",
    "UnsafeTextError",
    "UntrustedCodeError",
    "Workload",
    "checkpoint_id",
    "read_folder",
]
