"""From an address to a benchmark: a known name, a data set on the hub, or the path of a file with prompts."""

from dataclasses import replace
from pathlib import Path

from arena_write.benchmarks import longbench_write, starter
from arena_write.benchmarks.errors import UnknownBenchmarkError
from arena_write.benchmarks.files import build_benchmark, load_file
from arena_write.benchmarks.hub import read_hub_rows
from arena_write.benchmarks.pinned import fetch_pinned
from arena_write.benchmarks.prompts import Benchmark
from arena_write.benchmarks.schemas import WRITINGBENCH
from arena_write.benchmarks.writingbench import find_layout, load_edition, load_folder, load_subset
from arena_write.names import safe_name
from writingbench.requirements import QUERIES

ARENA_WRITE = "arena-write"
STARTER = "starter"
ARENA_WRITE_REPOSITORY = "THU-KEG/Arena-Write"

_MENDS = (
    f"use --benchmark {STARTER}, which needs no network, or --benchmark PATH with the data set's .jsonl file, or run "
    "once where the hub can be reached"
)
_DOWNLOAD = (
    f"download it where that is possible, save it as {longbench_write.NAME}.jsonl and give --benchmark "
    f"{longbench_write.NAME}.jsonl, which makes the same board"
)
HUB = "hub:"
"""Begins the name of any data set on the hub, `hub:OWNER/NAME`, with prompts in a known schema."""

_HUB_MENDS = (
    "check the name, run once where the hub can be reached, or give the path of the data set's .jsonl file as "
    "--benchmark PATH"
)


def load_benchmark(address: str) -> Benchmark:
    """Load a benchmark by its address.

    Known are `arena-write` (from the hub or its cache), `longbench-write` (its official file, downloaded once),
    `writingbench`, `writingbench@v1` and `writingbench@2025-04` (from a copy of the official repository), `starter`,
    `hub:OWNER/NAME`, the path of a `.jsonl` file, and the path of a folder with the official layout of WritingBench. A
    known name comes first; a file of that name is written `./starter`.

    Raises:
        UnknownBenchmarkError: The address is neither a name nor an existing file.
        BenchmarkUnavailableError: The data set cannot be had here and now.
        BenchmarkError: The prompts are not as they must be; names file and line.
    """
    if address == ARENA_WRITE:
        rows = read_hub_rows(ARENA_WRITE_REPOSITORY, mends=_MENDS)
        return build_benchmark(
            ARENA_WRITE, enumerate(rows, start=1), source=ARENA_WRITE_REPOSITORY, title="Arena-Write (arXiv 2506.18841)"
        )
    if address == longbench_write.NAME:
        path = fetch_pinned(longbench_write.ADDRESS, mends=_DOWNLOAD)
        return replace(load_file(path), name=longbench_write.NAME, title=longbench_write.TITLE)
    if address == STARTER:
        return starter.load()
    name, _, edition = address.partition("@")
    if name == WRITINGBENCH:
        return load_edition(edition) if edition else load_edition()
    if address.startswith(HUB):
        repository = address.removeprefix(HUB)
        rows = read_hub_rows(repository, mends=_HUB_MENDS)
        name = safe_name(repository.rpartition("/")[2])
        return build_benchmark(name, enumerate(rows, start=1), source=repository, title=repository)
    path = _find(address)
    whole = path if path.is_dir() else path.parent if path.name == QUERIES else None
    layout = find_layout(whole) if whole else None
    return load_folder(layout) if layout else load_subset(path)


def _find(address: str) -> Path:
    """Return an existing file, or a folder with the layout of WritingBench."""
    path = Path(address).expanduser()
    try:
        if path.is_file():
            return path
        folder = path.is_dir()
    except OSError:  # such as a name too long for any file
        folder = False
    if folder and find_layout(path):
        return path
    what = f"{address!r} is a folder" if folder else f"there is no benchmark or file {address!r}"
    if folder and (path / "prompts.jsonl").is_file():
        raise UnknownBenchmarkError(f"{what}; give its file of prompts, {str(path / 'prompts.jsonl')!r}")
    raise UnknownBenchmarkError(
        f"{what}; there are {ARENA_WRITE}, {longbench_write.NAME}, {WRITINGBENCH}, {STARTER}, {HUB}OWNER/NAME, and any "
        "path of a .jsonl file with one prompt per line"
    )
