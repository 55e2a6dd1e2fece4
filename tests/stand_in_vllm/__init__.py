"""A command that takes vLLM's arguments and serves a script: for all that vLLM does around a model, without a GPU.

    stand_in = StandIn(folder, {"models": ..., "starts": [{"rules": [{"numbers": [5], "do": "die"}]}, {}]})
    environment(ARENA_WRITE_VLLM=stand_in.command)

A script is one of `scripted_server`, with further fields: `roles`, a reply by the name of the served folder; `starts`,
a list whose items change the script for the first start, the second, ... (the last one for all that follow); `refuse`,
words with which it ends instead of starting; `seconds` that a start takes; `deaf`, whether it ignores SIGTERM and has a
child that does too.
"""

import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]


@dataclass
class StandIn:
    """The command, and what became of its starts."""

    folder: Path
    script: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "script.json").write_text(json.dumps(self.script), encoding="utf-8")
        path = self.folder / "vllm"
        path.write_text(
            f'#!/bin/sh\nPYTHONPATH="{TESTS}" exec "{sys.executable}" -m stand_in_vllm "{self.folder}" "$@"\n',
            encoding="utf-8",
        )
        path.chmod(0o755)

    @property
    def command(self) -> str:
        return str(self.folder / "vllm")

    def starts(self) -> list[dict[str, Any]]:
        """Return what each start was given: `arguments`, `gpus`, `key`; the `processes` that it had, and `others`."""
        return [json.loads(path.read_text("utf-8")) for path in sorted(self.folder.glob("start-*.json"))]

    def requests(self) -> list[list[dict[str, Any]]]:
        """Return the requests of each start, in order of arrival."""
        return [
            [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]
            for path in sorted(self.folder.glob("requests-*.jsonl"))
        ]

    def left(self) -> list[int]:
        """Return the processes of all starts that still run."""
        return left(self.folder)


def left(folder: Path) -> list[int]:
    """Return the processes of all starts that still run."""
    starts = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("start-*.json"))]
    return [process for start in starts for process in start["processes"] if is_running(process)]


def is_running(process: int) -> bool:
    """Return whether a process runs; one that ended and that nobody has fetched does not."""
    try:
        os.kill(process, 0)
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
