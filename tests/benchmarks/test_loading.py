"""Files of prompts: every schema, and every fault found by its line."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from benchmarks.hub import serve_file
from command import REPOSITORY

from arena_write.benchmarks import (
    BaselineTexts,
    BenchmarkError,
    Prompt,
    UnknownBenchmarkError,
    content_version,
    load_benchmark,
    load_file,
    longbench_write,
)
from arena_write.textstats.language import detect_language
from arena_write.textstats.requests import LengthRequest
from judges import BAND_NAMES, Criterion

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
STORY = "Write a story about a bridge."
BANDS = {name: f"like {name}" for name in BAND_NAMES}


@pytest.fixture
def write(tmp_path: Path):
    def write(*rows: object, name: str = "tasks.jsonl") -> Path:
        path = tmp_path / name
        lines = [row if isinstance(row, bytes) else json.dumps(row, ensure_ascii=False).encode() for row in rows]
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        return path

    return write


def one(path: Path) -> Prompt:
    (prompt,) = load_file(path).prompts
    return prompt


def refusal(path: Path) -> str:
    with pytest.raises(BenchmarkError) as caught:
        load_benchmark(str(path))
    return str(caught.value).removeprefix(str(path))


def arena(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {"idx": number, "question": f"{STORY} ({number})", "type": "Essay", "length": 0} | fields


def own(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {"id": f"p{number}", "text": f"{STORY} ({number})"} | fields


def about(number: int, unit: str, source: str) -> LengthRequest:
    return LengthRequest(number, number, unit, "about", source)  # type: ignore[arg-type]


# --- schemas


def test_hellobench(write) -> None:
    row = {"id": "h0", "instruction": f"{STORY} At least 2000 words.", "category": "story", "checklists": [], "num": 5}
    assert one(write(row)) == Prompt(
        "h0", row["instruction"], "en", type="story", length=LengthRequest(2000, None, "words", "at_least", "parsed")
    )


@pytest.mark.parametrize("key", ["checklist", "criteria"])
def test_writingbench_in_both_schemas(write, key: str) -> None:
    bands = {name: f"like {name}" for name in BAND_NAMES}
    criterion = {"name": "字数", "criteria_description": "够不够长", **bands}
    row = {
        "index": 16,
        "domain1": "Education",
        "domain2": "Essay",
        "query": "请写一篇作文，800字左右。",
        key: [criterion],
    }
    assert one(write(row)) == Prompt(
        "16",
        row["query"],
        "zh",
        domain="Education",
        subdomain="Essay",
        length=about(800, "chars", "parsed"),
        criteria=(Criterion("字数", "够不够长", tuple(bands.values())),),  # type: ignore[arg-type]
    )
    assert one(write(row | {"lang": "en"}, name="stated.jsonl")).language == "en"


def test_a_band_that_is_missing_is_named(write) -> None:
    bands = {name: "x" for name in BAND_NAMES if name != "5-6"}
    row = {"index": 1, "query": STORY, "checklist": [{"name": "n", "criteria_description": "d", **bands}]}
    assert ":1: expected checklist[0] to be an object" in refusal(write(row))


def test_arena_write(write) -> None:
    row = {"idx": 1, "question": "写一篇关于桥的故事。", "type": "Essay", "length": 800, "baseline_response": ""}
    benchmark = load_file(write(row))
    assert benchmark.prompts == (
        Prompt("1", "写一篇关于桥的故事。", "zh", type="Essay", length=about(800, "chars", "field")),
    )
    assert benchmark.baselines == ()


def test_longbench_write(write) -> None:
    path = write(
        {"prompt": STORY, "type": "Essay", "length": 500}, b"", {"prompt": "写诗。", "type": None, "length": 9}
    )
    first, second = load_file(path).prompts
    english, chinese = longbench_write.criteria("en"), longbench_write.criteria("zh")
    assert first == Prompt(
        "1", STORY, "en", type="Essay", length=about(500, "words", "field"), criteria=english, required_length=500
    )
    assert second == Prompt("3", "写诗。", "zh", length=about(9, "chars", "field"), criteria=chinese, required_length=9)


def test_longbench_write_scores_six_dimensions_in_the_prompts_language() -> None:
    english, chinese = longbench_write.criteria("en"), longbench_write.criteria("zh")
    names = ["Relevance", "Accuracy", "Coherence", "Clarity", "Breadth and Depth", "Reading Experience"]
    assert [criterion.name for criterion in english] == [criterion.name for criterion in chinese] == names
    assert longbench_write.criteria("fr") == english
    for criteria in (english, chinese):
        texts = [text for one in criteria for text in (one.description, *one.bands)]
        assert len(set(texts)) == 36 and all(text.strip() == text != "" for text in texts)
    assert all(detect_language("".join(one.bands)) == "zh" for one in chinese)


def test_what_is_required_is_the_number_even_where_the_words_ask_for_a_range(write) -> None:
    row = {"prompt": f"{STORY} 100 to 200 words.", "type": "Essay", "length": 200}
    prompt = one(write(row))
    assert (prompt.length and prompt.length.describe(), prompt.required_length) == ("100-200 words", 200)


@pytest.mark.parametrize(
    ("required", "bucket"),
    [(1, "<500"), (499, "<500"), (500, "500-2k"), (1999, "500-2k"), (2000, "2k-4k"), (3999, "2k-4k"), (4000, ">=4k")],
)
def test_buckets_hold_their_lower_end(required: int, bucket: str) -> None:
    assert longbench_write.bucket(required) == bucket


@pytest.mark.parametrize("length", [0, None, ""])
def test_no_number_requires_nothing(write, length: object) -> None:
    assert one(write({"prompt": STORY, "length": length})).required_length is None


def test_lengths_required_elsewhere_are_no_business_of_longbench_write(write) -> None:
    prompt = one(write(arena(length=500)))
    assert (prompt.required_length, prompt.criteria) == (None, ())


def test_its_words_are_part_of_the_id_of_longbench_write(write, monkeypatch) -> None:
    path = write({"prompt": STORY, "type": "Essay", "length": 500})
    before = load_file(path).id
    monkeypatch.setattr(longbench_write, "criteria", lambda language: ())
    assert load_file(path).id != before


def test_longbench_write_by_name_is_downloaded_once(tmp_path: Path) -> None:
    rows = [{"prompt": f"{STORY} ({number})", "type": "Essay", "length": 500} for number in range(3)]
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path = tmp_path / "longbench-write.jsonl"
    path.write_bytes(data)
    with serve_file(data) as address:
        first = load_by_name(tmp_path, address)
    assert first == ["Benchmark", load_file(path).id, "LongBench-Write (arXiv 2408.07055)", 3]
    assert load_by_name(tmp_path, address) == first, "the server is gone, the copy is not"


def test_longbench_write_that_cannot_be_had_says_how_to_bring_it(tmp_path: Path) -> None:
    with serve_file(b"") as address:
        pass
    kind, message = load_by_name(tmp_path, address)
    assert kind == "BenchmarkUnavailableError"
    assert message.startswith(f"the file {address} cannot be downloaded (")
    assert message.endswith(
        ") and is not in the cache; download it where that is possible, save it as longbench-write.jsonl and give "
        "--benchmark longbench-write.jsonl, which makes the same board"
    )


BY_NAME = """
import json, sys
from arena_write.benchmarks import BenchmarkError, load_benchmark, longbench_write
longbench_write.ADDRESS = sys.argv[1]
try:
    benchmark = load_benchmark("longbench-write")
