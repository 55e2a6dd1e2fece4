"""`arena-write eval` as users run it: in a process of its own, on files."""

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command import COMMAND, environment, run
from writing import make_benchmark, write_jsonl, write_text

STARTER = ("--benchmark", "starter", "--model", "builtin/example", "--judge", "builtin/textstats")


def rows(results, pattern):
    return [
        json.loads(line)
        for path in sorted(results.glob(pattern))
        for line in path.read_text("utf-8").split("\n")
        if line
    ]


def stored_board(results):
    return json.loads(next(results.glob("*@*/*/board.json")).read_text("utf-8"))


def test_the_starter_ends_with_a_board(tmp_path):
    done = run("eval", *STARTER, "--results", tmp_path / "r")
    assert done.returncode == 0, done.stderr
    assert "starter@1: a demonstration, half-width ±" in done.stdout
    assert "text-statistics rating (not quality)" in done.stdout
    for name in ("example", "fuller*", "plainer*", "briefer*"):
        assert name in done.stdout
    assert done.stdout.splitlines()[-1].startswith("Next: ")
    assert "72 of 72 battles decided" in done.stdout


def test_running_again_does_nothing_and_gives_the_same_bytes(evaluate, board_bytes, tmp_path):
    first = evaluate()
    assert first.returncode == 0, first.stderr
    before, judged = board_bytes(tmp_path / "results"), rows(tmp_path / "results", "*@*/*/battles.jsonl")
    again = evaluate()
    assert again.returncode == 0, again.stderr
    assert "0 to judge" in again.stderr
    assert board_bytes(tmp_path / "results") == before
    assert rows(tmp_path / "results", "*@*/*/battles.jsonl") == judged
    assert first.stdout == again.stdout


def test_equal_rows_in_any_order_give_equal_bytes(evaluate, board_bytes, tmp_path):
    assert evaluate().returncode == 0
    before = board_bytes(tmp_path / "results")
    for path in (tmp_path / "results").glob("*@*/**/*.jsonl"):
        if path.name == "prompts.jsonl":
            continue
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(reversed(lines)) + b"".join(lines[:3]))
    assert evaluate().returncode == 0
    assert board_bytes(tmp_path / "results") == before


def test_the_plan_is_candidate_and_baseline_pairs_in_both_orders(evaluate, tmp_path):
    assert evaluate().returncode == 0
    battles = rows(tmp_path / "results", "*@*/*/battles.jsonl")
    assert len(battles) == 9 * (3 + 3) * 2
    shown = {(row["prompt"], row["first"], row["second"]) for row in battles}
    assert all((prompt, second, first) in shown for prompt, first, second in shown)


def test_a_selection_is_the_same_board_and_only_grows(evaluate, board_bytes, tmp_path):
    few = evaluate("--limit", "4")
    assert few.returncode == 0, few.stderr
    assert "4 prompts" in few.stdout
    assert evaluate().returncode == 0
    everything = board_bytes(tmp_path / "results")
    assert evaluate("--limit", "4").returncode == 0
    assert board_bytes(tmp_path / "results") == everything
    whole = evaluate(results=tmp_path / "other")
    assert whole.returncode == 0
    assert board_bytes(tmp_path / "other") == everything


def test_a_second_candidate_joins_the_board_without_naming_the_baselines(evaluate, small, tmp_path):
    assert evaluate().returncode == 0
    other = write_jsonl(
        tmp_path / "other.jsonl", [{"prompt_id": f"p{i}", "text": write_text(("o", i), words=70)} for i in range(9)]
    )
    second = evaluate(model=f"second={other}", baseline=None)
    assert second.returncode == 0, second.stderr
    assert "second" in second.stdout
    assert "cand" in second.stdout


def test_other_baselines_are_refused_by_name(evaluate, small, tmp_path):
    assert evaluate().returncode == 0
    done = evaluate("--baseline", small["base1"], baseline=None)
    assert done.returncode == 2
    assert "has the baselines base1, base2, base3" in done.stderr
    assert "--results" in done.stderr


def test_a_candidates_failures_are_losses_and_said(evaluate, small, tmp_path):
    answers = [json.loads(line) for line in small["cand"].read_text("utf-8").split("\n") if line]
    for row in answers[:3]:
        row["text"] = "<think>I never stop thinking"
    failing = write_jsonl(tmp_path / "failing.jsonl", answers)
    done = evaluate(model=failing)
    assert done.returncode == 0, done.stderr
    assert "3 answers with nothing to judge count as losses" in done.stdout
    board = json.loads(next((tmp_path / "results").glob("*@*/*/board.json")).read_text("utf-8"))
    row = next(row for row in board["sections"][0]["rows"] if row["name"] == "failing")
    assert row["texts"]["no_answer"] == 3
    assert row["failed"] == 3 * 3 * 2
    assert row["if_excluded"] > row["elo"] + 5


