"""What LongBench-Write (arXiv 2408.07055) is beside its rows: where they lie, and what answers are scored on."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from judges import Criterion

NAME = "longbench-write"
TITLE = "LongBench-Write (arXiv 2408.07055)"
COMMIT = "ca6ccd4dec16696d1b8c449b12901c88d4cbf442"
ADDRESS = f"https://raw.githubusercontent.com/THUDM/LongWriter/{COMMIT}/evaluation/longbench_write.jsonl"
"""The official file, as it stood at one commit; it is not a data set on the hub."""

Bucket = Literal["<500", "500-2k", "2k-4k", ">=4k"]
BUCKETS: dict[Bucket, int] = {"<500": 0, "500-2k": 500, "2k-4k": 2000, ">=4k": 4000}
"""The ranges of required lengths by which the paper reports, and where each begins; each holds its lower end."""


def bucket(required: int) -> Bucket:
    """Return the range that a required length lies in."""
    return next(name for name, start in reversed(BUCKETS.items()) if required >= start)


def criteria(language: str) -> tuple[Criterion, ...]:
    """Return the six dimensions as criteria, in Chinese for Chinese prompts and else in English.

    They are in this project's own words and scored from 1 to 10, one call each. The published S_Q asks for all six in
    one call, in other words, from 1 to 5; what comes of these is not S_Q.
    """
    return _read()["zh" if language == "zh" else "en"]


@cache
def _read() -> dict[str, tuple[Criterion, ...]]:
    text = files("arena_write.benchmarks").joinpath("longbench_write.toml").read_text(encoding="utf-8")
    return {
        language: tuple(Criterion(row["name"], row["description"], tuple(row["bands"])) for row in rows)
        for language, rows in tomllib.loads(text).items()
    }
