"""What a results folder holds, read as plain JSON: nothing of the code under test has a say in it."""

import json
from pathlib import Path
from typing import Any

BATTLES = "*@*/*/battles.jsonl"
SCORES = "*@*/*/scores.jsonl"
REPLIES = "*@*/*/replies.jsonl"
OUTPUTS = "*@*/outputs/*.jsonl"
RUNS = "runs/*.jsonl"


def rows(results: Path, pattern: str) -> list[dict[str, Any]]:
    """Return the rows of all files that fit, in the order of the files; a torn last line is none."""
    return [
        json.loads(line)
        for path in sorted(results.glob(pattern))
        for line in path.read_bytes().split(b"\n")[:-1]
        if line
    ]


def board(results: Path) -> dict[str, Any]:
    """Return the one board of a results folder."""
    (path,) = results.glob("*@*/*/board.json")
    return json.loads(path.read_bytes())


def board_row(results: Path, name: str) -> dict[str, Any]:
    """Return an entrant's row over all prompts."""
    (row,) = (row for row in board(results)["sections"][0]["rows"] if row["name"] == name)
    return row
