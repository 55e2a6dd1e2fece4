"""A real vLLM, on the CPU, in two actors of Ray, one of which is killed: a whole evaluation, and its board."""

import os
import signal
import subprocess

import pytest
from cli.test_ray import desk, of_this_test, wait_until  # noqa: F401 - a fixture
from cli.test_real_vllm import SLOW_START, machine, rows  # noqa: F401 - a fixture
from command import COMMAND

pytestmark = [pytest.mark.vllm, pytest.mark.hf, pytest.mark.ray]


def test_a_whole_evaluation_with_an_actor_killed(machine, desk):  # noqa: F811
    folder, env = machine
    process = subprocess.Popen(
        [
            *COMMAND, "eval", "--benchmark", "starter", "--limit", "3", "--rubric", "none", "--results", "ray",
            "--model", "writer", "--judge", "judge", "--judge-format", "json_schema", "--judge-preset", "writingbench",
            "--executor", "ray", "--replicas", "2", "--max-connections", "2", "--vllm-args", SLOW_START,
        ],
        env=env | desk, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    battles = "*@*/judge-*/battles.jsonl"
    try:
        wait_until(lambda: len(rows(folder / "ray", battles)) >= 4 or process.poll() is not None, seconds=600)
        assert process.poll() is None, process.communicate()
        running = of_this_test(desk["TMPDIR"])
        victim = next(process for process, command in running.items() if command.startswith("ray::Host"))
        os.kill(victim, signal.SIGKILL)
        said, errors = process.communicate(timeout=600)
    finally:
        process.kill()  # where it took too long, nothing goes on behind the test
    assert process.returncode == 0, said + errors
    assert "of judge died" in errors
    assert "36 of 36 battles decided" in said
    outputs = rows(folder / "ray", "*@*/outputs/writer-*.jsonl")
    assert {row["backend"] for row in outputs} == {"vllm"}
    assert len({row["key"] for row in rows(folder / "ray", battles)}) == 36
