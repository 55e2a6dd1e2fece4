"""Models that are served here, as users have them served: candidate and judge follow each other on the same GPUs."""

import json
import random
import signal
import subprocess
import time

import pytest
from checkpoints.folders import make_folder, safetensors
from command import COMMAND, environment, run
from stand_in_vllm import StandIn

from arena_write.benchmarks.loading import load_benchmark
from arena_write.evaluation.estimate import answer_tokens

ROLES = {"writer": {"name": "essay", "words": [150, 400]}, "judge": {"name": "judge", "verdict": "hash"}}


@pytest.fixture
def machine(tmp_path):
    """Make a machine with two checkpoints, a stand-in for vLLM, and so many GPUs."""
    make_folder(tmp_path / "writer", weights=b"writer")
    make_folder(tmp_path / "judge", weights=b"judge")
    made = []

    def make(script=None, *, gpus=1):
        vllm = StandIn(tmp_path / "stand-in", {"roles": ROLES, **(script or {})})
        made.append(vllm)
        devices = ",".join(map(str, range(gpus)))
        return vllm, environment(ARENA_WRITE_VLLM=vllm.command, CUDA_VISIBLE_DEVICES=devices)

    yield make
    assert [process for vllm in made for process in vllm.left()] == []


def arguments(*more, model="writer", judge="judge", limit=3):
    return [
        "eval", "--benchmark", "starter", "--limit", limit, "--rubric", "none",
        "--model", model, "--judge", judge, *more,
    ]  # fmt: skip


def rows(results, pattern):
    return [
        json.loads(line)
        for path in sorted(results.glob(pattern))
        for line in path.read_text("utf-8").split("\n")
        if line
    ]


