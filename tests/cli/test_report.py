"""`arena-write report`: stored boards as a table, Markdown or JSON."""

import json
import subprocess
from pathlib import Path

import pytest
from command import COMMAND, environment, run

from arena_write.reports.board import BOARDS

STARTER = ("--benchmark", "starter", "--judge", "builtin/textstats")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "results"
    done = run("eval", "--model", "builtin/example", *STARTER, "--results", folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_table_is_what_eval_printed(results):
    again = run("eval", "--model", "builtin/example", *STARTER, "--results", results)
    printed = run("report", "--results", results)
    assert printed.returncode == 0, printed.stderr
    assert again.stdout.startswith(printed.stdout.rstrip())


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("verb", [["report"], ["report", "--format", "json"], ["verify"], ["--version"]])
def test_a_full_disk_behind_standard_output_is_one_line_and_an_error(results, verb, unbuffered):
    where = [] if verb == ["--version"] else ["--results", str(results)]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [*COMMAND, *verb, *where],
            stdout=full, stderr=subprocess.PIPE, text=True, env=environment(PYTHONUNBUFFERED=unbuffered), check=False,
        )  # fmt: skip
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "standard output cannot be written: No space left on device" in line


def test_json_is_the_stored_board_and_nothing_else_on_standard_output(results):
    printed = run("report", "--results", results, "--format", "json")
    (path,) = results.glob("*@*/*/board.json")
    assert printed.stdout.encode() == path.read_bytes()
    board = BOARDS.validate_json(printed.stdout, strict=True)
    assert board.benchmark == "starter@1"
    assert {row.name for row in board.sections[0].rows} == {"example", "fuller", "plainer", "briefer"}
    assert [section.scope for section in board.sections] == ["all", "en", "zh"]
    assert [section.prompts for section in board.sections] == [12, 8, 4]


def test_markdown_has_a_row_an_entrant(results):
    printed = run("report", "--results", results, "--format", "md").stdout
    lines = printed.splitlines()
    assert lines[0].startswith("## starter&#64;1: a demonstration, half-width ±")
    assert sum(line.startswith("| ") and "example" in line for line in lines) == 2
    assert "text-statistics rating (not quality)" in printed
    assert all(line.count(" |") == lines[4].count(" |") for line in lines[4:10])


def test_several_boards_are_printed_one_after_the_other_and_json_asks_which(results, tmp_path):
    folder = tmp_path / "results"
    for limit in ("8", "12"):
        assert (
            run("eval", "--model", "builtin/example", *STARTER, "--results", folder, "--limit", limit).returncode == 0
        )
    (board,) = folder.glob("starter@1")
    other = folder / "other@1"
    other.mkdir()
    for path in board.rglob("*"):
        target = other / path.relative_to(board)
        if path.is_dir():
            target.mkdir(exist_ok=True)
        else:
            target.write_bytes(path.read_bytes().replace(b'"starter@1"', b'"other@1"'))
    both = run("report", "--results", folder)
    assert both.returncode == 0
    assert "starter@1:" in both.stdout
    assert "other@1:" in both.stdout
    one = run("report", "--results", folder, "--benchmark", "other@1")
    assert "starter@1:" not in one.stdout
    asked = run("report", "--results", folder, "--format", "json")
    assert asked.returncode == 2
    assert "--benchmark other@1" in asked.stderr


def test_a_folder_without_a_board_says_how_to_make_one(tmp_path):
    done = run("report", "--results", tmp_path)
    assert done.returncode == 1
    assert "arena-write eval" in done.stderr


def test_a_broken_board_names_file_and_field(results, tmp_path):
    (path,) = results.glob("*@*/*/board.json")
    board = json.loads(path.read_text("utf-8"))
    board["sections"][0]["prompts"] = "twelve"
    copy = tmp_path / path.relative_to(results)
    copy.parent.mkdir(parents=True)
    copy.write_text(json.dumps(board), encoding="utf-8")
    copy.with_name("judge.json").write_bytes(path.with_name("judge.json").read_bytes())
    (copy.parent.parent / "prompts.jsonl").write_bytes((path.parent.parent / "prompts.jsonl").read_bytes())
    done = run("report", "--results", tmp_path)
    assert done.returncode == 1
    assert str(copy) in done.stderr
    assert "sections.0.prompts" in done.stderr
