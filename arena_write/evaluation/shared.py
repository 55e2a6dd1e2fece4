"""What the runs of one command share."""

from collections.abc import Callable
from dataclasses import dataclass

from arena_write.checkpoints.finding import Finder
from arena_write.evaluation.request import EvaluationRequest
from arena_write.serving.opened import Servers
from arena_write.spending import Purse
from arena_write.store import ResultsFolder


@dataclass(frozen=True, slots=True)
class Shared:
    """Money, checkpoints that are read once, and servers that may outlive a run.

    Args:
        purse: What the runs may spend together.
        finder: Finds checkpoints.
        servers: Serves models.
    """

    purse: Purse
    finder: Finder
    servers: Servers

    @classmethod
    def of(cls, request: EvaluationRequest, say: Callable[[str], None]) -> "Shared":
        """Return what a request asks for."""
        finder = Finder(trust_remote_code=request.trust_remote_code, fast=request.identity == "fast")
        return cls(
            purse=Purse(max_cost=request.max_cost, max_calls=request.max_calls),
            finder=finder,
            servers=Servers(finder, options=request.serving, logs=ResultsFolder(request.results).runs, say=say),
        )
