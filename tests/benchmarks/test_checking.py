"""Checking a file of prompts: what it holds, every fault with its line, and what it shares with another file."""

import json
import time

import pytest
from writing import write_jsonl, write_text

from arena_write.benchmarks import load_file
from arena_write.benchmarks.checking import check_file
from arena_write.benchmarks.starter import path_of
from arena_write.jsonl import JsonlError
from arena_write.reports.checks import check_tables, summary_lines

STORY = "Write a story about a bridge that was closed for a year, and about the ferry that came back. "


def row(number, text=None, **fields):
    return {"id": f"p{number}", "text": text or f"{write_text(number, words=40)} In 500 words."} | fields


def test_the_starter_is_counted():
    found = check_file(path_of("prompts"))
    assert found.faults == ()
    assert found.prompts == 12
    assert found.languages == {"en": 8, "zh": 4}
    assert found.criteria == {5: 12}
    assert sum(found.lengths.values()) + found.kinds.get("none", 0) == 12
    assert found.parsed == 0
    assert found.id == load_file(path_of("prompts")).id
    assert found.near == () and found.baselines == ()


def test_every_fault_is_named_with_its_line(tmp_path):
    rows = [row(number) for number in range(9)]
    rows[1]["text"] = "  "
    rows[3]["length"] = {"unit": "pages", "kind": "about", "lo": 1, "hi": 1}
    rows[5]["id"] = "p0"
    rows[6]["text"] = rows[0]["text"]
    rows[7]["colour"] = "red"
    path = write_jsonl(tmp_path / "mine.jsonl", rows)
    found = check_file(path)
    assert [fault.removeprefix(f"{path}:")[:2] for fault in sorted(found.faults)] == ["2:", "4:", "6:", "7:", "8:"]
    assert (found.prompts, found.id) == (4, "")
    assert "4 prompts without a fault" in summary_lines(found)[0]


def test_many_faults_end_the_search(tmp_path):
    found = check_file(write_jsonl(tmp_path / "mine.jsonl", [row(number, text=" ") for number in range(100)]))
    assert len(found.faults) == 21
    assert found.faults[-1].endswith("no further faults were looked for; mend these first")


def test_a_missing_baseline_is_a_fault(tmp_path):
    rows = [row(0, baselines={"a": "x"}), row(1, baselines={"b": "y"})]
    (fault,) = check_file(write_jsonl(tmp_path / "mine.jsonl", rows)).faults
    assert "'a' in 1 of 2 rows (lines 2)" in fault


def test_near_duplicates_are_named(tmp_path):
    rows = [row(0), row(1, STORY * 2 + "In 400 words."), row(2, (STORY * 2).upper() + "in 450 words")]
    found = check_file(write_jsonl(tmp_path / "mine.jsonl", rows))
    assert found.faults == ()
    (near,) = found.near
    assert (near.first.line, near.second.line, near.second.id) == (2, 3, "p2")
    table = check_tables(found)[1]
    assert table.rows[0][:2] == ("p2, line 3", "p1, line 2")


def test_overlap_with_training_data_in_any_fields(tmp_path):
    path = write_jsonl(tmp_path / "mine.jsonl", [row(0), row(1, STORY), row(2, f"{write_text(8, words=90)} {STORY}")])
    other = tmp_path / "train.jsonl"
    write_jsonl(other, [{"x": "nothing"}, {"messages": [{"role": "user", "content": [{"text": f"Hello. {STORY}"}]}]}])
    found = check_file(path, against=other)
    assert [(one.prompt.id, one.line) for one in found.shared] == [("p1", 2), ("p2", 2)]
    assert found.shared[0].share == 1 and found.shared[1].share < 0.5
    (fault,) = found.faults
    assert fault == f"{path}:2: 100% of prompt 'p1' stands in {other}:2; take it out of one of the two"
    with pytest.raises(JsonlError, match=r"gone\.jsonl: cannot be read"):
        check_file(path, against=tmp_path / "gone.jsonl")


def test_prompts_that_are_too_long(tmp_path):
    path = write_jsonl(tmp_path / "mine.jsonl", [row(0), row(1, "word " * 3000)])
    assert check_file(path).faults == ()
    (fault,) = check_file(path, max_tokens=2000).faults
    assert fault.startswith(f"{path}:2: prompt 'p1' takes about 5")
    place, tokens = check_file(path).longest
    assert place.line == 2 and tokens > 3000


def test_lengths_are_counted_by_step_and_unit(tmp_path):
    texts = ["Write it in 499 words.", "Write it in 500 words.", "写一篇文章，4000字左右。", "Write something."]
    found = check_file(write_jsonl(tmp_path / "mine.jsonl", [row(n, text) for n, text in enumerate(texts)]))
    expected = {("<500", "words"): 1, ("500-2k", "words"): 1, (">=4k", "chars"): 1}
    assert found.lengths == expected
    assert found.kinds == {"about": 3, "none": 1}
    assert check_tables(found)[0].rows == (
        ("<500", "1", "0"),
        ("500-2k", "1", "0"),
        ("2k-4k", "0", "0"),
        (">=4k", "0", "1"),
    )


def test_ten_thousand_prompts_take_seconds(tmp_path):
    rows = [{"id": f"p{number}", "text": write_text(number, words=25)} for number in range(10_000)]
    path = write_jsonl(tmp_path / "mine.jsonl", rows)
    other = write_jsonl(tmp_path / "train.jsonl", [{"text": one["text"]} for one in rows[9000:]] * 2)
    begun = time.monotonic()
    found = check_file(path, against=other)
    assert time.monotonic() - begun < 60
    assert len(found.shared) == 1000
    assert {one.lines for one in found.shared} == {2}


def test_deeply_nested_rows_are_read(tmp_path):
    path = write_jsonl(tmp_path / "mine.jsonl", [row(0, STORY)])
    other = tmp_path / "train.jsonl"
    other.write_text('{"a":' + "[" * 400 + json.dumps(STORY) + "]" * 400 + "}\n", "utf-8")
    assert len(check_file(path, against=other).faults) == 1
