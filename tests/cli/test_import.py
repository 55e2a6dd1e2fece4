"""`arena-write import battles`: a board of judgements made elsewhere."""

import json
import resource

import pytest
from command import run
from importing.files import random_battles, write_csv

from arena_write.reports.board import BOARDS

NAMES = ["one", "two", "three"]


@pytest.fixture
def votes(tmp_path):
    return write_csv(tmp_path / "votes.csv", *random_battles(1, names=NAMES, battles=90))


def test_it_ends_with_the_board_that_report_prints(votes, tmp_path):
    done = run("import", "battles", votes, "--results", tmp_path / "r")
    assert done.returncode == 0, done.stderr
    assert "90 of 90 battles added" in done.stderr
    assert "imported rating" in done.stdout
    assert "imported from votes.csv" in done.stdout
    assert done.stdout.rstrip().splitlines()[-1].startswith("Next: ")
    printed = run("report", "--results", tmp_path / "r")
    assert done.stdout.startswith(printed.stdout.rstrip())
    again = run("import", "battles", votes, "--results", tmp_path / "r")
    assert "0 of 90 battles added" in again.stderr
    assert again.stdout == done.stdout
    stored = run("report", "--results", tmp_path / "r", "--format", "json").stdout
    assert BOARDS.validate_json(stored, strict=True).imported.source == "votes.csv"


def test_it_never_stands_on_a_board_judged_here(evaluate, votes, tmp_path):
    assert evaluate().returncode == 0
    (judged,) = (tmp_path / "results").glob("*@*/*/board.json")
    before = judged.read_bytes()
    assert run("import", "battles", votes, "--results", tmp_path / "results").returncode == 0
    assert judged.read_bytes() == before
    assert evaluate().returncode == 0
    assert judged.read_bytes() == before
    printed = run("report", "--results", tmp_path / "results").stdout
    assert "text-statistics rating (not quality)" in printed
    assert "imported rating" in printed
    one = run("report", "--results", tmp_path / "results", "--benchmark", "votes")
    assert "text-statistics" not in one.stdout


def test_a_withheld_board_is_exit_4_and_says_what_to_do(tmp_path):
    rows = [("best", "one", "left"), *random_battles(1, names=NAMES, battles=90)]
    path = write_csv(tmp_path / "f.csv", *rows)
    done = run("import", "battles", path, "--results", tmp_path / "r")
    assert done.returncode == 4
    assert "best won all of its 1 battle against one" in done.stdout.replace("\n", " ")
    (advice,) = [line for line in done.stdout.splitlines() if line.startswith("Next: ")]
    named = advice.split("such as --baseline ")[1].split(",")[0]
    assert named in NAMES
    mended = run("import", "battles", path, "--results", tmp_path / "r", "--baseline", named)
    assert mended.returncode == 0, mended.stderr
    assert "> " in mended.stdout
    ties = run(
        "import", "battles", write_csv(tmp_path / "t.csv", *[("a", "b", "tie")] * 9), "--results", tmp_path / "r"
    )
    assert ties.returncode == 4
    assert "Next: it takes more battles" in ties.stdout


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["{nothing}"], 2, "there is no such file"),
        (["{votes}", "--baseline", "four"], 2, "--baseline 'four' took part in no battle"),
        (["{votes}", "--cluster", "q"], 2, "no column 'q' for --cluster"),
        (["{votes}", "--from", "elo"], 2, "--from"),
        (["{votes}", "--from", "arena"], 1, "wanted are model_a, model_b, winner (arena)"),
        (["{empty}"], 1, "the file is empty"),
        (["{bad}"], 1, "1 of 3 rows is no battle, more than 5%. unknown label: 1 (line 4: winner is '?'"),
    ],
)
def test_errors_name_the_file_and_the_mend_and_store_nothing(votes, tmp_path, options, code, said):
    files = {
        "votes": votes,
        "nothing": tmp_path / "nothing.csv",
        "empty": tmp_path / "empty.csv",
        "bad": write_csv(tmp_path / "bad.csv", ("a", "b", "left"), ("b", "a", "left"), ("a", "b", "?")),
    }
    files["empty"].touch()
    done = run("import", "battles", *(part.format(**files) for part in options), "--results", tmp_path / "r")
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "r").exists()


def test_invalid_rows_can_be_left_out(tmp_path):
    path = write_csv(tmp_path / "bad.csv", ("a", "b", "left"), ("b", "a", "left"), ("a", "b", "left"), ("a", "b", "?"))
    done = run("import", "battles", path, "--results", tmp_path / "r", "--allow-invalid")
    assert done.returncode == 0, done.stderr
    assert "1 of 4 rows is no battle." in done.stdout.replace("\n", " ")


def test_names_cannot_act_on_a_terminal_or_a_page(tmp_path):
    names = ["red\x1b[31m\u202e", "[b]x[bold]@me <b>&amp", "../../x", "| a | b |"]
    path = write_csv(tmp_path / "f.csv", *random_battles(2, names=names, battles=120), ("x" * 10_000, "y", "tie"))
    done = run("import", "battles", path, "--results", tmp_path / "r", "--baseline", names[0])
    assert done.returncode == 0, done.stderr
    markdown = run("report", "--results", tmp_path / "r", "--format", "md").stdout
    for shown in (done.stdout, done.stderr, markdown):
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "x" * 100 not in shown
    assert "[b]x[bold]" in done.stdout
    assert "\\<b\\>" in markdown
    assert all(line.count(" |") == 4 for line in markdown.splitlines() if line.startswith("| 1"))
    assert "long name: 1 (line 122: left has 10000 characters: is it a text?" in done.stdout.replace("\n", " ")


def test_the_run_is_logged(votes, tmp_path):
    assert run("import", "battles", votes, "--results", tmp_path / "r").returncode == 0
    (log,) = (tmp_path / "r" / "runs").glob("*.jsonl")
    start, end = (json.loads(line) for line in log.read_text("utf-8").splitlines())
    assert start["command"][1:3] == ["import", "battles"]
    assert (end["outcome"], end["rows"]) == ("done", {"battles": 90, "invalid": 0})


@pytest.mark.slow
def test_a_hundred_thousand_battles_take_seconds(tmp_path):
    names = [f"m{number}" for number in range(12)]
    path = write_csv(tmp_path / "large.csv", *random_battles(3, names=names, battles=100_000))
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = run("import", "battles", path, "--results", tmp_path / "r", timeout=600)
    assert done.returncode == 0, done.stderr
    assert "100000 of 100000 battles decided" in done.stdout
    # Of a processor, not of a clock: about 9 s where six others share two cores.
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 30