def test_identical_texts_tie_without_a_call(evaluate, small, tmp_path):
    answers = [json.loads(line) for line in small["base1"].read_text("utf-8").split("\n") if line]
    answers[0]["text"] += " One more sentence."
    twin = write_jsonl(tmp_path / "twin.jsonl", answers)
    done = evaluate(model=twin)
    assert done.returncode == 0, done.stderr
    board = json.loads(next((tmp_path / "results").glob("*@*/*/board.json")).read_text("utf-8"))
    row = next(row for row in board["sections"][0]["rows"] if row["name"] == "twin")
    assert row["identical"] == 8 * 2
    texts = {row["first"] for row in rows(tmp_path / "results", "*@*/*/battles.jsonl")}
    assert not any(row["first"] == row["second"] for row in rows(tmp_path / "results", "*@*/*/battles.jsonl"))
    assert texts


def test_a_candidate_with_too_few_answers_is_withheld_and_harms_nobody(evaluate, small, tmp_path):
    assert evaluate().returncode == 0
    alone = stored_board(tmp_path / "results")
    answers = small["cand"].read_text("utf-8").split("\n")[:7]
    few = tmp_path / "few.jsonl"
    few.write_text("\n".join(answers) + "\n", encoding="utf-8")
    done = evaluate(model=few)
    assert done.returncode == 4
    assert "few has no answer to 2 of 9 prompts" in done.stderr
    assert "77.8% of its cells are decided, 95% are needed" in done.stdout
    assert "Add it to the file" in done.stdout.splitlines()[-1]
    rows = {row["name"]: row for row in stored_board(tmp_path / "results")["sections"][0]["rows"]}
    assert rows.pop("few")["elo"] is None
    assert rows == {row["name"]: row for row in alone["sections"][0]["rows"]}


def test_past_one_percent_missing_the_worst_and_the_best_case_are_shown(evaluate, small, tmp_path):
    answers = small["cand"].read_text("utf-8").split("\n")[:7]
    few = tmp_path / "few.jsonl"
    few.write_text("\n".join(answers) + "\n", encoding="utf-8")
    done = evaluate("--min-coverage", "0.7", model=few)
    assert done.returncode == 0, done.stderr
    row = next(row for row in stored_board(tmp_path / "results")["sections"][0]["rows"] if row["name"] == "few")
    assert row["worst_case"] < row["elo"] < row["best_case"]
    assert f"{row['worst_case']:.0f} if all were lost, {row['best_case']:.0f} if all were won" in done.stdout


def test_several_models_are_evaluated_one_after_the_other_on_one_board(evaluate, small, tmp_path):
    twin = write_jsonl(
        tmp_path / "second.jsonl",
        [json.loads(line) | {"text": f"{json.loads(line)['text']} And more."}
         for line in small["cand"].read_text("utf-8").split("\n") if line],
    )  # fmt: skip
    done = evaluate("--model", f"second={twin}")
    assert done.returncode == 0, done.stderr
    names = {row["name"] for row in stored_board(tmp_path / "results")["sections"][0]["rows"]}
    assert {"cand", "second"} <= names
    assert done.stdout.count("Next:") == 2
    refused = evaluate("--model", f"second={twin}", "--as", "second@2")
    assert refused.returncode == 2
    assert "--as names one model" in refused.stderr


def test_answers_that_take_no_part_are_told(evaluate, small, tmp_path):
    lines = [json.loads(line) for line in small["cand"].read_text("utf-8").split("\n") if line]
    lines += [{"prompt_id": "p0", "sample": 1, "text": "Another."}, {"prompt_id": "unheard", "text": "Of."}]
    done = evaluate(model=write_jsonl(tmp_path / "more.jsonl", lines))
    assert done.returncode == 0, done.stderr
    assert "1 of the 11 answers of more are to no prompt" in done.stderr
    assert "1 answer of more is a further sample" in done.stderr


def test_a_board_of_which_board_json_is_lost_comes_back(evaluate, small, board_bytes, tmp_path):
    assert evaluate().returncode == 0
    assert evaluate(model=f"again={small['cand']}", baseline=None).returncode == 0
    before = board_bytes(tmp_path / "results")
    next((tmp_path / "results").glob("*@*/*/board.json")).unlink()
    assert evaluate(baseline=None).returncode == 0
    assert board_bytes(tmp_path / "results") == before


