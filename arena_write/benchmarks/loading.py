"""From an address to a benchmark: a known name, or the path of a file with prompts."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from arena_write.benchmarks.baselines import gather_baselines
from arena_write.benchmarks.errors import BenchmarkError, UnknownBenchmarkError
from arena_write.benchmarks.fields import Row
from arena_write.benchmarks.hub import read_hub_rows
from arena_write.benchmarks.prompts import BaselineTexts, Benchmark, Prompt, content_version
from arena_write.benchmarks.schemas import Schema, find_schema
from arena_write.jsonl import JsonlError, read_objects
from arena_write.names import safe_name

ARENA_WRITE = "arena-write"
STARTER = "starter"
ARENA_WRITE_REPOSITORY = "THU-KEG/Arena-Write"

_MENDS = (
    f"use --benchmark {STARTER}, which needs no network, or --benchmark PATH with the data set's .jsonl file, or run "
    "once where the hub can be reached"
)


def load_benchmark(address: str) -> Benchmark:
    """Load a benchmark: `arena-write` (from the hub or its cache), `starter`, or a path of a `.jsonl` file.

    A known name comes first; a file of that name is written `./starter`.

    Raises:
        UnknownBenchmarkError: The address is neither a name nor an existing file.
        BenchmarkUnavailableError: The data set cannot be had here and now.
        BenchmarkError: The prompts are not as they must be; names file and line.
    """
    if address == ARENA_WRITE:
        rows = read_hub_rows(ARENA_WRITE_REPOSITORY, mends=_MENDS)
        return _build(
            ARENA_WRITE, enumerate(rows, start=1), source=ARENA_WRITE_REPOSITORY, title="Arena-Write (arXiv 2506.18841)"
        )
    if address == STARTER:
        from arena_write.benchmarks.starter import load

        return load()
    return load_file(_find_file(address))


def load_file(path: Path | str) -> Benchmark:
    """Load a benchmark from a file of prompts in any known schema (see `schemas`).

    Raises:
        BenchmarkError: The prompts are not as they must be; names file and line.
    """
    path = Path(path)
    try:
        return _build(safe_name(path.stem), read_objects(path), source=str(path), title=path.name)
    except JsonlError as error:
        raise BenchmarkError(error.message, path=error.path, line=error.line) from error


def _find_file(address: str) -> Path:
    path = Path(address).expanduser()
    try:
        if path.is_file():
            return path
        folder = path.is_dir()
    except OSError:  # such as a name too long for any file
        folder = False
    what = f"{address!r} is a folder" if folder else f"there is no benchmark or file {address!r}"
    if folder and (path / "prompts.jsonl").is_file():
        raise UnknownBenchmarkError(f"{what}; give its file of prompts, {str(path / 'prompts.jsonl')!r}")
    raise UnknownBenchmarkError(
        f"{what}; there are {ARENA_WRITE}, {STARTER}, and any path of a .jsonl file with one prompt per line"
    )


def _build(name: str, rows: Iterable[tuple[int, dict[str, Any]]], *, source: str, title: str) -> Benchmark:
    prompts: list[Prompt] = []
    answers: dict[str, dict[str, str | None]] = {}
    lines: dict[str, int] = {}
    texts: dict[str, int] = {}
    schema: Schema | None = None
    for line, fields in rows:
        row = Row(fields, source, line)
        schema = schema or find_schema(row)
        if not schema.fits(fields):
            raise row.error(
                f"expected the fields of the rows before, {schema.name} {{{', '.join(schema.keys)}, ...}}, found "
                f"{sorted(fields)}: every row of a file has the same schema"
            )
        prompt = schema.read(row)
        if prompt.id in lines:
            raise row.error(
                f"the id {prompt.id!r} stands in line {lines[prompt.id]} already; give each prompt its own id"
            )
        if prompt.text in texts:
            raise row.error(
                f"the text of prompt {prompt.id!r} stands in line {texts[prompt.text]} already; outputs and verdicts "
                "are kept by the text, so remove one of the two"
            )
        lines[prompt.id] = texts[prompt.text] = line
        answers[prompt.id] = schema.read_baselines(row)
        prompts.append(prompt)
    if not prompts:
        raise BenchmarkError("expected prompts, found none", path=source)
    baselines: tuple[BaselineTexts, ...] = gather_baselines(answers, lines=lines, source=source)
    return Benchmark(name, content_version(tuple(prompts)), tuple(prompts), baselines, title)