@pytest.mark.parametrize("prefix", ["", "vllm/"])
def test_a_whole_evaluation_writes_then_judges_on_the_same_gpus(tmp_path, machine, prefix):
    vllm, env = machine(gpus=2)
    done = run(*arguments(model=f"{prefix}writer", judge=f"{prefix}judge"), env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "36 of 36 battles decided" in done.stdout
    starts = vllm.starts()
    assert [start["arguments"][1].rpartition("/")[2] for start in starts] == ["writer"] * 2 + ["judge"] * 2
    assert [sorted(start["gpus"] for start in starts[at : at + 2]) for at in (0, 2)] == [["0", "1"]] * 2
    judging = {process for start in starts[2:] for process in start["processes"]}
    assert all(set(start["others"]) <= judging for start in starts[2:])  # the writer was gone
    outputs = rows(tmp_path / "results", "*@*/outputs/writer-*.jsonl")
    assert {(row["backend"], row["served_model"].partition(":")[0]) for row in outputs} == {("vllm", "checkpoint")}
    again = run(*arguments(), env=env, cwd=tmp_path)
    assert again.returncode == 0
    assert len(vllm.starts()) == 4


def test_without_a_gpu_a_folder_is_not_served_unless_that_is_asked_for(tmp_path, machine):
    vllm, env = machine(gpus=0)
    done = run(*arguments(model="vllm/writer", judge="builtin/textstats"), env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "vLLM starts writer on CPU" in done.stderr
    (start,) = vllm.starts()
    assert not start["gpus"]
    planned = run("plan", *arguments(judge="builtin/textstats")[1:], "--results", "other", env=env, cwd=tmp_path)
    assert planned.returncode == 0, planned.stderr
    assert len(vllm.starts()) == 1


def test_one_checkpoint_may_write_and_judge_without_a_second_start(tmp_path, machine):
    both = {"name": "judge", "verdict": "hash"}
    vllm, env = machine({"roles": {"writer": both}})
    done = run(*arguments(judge="writer"), env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(vllm.starts()) == 1


def test_several_models_that_write_follow_each_other(tmp_path, machine):
    vllm, env = machine({"roles": {**ROLES, "third": ROLES["writer"]}})
    make_folder(tmp_path / "third", weights=b"third")
    done = run(
        *arguments("--baseline", "third", "--baseline", "builtin/briefer", judge="builtin/textstats"),
        env=env, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert sorted(start["arguments"][1].rpartition("/")[2] for start in vllm.starts()) == ["third", "writer"]
    assert vllm.starts()[1]["others"] == []  # the first was gone


def test_several_checkpoints_in_one_command_share_one_start_of_the_judge(tmp_path, machine):
    vllm, env = machine({"roles": {**ROLES, "third": ROLES["writer"]}})
    make_folder(tmp_path / "third", weights=b"third")
    done = run(*arguments("--model", "third"), env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    started = [start["arguments"][1].rpartition("/")[2] for start in vllm.starts()]
    assert started == ["writer", "third", "judge"]
    assert all(start["others"] == [] for start in vllm.starts())
    (board,) = (tmp_path / "results").glob("*@*/judge-*/board.json")
    names = {row["name"] for row in json.loads(board.read_text("utf-8"))["sections"][0]["rows"]}
    assert {"writer", "third"} <= names
    logs = [path.read_text("utf-8").strip().split("\n") for path in (tmp_path / "results" / "runs").glob("*.jsonl")]
    assert [json.loads(lines[-1])["outcome"] for lines in logs] == ["done"] * 4


def test_a_start_that_fails_says_why_and_the_same_command_goes_on(tmp_path, machine):
    vllm, env = machine({"starts": [{}, {"refuse": "CUDA out of memory"}, {}]})
    done = run(*arguments(), env=env, cwd=tmp_path)
    assert done.returncode == 1
    assert "vLLM did not start (exit code 1)" in done.stderr
    assert "CUDA out of memory" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(rows(tmp_path / "results", "*@*/outputs/writer-*.jsonl")) == 3
    again = run(*arguments(), env=env, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert [start["arguments"][1].rpartition("/")[2] for start in vllm.starts()] == ["writer", "judge", "judge"]


def test_a_server_that_dies_midway_costs_nothing(tmp_path, machine):
    vllm, env = machine({"starts": [{}, {"rules": [{"numbers": [20], "do": "die"}]}, {}]})
    done = run(*arguments(), env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "36 of 36 battles decided" in done.stdout
    assert "server 1 of judge died" in done.stderr
    battles = rows(tmp_path / "results", "*@*/judge-*/battles.jsonl")
    assert len(battles) == len({row["key"] for row in battles}) == 36
    assert len(vllm.starts()) == 3


def test_a_server_that_dies_twice_ends_the_run_and_the_same_command_goes_on(tmp_path, machine):
    dying = {"rules": [{"numbers": [10], "do": "die"}]}
    vllm, env = machine({"starts": [{}, dying, dying, {}]})
    done = run(*arguments("--max-connections", "1"), env=env, cwd=tmp_path)
    assert done.returncode == 1
    assert "the server of judge died twice; its last words (" in done.stderr
    assert "the same command goes on where this one ended" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(rows(tmp_path / "results", "*@*/judge-*/battles.jsonl")) == 2 * 9
    again = run(*arguments(), env=env, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    battles = rows(tmp_path / "results", "*@*/judge-*/battles.jsonl")
    assert len(battles) == len({row["key"] for row in battles}) == 36
    assert len(vllm.starts()) == 4


def test_a_checkpoint_that_is_written_over_while_the_run_goes_on_ends_it_before_anything_is_mixed_up(tmp_path, machine):
    """The judge's folder changes while the answers are written: who is asked would not be who the rows name."""
    vllm, env = machine({"seconds": 2})
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments())], env=env, cwd=tmp_path, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    while not vllm.starts():
        time.sleep(0.05)
    (tmp_path / "judge" / "model.safetensors").write_bytes(safetensors(b"JUDGE"))
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "judge was written to since this run began: run it again" in errors
    assert rows(tmp_path / "results", "*@*/judge-*/battles.jsonl") == []
    again = run(*arguments(), env=env, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert len(list((tmp_path / "results").glob("*@*/judge-*/board.json"))) == 1
    assert len(rows(tmp_path / "results", "*@*/outputs/writer-*.jsonl")) == 3


def test_two_runs_at_once_have_servers_of_their_own(tmp_path, machine):
    """On the same GPUs, where vLLM finds memory for both; each run has its own results."""
    vllm, env = machine({"seconds": 1})
    both = [
        subprocess.Popen(
            [*COMMAND, *map(str, arguments("--results", name))],
            env=env, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        )
        for name in ("one", "other")
    ]  # fmt: skip
    said = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert all("36 of 36 battles decided" in out for out, _ in said)
    starts = vllm.starts()
    assert len({start["key"] for start in starts}) == 4
    assert len({start["arguments"][start["arguments"].index("--port") + 1] for start in starts}) == 4


@pytest.mark.parametrize(
    ("options", "gpus", "words"),
    [
        (("--gpus", "0,0"), 2, "--gpus names 0 twice"),
        (("--tensor-parallel-size", "3"), 2, "--tensor-parallel-size 3 needs 3 GPUs, and there are 2"),
        (("--gpus", "0"), 0, "--gpus names 0, and no GPU is visible here"),
        (("--vllm-args", "--enforce-eager --port 80"), 1, "--port within --vllm-args"),
    ],
)
def test_what_cannot_be_served_as_asked_is_said_before_anything_is_started(tmp_path, machine, options, gpus, words):
    vllm, env = machine(gpus=gpus)
    done = run(*arguments(*options, model="vllm/writer"), env=env, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert vllm.starts() == []
    assert not (tmp_path / "results").exists()


def test_folders_with_spaces_quotes_and_other_scripts_in_their_names(tmp_path, machine):
    vllm, env = machine({"roles": {'写作 模型\'s "v1"': ROLES["writer"], "judge": ROLES["judge"]}})
    folder = make_folder(tmp_path / "mes modèles" / '写作 模型\'s "v1"', weights=b"third")
    done = run(*arguments(model=folder), env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert vllm.starts()[0]["arguments"][1] == str(folder)
    assert rows(tmp_path / "results", "*@*/outputs/*v1*.jsonl")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_while_a_server_starts_ends_at_once(tmp_path, machine, number):
    vllm, env = machine({"seconds": 60})
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments())], env=env, cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    while not vllm.starts():
        time.sleep(0.05)
    begun = time.monotonic()
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert time.monotonic() - begun < 10
    assert "Traceback" not in errors
    assert len(vllm.starts()) == 1


@pytest.mark.slow
def test_20_times_kill_9_leaves_no_process_and_loses_no_row(tmp_path, machine):
    vllm, env = machine({"deaf": True, "latency": 0.2})
    draw = random.Random(5)
    for _ in range(20):
        before = len(vllm.starts())
        process = subprocess.Popen(
            [*COMMAND, *map(str, arguments("--max-connections", "1"))],
            env=env, cwd=tmp_path, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        while len(vllm.starts()) == before and process.poll() is None:
            time.sleep(0.02)
        time.sleep(draw.uniform(0, 2.5))
        process.kill()
        process.wait()
        kept = len(rows(tmp_path / "results", "*@*/judge-*/battles.jsonl"))
        assert kept <= 36
    end = time.monotonic() + 40
    while vllm.left() and time.monotonic() < end:
        time.sleep(0.1)
    assert vllm.left() == []
    done = run(*arguments(), env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    battles = rows(tmp_path / "results", "*@*/judge-*/battles.jsonl")
    assert len(battles) == len({row["key"] for row in battles}) == 36


def test_the_longest_answers_are_begun_first(tmp_path, machine):
    vllm, env = machine()
    asked = arguments("--no-judge", "--max-connections", "1", limit=12)
    del asked[asked.index("--judge") : asked.index("--judge") + 2]
    done = run(*asked, env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    prompts = {prompt.text: prompt.length for prompt in load_benchmark("starter").prompts}
    (requests,) = vllm.requests()
    lengths = [prompts[request["body"]["messages"][-1]["content"]] for request in requests]
    expected = [answer_tokens(length, budget=16_384).middle for length in lengths]
    assert len(set(expected)) > 3
    assert expected == sorted(expected, reverse=True)
