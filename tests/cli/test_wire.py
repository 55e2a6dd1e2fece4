"""Whole evaluations over the wire: candidate and judge behind a server that fails as real ones do."""

import fcntl
import json
import os
import random
import re
import signal
import subprocess
import termios
import time

import pytest
from command import COMMAND, environment, run
from scripted_server import start_server
from writing import make_benchmark, write_jsonl, write_text

from judges import BAND_NAMES

JUDGE = {"name": "judge", "verdict": "hash"}
MODELS = {"writer": {"name": "essay", "words": [150, 500]}, "judge": JUDGE}
FAULTS = {
    "rate_limited": 0.04,
    "server_error": 0.03,
    "unavailable": 0.03,
    "reset": 0.03,
    "cut": 0.03,
    "garbage": 0.02,
    "noise": 0.02,
}


def arguments(server, results, *more, model="openai/writer", judge="openai/judge", rubric="none"):
    return [
        "eval", "--benchmark", "starter", "--results", results, "--rubric", rubric,
        "--model", f"{model}@{server.base_url}",
        "--judge", judge if judge.startswith("builtin/") else f"{judge}@{server.base_url}", *more,
    ]  # fmt: skip


def stored(results, pattern="*@*/judge-*/battles.jsonl"):
    return [
        json.loads(line)
        for path in sorted(results.glob(pattern))
        for line in path.read_text("utf-8").split("\n")
        if line
    ]


def texts_of(results, entrant):
    return {row["text_id"] for row in stored(results, "*@*/outputs/*.jsonl") if row["entrant"] == entrant}


def write_queries(path, *, queries):
    """Queries as WritingBench has them."""
    bands = {name: f"like {name}" for name in BAND_NAMES}
    checklist = [{"name": f"n{number}", "criteria_description": f"what {number}", **bands} for number in range(5)]
    return write_jsonl(
        path, [{"index": n, "query": f"Write query {n}.", "checklist": checklist} for n in range(queries)]
    )


def board_of(results):
    (path,) = results.glob("*@*/*/board.json")
    return json.loads(path.read_text("utf-8"))


def row_of(results, name="writer"):
    return next(row for row in board_of(results)["sections"][0]["rows"] if row["name"] == name)


@pytest.mark.parametrize("reply_format", ["text", "json_schema"])
def test_at_20_percent_faults_it_completes_and_no_failure_becomes_a_score(tmp_path, reply_format):
    with start_server({"models": MODELS, "faults": FAULTS, "faults_per_request": 3, "seed": 3}) as server:
        done = run(*arguments(server, tmp_path, "--judge-format", reply_format))
        behaviours = server.stats()["behaviours"]
    assert done.returncode == 0, done.stderr
    assert "144 of 144 battles decided" in done.stdout
    assert sum(behaviours.values()) > 156 * 1.1
    battles = stored(tmp_path)
    assert len(battles) == len({row["key"] for row in battles}) == 144
    assert behaviours["ok"] == 144 + 12
    assert all(row["verdict"] and not row["invalid"] for row in battles)
    assert all(row["reply"] and row["served_model"] == "judge" for row in battles)
    replies = stored(tmp_path, "*@*/judge-*/replies.jsonl")
    assert {row["reply"] for row in battles} == {row["key"] for row in replies}
    outputs = stored(tmp_path, "*@*/outputs/writer-*.jsonl")
    assert len(outputs) == 12
    assert all(row["backend"] == "openai" and row["seed"] is not None for row in outputs)
    (log,) = (tmp_path / "runs").glob("*.jsonl")
    end = json.loads(log.read_text("utf-8").strip().split("\n")[-1])
    assert end["rows"] == {"answers": 12, "verdicts": 144, "scores": 0, "invalid": 0, "transport_failures": 0}
    assert end["usage"]["prompt_tokens"] > 0


