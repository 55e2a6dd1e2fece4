"""`arena-write verify`: every number of a board that `eval` made, recomputed; and what it says where one differs."""

import json
import re
import shutil

import pytest
from command import run
from scripted_server import start_server
from writing import write_jsonl

WRITERS = {"writer": {"name": "essay", "words": [150, 500]}, "second": {"name": "essay", "words": [20, 900]}}
JUDGE = {"name": "judge", "verdict": "hash", "invalid": 0.25}


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """A board by a language model that scores and compares in two languages, and fails at times, of two candidates.

    The first leaves thoughts open and is cut at times, the second is without some answers.
    """
    results = tmp_path_factory.mktemp("judged") / "results"
    rules = [
        {"model": "writer", "contains": "lighthouse", "do": "open_think"},
        {"model": "writer", "contains": "公告", "do": "open_think"},
        {"model": "writer", "contains": "kettle", "do": "length"},
        {"model": "second", "contains": "kettle", "do": "error", "status": 400, "message": "no"},
    ]
    models = WRITERS | {"judge": JUDGE}
    with start_server({"models": models, "rules": rules, "seed": 5, "cached_share": 0.5}) as server:
        for name in WRITERS:
            done = run(
                "eval", "--benchmark", "starter", "--results", results, "--model", f"openai/{name}@{server.base_url}",
                "--judge", f"openai/judge@{server.base_url}", "--price", "2,8", "--yes", "--min-coverage", "0.8",
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
    return results


@pytest.fixture
def results(judged, tmp_path):
    return shutil.copytree(judged, tmp_path / "results")


def board_path(results):
    (path,) = results.glob("*@*/*/board.json")
    return path


def test_a_board_by_a_language_model_is_recomputed(judged):
    board = json.loads(board_path(judged).read_text("utf-8"))
    rows = {row["name"]: row for row in board["sections"][0]["rows"]}
    assert rows["writer"]["texts"]["no_answer"] == 2
    assert rows["writer"]["censored"]
    assert rows["second"]["no_output"]
    assert rows["second"]["worst_case"] is not None
    assert sum(row["invalid"] for row in rows.values())
    assert len(board["sections"]) == len(board["rubric"]) == 3
    assert len(board["spending"]) == 3
    done = run("verify", "--results", judged)
    assert done.returncode == 0, done.stdout
    line = r"starter@1, judge judge \(\w{8}\): (\d+) numbers recomputed from 59 answers and (\d+) judgements: all agree"
    numbers, questions = map(int, re.fullmatch(line, done.stdout.strip()).groups())
    assert numbers > 800
    assert questions > 300
    assert done.stderr == ""


def test_nothing_is_written(judged):
    files = {path: path.read_bytes() for path in sorted(judged.rglob("*")) if path.is_file()}
    assert run("verify", "--results", judged).returncode == 0
    assert {path: path.read_bytes() for path in sorted(judged.rglob("*")) if path.is_file()} == files


def test_an_edited_number_is_said_with_both_values(results):
    path = board_path(results)
    board = json.loads(path.read_text("utf-8"))
    row = next(row for row in board["sections"][1]["rows"] if row["name"] == "writer")
    elo = row["elo"]
    path.write_text(path.read_text("utf-8").replace(f'"elo": {elo}', '"elo": 1999.5'), "utf-8")
    done = run("verify", "--results", results)
    assert done.returncode == 1
    assert f"sections, en, rows, writer, elo: the board says 1999.5, the rows give {elo}" in done.stdout
    assert "the board was edited" in done.stdout
    advice = re.search(r"arena-write (rank --results \S+ --benchmark \S+ --judge \S+) builds", done.stdout)[1]
    assert run(*advice.split()).returncode == 0
    assert run("verify", "--results", results).returncode == 0


def test_an_edited_sentence_is_said(results):
    path = board_path(results)
    board = json.loads(path.read_text("utf-8"))
    board["scale"] = "absolute"
    from arena_write.reports.board import BOARDS

    path.write_bytes(BOARDS.validate_json(json.dumps(board), strict=True).to_json())
    done = run("verify", "--results", results)
    assert done.returncode == 1
    assert "scale: the board says 'absolute'" in done.stdout


def lack_a_field(path):
    tree = json.loads(path.read_bytes())
    for section in tree["sections"]:
        del section["anchor_prompts"]
    path.write_text(json.dumps(tree, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return "sections, all, anchor_prompts: the board has no such field, the rows give nothing"


def space_otherwise(path):
    path.write_text(json.dumps(json.loads(path.read_bytes()), ensure_ascii=False), "utf-8")
    return "board.json: the board has other spaces or another order, the rows give the same numbers"


@pytest.mark.parametrize("change", [lack_a_field, space_otherwise])
def test_a_board_of_an_earlier_version_has_no_wrong_number_and_it_is_said_what_to_run(results, change):
    """It was said to be edited, or that it says nothing where nothing is to be said."""
    (path,) = results.glob("*/*/board.json")
    before = path.read_bytes()
    said = change(path)
    done = run("verify", "--results", results)
    assert done.returncode == 1
    assert said in done.stdout
    assert (
        "is in another form than boards are today: every number that stands in it agrees with its rows" in done.stdout
    )
    assert "was changed" not in done.stdout
    assert "restore the folder" not in done.stdout
    command = done.stdout.strip().splitlines()[-1].partition("Write it anew with arena-write ")[2].rstrip(".")
    assert run(*command.split()).returncode == 0
    assert path.read_bytes() == before
    assert run("verify", "--results", results).returncode == 0


def test_a_flipped_verdict_is_found_with_its_key_intact(results):
    (path,) = results.glob("*@*/*/battles.jsonl")
    rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
    row = next(row for row in rows if row["verdict"] in ("A>B", "A>>B"))
    row["verdict"] = "B>A"
    write_jsonl(path, rows)
    done = run("verify", "--results", results)
    assert done.returncode == 1
    assert "win_rates" in done.stdout
    assert "rows were added, removed or changed" in done.stdout


def test_a_changed_key_is_refused_by_line(results):
    (path,) = results.glob("*@*/*/scores.jsonl")
    rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
    rows[4]["criterion"] = "0" * 32
    write_jsonl(path, rows)
    done = run("verify", "--results", results)
    assert done.returncode == 1
    assert f"{path}:5: " in done.stderr
    assert "was changed" in done.stderr


def test_a_board_that_cannot_be_read_names_its_field(results):
    path = board_path(results)
    path.write_text(path.read_text("utf-8").replace('"min_coverage": 0.8', '"min_coverage": "0.8"'), "utf-8")
    done = run("verify", "--results", results)
    assert done.returncode == 1
    assert "min_coverage" in done.stderr


def test_names_cannot_act_on_the_terminal(evaluate, small, tmp_path):
    hostile = tmp_path / "red\x1b[31m\u202e=x.jsonl"
    hostile.write_bytes(small["cand"].read_bytes())
    assert evaluate(model=hostile).returncode == 0
    path = board_path(tmp_path / "results")
    data = path.read_text("utf-8")
    path.write_text(re.sub(r'"elo": \d+\.\d+', '"elo": 7.5', data), "utf-8")
    done = run("verify", "--results", tmp_path / "results")
    assert done.returncode == 1
    assert "the board says 7.5" in done.stdout
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout


def test_each_board_has_its_line_and_one_that_differs_decides(results):
    done = run(
        "eval", "--benchmark", "starter", "--model", "builtin/example", "--judge", "builtin/textstats",
        "--results", results,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (path,) = results.glob("*@*/textstats-*/board.json")
    path.write_text(path.read_text("utf-8").replace('"judged": ', '"judged": 1'), "utf-8")
    done = run("verify", "--results", results)
    assert done.returncode == 1
    assert "judge judge" in done.stdout
    assert "all agree" in done.stdout
    assert "judged: the board says 1" in done.stdout
    assert run("verify", "--results", results, "--judge", "judge").returncode == 0


def test_an_imported_board_is_recomputed(tmp_path):
    votes = tmp_path / "votes.csv"
    votes.write_text("left,right,winner\n" + "a,b,left\nb,c,left\nc,a,left\na,b,right\n" * 5, encoding="utf-8")
    assert run("import", "battles", votes, "--results", tmp_path / "r").returncode == 0
    done = run("verify", "--results", tmp_path / "r")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r" (\d\d+) numbers recomputed from 20 imported battles: all agree", done.stdout)
    (board,) = (tmp_path / "r").glob("*@*/*/board.json")
    good = board.read_bytes()
    for edited in (
        good.replace(b'"confidence": 0.95', b'"confidence": 0.96'),
        good.replace(b"all entrants' mean", b"everybody's mean"),
        good.replace(b'"cells": 20', b'"cells": 21'),
    ):
        assert edited != good
        board.write_bytes(edited)
        done = run("verify", "--results", tmp_path / "r")
        assert done.returncode == 1
        assert "does not belong to its rows" in done.stdout
    assert run("rank", "--results", tmp_path / "r").returncode == 0
    assert run("verify", "--results", tmp_path / "r").returncode == 0
