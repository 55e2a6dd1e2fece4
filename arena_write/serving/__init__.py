"""Models that vLLM serves for us, on servers that live as long as they are needed and no longer.

`command` knows vLLM's command line and the GPUs, `arguments` what a user may add to it, `guard` is the process that
ends a server when we are gone, `server` is one server, `fleet` the replicas of a model, `turns` the order of models on
the GPUs, `model` what others ask, `spelling` keeps control tokens out of texts, `judging` is a judge, and `opened`
holds the models of a run.
"""

from arena_write.serving.command import ServingOptions
from arena_write.serving.errors import ServerFailedError, ServingUsageError
from arena_write.serving.fleet import Fleet
from arena_write.serving.model import ServedModel
from arena_write.serving.opened import Servers

__all__ = ["Fleet", "ServedModel", "ServerFailedError", "Servers", "ServingOptions", "ServingUsageError"]
