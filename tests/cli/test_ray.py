"""Models that Ray serves: the same command and the same board as on one machine, whoever dies meanwhile."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from checkpoints.folders import make_folder
from cli.test_serving import ROLES, arguments, rows
from command import COMMAND, environment, run
from stand_in_vllm import StandIn

pytestmark = pytest.mark.ray
RAY = ("--executor", "ray", "--replicas", "2")


@pytest.fixture
def machine(tmp_path):
    """Make a machine with two checkpoints, a stand-in for vLLM, and so many GPUs."""
    made = []

    def make(script=None, *, gpus=0):
        for name in ROLES:
            make_folder(tmp_path / name, weights=name.encode())
        vllm = StandIn(tmp_path / "stand-in", {"roles": ROLES, **(script or {})})
        made.append(vllm)
        devices = ",".join(map(str, range(gpus)))
        return vllm, environment(ARENA_WRITE_VLLM=vllm.command, CUDA_VISIBLE_DEVICES=devices)

    yield make
    assert [process for vllm in made for process in vllm.left()] == []


@pytest.fixture
def desk():
    """An environment by which all processes of a run are known, and a folder for all that they leave: nothing."""
    with TemporaryDirectory() as folder:  # a short path, for sockets are in it
        yield {"TMPDIR": folder, "OF_THIS_TEST": folder}
        wait_until(lambda: not of_this_test(folder), seconds=180)
        assert of_this_test(folder) == {}


def of_this_test(folder):
    """Return the command lines, by process, of those that have a folder's name in their environment."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"OF_THIS_TEST={folder}".encode() in (process / "environ").read_bytes():
                found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


def wait_until(true, *, seconds=60):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)


def actor_of(start):
    """Return the process of the actor that has started a server."""
    process = start["processes"][0]
    while not (Path(f"/proc/{process}/cmdline").read_text("utf-8")).startswith("ray::"):
        process = int(Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[1])
        assert process > 1
    return process


def begin(*more, env, cwd):
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments(*more))],
        env=env, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip


def judged(vllm):
    """Return how many requests the judge's servers have got; a machine's writers were started first, two of them."""
    return sum(map(len, vllm.requests()[2:]))


def contents(results):
    """Return what rows say, by their keys."""
    said = {row["key"]: row["text"] for row in rows(results, "*@*/outputs/*.jsonl")}
    return said | {row["key"]: row["verdict"] for row in rows(results, "*@*/judge-*/battles.jsonl")}


def test_an_actor_that_is_killed_costs_nothing_and_the_board_is_that_of_one_machine(
    tmp_path, machine, desk, board_bytes
):
    vllm, env = machine({"latency": 0.5})
    process = begin(*RAY, "--max-connections", "2", "--results", "ray", env=env | desk, cwd=tmp_path)
    wait_until(lambda: judged(vllm) > 6 or process.poll() is not None)
    assert process.poll() is None, process.communicate()
    judges = [start for start in vllm.starts() if any(part.endswith("judge") for part in start["arguments"])]
    os.kill(actor_of(judges[0]), signal.SIGKILL)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert re.search(r"server \d of judge died", errors)
    assert "Traceback" not in errors
    local = run(
        *arguments("--results", "local", "--replicas", "2", model="vllm/writer", judge="vllm/judge"),
        env=env,
        cwd=tmp_path,
    )
    assert local.returncode == 0, local.stderr
    assert "CPU, 2 times" in local.stderr
    assert contents(tmp_path / "ray") == contents(tmp_path / "local")
    assert len(contents(tmp_path / "ray")) == 3 + 9 + 36
    assert len(rows(tmp_path / "ray", "*@*/judge-*/battles.jsonl")) == 36
    assert board_bytes(tmp_path / "ray") == board_bytes(tmp_path / "local")
    assert list(Path(desk["TMPDIR"]).iterdir()) == []
    again = run(*arguments(*RAY, "--results", "ray"), env=env | desk, cwd=tmp_path)
    assert again.returncode == 0
    assert "Ray" not in again.stderr  # nothing is left to do, so nothing is started


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_however_a_run_ends_nothing_of_it_is_left(tmp_path, machine, desk, number):
    vllm, env = machine({"latency": 30, "deaf": True})
    process = begin(*RAY, env=env | desk, cwd=tmp_path)
    wait_until(lambda: sum(map(len, vllm.requests())) or process.poll() is not None)
    process.send_signal(number)
    if number != signal.SIGKILL:
        time.sleep(1)
        process.send_signal(number)  # once more: calls under way are dropped
    _, errors = process.communicate(timeout=60)
    assert process.returncode == (-signal.SIGKILL if number == signal.SIGKILL else 130), errors
    assert "Traceback" not in errors
    wait_until(lambda: not vllm.left(), seconds=40)


def test_ray_says_which_gpus_a_replica_has(tmp_path, machine, desk):
    vllm, env = machine(gpus=5)
    done = run(
        *arguments("--executor", "ray", "--tensor-parallel-size", "2", "--gpus", "0,1,3,4", judge="builtin/textstats"),
        env=env | desk, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "2 places of Ray with 2 GPUs" in done.stderr
    given = [start["gpus"].split(",") for start in vllm.starts()]
    assert [len(gpus) for gpus in given] == [2, 2]
    assert sorted(gpu for gpus in given for gpu in gpus) == ["0", "1", "3", "4"]
