"""What a file of prompts holds and what is wrong with it, before anybody is asked to answer it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from arena_write.benchmarks.errors import BenchmarkError
from arena_write.benchmarks.files import build_benchmark
from arena_write.benchmarks.frozen import FIELD
from arena_write.benchmarks.longbench_write import Bucket, bucket
from arena_write.benchmarks.prompts import Benchmark, Prompt
from arena_write.jsonl import located, read_objects
from arena_write.names import safe_name
from arena_write.textstats.overlap import find_near_duplicates, find_overlaps
from arena_write.textstats.requests import Unit
from judges import Message
from judges.llm import estimate_tokens

CONTAINED = 0.5
"""From this share of its grams on a prompt counts as known to whoever knows the other set."""
MOST_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Place:
    """A prompt in its file."""

    id: str
    line: int


@dataclass(frozen=True, slots=True)
class Near:
    """A prompt that repeats an earlier one; `share` of the runs of five tokens in either are in both."""

    first: Place
    second: Place
    share: float


@dataclass(frozen=True, slots=True)
class Shared:
    """A prompt that another set holds, or a part of it.

    Args:
        prompt: The prompt.
        line: Where in the other file most of it stands.
        runs: Its runs of thirteen tokens that stand there.
        share: These as a share of all its runs.
        lines: How many lines of the other file hold any of them.
    """

    prompt: Place
    line: int
    runs: int
    share: float
    lines: int


@dataclass(frozen=True, kw_only=True)
class BenchmarkCheck:
    """What a file of prompts holds.

    Args:
        source: The file.
        id: What results will carry; empty where the file cannot be used.
        digest: The digest under which the file is frozen; empty where it is not.
        prompts: How many prompts there are; all that follows is of those without a fault.
        languages: Prompts by language.
        types: Prompts by type, where they have one.
        domains: Prompts by domain, where they have one.
        lengths: Prompts by the length asked for, in LongBench-Write's ranges, and its unit.
        kinds: Prompts by kind of length request; `none` for those that ask for none.
        parsed: Prompts whose length request was read from their words.
        criteria: Prompts by number of rubric criteria.
        baselines: Names of the baselines that the file brings.
        longest: The longest prompt and about how many tokens it takes, rather too many than too few.
        near: Prompts that repeat others.
        against: The other set; empty where none was given.
        shared: Prompts that the other set holds, or a part of them.
        faults: What has to be mended, each with its line.
    """

    source: str
    id: str = ""
    digest: str = ""
    prompts: int = 0
    languages: Mapping[str, int] = field(default_factory=dict)
    types: Mapping[str, int] = field(default_factory=dict)
    domains: Mapping[str, int] = field(default_factory=dict)
    lengths: Mapping[tuple[Bucket, Unit], int] = field(default_factory=dict)
    kinds: Mapping[str, int] = field(default_factory=dict)
    parsed: int = 0
    criteria: Mapping[int, int] = field(default_factory=dict)
    baselines: tuple[str, ...] = ()
    longest: tuple[Place, int] | None = None
    near: tuple[Near, ...] = ()
    against: str = ""
    shared: tuple[Shared, ...] = ()
    faults: tuple[str, ...] = ()


def check_file(path: Path, *, against: Path | None = None, max_tokens: int | None = None) -> BenchmarkCheck:
    """Check a file of prompts in any known schema.

    Args:
        path: The file.
        against: Another file of JSON Lines, such as training data: all texts in it are looked at, whatever the fields.
        max_tokens: How many tokens a prompt may take, by an estimate that is rather too high.

    Raises:
        JsonlError: A file cannot be read, or a line is not one JSON object.
    """
    rows = list(read_objects(path))
    benchmark, lines, faults = _build(path, rows)
    if benchmark is None:
        return BenchmarkCheck(source=str(path), faults=faults)
    prompts = benchmark.prompts
    places = [Place(prompt.id, line) for prompt, line in zip(prompts, lines, strict=True)]
    texts = [prompt.text for prompt in prompts]
    tokens = [estimate_tokens([Message("user", text)]) for text in texts]
    near = [Near(places[one.first], places[one.second], one.share) for one in find_near_duplicates(texts)]
    shared = _compare(places, texts, against) if against else []
    if max_tokens is not None:
        faults += tuple(
            f"{located(path, place.line)}: prompt {place.id!r} takes about {count} tokens, more than {max_tokens}; "
            "shorten it, or raise --max-tokens"
            for place, count in zip(places, tokens, strict=True)
            if count > max_tokens
        )
    faults += tuple(
        f"{located(path, one.prompt.line)}: {one.share:.0%} of prompt {one.prompt.id!r} stands in "
        f"{located(str(against), one.line)}; take it out of one of the two"
        for one in shared
        if one.share >= CONTAINED
    )
    found = rows[0][1].get(FIELD)
    whole = len(prompts) == len(rows)
    return BenchmarkCheck(
        source=str(path),
        id=benchmark.id if whole else "",
        digest=found["digest"] if whole and isinstance(found, dict) else "",
        **_count(prompts),
        baselines=tuple(baseline.name for baseline in benchmark.baselines),
        longest=max(zip(places, tokens, strict=True), key=lambda one: one[1]),
        near=tuple(near),
        against=str(against) if against else "",
        shared=tuple(shared),
        faults=faults,
    )


def _build(
    path: Path, rows: Sequence[tuple[int, dict[str, Any]]]
) -> tuple[Benchmark | None, list[int], tuple[str, ...]]:
    """Return the benchmark of the rows without a fault, their lines, and the faults of the others."""
    faults: list[str] = []
    left = list(rows)
    while left and len(faults) < MOST_FAULTS:
        try:
            benchmark = build_benchmark(safe_name(path.stem), left, source=str(path), title=path.name)
        except BenchmarkError as error:
            faults.append(str(error))
            if error.line is None:
                break
            left = [(line, _without_seal(row)) for line, row in left if line != error.line]
        else:
            return benchmark, [line for line, _ in left], tuple(faults)
    if len(faults) >= MOST_FAULTS:
        faults.append(f"{path}: no further faults were looked for; mend these first")
    return None, [], tuple(faults)


def _without_seal(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as if it were not frozen: where another has a fault, nothing is what it was frozen as."""
    return {name: value for name, value in row.items() if name != FIELD}


def _compare(places: Sequence[Place], texts: Sequence[str], against: Path) -> list[Shared]:
    others = ((line, text) for line, row in read_objects(against) for text in _texts(row))
    return [
        Shared(places[one.text], one.place, one.grams, one.share, one.places) for one in find_overlaps(texts, others)
    ]


def _texts(row: dict[str, Any]) -> Iterator[str]:
    """Yield every string in a row, however deep, in order."""
    waiting: list[Any] = [row]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting.extend(reversed(list(value.values())))
        elif isinstance(value, list):
            waiting.extend(reversed(value))


def _count(prompts: Sequence[Prompt]) -> dict[str, Any]:
    """Return the counts of a check by the field's name."""
    requests = [prompt.length for prompt in prompts]
    return {
        "prompts": len(prompts),
        "languages": Counter(prompt.language for prompt in prompts),
        "types": Counter(prompt.type for prompt in prompts if prompt.type),
        "domains": Counter(prompt.domain for prompt in prompts if prompt.domain),
        "lengths": Counter((bucket(request.target), request.unit) for request in requests if request),
        "kinds": Counter(request.kind if request else "none" for request in requests),
        "parsed": sum(request is not None and request.source == "parsed" for request in requests),
        "criteria": Counter(len(prompt.criteria) for prompt in prompts),
    }