except BenchmarkError as error:
    print(json.dumps([type(error).__name__, str(error)]))
else:
    print(json.dumps(["Benchmark", benchmark.id, benchmark.title, len(benchmark.prompts)]))
"""


def load_by_name(home: Path, address: str) -> list:
    """Load in a process of its own, whose cache is its own as well."""
    done = subprocess.run(
        [sys.executable, "-c", BY_NAME, address],
        env={name: value for name, value in os.environ.items() if not name.startswith("HF_")} | {"HF_HOME": str(home)},
        cwd=REPOSITORY,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_our_own(write) -> None:
    row = own(
        language="zh-CN",
        type="Story",
        domain="Literature",
        subdomain="Short",
        length={"lo": 900, "hi": 1200, "unit": "words", "kind": "range", "source": "field"},
        criteria=[
            {"name": "Voice", "description": "Has one.", "bands": BANDS},
            {"name": "End", "description": "", "bands": ["a", "b", "c", "d", "e"]},
        ],
    )
    assert one(write(row)) == Prompt(
        "p1",
        row["text"],
        "zh",
        type="Story",
        domain="Literature",
        subdomain="Short",
        length=LengthRequest(900, 1200, "words", "range", "field"),
        criteria=(
            Criterion("Voice", "Has one.", ("like 1-2", "like 3-4", "like 5-6", "like 7-8", "like 9-10")),
            Criterion("End", "", ("a", "b", "c", "d", "e")),
        ),
    )


def test_our_own_as_a_results_folder_holds_it(write) -> None:
    """There every field is written, and a length of null says that none was asked for."""
    text = f"{STORY} In 300 words."
    bare = {"type": None, "domain": None, "subdomain": None, "criteria": []}
    assert one(write({"id": "a", "text": text, "language": "en", "length": None} | bare)) == Prompt("a", text, "en")
    assert one(write({"id": "a", "text": text})).length == about(300, "words", "parsed")


def test_texts_are_kept_as_they_are(write) -> None:
    text = "  One.\u2028Two.\u2029\x85Three.\r\n\n"
    path = write(b"\xef\xbb\xbf" + json.dumps(own(text=text), ensure_ascii=False).encode() + b"\r", b" \t", own(2))
    assert [prompt.text for prompt in load_file(path).prompts] == [text, f"{STORY} (2)"]


@pytest.mark.parametrize(
    ("question", "field", "expected"),
    [
        (STORY, 2000, about(2000, "words", "field")),
        ("写一个故事。", 2000, about(2000, "chars", "field")),
        (f"{STORY} At least 2000 words.", 2000, LengthRequest(2000, None, "words", "at_least", "parsed")),
        (f"{STORY} At least 2000 words.", 3500, LengthRequest(2000, None, "words", "at_least", "parsed")),
        (f"{STORY} At least 2000 words.", 9000, about(9000, "words", "field")),
        (f"{STORY} Within 200 words.", 200, LengthRequest(None, 200, "words", "at_most", "parsed")),
        (f"{STORY} Within 200 words.", 2000, about(2000, "words", "field")),
        (f"{STORY} 1000 to 2000 words.", 1500, LengthRequest(1000, 2000, "words", "range", "parsed")),
        (f"{STORY} 1000 to 2000 words.", 5000, about(5000, "words", "field")),
        (f"{STORY} About 2000 words.", 2100, about(2000, "words", "parsed")),
        ("请写一篇300词的英语作文。", 300, about(300, "words", "parsed")),
        (STORY, 0, None),
        (STORY, None, None),
        (STORY, "", None),
        (f"{STORY} About 2000 words.", 0, about(2000, "words", "parsed")),
    ],
)
def test_the_words_are_more_precise_than_the_number_where_both_agree(write, question, field, expected) -> None:
    assert one(write(arena(question=question, length=field))).length == expected
    row = {"prompt": question, "type": "Essay", "length": field}
    assert one(write(row)).length == expected


# --- baselines

TEXTS = (BaselineTexts("gpt", {"1": "A1", "2": "A2"}), BaselineTexts("r1", {"1": "B1", "2": "B2"}))


@pytest.mark.parametrize(
    ("first", "second", "names"),
    [
        ({"gpt": "A1", "r1": "B1"}, {"r1": "B2", "gpt": "A2"}, ["gpt", "r1"]),
        (["A1", "B1"], ["A2", "B2"], ["baseline-1", "baseline-2"]),
        ([{"model": "gpt", "response": "A1"}, {"model": None, "name": "r1", "response": None, "text": "B1"}],
         [{"name": "r1", "output": "B2"}, {"model": "gpt", "content": "A2"}], ["gpt", "r1"]),
    ],
    ids=["mapping", "list", "objects"],
)  # fmt: skip
def test_baselines(write, first: object, second: object, names: list[str]) -> None:
    path = write(arena(1, baseline_response=first), arena(2, baseline_response=second))
    expected = tuple(BaselineTexts(name, item.texts) for name, item in zip(names, TEXTS, strict=True))
    assert load_file(path).baselines == expected


def test_one_baseline_as_a_string(write) -> None:
    path = write(arena(1, baseline_response="A1"), arena(2, baseline_response="A2"))
    assert load_file(path).baselines == (BaselineTexts("baseline", {"1": "A1", "2": "A2"}),)


@pytest.mark.parametrize("nothing", ["", None, [], {}])
def test_no_baselines(write, nothing: object) -> None:
    assert load_file(write(arena(1, baseline_response=nothing), arena(2))).baselines == ()


SHAPES = (
    "expected 'baseline_response' to be a string, a mapping from names to strings, a list of strings, or a list of "
    "objects with a name (model or name) and a text (response, text, output, content), found "
)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (7, f":2: {SHAPES}7"),
        (["A", {"model": "gpt"}], f":2: {SHAPES}a list of dict and str"),
        ([1, 2], f":2: {SHAPES}a list of int"),
        ({"gpt": 1}, ":2: expected the answer of 'gpt' in 'baseline_response' to be a string, found 1"),
        ({" ": "A"}, ":2: expected the names in 'baseline_response' to be non-empty strings, found ' '"),
        (
            [{"model": "gpt", "reply": "A"}],
            ":2: entry 1 of 'baseline_response' has the fields ['model', 'reply']; expected a name (model or name) and "
            "a text (response, text, output, content)",
        ),
        (
            [{"model": "gpt", "text": "A"}, {"model": "gpt", "text": "B"}],
            ":2: 'baseline_response' names the baseline 'gpt' twice; give each answer its own name",
        ),
    ],
    ids=lambda value: "",
)
def test_baselines_of_another_shape(write, value: object, message: str) -> None:
    assert refusal(write(arena(1, baseline_response=""), arena(2, baseline_response=value))) == message


def test_missing_baseline_answers_are_named(write) -> None:
    rows = [arena(number, baseline_response={"gpt": "A", "r1": "B"}) for number in range(1, 9)]
    for number in range(2, 8):
        rows[number]["baseline_response"] = {"gpt": "" if number == 3 else "A", "r1": None}
    assert refusal(write(*rows)) == (
        ": every baseline needs an answer in every row; missing: 'gpt' in 1 of 8 rows (lines 4); 'r1' in 6 of 8 rows "
        "(lines 3, 4, 5, 6, 7, ...). Add these answers, or remove the baseline from every row"
    )
    assert "missing: 'baseline' in 1 of 2 rows (lines 2)." in refusal(
        write(arena(1, baseline_response="A"), arena(2, baseline_response=""))
    )


# --- faults


def criterion(**fields: Any) -> dict[str, Any]:
    return {"name": "Voice", "description": "Has one.", "bands": BANDS} | fields


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], ": the file is empty; expected one JSON object per line"),
        ([b" ", b""], ": the file is empty; expected one JSON object per line"),
        ([own(), b"{"], ":2: expected one JSON object, found invalid JSON at column 2: "),
        ([b"[{}]"], ":1: the file is one JSON array; wanted is JSON Lines, one object per line"),
        ([own(), b'{"id": "\xe9"}'], f":2: byte {len(json.dumps(own())) + 1 + 8} of the file is not UTF-8; save "),
        (
            [{"title": "x"}],
            ":1: no known benchmark has the fields ['title']; known are arena-write {idx, question, ...}, hellobench "
            "{id, instruction, ...}, prompts {id, text, ...}, writingbench {index, query, ...}, arena-hard "
            "{uid, prompt, ...}, longbench-write {prompt, length, ...}. Rename the fields to `id` and `text`",
        ),
        (
            [{"id": "a", "instruction": "x", "response": "y"}],
            ":1: expected prompts, found recorded outputs (fields ['id', 'instruction', 'response']); give this file "
            "as --model or --baseline, and the prompts as --benchmark",
        ),
        ([{"prompt_id": "a", "text": "x"}], ":1: expected prompts, found recorded outputs (fields "),
        (
            [own(), arena(2)],
            ":2: expected the fields of the rows before, prompts {id, text, ...}, found ['idx', 'length', 'question', "
            "'type']: every row of a file has the same schema",
        ),
        ([own(1), own(2), own(1, text="x")], ":3: the id 'p1' stands in line 1 already; give each prompt its own id"),
        ([own(1, id=7), own(2, id="7")], ":2: the id '7' stands in line 1 already; give each prompt its own id"),
        (
            [own(1), own(2), own(3, text=own(2)["text"])],
            ":3: the text of prompt 'p3' stands in line 2 already; outputs and verdicts are kept by the text, so "
            "remove one of the two",
        ),
        ([own(text="")], ":1: 'text' is empty; give the text or remove the row"),
        ([own(text=" \n\u3000")], ":1: 'text' is empty; give the text or remove the row"),
        ([own(text=None)], ":1: expected 'text' to be a string, found None; give the text"),
        ([own(text=["a"])], ":1: expected 'text' to be a string, found ['a']; write it in quotation marks"),
        ([arena(question="")], ":1: 'question' is empty; give the text or remove the row"),
        (
            [b'{"id": "a", "text": "ab\\ud83d"}'],
            ":1: 'text' holds a lone surrogate (\\ud83d), half of a character, at character 3; write the "
            "whole character",
        ),
        ([b'{"id": "\\udc00", "text": "ab"}'], ":1: 'id' holds a lone surrogate (\\udc00), half of a character, at "),
        ([own(id="")], ":1: expected 'id' to be a string or a whole number, found ''; give each row an id"),
        ([own(id=None)], ":1: expected 'id' to be a string or a whole number, found None; give each row an id"),
        ([own(id=True)], ":1: expected 'id' to be a string or a whole number, found True; give each row an id"),
        ([arena(1.5)], ":1: expected 'idx' to be a string or a whole number, found 1.5; give each row an id"),
        ([own(type=3)], ":1: expected 'type' to be a string, found 3; write it in quotation marks"),
        (
            [own(language="English")],
            ":1: expected 'language' to be a code such as en or zh, found 'English'; mend it or",
        ),
        (
            [own(lenght=3)],
            ":1: unknown field 'lenght'; a prompt has id, text, language, type, domain, subdomain, length, ",
        ),
        (
            [arena(length="2000")],
            ":1: expected 'length' to be a whole number (0 or null for none), found '2000'; write the number alone",
        ),
        ([arena(length=20.5)], ":1: expected 'length' to be a whole number (0 or null for none), found 20.5; write"),
        ([arena(length=True)], ":1: expected 'length' to be a whole number (0 or null for none), found True; write"),
        ([arena(length=-5)], ":1: expected 'length' to be a whole number (0 or null for none), found -5; write"),
        (
            [own(length=2000)],
            ":1: expected 'length' to be an object {lo, hi, unit, kind, source} or null, found 2000; for a length in "
            "the prompt's own words leave the field out",
        ),
        (
            [own(length={"lo": 3})],
            ":1: expected 'length' to be an object {lo, hi, unit, kind, source} or null, found an ",
        ),
        (
            [own(length={"lo": 3, "hi": 2, "unit": "words", "kind": "range"})],
            ":1: 'length' is no length request: a length request of kind 'range' cannot have lo=3 and hi=2; mend its "
            "numbers or its kind",
        ),
        (
            [own(length={"lo": 0, "unit": "words", "kind": "at_least"})],
            ":1: 'length' is no length request: a length is a ",
        ),
        ([own(length={"lo": 3, "unit": "words", "kind": []})], ":1: 'length' is no length request: "),
        ([own(criteria="x")], ":1: expected 'criteria' to be a list of criteria, found 'x'"),
        (
            [own(criteria=[criterion(), {"name": "x"}])],
            ":1: expected criteria[1] to be an object {name, description, bands} or {name, criteria_description, 1-2, ",
        ),
        ([own(criteria=["x"])], ":1: expected criteria[0] to be an object {name, description, bands}, found 'x'"),
        (
            [own(criteria=[criterion(bands={"1-2": "x"})])],
            ":1: expected the bands of criteria[0] to be 1-2, 3-4, 5-6, 7-8, 9-10, or a list of five, "
            "found {'1-2': 'x'}",
        ),
        ([own(criteria=[criterion(bands=["x"] * 4)])], ":1: expected the bands of criteria[0] to be 1-2, "),
        ([own(criteria=[criterion(bands=[1] * 5)])], ":1: expected the texts of criteria[0] to be strings, found 1"),
        ([own(criteria=[criterion(name=" ")])], ":1: criteria[0] has no name; give it one"),
        ([own(criteria=[criterion()] * 2)], ":1: the criterion 'Voice' stands twice; give each its own name"),
    ],
    ids=lambda value: value[:50] if isinstance(value, str) else "",
)
def test_faults_are_named(write, rows: list[object], message: str) -> None:
    assert refusal(write(*rows)).startswith(message)


def test_errors_know_their_place(write) -> None:
    path = write(own(), own())
    with pytest.raises(BenchmarkError) as caught:
        load_file(path)
    assert (str(caught.value.path), caught.value.line) == (str(path), 2)
    with pytest.raises(BenchmarkError) as caught:
        load_file(write(own(), b"{"))
    assert (str(caught.value.path), caught.value.line) == (str(path), 2)


# --- names and versions


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("tasks.jsonl", "tasks"),
        ("my tasks (v1.2).jsonl", "my-tasks-v1.2"),
        ("写作.jsonl", "写作"),
        ("prompts_.jsonl", "prompts"),
        (".hidden.jsonl", "hidden"),
        (f"{'x' * 63}-y.jsonl", "x" * 63),
    ],
)
def test_the_name_is_safe_in_file_names(write, file: str, name: str) -> None:
    assert load_file(write(own(), name=file)).name == name


def test_the_version_follows_the_content(write) -> None:
    first = load_file(write(own(1), own(2)))
    assert first.id == f"tasks@{content_version(first.prompts)}"
    assert load_file(write(own(2), own(1, type="Story"))).version == first.version, "neither order nor labels"
    changed = [
        write(own(1), own(2), own(3)),
        write(own(1), own(2, text="x"), name="a.jsonl"),
        write(own(1), own(3, text=own(2)["text"]), name="b.jsonl"),
        write(own(1), own(2, criteria=[criterion()]), name="c.jsonl"),
    ]
    assert len({first.version, *(load_file(path).version for path in changed)}) == 5


def test_unknown_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    known = (
        "there are arena-write, longbench-write, writingbench, starter, hub:OWNER/NAME, and any path of a .jsonl file "
        "with one prompt per line"
    )

    def unknown(address: str) -> str:
        with pytest.raises(UnknownBenchmarkError) as caught:
            load_benchmark(address)
        return str(caught.value)

    assert unknown("arenawrite") == f"there is no benchmark or file 'arenawrite'; {known}"
    assert unknown("gone.jsonl") == f"there is no benchmark or file 'gone.jsonl'; {known}"
    assert unknown("x" * 5000).endswith(known)
    assert unknown("") == f"'' is a folder; {known}"
    Path("run").mkdir()
    assert unknown("run") == f"'run' is a folder; {known}"
    Path("run/prompts.jsonl").write_text("{}", encoding="utf-8")
    assert unknown("run") == f"'run' is a folder; give its file of prompts, {str(Path('run/prompts.jsonl'))!r}"


def test_a_known_name_comes_before_a_file_of_that_name(write, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(own(), name="starter")
    assert load_benchmark("starter").name == "starter"
    assert len(load_benchmark("starter").prompts) > 1
    assert len(load_benchmark("./starter").prompts) == 1


# --- real files


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the data of ../shared/data")
@pytest.mark.parametrize(
    ("file", "count", "languages"),
    [
        ("hellobench/hellobench_data_lenconstr_2k.jsonl", 123, {"en"}),
        ("longbench_write/longwriter_longbench_write.jsonl", 120, {"en", "zh"}),
    ],
)
def test_real_files(file: str, count: int, languages: set[str]) -> None:
    benchmark = load_file(SHARED / file)
    assert len(benchmark.prompts) == count
    assert {prompt.language for prompt in benchmark.prompts} == languages
    assert all(prompt.length for prompt in benchmark.prompts)
    raw = (SHARED / file).read_bytes().split(b"\n")
    texts = [row.get("instruction") or row.get("prompt") for row in map(json.loads, filter(None, raw))]
    assert [prompt.text for prompt in benchmark.prompts] == texts


@pytest.mark.skipif(not SHARED.exists(), reason="needs the data of ../shared/data")
def test_longbench_write_as_published() -> None:
    prompts = load_file(SHARED / "longbench_write" / "longwriter_longbench_write.jsonl").prompts
    assert Counter(longbench_write.bucket(prompt.required_length) for prompt in prompts if prompt.required_length) == {
        "<500": 26,
        "500-2k": 36,
        "2k-4k": 31,
        ">=4k": 27,
    }
    assert Counter(len(prompt.criteria) for prompt in prompts) == {6: 120}
    ranges = {prompt.id: (prompt.length.describe(), prompt.required_length) for prompt in prompts if prompt.length}
    assert ranges["5"] == ("100-200 chars", 200)
