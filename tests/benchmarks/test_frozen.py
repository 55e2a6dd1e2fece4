"""Frozen files: their name travels with them, and whatever is changed in them is seen."""

import json
from dataclasses import fields

import pytest

from arena_write.benchmarks import BaselineTexts, BenchmarkError, Prompt, load_file
from arena_write.benchmarks.example import begin_benchmark
from arena_write.benchmarks.frozen import freeze


@pytest.fixture
def prompts(tmp_path):
    path, _ = begin_benchmark(str(tmp_path / "mine"))
    return path


@pytest.fixture
def frozen(prompts, tmp_path):
    benchmark = load_file(prompts)
    texts = {prompt.id: f"An answer.\u2028{prompt.id} “</script>” {{x}}" for prompt in benchmark.prompts}
    others = {key: f"{text}!" for key, text in texts.items()}
    _, data = freeze(benchmark, [BaselineTexts("a b/../c", texts), BaselineTexts("两", others)])
    path = tmp_path / "mine.frozen.jsonl"
    path.write_bytes(data)
    return path


def rows_of(path):
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


def write(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8", newline="\n")
    return path


def test_it_is_the_same_benchmark_with_baselines_wherever_it_lies(prompts, frozen, tmp_path):
    before, after = load_file(prompts), load_file(frozen.rename(tmp_path / "copy of it.jsonl"))
    assert (after.id, after.prompts) == (before.id, before.prompts)
    assert [baseline.name for baseline in after.baselines] == ["a b/../c", "两"]
    assert after.baselines[0].texts["en-outage"].startswith("An answer.\u2028en-outage")


def test_requirements_and_required_lengths_are_frozen_too(prompts):
    rows = rows_of(prompts)
    rows[0] |= {"requirements": {"length": ["Kept to the length"]}, "required_length": 800}
    benchmark = load_file(write(prompts, rows))
    frozen = prompts.with_name("frozen.jsonl")
    frozen.write_bytes(freeze(benchmark, [])[1])
    assert load_file(frozen).prompts == benchmark.prompts


def test_freezing_a_frozen_file_again_gives_the_same_bytes(frozen):
    assert freeze(load_file(frozen), [])[1] == frozen.read_bytes()


def test_the_order_of_rows_and_of_fields_does_not_matter(frozen):
    rows = [dict(reversed(row.items())) for row in reversed(rows_of(frozen))]
    assert load_file(write(frozen, rows)).id.startswith("mine@")


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows[0].update(text="Another text."),
        lambda rows: rows[1].update(length=None),
        lambda rows: rows[2].update(type="Essay"),
        lambda rows: rows[3]["baselines"].update({"两": "another answer"}),
        lambda rows: rows[0]["criteria"][0].update(description="Another."),
        lambda rows: [row["frozen"].update(version="00000000") for row in rows],
        lambda rows: rows.pop(),
    ],
)
def test_whatever_is_changed_is_refused(frozen, change):
    rows = rows_of(frozen)
    change(rows)
    with pytest.raises(BenchmarkError, match=r"changed after it was frozen as mine@.*remove the field 'frozen'"):
        load_file(write(frozen, rows))


def test_a_number_that_no_frozen_file_holds_is_a_change(frozen):
    text = frozen.read_text("utf-8")
    frozen.write_text(text.replace('"baselines": {', '"baselines": {"huge": null, ').replace("null", "1e999"), "utf-8")
    with pytest.raises(BenchmarkError, match="expected the answer of 'huge'"):
        load_file(frozen)
    rows = rows_of(frozen.with_name("mine.jsonl"))
    seal = {"frozen": {"name": "mine", "version": "0", "digest": "0"}}
    answers = [{"name": "a", "text": "x", "tokens": 5}]
    write(frozen, [row | seal | {"baselines": answers} for row in rows])
    frozen.write_text(frozen.read_text("utf-8").replace('"tokens": 5', '"tokens": 1e999'), "utf-8")
    with pytest.raises(BenchmarkError, match="changed after it was frozen"):
        load_file(frozen)


def test_rows_that_do_not_agree_on_it_are_refused_by_line(frozen):
    rows = rows_of(frozen)
    del rows[2]["frozen"]
    with pytest.raises(BenchmarkError, match=r"jsonl:3: expected 'frozen' to be an object"):
        load_file(write(frozen, rows))
    rows[2]["frozen"] = rows[1]["frozen"] | {"name": "other"}
    with pytest.raises(BenchmarkError, match=r"jsonl:3: 'frozen' says something else than in line 1"):
        load_file(write(frozen, rows))


@pytest.mark.parametrize("name", ["../up", "a/b", "", " x", 7, None, "..", "a\x00b", "x" * 65, "\ud800"])
def test_the_name_is_never_a_path(frozen, name):
    rows = rows_of(frozen)
    for row in rows:
        row["frozen"]["name"] = name
    frozen.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    with pytest.raises(BenchmarkError, match=r"jsonl:1: expected letters, digits and \._- alone in 'frozen'"):
        load_file(frozen)


def test_without_the_seal_it_is_another_benchmark_again(frozen):
    rows = [{name: value for name, value in row.items() if name != "frozen"} for row in rows_of(frozen)]
    rows[0]["text"] = "Another text."
    assert load_file(write(frozen, rows)).name == "mine.frozen"


def test_one_name_twice_the_same_answers_and_a_missing_one_are_refused(prompts):
    benchmark = load_file(prompts)
    texts = {prompt.id: "text" for prompt in benchmark.prompts}
    with pytest.raises(BenchmarkError, match=r"two baselines are called 'a'.*NAME=ADDRESS"):
        freeze(benchmark, [BaselineTexts("a", texts), BaselineTexts("a", texts)])
    with pytest.raises(BenchmarkError, match="'b' has no answer to 'en-outage'"):
        freeze(benchmark, [BaselineTexts("b", texts | {"en-outage": ""})])
    with pytest.raises(BenchmarkError, match="'a' and 'b' have the same answers: leave one out"):
        freeze(benchmark, [BaselineTexts("a", texts), BaselineTexts("b", dict(texts))])


def test_the_example_page_names_every_field_that_prompts_may_have(prompts):
    page = prompts.with_suffix(".md").read_text("utf-8")
    assert not [field.name for field in fields(Prompt) if f"`{field.name}`" not in page]


@pytest.mark.parametrize("name", ["", ".hidden", "a b", "a/", "..", "x" * 65, "a\nb"])
def test_a_name_that_cannot_be_one_is_refused_with_one_that_can(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BenchmarkError, match="a benchmark cannot be called"):
        begin_benchmark(name)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(prompts):
    before = prompts.read_bytes()
    with pytest.raises(BenchmarkError, match="is there already"):
        begin_benchmark(str(prompts))
    prompts.unlink()
    with pytest.raises(BenchmarkError, match=r"mine\.md is there already"):
        begin_benchmark(str(prompts))
    assert before and not prompts.exists()
