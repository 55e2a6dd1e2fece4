"""What every client is asked to do, and how it is timed. Needs Python alone: peers run it in their environments."""

import json
import resource
import time

PROMPT = "All the words of a long text that somebody else wrote. " * 745  # 40 KB


def prompt(number: int) -> str:
    """Return a prompt that no other call has."""
    return f"{number} {PROMPT}"


class Stopwatch:
    """When calls were done, and the CPU time they took together."""

    def __init__(self) -> None:
        self._done: list[float] = []
        self._cpu = time.process_time()

    def lap(self) -> None:
        """Note that a call is done."""
        self._done.append(time.perf_counter())

    def read(self, connections: int) -> tuple[float, float]:
        """Return calls per second once the first round is done, and CPU seconds."""
        steady = self._done[connections - 1 :]
        return (len(steady) - 1) / (steady[-1] - steady[0]), time.process_time() - self._cpu


def report(rate: float, cpu: float, version: str) -> None:
    """Print what a client has cost, as one line of JSON."""
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rate": rate, "cpu": cpu, "megabytes": megabytes, "version": version}))
