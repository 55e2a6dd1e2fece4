"""Ray: a cluster that is there, or one of our own on this machine for the time of a run."""

import logging
import os
import secrets
import shutil
import socket
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from arena_write.checkpoints.finding import FoundCheckpoint
from arena_write.names import printable
from arena_write.serving.command import ServingOptions, choose_gpus, count_replicas, require_executable
from arena_write.serving.errors import ServingUsageError
from arena_write.serving.local import log_name
from arena_write.serving.ray_server import RayServer

_ADDRESS_VARIABLE = "RAY_ADDRESS"
_LOOK_SECONDS = 10.0
_STORE_BYTES = 80 * 2**20
"""Memory of a cluster of our own for what actors and the run tell each other: requests and replies, which are small."""


_TOKEN = secrets.token_hex(32)
"""Its ports are open to the network, as those of any cluster of Ray; nobody gets in who does not have this."""


class RayExecutor:
    """An `Executor` on Ray: one replica per placement group.

    Args:
        options: How models are served.
        logs: The folder of the servers' logs.
    """

    def __init__(self, options: ServingOptions, *, logs: Path) -> None:
        self._options, self._logs = options, logs
        self._replicas = 1
        self._gpus = False
        self._folder: str | None = None
        self._connected = False

    @property
    def _address(self) -> str:
        """The cluster that `RAY_ADDRESS` names; none for one of our own."""
        address = os.environ.get(_ADDRESS_VARIABLE, "").strip()
        return "" if address == "local" else address

    def check(self) -> None:
        """Refuse to serve without Ray, or where a cluster of our own could not.

        Raises:
            ServingUsageError: Says why.
        """
        if find_spec("ray") is None:
            raise ServingUsageError("--executor ray needs Ray: pip install 'arena-write[ray]'")
        if not self._address:
            require_executable()
            count_replicas(self._options, [len(choose_gpus(self._options))])
            return
        if self._address.startswith("ray://"):
            raise ServingUsageError(
                f"{_ADDRESS_VARIABLE} is {self._address}, and Ray's client is not enough: run the command on a machine "
                f"of the cluster, with {_ADDRESS_VARIABLE}=auto"
            )
        if self._options.gpus is not None:
            raise ServingUsageError(
                "--gpus names GPUs of this machine, and on a cluster Ray says which are used: give --replicas for fewer"
            )

    def connect(self) -> None:
        """Join the cluster, or start one, and count the places.

        Raises:
            ServingUsageError: There is no such cluster, or too few GPUs are in it.
        """
        if self._connected:
            return
        os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
        if not self._address:
            os.environ["RAY_AUTH_MODE"] = "token"
            os.environ.setdefault("RAY_AUTH_TOKEN", _TOKEN)
        self._logs.mkdir(parents=True, exist_ok=True)  # whoever shares it writes there
        import ray

        self._connected = True
        try:
            _look_for(self._address)
            ray.init(logging_level=logging.ERROR, log_to_driver=False, **self._choose_cluster())
            self._count_places()
        except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
            self.close()
            reason = printable(str(error))[:500]
            if not self._address:
                raise ServingUsageError(f"Ray could not start on this machine: {reason}") from None
            raise ServingUsageError(
                f"Ray could not join {_ADDRESS_VARIABLE}={self._address}: {reason}; start one with `ray start`, or "
                f"unset {_ADDRESS_VARIABLE} for one of the run's own on this machine"
            ) from None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Leave the cluster; one of our own ends."""
        if not self._connected:
            return
        import ray

        ray.shutdown()
        self._connected = False
        folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def replicas(self) -> int:
        """For how many servers there are places; which machine each is on, Ray decides when a server starts."""
        return self._replicas

    def describe(self) -> str:
        """Return how many places there are, with what, and where the logs are."""
        size = self._options.tensor_parallel_size
        gpus = f" with {size} GPU{'s' if size > 1 else ''}" if self._gpus else ""
        copies = "places" if self._replicas > 1 else "place"
        return f"{self._replicas} {copies} of Ray{gpus}; its log is in {self._logs}"

    def make_server(self, found: FoundCheckpoint, place: int) -> RayServer:
        """Return a server for one of the places, not yet started."""
        log = self._logs.resolve() / log_name(found, place)
        return RayServer(found, self._options, gpus=self._gpus, log=log)

    def _choose_cluster(self) -> dict[str, Any]:
        """Return what Ray is told of the cluster to join, or of the one to start."""
        if self._address:
            return {"address": self._address}
        gpus = choose_gpus(self._options)
        if gpus:
            os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(gpus)
        self._folder = mkdtemp(prefix="ray-")
        return {
            "address": "local",
            "num_gpus": len(gpus),
            "include_dashboard": False,
            "object_store_memory": _STORE_BYTES,
            "_temp_dir": self._folder,
        }

    def _count_places(self) -> None:
        import ray

        nodes = [int(node["Resources"].get("GPU", 0)) for node in ray.nodes() if node["Alive"]]
        self._gpus = any(nodes)
        self._replicas = count_replicas(self._options, nodes)


def _look_for(address: str) -> None:
    """Look whether anybody is at an address: Ray itself tries for minutes.

    Raises:
        OSError: Nobody is.
    """
    host, colon, port = address.rpartition(":")
    if colon and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), timeout=_LOOK_SECONDS).close()
