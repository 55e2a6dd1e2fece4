"""WritingBench (arXiv 2503.05244) as prompts: from a copy of the official repository, or a part of it.

The queries are in no data set of their authors' on the hub; `docs/writingbench.md` says how to fetch the repository.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from arena_write.benchmarks.errors import BenchmarkError, BenchmarkUnavailableError, UnknownBenchmarkError
from arena_write.benchmarks.fields import Row
from arena_write.benchmarks.files import load_file, read_rows
from arena_write.benchmarks.prompts import Benchmark, Prompt
from arena_write.benchmarks.schemas import WRITINGBENCH, read_writingbench
from writingbench.aggregation import REQUIREMENTS
from writingbench.queries import EDITIONS, QueryError, find_criteria
from writingbench.requirements import QUERIES, RequirementError, cut_file, join_subsets, requirement_of, whole_file

REPOSITORY = "https://github.com/X-PLUG/WritingBench"
FOLDER_VARIABLE = "ARENA_WRITE_WRITINGBENCH"
"""Names the folder of a copy of the official repository."""

CURRENT = "2025-04"
_TITLE = "WritingBench (arXiv 2503.05244)"


def find_layout(path: Path) -> Path | None:
    """Return the folder with WritingBench's queries: `path` itself, or `benchmark_query` in it; nothing otherwise."""
    return next((folder for folder in (path / "benchmark_query", path) if (folder / QUERIES).is_file()), None)


def cache_folder(edition: str) -> Path:
    """Return where a copy of an edition is looked for when no folder is named."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "arena-write" / WRITINGBENCH / edition


def load_edition(edition: str = CURRENT) -> Benchmark:
    """Load an edition from the folder that `ARENA_WRITE_WRITINGBENCH` names, else from the cache.

    Raises:
        UnknownBenchmarkError: There is no such edition.
        BenchmarkUnavailableError: There is no copy of it here.
        BenchmarkError: The files are not as they must be; names file and line.
    """
    known = sorted(set(EDITIONS.values()))
    if edition not in known:
        raise UnknownBenchmarkError(f"there is no edition {edition!r} of {WRITINGBENCH}; there are {', '.join(known)}")
    named = os.environ.get(FOLDER_VARIABLE)
    folder = Path(named).expanduser() if named else cache_folder(edition)
    layout = find_layout(folder)
    if layout is None:
        where = f"{FOLDER_VARIABLE} names {folder}, and there" if named else f"in {folder} there"
        raise BenchmarkUnavailableError(
            f"{where} is no copy of WritingBench (no benchmark_query/{QUERIES}). Fetch it with `git clone {REPOSITORY} "
            f"{cache_folder(edition)}` and check out the commit of the edition (docs/writingbench.md), name a copy in "
            f"{FOLDER_VARIABLE}, or give its folder, or any .jsonl file of its queries, as --benchmark PATH"
        )
    benchmark = load_folder(layout)
    found = benchmark.version.rpartition("-")[0]
    if found != edition:
        raise BenchmarkUnavailableError(
            f"{layout / QUERIES} holds the edition {found} and not {edition}: check out the commit of that edition "
            f"(docs/writingbench.md), or ask for --benchmark {WRITINGBENCH}@{found}"
        )
    return benchmark


def load_folder(layout: Path) -> Benchmark:
    """Load the queries of a folder with the layout of the official one, with their requirements where these are there.

    The version is the edition and a hash of the content, so that a changed copy is never taken for the edition.

    Args:
        layout: The folder with `benchmark_all.jsonl`.

    Raises:
        BenchmarkError: A file is not as it must be, or the files do not fit together; names file and line.
    """
    path = layout / QUERIES
    benchmark = load_file(path)
    edition = _edition(next(read_rows(path)))
    prompts = {prompt.id: prompt for prompt in benchmark.prompts}
    for name in REQUIREMENTS:
        whole = layout / whole_file(name)
        if whole.is_file():
            for query, tested in _read_requirement(name, whole, prompts).items():
                prompt = prompts[query]
                prompts[query] = replace(prompt, requirements={**prompt.requirements, name: tested})
    return replace(
        benchmark,
        name=WRITINGBENCH,
        version=f"{edition}-{benchmark.version}",
        prompts=tuple(prompts.values()),
        title=f"{_TITLE}, edition {edition}",
    )


def load_subset(path: Path) -> Benchmark:
    """Load a file of prompts; where its name says that it is a requirement's subset R, they carry the requirement.

    The criteria that test it are read from the subset C beside it; without that file none is known.

    Raises:
        BenchmarkError: A file is not as it must be, or the two do not fit together; names file and line.
    """
    benchmark = load_file(path)
    name = requirement_of(path.stem)
    if name is None:
        return benchmark
    prompts = {prompt.id: prompt for prompt in benchmark.prompts}
    tested: Mapping[str, tuple[str, ...]] = dict.fromkeys(prompts, ())
    if path.with_name(cut_file(path.name)).is_file():
        tested = _read_requirement(name, path, prompts)
    return replace(
        benchmark,
        prompts=tuple(
            replace(prompt, requirements={**prompt.requirements, name: tested[query]})
            for query, prompt in prompts.items()
        ),
    )


@dataclass(frozen=True)
class _Subset:
    """The queries of a subset's file: where each stands, and the names of its criteria."""

    rows: Mapping[str, Row]
    names: Mapping[str, tuple[str, ...]]

    @classmethod
    def read(cls, path: Path, prompts: Mapping[str, Prompt]) -> "_Subset":
        rows: dict[str, Row] = {}
        names: dict[str, tuple[str, ...]] = {}
        for row in read_rows(path):
            prompt = read_writingbench(row)
            known = prompts.get(prompt.id)
            if known is None or known.text != prompt.text:
                raise row.error(
                    f"query {prompt.id} is {'not among' if known is None else 'another than in'} the benchmark's "
                    "queries; take both files from one edition"
                )
            if prompt.id in rows:
                raise row.error(f"query {prompt.id} stands in line {rows[prompt.id].line} already; remove one of them")
            rows[prompt.id] = row
            names[prompt.id] = tuple(criterion.name for criterion in prompt.criteria)
        return cls(rows, names)


def _read_requirement(name: str, whole: Path, prompts: Mapping[str, Prompt]) -> Mapping[str, tuple[str, ...]]:
    """Return the criteria that test a requirement, of each query that carries it.

    Raises:
        BenchmarkError: The files of the two subsets, or they and the benchmark, do not fit together.
    """
    cut = whole.with_name(cut_file(whole.name))
    if not cut.is_file():
        raise BenchmarkError(
            f"its subset C, {cut.name}, is not beside it, and it says what tests the {name}; take both files from one "
            "edition",
            path=whole,
        )
    r, c = _Subset.read(whole, prompts), _Subset.read(cut, prompts)
    known = {query: tuple(criterion.name for criterion in prompts[query].criteria) for query in r.rows}
    try:
        join_subsets(r.names, c.names)
        return join_subsets(known, c.names)
    except RequirementError as error:
        row = c.rows.get(error.query) or r.rows[error.query]
        raise row.error(f"{error}; take both files from one edition") from error


def _edition(row: Row) -> str:
    try:
        return EDITIONS[find_criteria(row.fields)]
    except QueryError as error:
        raise row.error(str(error)) from error