def test_a_lone_candidate_that_wins_everything_gets_a_bound(tmp_path):
    paths = make_benchmark(tmp_path, prompts=6, entrants=["a", "b"], words=80)
    empty = write_jsonl(tmp_path / "silent.jsonl", [{"prompt_id": f"p{i}", "text": ""} for i in range(6)])
    done = run(
        "eval",
        "--model",
        empty,
        "--baseline",
        paths["a"],
        "--baseline",
        paths["b"],
        "--benchmark",
        paths["prompts"],
        "--judge",
        "builtin/textstats",
        "--results",
        tmp_path / "r",
    )
    assert done.returncode == 0, done.stderr
    line = next(line for line in done.stdout.splitlines() if " silent " in f" {line} ")
    assert "<" in line
    assert "inf" not in done.stdout
    assert "nan" not in done.stdout


class TestBadInput:
    """Each a clear message and the right exit code, and nothing lost."""

    def test_missing_file(self, evaluate):
        done = evaluate(model="nowhere/answers.jsonl")
        assert done.returncode == 2
        assert "nowhere/answers.jsonl" in done.stderr

    def test_malformed_line(self, evaluate, tmp_path):
        path = tmp_path / "bad.jsonl"
        path.write_text('{"prompt_id": "p0", "text": "fine"}\n{"prompt_id": "p1", \n', encoding="utf-8")
        done = evaluate(model=path)
        assert done.returncode == 1
        assert f"{path}:2" in done.stderr

    def test_duplicate_ids(self, evaluate, tmp_path):
        path = write_jsonl(tmp_path / "prompts.jsonl", [{"id": "x", "text": "One."}, {"id": "x", "text": "Two."}])
        done = evaluate(benchmark=path)
        assert done.returncode == 1
        assert f"{path}:2" in done.stderr
        assert "'x'" in done.stderr

    def test_baseline_without_an_answer(self, evaluate, small, tmp_path):
        lines = small["base1"].read_text("utf-8").split("\n")
        short = tmp_path / "short.jsonl"
        short.write_text("\n".join(lines[:5]) + "\n", encoding="utf-8")
        done = evaluate("--baseline", short, baseline=None)
        assert done.returncode == 1
        assert "short has no answer for 4 of 9 prompts: p5, p6, p7, p8" in done.stderr

    def test_unknown_address(self, evaluate):
        done = evaluate(model="gpt-9")
        assert done.returncode == 2
        assert "openai/NAME" in done.stderr

    def test_unknown_judge(self, evaluate):
        done = evaluate(judge="builtin/nobody")
        assert done.returncode == 2
        assert "builtin/textstats" in done.stderr

    def test_no_judge(self, evaluate, tmp_path):
        done = evaluate(judge=None)
        assert done.returncode == 2
        assert "--judge" in done.stderr
        assert not (tmp_path / "results").exists()

    def test_judge_from_the_environment(self, evaluate):
        done = evaluate(judge=None, env=environment(ARENA_WRITE_JUDGE="builtin/textstats"))
        assert done.returncode == 0, done.stderr

    def test_no_baselines(self, small, tmp_path):
        done = run(
            "eval",
            "--model",
            small["cand"],
            "--benchmark",
            small["prompts"],
            "--judge",
            "builtin/textstats",
            "--results",
            tmp_path / "r",
        )
        assert done.returncode == 2
        assert "--baseline" in done.stderr

    def test_answers_of_another_benchmark(self, tmp_path):
        answers = write_jsonl(tmp_path / "else.jsonl", [{"prompt_id": "unheard", "text": "Of."}])
        done = run(
            "eval",
            "--model",
            answers,
            "--benchmark",
            "starter",
            "--judge",
            "builtin/textstats",
            "--results",
            tmp_path / "r",
        )
        assert done.returncode == 2
        assert "--benchmark" in done.stderr

    def test_benchmark_that_cannot_be_had(self, tmp_path):
        env = environment(HF_HOME=str(tmp_path / "hf"))
        done = run(
            "eval", "--model", "builtin/example", "--judge", "builtin/textstats", "--results", tmp_path / "r", env=env
        )
        assert done.returncode == 2
        assert "--benchmark starter" in done.stderr
        assert "Traceback" not in done.stderr

    def test_results_of_another_version(self, evaluate, tmp_path):
        assert evaluate().returncode == 0
        (path,) = (tmp_path / "results").glob("*@*/*/battles.jsonl")
        lines = path.read_bytes().split(b"\n")
        lines[4] = lines[4].replace(b'"v":1', b'"v":2')
        path.write_bytes(b"\n".join(lines))
        done = evaluate()
        assert done.returncode == 1
        assert f"{path}:5" in done.stderr
        assert "format 2" in done.stderr

    def test_full_disk(self, evaluate, tmp_path):
        assert evaluate("--limit", "3").returncode == 0
        (path,) = (tmp_path / "results").glob("*@*/*/battles.jsonl")
        kept = path.read_bytes()
        path.rename(path.with_suffix(".kept"))
        path.symlink_to("/dev/full")
        done = evaluate()
        assert done.returncode == 1
        assert "No space left on device" in done.stderr
        assert "run the same command again" in done.stderr
        path.unlink()
        path.with_suffix(".kept").rename(path)
        assert path.read_bytes() == kept
        assert evaluate().returncode == 0

    def test_a_folder_that_is_gone_takes_nothing_from_what_was_done(self, tmp_path):
        (tmp_path / "gone").mkdir()
        arguments = [*COMMAND, "eval", *STARTER, "--limit", "3", "--results", tmp_path / "r"]
        script = f"import os, sys; os.rmdir(os.getcwd()); os.execv({COMMAND[0]!r}, {[*map(str, arguments)]!r})"
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=tmp_path / "gone", env=environment(), capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[-1].startswith("Next: ")

    def test_another_judges_package_in_the_way(self, tmp_path):
        (tmp_path / "judges").mkdir()
        (tmp_path / "judges" / "__init__.py").write_text("", encoding="utf-8")
        done = run("eval", *STARTER, "--results", tmp_path / "r", env=environment(PYTHONPATH=str(tmp_path)))
        assert done.returncode == 1
        assert str(tmp_path / "judges") in done.stderr
        assert "another distribution" in done.stderr

    def test_second_writer(self, evaluate, tmp_path):
        results = tmp_path / "results"
        script = (
            "import sys, pathlib\n"
            "from arena_write.store import lock_for_writing\n"
            f"with lock_for_writing(pathlib.Path({str(results)!r}), command='eval --model first'):\n"
            "    print('held', flush=True); sys.stdin.read()\n"
        )
        with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            assert holder.stdout.readline() == b"held\n"
            done = evaluate()
            holder.stdin.close()
        assert done.returncode == 1
        assert f"process {holder.pid}" in done.stderr
        assert "eval --model first" in done.stderr
        assert evaluate().returncode == 0


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    """A benchmark that takes some seconds, the command that evaluates it, and the board it must give."""
    folder = tmp_path_factory.mktemp("long")
    paths = make_benchmark(folder, prompts=24, entrants=["cand", "base1", "base2", "base3"], words=1200)
    options = ["eval", "--model", paths["cand"], "--benchmark", paths["prompts"], "--judge", "builtin/textstats"]
    for name in ("base1", "base2", "base3"):
        options += ["--baseline", paths[name]]
    started = time.monotonic()
    done = run(*options, "--results", folder / "whole")
    assert done.returncode == 0, done.stderr
    (board,) = (folder / "whole").glob("*@*/*/board.json")
    return [*map(str, options)], board.read_bytes(), time.monotonic() - started


