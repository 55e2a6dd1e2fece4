"""WritingBench from a copy of its repository, from a part of it, and what does not fit named by line and field."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from arena_write.benchmarks import (
    BenchmarkError,
    BenchmarkUnavailableError,
    UnknownBenchmarkError,
    content_version,
    load_benchmark,
    load_file,
)
from judges import BAND_NAMES

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "writingbench"


def criterion(name: str = "Count", **fields: Any) -> dict[str, Any]:
    return {"name": name, "criteria_description": f"About {name}.", **dict.fromkeys(BAND_NAMES, "like this")} | fields


def query(index: Any, names: tuple[str, ...] = ("Count", "Tone"), *, key: str = "checklist", **fields: Any) -> dict:
    row = {"index": index, "domain1": "Education", "domain2": "Essay", "query": f"Write essay number {index} on rain."}
    return row | {key: [criterion(name) for name in names]} | fields


def write(path: Path, *rows: dict[str, Any] | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [row if isinstance(row, bytes) else json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows]
    path.write_bytes(b"".join(lines))
    return path


def repository(root: Path, *, key: str = "checklist") -> Path:
    """Write a small copy of the official repository: three queries, two requirements."""
    folder = root / "benchmark_query"
    write(folder / "benchmark_all.jsonl", *(query(index, key=key) for index in (1, 2, 3)))
    for name, whole, cut in (
        ("length", (1, 3), {1: ("Count",), 3: ("Count", "Tone")}),
        ("style", (2,), {2: ("Tone",)}),
    ):
        write(folder / f"requirement/{name}/{name}_subset.jsonl", *(query(index, key=key) for index in whole))
        write(
            folder / f"requirement/{name}/{name}_subset_C.jsonl",
            *(query(index, names, key=key) for index, names in cut.items()),
        )
    return root


def refusal(address: Path | str) -> str:
    with pytest.raises(BenchmarkError) as caught:
        load_benchmark(str(address))
    return str(caught.value)


@pytest.fixture(autouse=True)
def _no_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARENA_WRITE_WRITINGBENCH", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


# --- where it comes from


@pytest.mark.parametrize(("key", "edition"), [("checklist", "2025-04"), ("criteria", "v1")])
def test_a_copy_of_the_repository(tmp_path: Path, key: str, edition: str) -> None:
    folder = repository(tmp_path / "copy", key=key)
    benchmark = load_benchmark(str(folder))
    assert benchmark.name == "writingbench"
    assert benchmark.version == f"{edition}-{content_version(benchmark.prompts)}"
    assert benchmark.title == f"WritingBench (arXiv 2503.05244), edition {edition}"
    assert {prompt.id: dict(prompt.requirements) for prompt in benchmark.prompts} == {
        "1": {"length": ("Count",)},
        "2": {"style": ("Tone",)},
        "3": {"length": ("Count", "Tone")},
    }
    assert load_benchmark(str(folder / "benchmark_query")) == benchmark
    assert load_benchmark(str(folder / "benchmark_query" / "benchmark_all.jsonl")) == benchmark


def test_requirements_are_no_part_of_the_version(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    with_them = load_benchmark(str(folder))
    for path in (folder / "benchmark_query" / "requirement").rglob("*.jsonl"):
        path.unlink()
    without = load_benchmark(str(folder))
    assert without.id == with_them.id
    assert not any(prompt.requirements for prompt in without.prompts)


def test_by_name_from_the_cache_or_a_named_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository(tmp_path / "cache" / "arena-write" / "writingbench" / "2025-04")
    assert load_benchmark("writingbench") == load_benchmark("writingbench@2025-04")
    assert load_benchmark("writingbench").version.startswith("2025-04-")
    assert "no copy of WritingBench" in refusal("writingbench@v1")
    named = repository(tmp_path / "v1", key="criteria")
    monkeypatch.setenv("ARENA_WRITE_WRITINGBENCH", str(named))
    assert load_benchmark("writingbench@v1") == load_benchmark(str(named))
    message = refusal("writingbench")
    assert "benchmark_all.jsonl holds the edition v1 and not 2025-04" in message
    assert "ask for --benchmark writingbench@v1" in message


def test_without_a_copy_the_mends_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BenchmarkUnavailableError) as caught:
        load_benchmark("writingbench")
    message = str(caught.value)
    cache = tmp_path / "cache" / "arena-write" / "writingbench" / "2025-04"
    assert message.startswith(f"in {cache} there is no copy of WritingBench (no benchmark_query/benchmark_all.jsonl)")
    for mend in (
        f"git clone https://github.com/X-PLUG/WritingBench {cache}",
        "name a copy in ARENA_WRITE_WRITINGBENCH",
        "--benchmark PATH",
    ):
        assert mend in message
    monkeypatch.setenv("ARENA_WRITE_WRITINGBENCH", str(tmp_path))
    assert f"ARENA_WRITE_WRITINGBENCH names {tmp_path}, and there is no copy" in refusal("writingbench")


def test_other_editions_are_unknown() -> None:
    with pytest.raises(UnknownBenchmarkError, match="no edition '2024' of writingbench; there are 2025-04, v1"):
        load_benchmark("writingbench@2024")


# --- a requirement's subset alone


def test_a_subset_alone_carries_its_requirement(tmp_path: Path) -> None:
    path = write(tmp_path / "wb_length_subset.jsonl", query(1), query(2))
    assert [dict(prompt.requirements) for prompt in load_benchmark(str(path)).prompts] == [{"length": ()}] * 2
    write(tmp_path / "wb_length_subset_C.jsonl", query(2, ("Tone",)), query(1, ("Count",)))
    benchmark = load_benchmark(str(path))
    assert [dict(prompt.requirements) for prompt in benchmark.prompts] == [
        {"length": ("Count",)},
        {"length": ("Tone",)},
    ]
    assert benchmark.id == load_file(path).id
    other = write(tmp_path / "mylength.jsonl", query(1))
    assert load_benchmark(str(other)).prompts[0].requirements == {}


# --- what does not fit


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([query("7")], ":1: expected 'index' to be a whole number, found '7'; write it without quotation marks"),
        ([query(True)], ":1: expected 'index' to be a whole number, found True"),
        ([query(1.0)], ":1: expected 'index' to be a whole number, found 1.0"),
        ([query(1), query(1, query="Another.")], ":2: the id '1' stands in line 1 already"),
        ([query(1), query(2, query=query(1)["query"])], ":2: the text of prompt '2' stands in line 1 already"),
        ([query(1), query(2, query=" ")], ":2: 'query' is empty"),
        ([query(1, domain1=3)], ":1: expected 'domain1' to be a string, found 3"),
        ([query(1, lang="Chinese")], ":1: expected 'lang' to be a code such as en or zh, found 'Chinese'"),
        (
            [{key: value for key, value in query(1).items() if key != "checklist"}],
            ":1: expected the criteria in 'checklist' (or 'criteria', as in v1), found fields",
        ),
        ([query(1, checklist="five")], ":1: expected 'checklist' to be a list of criteria, found 'five'"),
        ([query(1, key="criteria", criteria=[7])], ":1: expected criteria[0] to be an object"),
        ([query(1, ("A", "A"))], ":1: the criterion 'A' stands twice"),
        ([query(1, checklist=[criterion(), criterion("b", **{"7-8": 7})])], ":1: expected the texts of checklist[1] "),
        ([query(1, checklist=[criterion(name="")])], ":1: checklist[0] has no name"),
        ([query(1), b'{"index": 2, "query": "Wri'], ":2: expected one JSON object, found invalid JSON"),
    ],
)  # fmt: skip
def test_files_that_do_not_fit(tmp_path: Path, rows: list, message: str) -> None:
    path = write(tmp_path / "queries.jsonl", *rows)
    assert refusal(path).startswith(f"{path}{message}")


def test_a_criterion_without_a_band_is_refused_with_the_band(tmp_path: Path) -> None:
    broken = criterion()
    del broken["5-6"]
    path = write(tmp_path / "queries.jsonl", query(1), query(2, checklist=[criterion("A"), broken]))
    message = refusal(path)
    assert message.startswith(f"{path}:2: expected checklist[1] to be an object")
    assert message.endswith("; add 5-6")


def test_line_separators_in_a_text_are_text(tmp_path: Path) -> None:
    text = "One.\u2028Two.\x85Three."
    path = write(tmp_path / "queries.jsonl", query(1, query=text, checklist=[criterion("A\u2028B")]), query(2))
    prompts = load_benchmark(str(path)).prompts
    assert [prompt.text for prompt in prompts] == [text, query(2)["query"]]
    assert prompts[0].criteria[0].name == "A\u2028B"


@pytest.mark.parametrize(
    ("file", "rows", "message"),
    [
        ("length_subset", [query(9)], ":1: query 9 is not among the benchmark's queries; take both files from one"),
        ("length_subset", [query(1, query="Other.")], ":1: query 1 is another than in the benchmark's queries"),
        ("length_subset", [query(1), query(3), query(1)], ":3: query 1 stands in line 1 already"),
        ("length_subset", [query(1), query(2), query(3)], ":2: query 2 is in subset R and not in C"),
        ("length_subset_C", [query(1, ("Count",)), query(3), query(2)], ":3: query 2 is in subset C and not in R"),
        ("length_subset_C", [query(1, ("Pages",)), query(3)], ":1: query 1 has no criterion 'Pages' in subset R"),
    ],
)
def test_subsets_that_do_not_fit(tmp_path: Path, file: str, rows: list, message: str) -> None:
    folder = repository(tmp_path)
    path = write(folder / f"benchmark_query/requirement/length/{file}.jsonl", *rows)
    assert refusal(folder).startswith(f"{path}{message}")


def test_a_subset_without_its_other_file_is_named(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    whole = folder / "benchmark_query/requirement/style/style_subset.jsonl"
    whole.with_name("style_subset_C.jsonl").unlink()
    assert refusal(folder).startswith(f"{whole}: its subset C, style_subset_C.jsonl, is not beside it")


def test_other_prompts_in_the_place_of_the_queries(tmp_path: Path) -> None:
    path = write(tmp_path / "benchmark_all.jsonl", {"id": "a", "text": "Write."})
    assert refusal(tmp_path).startswith(f"{path}:1: expected the criteria in 'checklist'")


# --- requirements of our own prompts


def test_our_own_prompts_say_their_requirements_themselves(tmp_path: Path) -> None:
    row = {"id": "a", "text": "Write.", "criteria": [{"name": "A", "description": "", "bands": ["x"] * 5}]}
    path = write(tmp_path / "own.jsonl", row | {"requirements": {"length": ["A"], "style": []}})
    assert load_benchmark(str(path)).prompts[0].requirements == {"length": ("A",), "style": ()}
    for wrong in ({"length": ["B"]}, {"length": "A"}):
        write(path, row | {"requirements": wrong})
        assert refusal(path).startswith(f"{path}:1: expected 'requirements' to say of 'length' which of the prompt's")
    write(path, row | {"requirements": ["length"]})
    assert refusal(path).startswith(f"{path}:1: expected 'requirements' to be an object of lists")


# --- the real subsets


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the WritingBench files of ../shared/data")
@pytest.mark.parametrize(
    ("file", "queries", "pairs", "languages"),
    [
        ("writingbench_length_subset.jsonl", 222, 226, {"en": 128, "zh": 94}),
        ("writingbench_v1_length_subset.jsonl", 214, 219, {"en": 116, "zh": 98}),
    ],
)
def test_the_real_length_subsets(file: str, queries: int, pairs: int, languages: dict[str, int]) -> None:
    prompts = load_benchmark(str(SHARED / file)).prompts
    assert len(prompts) == queries
    assert {len(prompt.criteria) for prompt in prompts} == {5}
    assert sum(len(prompt.requirements["length"]) for prompt in prompts) == pairs
    assert Counter(prompt.language for prompt in prompts) == languages
    assert len({prompt.domain for prompt in prompts}) == 6
