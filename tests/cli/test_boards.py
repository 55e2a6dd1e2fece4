"""What boards are made of: the same rows give the same board, and no name on it acts on its reader."""

import json
import shutil

import pytest
from command import run
from writing import make_benchmark, write_jsonl, write_text

STARTER = ("--benchmark", "starter", "--model", "builtin/example", "--judge", "builtin/textstats")


def board_path(results):
    (path,) = results.glob("*@*/*/board.json")
    return path


def section(results):
    return json.loads(board_path(results).read_text("utf-8"))["sections"][0]


def test_a_board_judged_language_by_language_is_the_board_judged_at_once(tmp_path):
    for lang in ("zh", "en"):
        assert run("eval", *STARTER, "--results", tmp_path / "parts", "--lang", lang).returncode == 0
    assert run("eval", *STARTER, "--results", tmp_path / "whole").returncode == 0
    assert board_path(tmp_path / "parts").read_bytes() == board_path(tmp_path / "whole").read_bytes()


def test_two_folders_merged_line_by_line_give_the_board_of_both(evaluate, small, tmp_path):
    other = write_jsonl(
        tmp_path / "other.jsonl", [{"prompt_id": f"p{i}", "text": write_text(("o", i), words=70)} for i in range(9)]
    )
    assert evaluate(results=tmp_path / "both").returncode == 0
    assert evaluate(results=tmp_path / "both", model=other, baseline=None).returncode == 0
    for results, model in ((tmp_path / "one", small["cand"]), (tmp_path / "two", other)):
        assert evaluate(results=results, model=model).returncode == 0
    merged = tmp_path / "merged"
    shutil.copytree(tmp_path / "one", merged)
    for path in (tmp_path / "two").rglob("*.jsonl"):
        target = merged / path.relative_to(tmp_path / "two")
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.name != "prompts.jsonl":
            target.write_bytes(b"".join((target.read_bytes() if target.exists() else b"", path.read_bytes())))
    board_path(merged).unlink()
    done = evaluate(results=merged, baseline=None)
    assert done.returncode == 0, done.stderr
    assert "0 to judge" in done.stderr
    assert board_path(merged).read_bytes() == board_path(tmp_path / "both").read_bytes()


@pytest.mark.parametrize(
    ("pattern", "change"),
    [
        ("*@*/outputs/cand-*.jsonl", {"text": "A text that nobody judged."}),
        ("*@*/*/battles.jsonl", {"first": "0" * 64}),
        ("*@*/*/battles.jsonl", {"repeat": 1}),
    ],
)
def test_a_row_that_was_changed_by_hand_is_refused_by_line(evaluate, tmp_path, pattern, change):
    assert evaluate().returncode == 0
    (path,) = (tmp_path / "results").glob(pattern)
    lines = path.read_text("utf-8").split("\n")
    lines[2] = json.dumps(json.loads(lines[2]) | change, ensure_ascii=False)
    path.write_text("\n".join(lines), encoding="utf-8")
    done = evaluate()
    assert done.returncode == 1
    assert f"{path}:3: " in done.stderr
    assert "was changed" in done.stderr


@pytest.mark.parametrize("text", ["", " \n", "\u200b", "\ufeff\u200e", "\u3164", "\x00\x07", "<think>a</think>\u200b"])
def test_a_text_without_anything_to_read_is_no_answer(evaluate, small, tmp_path, text):
    answers = [json.loads(line) for line in small["cand"].read_text("utf-8").split("\n") if line]
    answers[0]["text"] = text
    done = evaluate(model=write_jsonl(tmp_path / "blank.jsonl", answers))
    assert done.returncode == 0, done.stderr
    row = next(row for row in section(tmp_path / "results")["rows"] if row["name"] == "blank")
    assert row["texts"]["no_answer"] == 1
    assert row["failed"] == 6


def test_names_cannot_act_on_a_terminal_or_a_page(evaluate, small, tmp_path):
    hostile = tmp_path / "red\x1b[31m\u202e[b]x[bold]@me <b>&amp http:..|.jsonl"
    hostile.write_bytes(small["cand"].read_bytes())
    done = evaluate(model=hostile)
    assert done.returncode == 0, done.stderr
    markdown = run("report", "--results", tmp_path / "results", "--format", "md").stdout
    for shown in (done.stdout, done.stderr, markdown):
        assert "\x1b" not in shown
        assert "\u202e" not in shown
    assert "[b]x[bold]" in done.stdout
    assert "&#64;me" in markdown
    assert "\\<b\\>" in markdown
    assert all(line.count(" |") == 7 for line in markdown.splitlines() if line.startswith("| 1"))


def test_an_entrant_that_gives_nothing_has_no_interval_of_no_width(tmp_path):
    paths = make_benchmark(tmp_path, prompts=5, entrants=["a", "b"], words=80)
    silent = [
        write_jsonl(tmp_path / f"s{n}.jsonl", [{"prompt_id": f"p{i}", "text": " " * n} for i in range(5)])
        for n in (1, 2)
    ]
    options = ["eval", "--benchmark", paths["prompts"], "--judge", "builtin/textstats", "--results", tmp_path / "r"]
    done = run(*options, "--model", silent[0], "--baseline", silent[1], "--baseline", paths["a"])
    assert done.returncode == 4
    assert "± 0" not in done.stdout
    assert "nan" not in done.stdout


def test_ranks_are_among_those_that_are_rated(tmp_path):
    paths = make_benchmark(tmp_path, prompts=8, entrants=["c", "a", "b"], words=80)
    options = ["eval", "--benchmark", paths["prompts"], "--judge", "builtin/textstats", "--results", tmp_path / "r"]
    assert run(*options, "--model", paths["c"], "--baseline", paths["a"], "--baseline", paths["b"]).returncode == 0
    few = tmp_path / "few.jsonl"
    few.write_text("\n".join(paths["c"].read_text("utf-8").split("\n")[:3]) + "\n", encoding="utf-8")
    assert run(*options, "--model", few).returncode == 4
    rows = section(tmp_path / "r")["rows"]
    rated = [row for row in rows if row["elo"] is not None]
    assert len(rated) == 3
    assert all(1 <= row["best_rank"] <= row["worst_rank"] <= 3 for row in rated)