def test_killed_at_ten_random_moments_the_same_command_gives_the_same_board(long, tmp_path, board_bytes):
    options, expected, seconds = long
    results = tmp_path / "results"
    command = [*COMMAND, *options, "--results", str(results)]
    draw, kills = random.Random(0), 0
    for _ in range(60):
        process = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=seconds * draw.uniform(0.2, 0.9))
            shutil.rmtree(results)  # it was done before it was killed: begin again
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
        if kills == 10:
            break
    assert kills == 10
    assert run(*options, "--results", results).returncode == 0
    assert board_bytes(results) == expected
    battles = rows(results, "*@*/*/battles.jsonl")
    assert len(battles) == len({row["key"] for row in battles}) == 24 * 6 * 2


def test_interrupted_it_says_how_to_go_on(long, tmp_path):
    options, _, _ = long
    results = tmp_path / "results"
    process = subprocess.Popen(
        [*COMMAND, *options, "--results", str(results)],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    battles: list[Path] = []
    until = time.monotonic() + 60
    while not battles and time.monotonic() < until:
        battles = [path for path in results.glob("*@*/*/battles.jsonl") if path.stat().st_size]
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in said
    assert "Run the same command again" in said
    assert "Traceback" not in said
    (log,) = (results / "runs").glob("*.jsonl")
    assert json.loads(log.read_text("utf-8").strip().split("\n")[-1])["outcome"] == "interrupted"


def test_more_prompts_bring_the_benchmarks_own_baselines_along(tmp_path):
    assert run("eval", *STARTER, "--results", tmp_path, "--limit", "8").returncode == 0
    whole = run("eval", *STARTER, "--results", tmp_path)
    assert whole.returncode == 0, whole.stdout
    assert "72 of 72 battles decided" in whole.stdout


def test_more_prompts_than_the_boards_baselines_answered_ask_for_the_baselines(evaluate, small):
    assert evaluate("--limit", "4").returncode == 0
    done = evaluate(model=f"again={small['base1']}", baseline=None)
    assert done.returncode == 2
    done = evaluate(baseline=None)
    assert done.returncode == 2
    assert "has no stored answer to 5 of 9 prompts, 'p4' among them" in done.stderr
    assert "--baseline" in done.stderr
