"""LongBench-Write from its file to every form of its board, each figure worked by hand; then the official file."""

import csv
import io
import json

import pytest
from command import REPOSITORY, run
from scripted_server import start_server
from writing import write_jsonl, write_text

from arena_write.benchmarks import load_file
from arena_write.reports.board import BOARDS
from arena_write.reports.pages import list_blocks
from arena_write.reports.spreadsheet import to_csv
from arena_write.textstats import count_longwriter, length_score

OFFICIAL = REPOSITORY.parent / "shared" / "data" / "longbench_write" / "longwriter_longbench_write.jsonl"
ROWS = [
    # prompt, required, answer, S_L
    ("Write about tides.", 40, write_text(1, words=40), 100.0),
    ("Write about salt.", 40, write_text(2, words=80), 200 / 3),
    ("写潮水。", 60, write_text(3, words=30, language="zh"), 50.0),
    ("Write about rope.", 600, "", 0.0),
    ("写盐。", 2000, write_text(5, words=8000, language="zh"), 0.0),
    ("Write about nets.", 0, write_text(6, words=90), None),
]
JUDGE = {"models": {"judge": {"name": "judge", "score": 10}}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("longbench")
    prompts = [{"prompt": prompt, "type": "Essay", "length": required} for prompt, required, _, _ in ROWS]
    write_jsonl(folder / "tides.jsonl", prompts)
    write_jsonl(folder / "mine.jsonl", [{"prompt": prompt, "response": answer} for prompt, _, answer, _ in ROWS])
    return folder


@pytest.fixture(scope="module")
def judged(folder):
    """The standard output of an evaluation by a judge that gives every answer a 10."""
    with start_server(JUDGE) as server:
        done = run(
            "eval", "--model", "mine.jsonl", "--benchmark", "tides.jsonl", "--yes",
            "--judge", f"openai/judge@{server.base_url}", cwd=folder,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert server.stats()["behaviours"]["ok"] == 5 * 6, "six dimensions of five texts; none of an empty one"
    return done.stdout


def board_of(folder):
    (path,) = folder.glob("results/tides@*/judge-*/board.json")
    return json.loads(path.read_text("utf-8"))


def test_figures_by_hand(folder, judged):
    every, english, chinese = board_of(folder)["lengths"]
    assert [(one["scope"], one["prompts"]) for one in (every, english, chinese)] == [("all", 5), ("en", 3), ("zh", 2)]
    (row,) = every["rows"]
    found = {
        one["bucket"]: (one["answers"], one["length"]["mean"], one["quality"]["mean"], one["total"])
        for one in row["buckets"]
    }
    assert found == {
        "all": (5, pytest.approx(130 / 3, abs=1e-6), 80.0, pytest.approx((130 / 3 + 80) / 2, abs=1e-6)),
        "<500": (3, pytest.approx(650 / 9, abs=1e-6), 100.0, pytest.approx(86.111111, abs=1e-6)),
        "500-2k": (1, 0.0, 0.0, 0.0),
        "2k-4k": (1, 0.0, 100.0, 50.0),
    }, "an empty text scores 0 and 1 on every criterion; a prompt that requires nothing is not there"
    assert english["rows"][0]["buckets"][0]["length"]["mean"] == pytest.approx(500 / 9, abs=1e-6)
    assert chinese["rows"][0]["buckets"][0]["length"]["mean"] == 25.0
    names = ["Relevance", "Accuracy", "Coherence", "Clarity", "Breadth and Depth", "Reading Experience"]
    assert row["dimensions"] == [{"name": name, "mean": pytest.approx(8.2)} for name in names], "in both languages"


def test_a_board_from_before_lengths_is_still_read(folder, judged):
    board = board_of(folder)
    del board["lengths"]
    for section in board["rubric"]:
        for row in section["rows"]:
            del row["texts"]["length_ratio"], row["texts"]["length_reward"]
    read = BOARDS.validate_json(json.dumps(board))
    assert (read.lengths, read.rubric[0].rows[0].texts.length_ratio) == ((), None)
    assert [block.unit for block in list_blocks(read)] == ["mean score"]


def test_what_every_benchmark_says_of_lengths(folder, judged):
    texts = board_of(folder)["rubric"][0]["rows"][0]["texts"]
    assert (texts["answers"], texts["length_asked"], texts["length_obeyed"]) == (6, 5, 1)
    assert texts["length_ratio"] == 0.0, "the median of 1, 2, 1/2, 1/600 and 4 times as long"
    rewards = [1, (12000 - 80) / (12000 - 44), 30 / 54, 0, (12000 - 8000) / (12000 - 2200)]
    assert texts["length_reward"] == pytest.approx(sum(rewards) / 5, abs=1e-6)


def test_every_number_is_verified(folder, judged):
    done = run("verify", cwd=folder)
    assert (done.returncode, "all agree" in done.stdout) == (0, True), done.stdout + done.stderr


def test_the_terminal_and_markdown_show_them_and_say_what_they_are(folder, judged):
    assert "S_L of LongBench-Write, 0 to 100: counted from the texts, no judge" in judged
    assert "mine     43.3 [0.0, " in judged
    told = " ".join(judged.split())
    assert "compare S_L with published figures, not the quality and not the mean of both" in told
    markdown = run("report", "--format", "md", cwd=folder).stdout
    assert r"| entrant | S\_L \<500 | S\_L 500-2k | S\_L 2k-4k |" in markdown
    assert "arena-write rubric, not S\\_Q" in markdown
    assert "Reading Experience" in run("report", "--format", "latex", cwd=folder).stdout


@pytest.mark.parametrize(
    ("rubric", "label", "note"),
    [
        ("each", "(arena-write rubric, not S_Q)", "rubric, one call for each dimension from 1 to 10"),
        (
            "joint",
            "(arena-write rubric, all criteria in one call, not S_Q)",
            "rubric, one call for all dimensions",
        ),
        ("official", "(official prompt of WritingBench, not S_Q)", "dimensions in the official prompt of WritingBench"),
    ],
)
def test_the_quality_says_in_whose_words_it_was_asked_for(folder, judged, rubric, label, note):
    board = board_of(folder)
    board["judge"]["rubric"] = rubric
    read = BOARDS.validate_json(json.dumps(board))
    block = list_blocks(read)[-1]
    assert f"quality, 0 to 100 {label}" in block.tables[0].columns
    assert f"quality, 0 to 100 {label} by judge" in block.subject
    assert note in block.notes[0]
    assert f"quality, 0 to 100 {label}" in to_csv([read])


def test_csv_has_a_row_for_each_range_and_dimension(folder, judged):
    rows = list(csv.DictReader(io.StringIO(run("report", "--format", "csv", cwd=folder).stdout)))
    lengths = [row for row in rows if row["part"] == "length" and row["scope"] == "all"]
    assert [(row["measure"].split(",")[0], row["group"]) for row in lengths] == [
        (measure, bucket)
        for bucket in ("all", "<500", "500-2k", "2k-4k")
        for measure in ("S_L of LongBench-Write", "quality")
    ]
    assert float(lengths[0]["value"]) == pytest.approx(130 / 3, abs=1e-6)
    assert (lengths[0]["answers"], lengths[0]["planned"]) == ("5", "5")
    dimensions = [row for row in rows if row["part"] == "dimension" and row["scope"] == "zh"]
    assert [float(row["value"]) for row in dimensions] == [10.0] * 6
    (rubric,) = [row for row in rows if row["part"] == "rubric" and row["scope"] == "all"]
    assert float(rubric["length_ratio"]) == 0.0


def test_lengths_need_no_judge(folder, tmp_path):
    done = run(
        "eval", "--model", "mine.jsonl", "--benchmark", "tides.jsonl", "--no-judge", "--results", tmp_path, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    assert "mine     43.3 [0.0, " in done.stdout
    assert "S_L <500" in done.stdout and "quality" not in done.stdout


def test_the_prompts_of_a_results_folder_require_the_same(folder, judged):
    """They are a benchmark as well, in our own schema."""
    (prompts,) = folder.glob("results/tides@*/prompts.jsonl")
    mine, theirs = load_file(prompts).prompts, load_file(folder / "tides.jsonl").prompts
    assert mine == theirs
    assert [prompt.required_length for prompt in mine] == [40, 40, 60, 600, 2000, None]


def test_too_few_answers_withhold_the_score(folder, tmp_path):
    half = [{"prompt": prompt, "response": answer} for prompt, _, answer, _ in ROWS[:3]]
    write_jsonl(tmp_path / "half.jsonl", half)
    with start_server(JUDGE) as server:
        done = run(
            "eval", "--model", "half.jsonl", "--benchmark", folder / "tides.jsonl", "--yes",
            "--judge", f"openai/judge@{server.base_url}", "--results", "results", cwd=tmp_path,
        )  # fmt: skip
    assert done.returncode == 4, done.stderr
    (row,) = board_of(tmp_path)["lengths"][0]["rows"]
    assert [(one["bucket"], one["planned"], one["answers"], one["quality"]) for one in row["buckets"]] == [
        ("all", 5, 3, None),
        ("<500", 3, 3, None),
        ("500-2k", 1, 0, None),
        ("2k-4k", 1, 0, None),
    ]
    assert row["buckets"][0]["length"] is None
    assert row["buckets"][1]["length"]["mean"] == pytest.approx(650 / 9, abs=1e-6), "whole where all are there"
    assert "half: 3 of 5 answers are there, too few for S_L." in done.stdout


@pytest.mark.skipif(not OFFICIAL.exists(), reason=f"needs {OFFICIAL.name} beside the checkout, in ../shared")
def test_the_official_file(tmp_path):
    models = {"writer": {"name": "essay", "words": [300, 4000]}, "judge": {"name": "judge"}}
    with start_server({"models": models, "seed": 6}) as server:
        done = run(
            "eval", "--model", f"openai/writer@{server.base_url}", "--benchmark", OFFICIAL, "--yes",
            "--judge", f"openai/judge@{server.base_url}", "--results", tmp_path,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert server.stats()["behaviours"]["ok"] == 120 + 720
    (path,) = tmp_path.glob("*@*/judge-*/board.json")
    every, *_ = json.loads(path.read_text("utf-8"))["lengths"]
    (row,) = every["rows"]
    assert [(one["bucket"], one["planned"]) for one in row["buckets"]] == [
        ("all", 120), ("<500", 26), ("500-2k", 36), ("2k-4k", 31), (">=4k", 27),
    ]  # fmt: skip
    lines = OFFICIAL.read_text("utf-8").split("\n")
    required = {row["prompt"]: row["length"] for row in map(json.loads, filter(None, lines))}
    (stored,) = tmp_path.glob("*@*/prompts.jsonl")
    texts = {str(number): prompt for number, prompt in enumerate(required, start=1)}
    assert {
        row["id"]: row["text"] for row in map(json.loads, filter(None, stored.read_text("utf-8").split("\n")))
    } == texts
    (outputs,) = tmp_path.glob("*@*/outputs/*.jsonl")
    scores = [
        length_score(required[texts[row["prompt_id"]]], count_longwriter(row["text"]))
        for row in map(json.loads, filter(None, outputs.read_text("utf-8").split("\n")))
    ]
    assert row["buckets"][0]["length"]["mean"] == pytest.approx(sum(scores) / 120, abs=1e-6)
    assert run("verify", "--results", tmp_path).returncode == 0
