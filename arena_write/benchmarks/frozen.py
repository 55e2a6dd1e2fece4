"""Frozen benchmarks: a file of prompts and baselines that says what it is, and that no longer loads once it is changed.

Each row of such a file has the field `frozen` with the benchmark's name, the version that its id carries, and a digest
of everything in the file. The name comes from there and not from the file's name, so that the file can be copied and
renamed and its boards stay what they are.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from arena_write.benchmarks.errors import BenchmarkError
from arena_write.benchmarks.fields import Row
from arena_write.benchmarks.prompts import BaselineTexts, Benchmark, content_version
from arena_write.names import safe_name
from judges import content_id

FIELD = "frozen"
BASELINES = "baselines"


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a frozen file says it is.

    Args:
        name: The benchmark's name.
        version: Its version: a hash of the prompts' ids, texts and criteria.
        digest: Hash of all fields of all rows, the baselines' answers included.
    """

    name: str
    version: str
    digest: str


def digest_rows(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return a hash of all fields of all rows but `frozen`, in any order of the rows."""
    return content_id("frozen benchmark", sorted(_hash(row) for row in rows))


def read_frozen(rows: Sequence[Row], *, version: str) -> Frozen | None:
    """Return what the rows of a file say it is; nothing where it was never frozen.

    Args:
        rows: All rows of the file.
        version: The version that its prompts have.

    Raises:
        BenchmarkError: Some rows say something else than others, or the file was changed since; names the mend.
    """
    if not any(FIELD in row.fields for row in rows):
        return None
    first = _read(rows[0])
    for row in rows[1:]:
        if _read(row) != first:
            raise row.error(f"{FIELD!r} says something else than in line {rows[0].line}; {_MEND}")
    try:
        digest = digest_rows([row.fields for row in rows])
    except ValueError:  # numbers and characters that no frozen file holds
        digest = ""
    if first.version != version or first.digest != digest:
        raise BenchmarkError(
            f"the file was changed after it was frozen as {first.name}@{first.version}; {_MEND}", path=rows[0].source
        )
    return first


def freeze(benchmark: Benchmark, baselines: Sequence[BaselineTexts]) -> tuple[Frozen, bytes]:
    """Return a benchmark with these baselines as a frozen file of our own schema.

    Equal prompts and answers give equal bytes.

    Args:
        benchmark: The prompts, and baselines that the file has already.
        baselines: Further baselines.

    Raises:
        BenchmarkError: Two baselines have one name or the same answers, or one has no answer to some prompt.
    """
    every = (*benchmark.baselines, *baselines)
    names = [baseline.name for baseline in every]
    for name in names:
        if names.count(name) > 1:
            raise BenchmarkError(f"two baselines are called {name!r}: give one another name with NAME=ADDRESS")
    for number, baseline in enumerate(every):
        for other in every[:number]:
            if other.texts == baseline.texts:
                raise BenchmarkError(f"{other.name!r} and {baseline.name!r} have the same answers: leave one out")
    rows = []
    for prompt in benchmark.prompts:
        missing = [baseline.name for baseline in every if not baseline.texts.get(prompt.id)]
        if missing:
            raise BenchmarkError(f"{missing[0]!r} has no answer to {prompt.id!r}; a baseline answers every prompt")
        said = {name: value for name, value in asdict(prompt).items() if value or name == "length"}
        rows.append(said | {BASELINES: {baseline.name: baseline.texts[prompt.id] for baseline in every}})
    rows = json.loads(json.dumps(rows))  # tuples become lists, as they will be read
    frozen = Frozen(benchmark.name, content_version(benchmark.prompts), digest_rows(rows))
    lines = [json.dumps(row | {FIELD: asdict(frozen)}, ensure_ascii=False) for row in rows]
    return frozen, "".join(f"{line}\n" for line in lines).encode("utf-8")


_MEND = (
    f"restore the file from a copy; or remove the field {FIELD!r} from every row, which makes another benchmark of it, "
    "and freeze that with arena-write benchmark baselines"
)


def _read(row: Row) -> Frozen:
    value = row.fields.get(FIELD)
    if not isinstance(value, dict) or set(value) != {"name", "version", "digest"}:
        raise row.error(f"expected {FIELD!r} to be an object {{name, version, digest}}, found {value!r:.60}; {_MEND}")
    for text in value.values():
        if not isinstance(text, str) or safe_name(text) != text:
            raise row.error(f"expected letters, digits and ._- alone in {FIELD!r}, found {text!r:.60}; {_MEND}")
    return Frozen(**value)


def _hash(row: Mapping[str, Any]) -> str:
    return content_id("row", {name: value for name, value in row.items() if name != FIELD})
