"""`kill -9` of the run, of its server and of both: the same command goes on, and nothing is lost, doubled or stuck."""

import random

import pytest
from command import run
from killing import VICTIMS, check_rows, kill_until_done
from scripted_server import start_server
from writing import make_benchmark

PROMPTS = 24
OUTPUTS = PROMPTS * 3
BATTLES = (PROMPTS * 6, PROMPTS * 6 + 6 * 2)
SCORES = (PROMPTS * 3, PROMPTS * 3 + 3 * 2)
"""Keys, and attempts: one prompt takes three for each."""
MODELS = {"writer": {"name": "essay", "words": [100, 300]}, "judge": {"name": "judge", "verdict": "hash"}}
FAULTS = {"rate_limited": 0.1, "cut": 0.01}


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory):
    paths = make_benchmark(tmp_path_factory.mktemp("kills"), prompts=PROMPTS, entrants=["one", "two"], criteria=1)
    return [
        "eval", "--benchmark", paths["prompts"], "--baseline", paths["one"], "--baseline", paths["two"],
        "--max-connections", "4",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kills", "victims"), [(3, ["server"]), pytest.param(10, VICTIMS, marks=pytest.mark.slow)], ids=["server", "ten"]
)
def test_killed_at_random_moments_the_same_command_gives_the_same_board(
    benchmark, tmp_path, board_bytes, kills, victims
):
    # What a judge never says stays unsaid, however often it is killed: three attempts, and no more.
    unsaid = {"model": "judge", "contains": "thing 7 ", "do": "empty"}
    script = {"models": MODELS, "rules": [unsaid], "faults": FAULTS, "latency": 0.03, "seed": 11, "log_bodies": False}
    with start_server(script) as server:
        options = [
            *benchmark, "--model", f"openai/writer@{server.base_url}", "--judge", f"openai/judge@{server.base_url}",
        ]  # fmt: skip
        whole = run(*options, "--results", tmp_path / "whole")
        assert whole.returncode == 0, whole.stderr
        toll = kill_until_done(
            [*options, "--results", tmp_path / "killed"],
            server,
            tmp_path / "killed",
            kills=kills,
            work=PROMPTS + BATTLES[1] + SCORES[1],
            draw=random.Random(7),
            victims=victims,
        )
    assert toll.killed.total() == kills
    assert set(toll.killed) == set(victims)
    for name in ("whole", "killed"):
        check_rows(tmp_path / name, outputs=OUTPUTS, battles=BATTLES, scores=SCORES)
    assert board_bytes(tmp_path / "killed") == board_bytes(tmp_path / "whole")