@pytest.mark.parametrize("model", ["openai/writer", "builtin/example"])
def test_a_call_that_waits_to_be_tried_again_holds_no_connection(tmp_path, model):
    with start_server({"models": MODELS, "rules": [{"numbers": [1], "do": "server_error"}]}) as server:
        candidate = f"{model}@{server.base_url}" if model.startswith("openai") else model
        done = run(
            "eval", "--benchmark", "starter", "--limit", "2", "--results", tmp_path, "--rubric", "none",
            "--model", candidate, "--judge", f"openai/judge@{server.base_url}", "--max-connections", "1",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        asked = [request["digest"] for request in server.requests()]
        assert server.stats()["peak_busy"] == 1
    assert asked[0] != asked[1]
    assert asked[0] in asked[1:]


def test_replies_that_cannot_be_read_are_tried_again_and_counted(tmp_path):
    models = MODELS | {"judge": {**JUDGE, "invalid": 0.3}}
    with start_server({"models": models, "seed": 5}) as server:
        done = run(*arguments(server, tmp_path))
    battles = stored(tmp_path)
    invalid = [row for row in battles if row["invalid"]]
    assert invalid
    for row in invalid:
        assert row["verdict"] is None
    settled = {row["key"] for row in battles if row["verdict"]} | {
        row["key"] for row in battles if row["invalid"] and row["attempt"] == 3
    }
    assert len(settled) == 144
    rows = board_of(tmp_path)["sections"][0]["rows"]
    given_up = 144 - len({row["key"] for row in battles if row["verdict"]})
    assert sum(row["invalid"] for row in rows) == 2 * given_up
    assert done.returncode == (4 if row_of(tmp_path)["coverage"] < 0.95 else 0)


def test_a_candidate_that_leaves_thoughts_open_loses_rating_and_the_board_says_so(tmp_path):
    rules = [
        {"model": "writer", "contains": word, "do": "open_think"} for word in ("lighthouse", "kettle", "公告", "Moon")
    ]
    with start_server({"models": MODELS, "seed": 1}) as server:
        assert run(*arguments(server, tmp_path / "whole")).returncode == 0
    with start_server({"models": MODELS, "rules": rules, "seed": 1}) as server:
        done = run(*arguments(server, tmp_path / "open"))
    assert done.returncode == 0, done.stderr
    whole, left_open = row_of(tmp_path / "whole"), row_of(tmp_path / "open")
    assert whole["texts"]["no_answer"] == 0
    assert left_open["texts"]["no_answer"] == 4
    assert left_open["failed"] == 4 * 3 * 2
    assert left_open["elo"] < whole["elo"]
    assert left_open["if_excluded"] > left_open["elo"] + 5
    assert "4 answers with nothing to judge count as losses" in done.stdout


def test_killed_at_random_moments_the_same_command_gives_the_same_board(tmp_path):
    script = {"models": MODELS, "latency": 0.05, "faults": {"server_error": 0.1}, "seed": 9}
    with start_server(script) as server:
        assert run(*arguments(server, tmp_path / "whole")).returncode == 0
        command = [*COMMAND, *map(str, arguments(server, tmp_path / "killed"))]
        draw, kills = random.Random(1), 0
        for _ in range(6):
            process = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(timeout=draw.uniform(0.8, 1.8))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                kills += 1
        assert run(*arguments(server, tmp_path / "killed")).returncode == 0
    assert kills
    battles = stored(tmp_path / "killed")
    assert len(battles) == len({row["key"] for row in battles}) == 144
    assert row_of(tmp_path / "killed")["elo"] == row_of(tmp_path / "whole")["elo"]
    (one,), (other,) = ((tmp_path / name).glob("*@*/*/board.json") for name in ("whole", "killed"))
    assert one.read_bytes() == other.read_bytes()


def test_the_plan_asks_nobody_and_writes_nothing(tmp_path):
    with start_server({"models": MODELS}) as server:
        done = run("plan", *arguments(server, tmp_path / "r")[1:])
        assert server.requests() == []
    assert done.returncode == 0, done.stderr
    assert "12 calls for answers of writer" in done.stdout
    assert "144 calls for verdicts of judge" in done.stdout
    assert "free" in done.stdout
    assert not (tmp_path / "r").exists()


class TestScores:
    """Prompts with criteria are scored on each of them, beside the battles or alone."""

    def test_the_starter_is_compared_and_scored(self, tmp_path):
        with start_server({"models": MODELS, "faults": FAULTS, "seed": 4}) as server:
            done = run(*arguments(server, tmp_path, rubric="each"))
            again = run(*arguments(server, tmp_path, rubric="each"))
            assert server.stats()["behaviours"]["ok"] == 12 + 144 + 240
        assert done.returncode == 0, done.stderr
        assert "384 battles and scores planned, 12 answers to write, 384 to judge" in done.stderr
        assert "144 of 144 battles decided" in done.stdout
        assert "240 of 240 scores decided" in done.stdout
        assert "rubric mean, 1 to 10" in done.stdout
        assert again.stdout == done.stdout
        scores = stored(tmp_path, "*@*/judge-*/scores.jsonl")
        assert len({row["key"] for row in scores}) == len(scores) == 240
        board = board_of(tmp_path)
        for row in board["rubric"][0]["rows"]:
            mine = [score["score"] for score in scores if score["text"] in texts_of(tmp_path, row["entrant"])]
            assert len(mine) == row["judged"] == 60
            assert row["mean"] == pytest.approx(sum(mine) / 60, abs=1e-6)
            assert row["low"] < row["mean"] < row["high"]
        assert [section["scope"] for section in board["rubric"]] == ["all", "en", "zh"]

    def test_prompts_without_baselines_are_scored_alone(self, tmp_path):
        prompts = write_queries(tmp_path / "queries.jsonl", queries=6)
        rules = [{"model": "writer", "contains": "query 1", "do": "open_think"}]
        models = MODELS | {"judge": {**JUDGE, "invalid": 0.3}}
        with start_server({"models": models, "rules": rules, "seed": 2}) as server:
            options = [
                "--benchmark",
                prompts,
                "--results",
                tmp_path / "r",
                "--judge",
                f"openai/judge@{server.base_url}",
            ]
            done = run("eval", "--model", f"openai/writer@{server.base_url}", *options)
            assert done.returncode == 0, done.stderr
            asked = server.stats()["requests"]
            again = run("eval", "--model", f"openai/writer@{server.base_url}", *options)
            assert server.stats()["requests"] == asked
        assert again.stdout == done.stdout
        assert "29 of 30 scores decided" in done.stdout or "30 of 30 scores decided" in done.stdout
        scores = stored(tmp_path / "r", "*@*/judge-*/scores.jsonl")
        valid = [row["score"] for row in scores if row["score"]]
        assert [row for row in scores if row["invalid"] == "out_of_range"]
        (row,) = board_of(tmp_path / "r")["rubric"][0]["rows"]
        assert (row["planned"], row["failed"], row["judged"]) == (30, 5, len(valid))
        assert row["mean"] == pytest.approx((sum(valid) + 5) / (len(valid) + 5), abs=1e-6)
        assert row["if_excluded"] == pytest.approx(sum(valid) / len(valid), abs=1e-6)
        assert "1 answer with nothing to score counts as 1 on every criterion" in done.stdout
        assert board_of(tmp_path / "r")["sections"] == []

    def test_a_mean_is_withheld_where_too_many_scores_are_missing(self, tmp_path):
        prompts = write_queries(tmp_path / "queries.jsonl", queries=4)
        models = MODELS | {"judge": {**JUDGE, "invalid": 0.9}}
        with start_server({"models": models, "seed": 2}) as server:
            options = [
                "--benchmark",
                prompts,
                "--results",
                tmp_path / "r",
                "--judge",
                f"openai/judge@{server.base_url}",
            ]
            done = run("eval", "--model", f"openai/writer@{server.base_url}", *options)
        assert done.returncode == 4
        assert "withheld" in done.stdout
        assert "95% are needed" in done.stdout
        assert "--retry-invalid" in done.stdout

    def test_a_judge_that_only_compares_is_refused_where_there_is_nothing_to_compare(self, tmp_path):
        prompts = write_queries(tmp_path / "queries.jsonl", queries=2)
        answers = write_jsonl(tmp_path / "a.jsonl", [{"prompt_id": str(n), "text": "an answer"} for n in range(2)])
        options = ["--benchmark", prompts, "--judge", "builtin/textstats", "--results", tmp_path / "r"]
        done = run("eval", "--model", answers, *options)
        assert done.returncode == 2
        assert "textstats only compares texts" in done.stderr
        assert not (tmp_path / "r").exists()


def test_a_server_that_writes_and_judges_gets_no_more_calls_at_a_time_than_it_should(tmp_path):
    with start_server({"models": MODELS, "latency": 0.1, "seed": 3}) as server:
        done = run(*arguments(server, tmp_path, "--max-connections", "3"))
        assert server.stats()["peak_busy"] == 3
    assert done.returncode == 0, done.stderr


class TestSpending:
    """What a board took stands on the board, added up from its rows."""

    def test_calls_tokens_and_price(self, tmp_path):
        with start_server({"models": MODELS, "cached_share": 0.5, "seed": 3}) as server:
            done = run(*arguments(server, tmp_path, "--price", "2,8", "--yes"))
        assert done.returncode == 0, done.stderr
        board, battles, outputs = board_of(tmp_path), stored(tmp_path), stored(tmp_path, "*@*/outputs/writer-*.jsonl")
        writing, judging = board["spending"]
        for line, rows in ((writing, outputs), (judging, battles)):
            assert line["calls"] == len(rows)
            for count in ("prompt_tokens", "cached_tokens", "completion_tokens"):
                assert line[count] == sum(row["usage"][count] for row in rows)
            assert line["price"] == pytest.approx(sum(row["price"] for row in rows), abs=1e-6)
            dollars = (2 * line["prompt_tokens"] + 8 * line["completion_tokens"]) / 1e6
            assert line["price"] == pytest.approx(dollars, abs=1e-5)
        assert "Judging by judge: 144 calls" in done.stdout
        assert "50 % from a cache" in done.stdout
        (log,) = (tmp_path / "runs").glob("*.jsonl")
        end = json.loads(log.read_text("utf-8").strip().split("\n")[-1])
        assert end["price"] == pytest.approx(writing["price"] + judging["price"], abs=1e-5)


class TestNoJudge:
    """Answers written and measured alone: no judge, no board."""

    CUT = {"model": "writer", "contains": "kettle", "do": "length"}  # noqa: RUF012

    def test_answers_are_written_measured_and_judged_later(self, tmp_path):
        with start_server({"models": MODELS, "rules": [self.CUT], "seed": 1}) as server:
            writer = ["--model", f"openai/writer@{server.base_url}", "--benchmark", "starter", "--results", tmp_path]
            done = run("eval", *writer, "--no-judge")
            assert done.returncode == 0, done.stderr
            assert server.stats()["requests"] == 12
            planned = run("plan", *writer, "--no-judge")
            assert planned.stdout.splitlines() == [
                "Stored already: 12 answers of writer.",
                "Nothing is left to do: eval with the same options makes no calls and prints how the answers are.",
            ]
            half = run("plan", *writer, "--rubric", "none", "--judge", f"openai/judge@{server.base_url}")
            assert "144 calls for verdicts of judge" in half.stdout
            assert "Stored already: 12 answers of writer.\n" in half.stdout
            assert "Nothing is left" not in half.stdout
            judged = run("eval", *writer, "--rubric", "none", "--judge", f"openai/judge@{server.base_url}")
            assert judged.returncode == 0, judged.stderr
            assert server.stats()["requests"] == 12 + 144
            judging = ["--rubric", "none", "--judge", f"openai/judge@{server.base_url}"]
            planned = run("plan", *writer, *judging)
            assert planned.stdout.splitlines() == [
                "Stored already: 12 answers of writer, 144 of 144 battles.",
                "Nothing is left to do: eval with the same options makes no calls and prints the board.",
            ]
        (line,) = [line for line in done.stdout.splitlines() if line.startswith("writer")]
        outputs = stored(tmp_path, "*@*/outputs/writer-*.jsonl")
        assert line.split()[1] == "12"
        assert line.split()[-2] == str(sum(row["finish_reason"] == "length" for row in outputs)) == "1"
        assert "repeated" in done.stdout
        assert "144 of 144 battles decided" in judged.stdout

    def test_it_needs_neither_judge_nor_baselines(self, tmp_path):
        prompts = write_jsonl(tmp_path / "p.jsonl", [{"id": str(n), "text": f"Write text {n}."} for n in range(3)])
        with start_server({"models": MODELS}) as server:
            model = f"openai/writer@{server.base_url}"
            done = run("eval", "--model", model, "--benchmark", prompts, "--results", tmp_path / "r", "--no-judge")
        assert done.returncode == 0, done.stderr
        assert not list((tmp_path / "r").glob("*@*/*/judge.json"))
        assert len(stored(tmp_path / "r", "*@*/outputs/writer-*.jsonl")) == 3

    def test_what_could_not_be_written_is_said(self, tmp_path):
        rules = [{"contains": "kettle", "do": "error", "status": 400, "message": "no"}]
        with start_server({"models": MODELS, "rules": rules}) as server:
            model = f"openai/writer@{server.base_url}"
            done = run("eval", "--model", model, "--benchmark", "starter", "--results", tmp_path, "--no-judge")
        assert done.returncode == 0
        assert "1 answer is missing; writer refuses how it is asked, and would again" in done.stdout
        assert "run the same command again" not in done.stdout

    def test_answers_that_could_not_be_had_for_a_passing_reason_can_be_had_again(self, tmp_path):
        rules = [{"contains": "kettle", "do": "rate_limited", "retry_after": 0}]
        with start_server({"models": MODELS, "rules": rules}) as server:
            model = f"openai/writer@{server.base_url}"
            done = run("eval", "--model", model, "--benchmark", "starter", "--results", tmp_path, "--no-judge")
        assert done.returncode == 0
        assert "1 answer is missing; run the same command again" in done.stdout

    def test_where_not_one_answer_could_be_had_it_exits_with_4_and_says_why(self, tmp_path):
        with start_server({"models": MODELS, "rules": [{"model": "writer", "do": "error", "status": 400}]}) as server:
            model = f"openai/writer@{server.base_url}"
            done = run("eval", "--model", model, "--benchmark", "starter", "--results", tmp_path, "--no-judge")
        assert done.returncode == 4
        assert "12 answers could not be had; the last said" in done.stderr
        assert "12 answers are missing; writer refuses how it is asked" in done.stdout

    @pytest.mark.parametrize("given", [True, False])
    def test_a_judge_that_is_named_and_not_asked_is_told(self, tmp_path, given):
        model = ["--model", "builtin/example", "--benchmark", "starter", "--results", tmp_path, "--no-judge"]
        judge = ["--judge", "builtin/textstats"] if given else []
        done = run("eval", *model, *judge, env=environment(ARENA_WRITE_JUDGE="builtin/textstats"))
        assert done.returncode == 0, done.stderr
        assert ("--no-judge: nobody judges" in done.stderr) == given


class TestRefused:
    """What a server refuses it refuses again: the end of a run says what to change instead."""

    @pytest.mark.parametrize("judge", [["--judge", "builtin/textstats"], ["--no-judge"]])
    def test_a_budget_that_does_not_fit_the_context_asks_for_fewer_tokens(self, tmp_path, judge):
        with start_server({"models": MODELS, "rules": [{"model": "writer", "do": "overflow"}]}) as server:
            model = f"openai/writer@{server.base_url}"
            done = run("eval", "--model", model, "--benchmark", "starter", "--results", tmp_path, *judge)
        assert done.returncode == 4
        (advice,) = [line for line in done.stdout.splitlines() if line.startswith("Next: ")]
        assert "the 8192 tokens of its context" in advice
        assert "up to 16000 are asked for" in advice
        assert "give a --profile with fewer max_tokens" in advice
        assert "same command" not in advice

    def test_what_else_is_missing_can_be_had_by_the_same_command(self, tmp_path):
        rules = [
            {"contains": "lighthouse", "do": "overflow"},
            {"contains": "kettle", "do": "rate_limited", "retry_after": 0},
        ]
        with start_server({"models": MODELS, "rules": rules}) as server:
            model = f"openai/writer@{server.base_url}"
            done = run("eval", "--model", model, "--benchmark", "starter", "--results", tmp_path, "--no-judge")
        assert done.returncode == 0
        assert "2 answers are missing" in done.stdout
        assert "give a --profile with fewer max_tokens" in done.stdout
        assert "The same command has the other 1 missing answers written" in done.stdout

    def test_anchors_of_baselines_that_are_refused_ask_for_fewer_tokens(self, tmp_path):
        prompts = write_jsonl(tmp_path / "p.jsonl", [{"id": str(n), "text": f"Write text {n}."} for n in range(3)])
        with start_server({"models": MODELS, "rules": [{"model": "writer", "do": "overflow"}]}) as server:
            done = run(
                "anchor", "--benchmark", prompts, "--results", tmp_path / "r", "--judge", "builtin/textstats",
                "--baseline", f"openai/writer@{server.base_url}", "--baseline", f"two=openai/judge@{server.base_url}",
            )  # fmt: skip
        assert done.returncode == 1
        assert "give a --profile with fewer max_tokens" in done.stderr
        assert "same command" not in done.stderr


class TestInterrupted:
    """Ctrl-C lets calls under way end, for they are paid for; a second one drops them."""

    SCRIPT = {"models": MODELS, "latency": 1.0, "seed": 3}  # noqa: RUF012

    def start(self, server, results, *, requests=20):
        process = subprocess.Popen(
            [*COMMAND, *map(str, arguments(server, results, "--max-connections", "4", "--price", "2,8", "--yes"))],
            env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while len(server.requests()) < requests:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return process

    def end_of(self, results):
        (log,) = (results / "runs").glob("*.jsonl")
        return json.loads(log.read_text("utf-8").strip().split("\n")[-1])

    def outcomes_of(self, results):
        logs = [path.read_text("utf-8").strip().split("\n") for path in (results / "runs").glob("*.jsonl")]
        return sorted(json.loads(lines[-1])["outcome"] for lines in logs)

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_the_first_keeps_what_is_under_way(self, tmp_path, number):
        with start_server(self.SCRIPT) as server:
            process = self.start(server, tmp_path)
            process.send_signal(number)
            _, errors = process.communicate(timeout=60)
            assert process.returncode == 130
            asked = len(server.requests())
            rows = len(stored(tmp_path)) + len(stored(tmp_path, "*@*/outputs/writer-*.jsonl"))
            assert rows == asked
            done = run(*arguments(server, tmp_path))
            assert done.returncode == 0, done.stderr
            assert len(server.requests()) == 156
        assert self.outcomes_of(tmp_path) == ["done", "interrupted"]
        assert "calls under way still end" in errors
        assert "run the same command again" in errors.lower()
        assert "Traceback" not in errors

    @pytest.mark.parametrize("behaviour", [{"do": "rate_limited", "retry_after": 100}, {"do": "server_error"}])
    def test_nobody_waits_for_an_attempt_that_will_not_be_made(self, tmp_path, behaviour):
        with start_server({**self.SCRIPT, "rules": [behaviour]}) as server:
            process = self.start(server, tmp_path, requests=4)
            time.sleep(1.0)
            begun = time.monotonic()
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        assert process.returncode == 130
        assert time.monotonic() - begun < 5
        assert "Traceback" not in errors

    def test_sigterm_before_the_first_call_ends_as_ctrl_c_does(self, tmp_path):
        process = subprocess.Popen(
            [*COMMAND, "eval", "--benchmark", "starter", "--model", "builtin/example", "--judge", "builtin/textstats",
             "--results", str(tmp_path)],
            env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        while process.poll() is None and not any(log.stat().st_size for log in tmp_path.glob("runs/*.jsonl")):
            time.sleep(0.002)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 130, errors
        assert "Traceback" not in errors
        assert self.end_of(tmp_path)["outcome"] == "interrupted"

    def test_the_log_says_what_an_interrupted_run_used(self, tmp_path):
        with start_server(self.SCRIPT) as server:
            process = self.start(server, tmp_path)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
        end = self.end_of(tmp_path)
        battles, outputs = stored(tmp_path), stored(tmp_path, "*@*/outputs/writer-*.jsonl")
        assert end["outcome"] == "interrupted"
        assert (end["rows"]["verdicts"], end["rows"]["answers"]) == (len(battles), len(outputs))
        assert end["price"] == pytest.approx(sum(row["price"] for row in battles + outputs))
        assert end["usage"]["prompt_tokens"] == sum(row["usage"]["prompt_tokens"] for row in battles + outputs)

    def test_the_second_drops_it(self, tmp_path):
        with start_server({**self.SCRIPT, "latency": 5.0}) as server:
            process = subprocess.Popen(
                [*COMMAND, *map(str, arguments(server, tmp_path))],
                env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
            )  # fmt: skip
            while not server.requests():
                time.sleep(0.05)
            begun = time.monotonic()
            process.send_signal(signal.SIGINT)
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        assert process.returncode == 130
        assert time.monotonic() - begun < 4.5
        assert stored(tmp_path, "*@*/outputs/writer-*.jsonl") == []
        assert self.end_of(tmp_path)["outcome"] == "interrupted"
        assert "Traceback" not in errors


class TestVersions:
    """One server, one name, other weights: nobody can see that but the user."""

    def test_a_step_makes_another_entrant_and_without_one_the_reuse_is_said(self, tmp_path):
        more = ("--limit", "3")
        with start_server({"models": MODELS}) as server:
            first = run(*arguments(server, tmp_path, *more))
            assert first.returncode == 0, first.stderr
            assert "are not written again" not in first.stderr
            asked = len(server.requests())
            again = run(*arguments(server, tmp_path, *more))
            assert "3 answers of writer are stored and are not written again" in again.stderr
            assert "--as writer@STEP" in again.stderr
            assert len(server.requests()) == asked
            step = run(*arguments(server, tmp_path, *more, "--as", "writer@500"))
            assert step.returncode == 0, step.stderr
            assert "are not written again" not in step.stderr
            written = [request for request in server.requests()[asked:] if request["model"] == "writer"]
            assert len(written) == 3
        names = {row["name"] for row in board_of(tmp_path)["sections"][0]["rows"]}
        assert {"writer", "writer@500"} <= names

    def test_a_server_that_switches_models_while_it_writes_is_named(self, tmp_path):
        rules = [{"model": "writer", "numbers": [2], "do": "wrong_model", "name": "other-weights"}]
        with start_server({"models": MODELS, "rules": rules}) as server:
            done = run(*arguments(server, tmp_path, "--limit", "3", judge="builtin/textstats"))
        assert "the server of writer answered as other-weights and as writer" in done.stderr, done.stderr

    @pytest.mark.parametrize(
        ("model", "version", "words"),
        [
            ("openai/writer@http://server.invalid/v1", "500", "--as takes NAME@STEP"),
            ("builtin/example", "example@2", "known by its content"),
        ],
    )
    def test_what_is_no_version(self, tmp_path, model, version, words):
        done = run(
            "eval", "--benchmark", "starter", "--model", model, "--judge", "builtin/textstats", "--results", tmp_path,
            "--as", version,
        )  # fmt: skip
        assert done.returncode == 2
        assert words in done.stderr


class TestMoney:
    """A bound is hard, and what was paid for is kept."""

    def test_a_run_that_may_cost_money_asks_first(self, tmp_path):
        done = run(
            "eval", "--benchmark", "starter", "--model", "builtin/example", "--judge", "openai/judge@http://judge.invalid/v1",
            "--rubric", "none",
            "--results", tmp_path, "--price", "2,8",
        )  # fmt: skip
        assert done.returncode == 2
        assert "144 calls for verdicts of judge" in done.stderr
        assert "$" in done.stderr
        assert "--yes" in done.stderr
        assert not list(tmp_path.glob("*@*/*/battles.jsonl"))
        assert not list(tmp_path.glob("*@*/outputs/*.jsonl"))

    def test_a_bound_cannot_be_kept_where_prices_are_not_known(self, tmp_path):
        done = run(
            "eval", "--benchmark", "starter", "--model", "builtin/example", "--judge", "openai/judge@http://judge.invalid/v1",
            "--rubric", "none",
            "--results", tmp_path, "--max-cost", "1",
        )  # fmt: skip
        assert done.returncode == 2
        assert "--price" in done.stderr

    def test_a_bound_cannot_be_kept_where_a_paid_models_replies_have_none(self, tmp_path):
        profile = tmp_path / "endless.toml"
        profile.write_text("temperature = 0.5\n", encoding="utf-8")
        with start_server({"models": MODELS}) as server:
            model = ["eval", "--benchmark", "starter", "--model", f"openai/writer@{server.base_url}", "--no-judge"]
            model += ["--profile", profile, "--limit", "2", "--max-cost", "5"]
            done = run(*model, "--price", "2,8", "--results", tmp_path / "paid")
            assert server.requests() == []
            free = run(*model, "--results", tmp_path / "free")
        assert done.returncode == 2
        assert f"set max_tokens in the profile {profile}" in done.stderr
        assert "answers of writer" in done.stderr
        assert free.returncode == 0, free.stderr

    def test_a_bound_that_is_no_number_is_none_and_refused(self, tmp_path):
        done = run(
            "eval", "--benchmark", "starter", "--model", "builtin/example", "--judge", "builtin/textstats",
            "--results", tmp_path, "--max-cost", "nan",
        )  # fmt: skip
        assert done.returncode == 2
        assert "--max-cost" in done.stderr

    def test_nothing_is_spent_with_a_bound_of_nothing(self, tmp_path):
        done = run(
            "eval", "--benchmark", "starter", "--model", "builtin/example", "--judge", "openai/judge@http://judge.invalid/v1",
            "--rubric", "none",
            "--results", tmp_path, "--max-cost", "0", "--price", "2,8",
        )  # fmt: skip
        assert done.returncode == 4
        assert "--max-cost 0 may be reached" in done.stdout

    @pytest.mark.parametrize("verb", ["eval", "anchor"])
    def test_a_bound_below_the_price_of_one_call_says_what_one_costs_and_not_to_try_again(self, tmp_path, verb):
        model = ["--model", "builtin/example", "--rubric", "none"] if verb == "eval" else []
        done = run(
            verb, "--benchmark", "starter", *model, "--judge", "openai/judge@http://judge.invalid/v1",
            "--results", tmp_path, "--max-cost", "0.005", "--price", "2,8",
        )  # fmt: skip
        assert done.returncode == (4 if verb == "eval" else 1)
        said = done.stdout + done.stderr
        assert "run the same command again" not in said
        (price,) = re.findall(r"one call may cost up to \$([\d.]+), so --max-cost has to be above that", said)
        assert 0.005 < float(price) < 1

    def test_no_calls_at_all_need_no_yes(self, tmp_path):
        with start_server({"models": MODELS}) as server:
            done = run(*arguments(server, tmp_path, "--price", "2,8", "--max-calls", "0"))
            assert server.requests() == []
        assert done.returncode == 4, done.stderr
        assert "--max-calls" in done.stdout

    @pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal of Unix")
    @pytest.mark.parametrize(("key", "code"), [("\x03", 130), ("\x04", 1), ("n\n", 1), ("y\n", 0)])
    def test_at_the_question_keys_mean_what_they_always_mean(self, tmp_path, key, code):
        with start_server({"models": MODELS}) as server:
            leader, follower = os.openpty()
            options = arguments(server, tmp_path, "--price", "2,8", "--limit", "3", model="builtin/example")
            options[options.index(f"builtin/example@{server.base_url}")] = "builtin/example"
            process = subprocess.Popen(
                [*COMMAND, *map(str, options)],
                env=environment(), stdin=follower, stdout=subprocess.PIPE, stderr=follower, start_new_session=True,
                preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            )  # fmt: skip
            os.close(follower)
            said = ""
            while "Go on?" not in said:
                said += os.read(leader, 4096).decode()
            time.sleep(0.2)
            os.write(leader, key.encode())
            process.communicate(timeout=60)
            os.close(leader)
            asked = len(server.requests())
        assert process.returncode == code
        assert bool(asked) == (code == 0)

    def test_money_that_is_only_set_aside_does_not_stop_a_run(self, tmp_path):
        with start_server({"models": MODELS, "seed": 1, "latency": 0.05}) as server:
            # One answer might cost $0.13, and 16 are written at a time; the whole run costs $0.51.
            done = run(*arguments(server, tmp_path, "--price", "2,8", "--max-cost", "0.7"))
        assert done.returncode == 0, done.stderr
        assert "144 of 144 battles decided" in done.stdout
        rows = stored(tmp_path) + stored(tmp_path, "*@*/outputs/writer-*.jsonl")
        assert f"Spent in this run: ${sum(row['price'] for row in rows):.4f}." in done.stdout

    def test_what_failed_attempts_cost_is_in_the_bound(self, tmp_path):
        faults = {"server_error": 0.1, "cut": 0.1, "reset": 0.05}
        with start_server({"models": MODELS, "seed": 1, "faults": faults, "faults_per_request": 3}) as server:
            done = run(*arguments(server, tmp_path, "--price", "2,8", "--max-cost", "1.0"))
            asked = server.stats()["behaviours"]
        assert done.returncode == 4
        assert "--max-cost 1 may be reached" in done.stdout
        (log,) = (tmp_path / "runs").glob("*.jsonl")
        spent = json.loads(log.read_text("utf-8").strip().split("\n")[-1])["price"]
        rows = stored(tmp_path) + stored(tmp_path, "*@*/outputs/writer-*.jsonl")
        assert 0.8 < spent <= 1.0
        assert sum(row["price"] for row in rows) <= spent
        assert asked["reset"]

    def test_a_lost_attempt_is_booked_at_its_worst_in_the_row_of_its_answer(self, tmp_path):
        with start_server({"models": MODELS, "rules": [{"numbers": [1], "do": "reset"}]}) as server:
            done = run(*arguments(server, tmp_path, "--price", "2,8", "--max-cost", "2.0"))
        assert done.returncode == 0, done.stderr
        prices = sorted(row["price"] for row in stored(tmp_path, "*@*/outputs/writer-*.jsonl"))
        assert prices[-2] < 0.03 < prices[-1]

    def test_a_bound_of_nothing_asks_nobody_for_money_and_lets_free_calls_go_on(self, tmp_path):
        with start_server({"models": MODELS}) as server:
            paid = run(*arguments(server, tmp_path / "paid", "--price", "2,8", "--max-cost", "0"))
            assert paid.returncode == 4
            assert "Stopped: $0.0000 is spent" in paid.stdout
            assert server.requests() == []
            free = run(*arguments(server, tmp_path / "free", "--max-cost", "0"))
        assert free.returncode == 0, free.stderr
        assert "144 of 144 battles decided" in free.stdout

    def test_calls_are_bounded_and_the_run_goes_on_later(self, tmp_path):
        with start_server({"models": MODELS}) as server:
            first = run(*arguments(server, tmp_path, "--max-calls", "50"))
            assert first.returncode == 4
            assert "--max-calls" in first.stdout
            assert len(server.requests()) == 50
            rest = run(*arguments(server, tmp_path))
            assert rest.returncode == 0, rest.stderr
            assert len(server.requests()) == 12 + 144
        assert len(stored(tmp_path)) == 144


class TestTime:
    def test_when_the_time_is_over_calls_under_way_end_and_the_run_goes_on_later(self, tmp_path):
        with start_server({"models": MODELS, "latency": 0.4}) as server:
            first = run(*arguments(server, tmp_path, "--time-budget", "4s"))
            assert first.returncode == 4
            assert "Stopped: --time-budget is over" in first.stdout
            asked = len(server.requests())
            kept = len(stored(tmp_path)) + len(stored(tmp_path, "*@*/outputs/writer-*.jsonl"))
            assert kept == asked < 156
            rest = run(*arguments(server, tmp_path))
            assert rest.returncode == 0, rest.stderr
            assert len(server.requests()) == 156

    @pytest.mark.parametrize("text", ["", "5", "-1m", "1d", "1e3s"])
    def test_what_is_no_time(self, tmp_path, text):
        done = run(
            "eval", "--benchmark", "starter", "--model", "builtin/example", "--judge", "builtin/textstats", "--results",
            tmp_path, f"--time-budget={text}",
        )  # fmt: skip
        assert done.returncode == 2
        assert "such as 90s, 30m or 2h" in done.stderr


class TestBadServers:
    """Each its message and exit code, and nothing lost."""

    def test_nobody_answers(self, tmp_path):
        done = run(
            "eval", "--benchmark", "starter", "--model", "openai/writer@http://127.0.0.1:9/v1",
            "--judge", "builtin/textstats", "--results", tmp_path,
        )  # fmt: skip
        assert done.returncode == 1
        assert "http://127.0.0.1:9/v1" in done.stderr
        assert "is the server running" in done.stderr
        assert "Traceback" not in done.stderr

    def test_a_refused_key_stops_at_once_and_is_never_told(self, tmp_path):
        with start_server({"models": MODELS, "key": "right-key-123"}) as server:
            done = run(*arguments(server, tmp_path), env=environment(OPENAI_API_KEY="wrong-key-456"))
            assert len(server.requests()) <= 32
        assert done.returncode == 1
        assert "key" in done.stderr
        written = "".join(path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file())
        assert "wrong-key-456" not in done.stderr + done.stdout + written

    def test_prompts_go_nowhere_but_to_the_server_that_was_named(self, tmp_path):
        with start_server({"models": MODELS}) as other:
            away = {"do": "error", "status": 307, "location": f"{other.base_url}/chat/completions", "message": "moved"}
            with start_server({"models": MODELS, "rules": [{"model": "writer", **away}]}) as server:
                done = run(*arguments(server, tmp_path))
            assert other.requests() == []
        assert done.returncode == 1
        assert "sends us elsewhere" in done.stderr

    def test_an_unknown_model_stops_at_once(self, tmp_path):
        with start_server({"models": MODELS}) as server:
            done = run(*arguments(server, tmp_path, judge="openai/nobody"))
        assert done.returncode == 1
        assert "nobody" in done.stderr

    def test_a_judge_that_becomes_another_stops_the_run_and_keeps_what_it_said(self, tmp_path):
        rules = [{"model": "judge", "numbers": list(range(80, 400)), "do": "wrong_model", "name": "judge-2"}]
        with start_server({"models": MODELS, "rules": rules}) as server:
            done = run(*arguments(server, tmp_path))
        assert done.returncode == 1
        assert "'judge'" in done.stderr
        assert "'judge-2'" in done.stderr
        assert {row["served_model"] for row in stored(tmp_path)} == {"judge"}

    def test_a_judge_that_runs_out_of_its_budget_gives_no_verdict(self, tmp_path):
        rules = [{"model": "judge", "do": "length", "attempts": 1}]
        with start_server({"models": MODELS, "rules": rules, "seed": 2}) as server:
            done = run(*arguments(server, tmp_path))
        assert done.returncode == 0, done.stderr
        assert "144 of 144 battles decided" in done.stdout
        first = [row for row in stored(tmp_path) if row["attempt"] == 1]
        assert len(first) == 144
        assert {(row["invalid"], row["verdict"]) for row in first} == {("cut", None)}

    def test_a_server_without_its_scheme_is_not_taken_for_openai(self, tmp_path):
        done = run(
            "eval", "--benchmark", "starter", "--model", "openai/writer@127.0.0.1:8000", "--judge", "builtin/textstats",
            "--results", tmp_path, env=environment(OPENAI_API_KEY="k"),
        )  # fmt: skip
        assert done.returncode == 2
        assert "without http://" in done.stderr


class TestWholeDocuments:
    """What the judge cannot read whole leaves the board, for everybody and by name; nothing is cut."""

    @pytest.fixture
    def essays(self, tmp_path):
        paths = make_benchmark(tmp_path / "essays", prompts=60, entrants=["cand", "base1", "base2"], words=80)
        rows = [json.loads(line) for line in paths["base1"].read_text("utf-8").split("\n") if line]
        rows[7]["text"] = write_text("long", words=6_000)
        write_jsonl(paths["base1"], rows)
        return [
            "eval", "--benchmark", paths["prompts"], "--model", paths["cand"], "--baseline", paths["base1"],
            "--baseline", paths["base2"],
        ]  # fmt: skip

    def check(self, done, results):
        assert done.returncode == 0, done.stderr
        assert "1 prompt left the board for every entrant" in done.stdout
        assert "whole: p7." in done.stdout
        (row,) = stored(results, "*@*/judge-*/exclusions.jsonl")
        board = board_of(results)
        assert board["excluded"] == ["p7"]
        assert all(entrant["planned"] == 59 * 2 * 2 for entrant in board["sections"][0]["rows"])
        assert all(entrant["coverage"] == 1 for entrant in board["sections"][0]["rows"])
        return row

    def test_a_stated_context_is_measured_before_the_call(self, tmp_path, essays):
        with start_server({"models": MODELS}) as server:
            options = [
                "--judge",
                f"openai/judge@{server.base_url}",
                "--judge-context",
                "12000",
                "--results",
                tmp_path / "r",
            ]
            done = run(*essays, *options)
            asked = len(server.requests())
            again = run(*essays, *options)
            assert len(server.requests()) == asked
        row = self.check(done, tmp_path / "r")
        assert row["tokens"] > row["context"] == 12_000
        assert asked <= 59 * 6 + 2
        assert again.stdout == done.stdout

    def test_a_servers_refusal_is_taken_at_its_word(self, tmp_path, essays):
        rules = [{"model": "judge", "contains": write_text("long", words=6_000)[:60], "do": "overflow"}]
        with start_server({"models": MODELS, "rules": rules}) as server:
            done = run(*essays, "--judge", f"openai/judge@{server.base_url}", "--results", tmp_path / "r")
        row = self.check(done, tmp_path / "r")
        assert row["context"] is None
        assert row["detail"]

    @pytest.mark.parametrize(
        ("context", "code", "said"),
        [
            ("6000", 2, "the 6000 tokens of --judge-context hold no text at all: a reply of judge may take 4096"),
            ("6300", 1, "the texts of at least 4 of 4 prompts do not fit whole into the judge's context"),
            ("9000", 0, "the texts of 4 of 4 prompts will probably not fit whole into the 9000 tokens of"),
            ("30000", 0, None),
        ],
    )
    def test_a_context_that_is_too_small_is_found_before_anything_is_paid(self, tmp_path, context, code, said):
        asked = [{"id": f"{n}", "text": f"Write essay {n} of about 3000 words."} for n in range(4)]
        prompts = write_jsonl(tmp_path / "p.jsonl", asked)
        there = [{"prompt_id": f"{n}", "text": write_text(f"{n}", words=100)} for n in range(4)]
        verb = "eval" if code else "plan"
        done = run(
            verb, "--benchmark", prompts, "--results", tmp_path / "r", "--judge", "openai/judge@http://judge.invalid/v1",
            "--model", "openai/writer@http://writer.invalid/v1", "--baseline", write_jsonl(tmp_path / "b.jsonl", there),
            "--judge-context", context, "--price", "2,8", "--yes",
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        assert (said in done.stderr) if said else ("context" not in done.stderr)

    def test_a_judge_that_cannot_read_more_than_two_percent_is_refused(self, tmp_path, essays):
        with start_server({"models": MODELS}) as server:
            options = [
                "--judge",
                f"openai/judge@{server.base_url}",
                "--judge-context",
                "6200",
                "--results",
                tmp_path / "r",
            ]
            done = run(*essays, *options)
            assert done.returncode == 1
            assert "do not fit whole into the judge's context" in done.stderr
            assert not list((tmp_path / "r").glob("*@*/*/board.json"))
            again = run(*essays, *options)
            assert again.returncode == 1
            assert "do not fit whole into the judge's context" in again.stderr
            mended = run(*essays, *options[:2], *options[4:])
            assert mended.returncode == 0, mended.stderr
            assert "360 of 360 battles decided" in mended.stdout
        assert board_of(tmp_path / "r")["excluded"] == []

    def test_a_stated_price_counts_for_a_server_of_ones_own(self, tmp_path):
        with start_server({"models": MODELS}) as server:
            done = run("plan", *arguments(server, tmp_path, "--price", "2,8")[1:])
        assert "free" not in done.stdout
        assert "$" in done.stdout
