"""Running the command line as users do: in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
COMMAND = [str(Path(sys.executable).with_name("arena-write"))]


def environment(**changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ARENA_WRITE", "OPENAI"))}
    return kept | {"HF_HUB_OFFLINE": "1", "COLUMNS": "120", "PYTHONIOENCODING": "utf-8"} | changes


def run(*arguments: object, env: dict[str, str] | None = None, cwd: Path | None = None, timeout: float = 120):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=env or environment(),
        cwd=cwd,
        timeout=timeout,
        check=False,
    )
