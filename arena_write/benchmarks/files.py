"""From rows of prompts to a benchmark: what files and hub data sets have in common."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from arena_write.benchmarks.baselines import gather_baselines
from arena_write.benchmarks.errors import BenchmarkError
from arena_write.benchmarks.fields import Row
from arena_write.benchmarks.frozen import read_frozen
from arena_write.benchmarks.prompts import BaselineTexts, Benchmark, Prompt, content_version
from arena_write.benchmarks.schemas import OWN, Schema, find_schema
from arena_write.jsonl import JsonlError, read_objects
from arena_write.names import safe_name


def load_file(path: Path | str) -> Benchmark:
    """Load a benchmark from a file of prompts in any known schema (see `schemas`).

    Raises:
        BenchmarkError: The prompts are not as they must be; names file and line.
    """
    path = Path(path)
    rows = ((row.line, dict(row.fields)) for row in read_rows(path))
    return replace(build_benchmark(safe_name(path.stem), rows, source=str(path), title=path.name), folder=path.parent)


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the objects of a file, each of which knows its line.

    Raises:
        BenchmarkError: The file cannot be read, is empty, or a line is not one JSON object.
    """
    try:
        for line, fields in read_objects(path):
            yield Row(fields, str(path), line)
    except JsonlError as error:
        raise BenchmarkError(error.message, path=error.path, line=error.line) from error


def build_benchmark(name: str, rows: Iterable[tuple[int, dict[str, Any]]], *, source: str, title: str) -> Benchmark:
    """Build a benchmark from numbered rows in any known schema.

    Args:
        name: What it is called, where the rows do not say (see `frozen`).
        rows: Number and fields of each row.
        source: Where the rows come from, for messages.
        title: Its name for people.

    Raises:
        BenchmarkError: The prompts are not as they must be; names source and row.
    """
    prompts: list[Prompt] = []
    answers: dict[str, dict[str, str | None]] = {}
    lines: dict[str, int] = {}
    texts: dict[str, int] = {}
    kept: list[Row] = []
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
        kept.append(row)
    if not prompts or schema is None:
        raise BenchmarkError("expected prompts, found none", path=source)
    baselines: tuple[BaselineTexts, ...] = gather_baselines(answers, lines=lines, source=source)
    version = content_version(tuple(prompts))
    frozen = read_frozen(kept, version=version) if schema.name == OWN else None
    name = frozen.name if frozen else name
    return Benchmark(name, version, tuple(prompts), baselines, title, schema=schema.name)
