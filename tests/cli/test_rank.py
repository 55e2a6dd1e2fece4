"""`arena-write rank`: a board from its folder alone, the same as `eval` makes."""

import csv
import json
import shutil
import subprocess
import sys

import pytest
from command import run
from scripted_server import start_server
from writing import write_jsonl

STARTER = ("--benchmark", "starter", "--model", "builtin/example", "--judge", "builtin/textstats")


@pytest.fixture(scope="module")
def starter(tmp_path_factory):
    folder = tmp_path_factory.mktemp("starter") / "results"
    done = run("eval", *STARTER, "--results", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def results(starter, tmp_path):
    """A copy of the starter's folder, to be changed."""
    return shutil.copytree(starter, tmp_path / "results")


def board_path(results):
    (path,) = results.glob("*@*/*/board.json")
    return path


def test_a_board_that_is_lost_comes_back_byte_for_byte(results):
    path = board_path(results)
    before = path.read_bytes()
    path.unlink()
    done = run("rank", "--results", results)
    assert done.returncode == 0, done.stderr
    assert path.read_bytes() == before
    assert done.stdout == run("report", "--results", results).stdout


def test_the_folder_of_a_benchmark_is_enough(results, tmp_path):
    (benchmark,) = results.glob("*@*")
    before = board_path(results).read_bytes()
    other = tmp_path / "elsewhere" / benchmark.name
    shutil.copytree(benchmark, other, ignore=shutil.ignore_patterns("board.json"))
    done = run("rank", "--results", other.parent, "--format", "json")
    assert done.returncode == 0, done.stderr
    assert done.stdout.encode() == before == board_path(other.parent).read_bytes()


def test_another_coverage_is_kept_for_the_next_time(evaluate, small, tmp_path):
    few = tmp_path / "few.jsonl"
    few.write_text("\n".join(small["cand"].read_text("utf-8").split("\n")[:7]) + "\n", encoding="utf-8")
    assert evaluate(model=few).returncode == 4
    results = tmp_path / "results"

    def elo():
        board = json.loads(board_path(results).read_text("utf-8"))
        row = next(row for row in board["sections"][0]["rows"] if row["name"] == "few")
        return board["min_coverage"], row["elo"] is not None

    assert elo() == (0.95, False)
    assert run("rank", "--results", results, "--min-coverage", "0.7").returncode == 0
    assert elo() == (0.7, True)
    assert run("rank", "--results", results).returncode == 0
    assert elo() == (0.7, True)
    assert run("rank", "--results", results, "--min-coverage", "0.2").returncode == 2


def test_a_stated_context_counts_without_being_stated_again(tmp_path):
    """What does not fit the context that `eval` was told of is no part of the board that `rank` builds."""
    texts = {name: [{"prompt_id": f"p{n}", "text": f"{name} {n}. " * 40} for n in range(50)] for name in ("a", "b")}
    texts["a"][3]["text"] *= 60
    prompts = write_jsonl(tmp_path / "p.jsonl", [{"id": f"p{n}", "text": f"Write text {n}."} for n in range(50)])
    paths = {name: write_jsonl(tmp_path / f"{name}.jsonl", rows) for name, rows in texts.items()}
    results = tmp_path / "r"
    with start_server({"models": {"judge": {"name": "judge", "verdict": "hash"}}}) as server:
        done = run(
            "eval", "--benchmark", prompts, "--model", paths["a"], "--baseline", paths["b"], "--results", results,
            "--judge", f"openai/judge@{server.base_url}", "--judge-context", 12_000,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    before = board_path(results).read_bytes()
    assert json.loads(before)["excluded"] == ["p3"]
    assert json.loads(before)["context"] == 12_000
    board_path(results).unlink()
    assert run("rank", "--results", results).returncode == 0
    assert board_path(results).read_bytes() == before
    assert run("verify", "--results", results).returncode == 0


def test_an_entrant_without_any_answer_keeps_its_name(tmp_path):
    """Only the run that asked it knows the name, so the name is kept with the board's settings."""
    results = tmp_path / "r"
    script = {"models": {"mute": {"name": "essay"}}, "rules": [{"model": "mute", "do": "error", "status": 400}]}
    with start_server(script) as server:
        done = run(
            "eval", "--benchmark", "starter", "--model", f"openai/mute@{server.base_url}", "--judge",
            "builtin/textstats", "--results", results,
        )  # fmt: skip
    assert done.returncode == 4, done.stderr
    for command in (("rank", "--results", results), ("eval", *STARTER, "--results", results)):
        done = run(*command)
        assert done.returncode == 0, done.stderr
        names = {row["name"] for row in json.loads(board_path(results).read_bytes())["sections"][0]["rows"]}
        assert "mute" in names
    assert run("verify", "--results", results).returncode == 0


def test_settings_that_cannot_be_read_stop_a_run_before_anybody_is_asked(results):
    (path,) = results.glob("*@*/*/settings.json")
    path.write_text(path.read_text("utf-8").replace("0.95", "95"), "utf-8")
    for command in (("eval", *STARTER), ("rank",), ("verify",)):
        done = run(*command, "--results", results)
        assert done.returncode == 1
        assert str(path) in done.stderr
        assert "min_coverage" in done.stderr
    assert len(list((results / "runs").glob("*.jsonl"))) == 1


def test_a_folder_where_no_evaluation_ended_is_left_out(results, tmp_path):
    judge = board_path(results).parent
    begun = judge.parent / "begun-00000000"
    begun.mkdir()
    (begun / "judge.json").write_bytes((judge / "judge.json").read_bytes())
    assert run("rank", "--results", results).returncode == 0
    assert run("verify", "--results", results).returncode == 0
    shutil.rmtree(judge)
    for verb in ("rank", "verify", "report"):
        done = run(verb, "--results", results)
        assert done.returncode == 1
        assert "arena-write eval" in done.stderr


def test_a_folder_that_is_not_there_is_not_made(tmp_path):
    done = run("rank", "--results", tmp_path / "nowhere")
    assert done.returncode == 1
    assert "holds no board" in done.stderr
    assert not (tmp_path / "nowhere").exists()


def test_plans_that_cannot_stand_on_one_board_are_refused(results):
    (path,) = results.glob("*@*/*/plans.jsonl")
    other = json.loads(path.read_text("utf-8")) | {"repeats": 2}
    path.write_text(path.read_text("utf-8") + json.dumps(other) + "\n", "utf-8")
    before = board_path(results).read_bytes()
    done = run("rank", "--results", results)
    assert done.returncode == 2
    assert "repeats" in done.stderr
    assert board_path(results).read_bytes() == before


def test_a_second_writer_is_named(results):
    script = (
        "import sys, pathlib\n"
        "from arena_write.store import lock_for_writing\n"
        f"with lock_for_writing(pathlib.Path({str(results)!r}), command='eval --model first'):\n"
        "    print('held', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        done = run("rank", "--results", results)
        holder.stdin.close()
    assert done.returncode == 1
    assert "eval --model first" in done.stderr


def test_every_format_is_printed(results):
    formats = ("table", "json", "csv", "md", "latex")
    printed = {name: run("report", "--results", results, "--format", name) for name in formats}
    for done in printed.values():
        assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(printed["csv"].stdout.splitlines()))
    assert len(rows) == 3 * (4 + 3 * 3)
    assert rows[0]["value"] == repr(json.loads(printed["json"].stdout)["sections"][0]["rows"][0]["elo"])
    assert printed["latex"].stdout.count(r"\begin{tabular}") == 2
    assert printed["md"].stdout.startswith("## ")
    assert "plainer*" in printed["table"].stdout
    ranked = run("rank", "--results", results, "--format", "csv")
    assert ranked.stdout == printed["csv"].stdout
