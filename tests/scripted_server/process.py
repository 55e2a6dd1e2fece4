"""Starting the server in a process of its own, and looking at what it saw."""

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_TESTS = Path(__file__).resolve().parents[1]


@dataclass
class RunningServer:
    """A server in another process."""

    script: Mapping[str, Any]
    log: Path
    port: int = 0
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> None:
        """Start, or start again on the same port; the log goes on."""
        paths = [str(_TESTS), *filter(None, [os.environ.get("PYTHONPATH")])]
        arguments = ["--port", str(self.port), "--script", json.dumps(self.script), "--log", str(self.log)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "scripted_server", *arguments],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            raise RuntimeError(f"the scripted server did not start; its exit code is {self.process.wait()}")
        self.port = int(line.split()[-1])

    def kill(self) -> None:
        """End the process at once, as `kill -9` does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None

    def requests(self) -> list[dict[str, Any]]:
        """Return the log: one row a request, in order of arrival."""
        if not self.log.exists():
            return []
        lines = self.log.read_bytes().split(b"\n")
        return [json.loads(line) for line in lines[:-1]]

    def stats(self) -> dict[str, Any]:
        """Return what the server counts: requests, behaviours, connections open, at once at most and altogether."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/stats", timeout=10) as response:
            stats: dict[str, Any] = json.load(response)
            return stats


@contextmanager
def start_server(script: Mapping[str, Any] | None = None, *, log: Path | None = None) -> Iterator[RunningServer]:
    """Run a server with this script for the time of the block."""
    with tempfile.TemporaryDirectory(prefix="scripted-server-") as folder:
        server = RunningServer(script or {}, log or Path(folder) / "requests.jsonl")
        try:
            server.start()
            yield server
        finally:
            server.kill()
