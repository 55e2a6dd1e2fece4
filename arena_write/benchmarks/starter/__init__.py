"""The starter benchmark: twelve prompts with rubrics, three baselines and one example candidate, all written for this
project. It needs no network, and shows in a minute what a board is. Twelve prompts decide little: a demonstration.
"""

from importlib.resources import files
from pathlib import Path

from arena_write.benchmarks.files import load_file
from arena_write.benchmarks.prompts import BaselineTexts, Benchmark
from arena_write.jsonl import read_objects

VERSION = "1"
"""Changes with any text below."""
ID = f"starter@{VERSION}"
BASELINES = ("fuller", "plainer", "briefer")
"""Three competent writers of different temper."""
EXAMPLE = "example"
"""A fourth: the candidate of the README's first command."""


def load() -> Benchmark:
    """Return the starter benchmark."""
    prompts = load_file(path_of("prompts")).prompts
    return Benchmark(
        name="starter",
        version=VERSION,
        prompts=prompts,
        baselines=tuple(BaselineTexts(name, _texts(name)) for name in BASELINES),
        title="a demonstration",
        notes=("Twelve prompts decide little: use it to learn the tool, not to choose a model.",),
    )


def path_of(name: str) -> Path:
    """Return the file of prompts, of a baseline's answers or of the example's."""
    return Path(str(files(__name__) / f"{name}.jsonl"))


def anchors_path(judge: str) -> Path:
    """Return where the frozen ratings of the baselines by a judge are, if they come with the package."""
    return Path(str(files(__name__) / f"anchors-{judge[:8]}.json"))


def _texts(name: str) -> dict[str, str]:
    return {row["prompt_id"]: row["text"] for _, row in read_objects(path_of(name))}
