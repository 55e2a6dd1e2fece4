"""`arena-write import scores` and `export`: from another tool's files to a board, and out again."""

import json

import pytest
from command import run
from importing.score_files import hellobench_rows, write_checklists, write_queries, writingbench_rows
from writing import write_jsonl

from arena_write.reports.board import BOARDS


@pytest.fixture
def files(tmp_path):
    return {
        "queries": write_queries(tmp_path / "queries.jsonl"),
        "one": write_jsonl(tmp_path / "one.jsonl", writingbench_rows(1)),
        "two": write_jsonl(tmp_path / "two.jsonl", writingbench_rows(2)),
        "prompts": write_checklists(tmp_path / "prompts.jsonl"),
        "checks": write_jsonl(tmp_path / "checks.jsonl", hellobench_rows(1)),
    }


@pytest.fixture
def bring(files, tmp_path):
    def call(name, *more, benchmark="queries"):
        return run("import", "scores", files[name], "--benchmark", files[benchmark], "--results", tmp_path / "r", *more)

    return call


def test_it_ends_with_the_board_that_report_prints_and_verify_agrees(bring, tmp_path):
    first = bring("one", "--judge", "claude")
    assert first.returncode == 0, first.stderr
    assert "120 of 120 scores added (writingbench)" in first.stderr
    done = bring("two", "--judge", "claude")
    assert "imported mean, 1 to 10 (WritingBench score file) by judge claude, imported" in done.stdout
    assert done.stdout.rstrip().splitlines()[-1].startswith("Next: ")
    printed = run("report", "--results", tmp_path / "r")
    assert done.stdout.startswith(printed.stdout.rstrip())
    again = bring("two", "--judge", "claude")
    assert "0 of 120 scores added" in again.stderr
    assert again.stdout == done.stdout
    assert run("rank", "--results", tmp_path / "r").stdout == printed.stdout
    checked = run("verify", "--results", tmp_path / "r")
    assert checked.returncode == 0, checked.stdout
    assert "recomputed from 240 imported scores: all agree" in checked.stdout
    stored = run("report", "--results", tmp_path / "r", "--format", "json").stdout
    board = BOARDS.validate_json(stored, strict=True)
    assert [file.source for file in board.score_files] == ["one.jsonl", "two.jsonl"]


def test_two_scales_are_two_boards(bring, tmp_path):
    bring("one")
    done = bring("checks", benchmark="prompts")
    assert done.returncode == 0, done.stderr
    assert "imported mean, 0 to 1 (HelloBench checklist)" in done.stdout
    assert "scores of 1 " in done.stdout
    printed = run("report", "--results", tmp_path / "r", "--format", "csv").stdout
    assert '"imported mean, 1 to 10 (WritingBench score file)"' in printed
    assert '"imported mean, 0 to 1 (HelloBench checklist)"' in printed


def test_it_stands_beside_boards_judged_here(bring, files, tmp_path):
    answers = write_jsonl(tmp_path / "a.jsonl", [{"index": n, "response": f"Word {n}. " * 40} for n in range(24)])
    others = write_jsonl(tmp_path / "b.jsonl", [{"index": n, "response": f"Words {n}. " * 60} for n in range(24)])
    options = ["--baseline", others, "--benchmark", files["queries"], "--judge", "builtin/textstats"]
    judged = run("eval", "--model", answers, *options, "--results", tmp_path / "r")
    assert judged.returncode in (0, 4), judged.stderr
    (path,) = (tmp_path / "r").glob("*@*/textstats-*/board.json")
    before = path.read_bytes()
    assert bring("one").returncode == 0
    assert path.read_bytes() == before
    assert run("verify", "--results", tmp_path / "r").returncode == 0
    assert len(list((tmp_path / "r").glob("*@*/*/board.json"))) == 2


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["{gone}", "--benchmark", "{queries}"], 2, "there is no such file"),
        (["{one}", "--benchmark", "{gone}"], 2, "there is no benchmark or file"),
        (["{one}"], 2, "--benchmark"),
        (["{one}", "--benchmark", "{queries}", "--from", "hellobench"], 2, "wants rows with id and checklist_wise"),
        (["{one}", "--benchmark", "{prompts}"], 1, "none of 24 rows is a row of scores on a prompt of the benchmark"),
        (["{queries}", "--benchmark", "{queries}"], 1, "wanted are index and scores (writingbench), or id and"),
    ],
)
def test_errors_name_the_file_and_the_mend_and_store_nothing(files, tmp_path, options, code, said):
    named = files | {"gone": tmp_path / "gone.jsonl"}
    done = run("import", "scores", *(part.format(**named) for part in options), "--results", tmp_path / "r")
    assert done.returncode == code
    assert said in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "r").exists()


def test_a_mean_that_is_withheld_is_exit_4(files, tmp_path):
    rows = writingbench_rows(1)
    for row in rows[:4]:
        row["scores"].pop("C1")
        row["scores"].pop("C2")
    path = write_jsonl(tmp_path / "thin.jsonl", rows)
    options = ["--benchmark", files["queries"], "--results", tmp_path / "r"]
    assert run("import", "scores", path, *options).returncode == 1
    done = run("import", "scores", path, *options, "--allow-invalid")
    assert done.returncode == 4, done.stderr
    assert "93.3% of its scores are there, 95% are needed" in done.stdout.replace("\n", " ")


def test_names_and_reasons_cannot_act_on_a_terminal_or_a_page(files, tmp_path):
    rows = writingbench_rows(1)
    rows[0]["scores"]["C0"][0]["reason"] = "\x1b[31m=cmd()"
    rows[1]["scores"]["\x1b]0;x\x07"] = [{"score": "\x1b[2J"}]
    path = write_jsonl(tmp_path / "h.jsonl", rows)
    options = ["--benchmark", files["queries"], "--results", tmp_path / "r"]
    done = run("import", "scores", path, *options, "--name", "../<b>\x1b[31m|x|", "--judge", "=\x1b[2Jclaude")
    assert done.returncode == 0, done.stderr
    markdown = run("report", "--results", tmp_path / "r", "--format", "md").stdout
    for shown in (done.stdout, done.stderr, markdown):
        assert "\x1b" not in shown
        assert "\x07" not in shown
    assert "\\<b\\>" in markdown
    out = run("export", tmp_path / "r", "--to", "csv", "--out", tmp_path / "out")
    assert out.returncode == 0, out.stderr
    assert "\x1b" not in out.stdout
    written = set(tmp_path.rglob("*.csv"))
    assert written and all(tmp_path / "out" in path.parents for path in written)
    (scores,) = (path for path in written if path.name == "scores.csv")
    assert "'=\x1b[2Jclaude" in scores.read_text("utf-8")


def test_export_says_what_it_wrote_and_overwrites_nothing(bring, tmp_path):
    bring("one")
    options = ["export", tmp_path / "r", "--to", "writingbench", "--out", tmp_path / "out"]
    done = run(*options)
    assert done.returncode == 0, done.stderr
    (path,) = (tmp_path / "out").rglob("*.jsonl")
    assert done.stdout == f"{path} ({path.stat().st_size:,} bytes)\n"
    assert [json.loads(line)["index"] for line in path.read_text("utf-8").splitlines()] == list(range(24))
    again = run(*options)
    assert again.returncode == 2
    assert f"{path} is there already, so nothing was written" in again.stderr
    assert run(*options, "--overwrite").returncode == 0
    nothing = run("export", tmp_path / "nowhere", "--to", "csv", "--out", tmp_path / "x")
    assert nothing.returncode == 2
    assert "holds nothing to export" in nothing.stderr
