"""What can go wrong with checkpoints, sorted by what the caller does about it.

* `CheckpointUsageError`: it cannot be run as asked; nothing was asked of anyone.
* `LoadingError`: it looked usable and was not.
* `CallError` and its kind: one call, or every call, gave no answer; these are the port's errors.
"""

from judges import ContextOverflowError, TransportError


class CheckpointError(Exception):
    """A checkpoint cannot be used."""


class CheckpointUsageError(CheckpointError):
    """A checkpoint cannot be run as asked. An error of usage."""


class BadFolderError(CheckpointUsageError):
    """A folder holds no whole checkpoint."""


class UntrustedCodeError(CheckpointUsageError):
    """A checkpoint brings code of its own, and nobody said that it may run."""


class HubError(CheckpointUsageError):
    """The hub and its cache do not give a checkpoint."""


class MissingLibraryError(CheckpointUsageError):
    """A library that runs checkpoints is not installed."""


class UnknownSettingError(CheckpointUsageError):
    """A profile asks for something that only servers know."""


class NoTemplateError(CheckpointUsageError):
    """Chat messages are for a model without a chat template."""


class SmallContextError(CheckpointUsageError):
    """An answer alone may be longer than all that the model reads and writes in one call."""


class TooSlowError(CheckpointUsageError):
    """The work would take longer than anyone wants to wait without having said so."""


class LoadingError(CheckpointError):
    """A checkpoint could not be loaded."""


class CallError(CheckpointError, TransportError):
    """A call gave no answer."""


class OutOfMemoryError(CallError):
    """One answer alone does not fit into the memory."""


class UnsafeTextError(CallError):
    """A text holds control tokens of the model, and its chat template makes them hard to tell from the text."""


class FatalCallError(CallError):
    """No call can succeed: the run stops."""

    fatal = True


class TemplateRefusedError(FatalCallError):
    """The chat template does not take such messages."""


class BrokenWeightsError(FatalCallError):
    """The model computes something that is no number."""


class OverlongError(CheckpointError, ContextOverflowError):
    """Prompt and reply do not fit together into the model's context."""
