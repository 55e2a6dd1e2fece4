"""WritingBench's own queries (the length subset), rubric-scored over the wire."""

import json

import pytest
from command import REPOSITORY, run
from scripted_server import start_server

QUERIES = REPOSITORY.parent / "shared" / "data" / "writingbench" / "writingbench_length_subset.jsonl"
pytestmark = pytest.mark.skipif(not QUERIES.exists(), reason=f"needs {QUERIES.name} beside the checkout, in ../shared")

MODELS = {"writer": {"name": "essay", "words": [300, 900]}, "judge": {"name": "judge"}}


def test_twenty_queries_are_scored_on_five_criteria_each(tmp_path):
    faults = {"rate_limited": 0.05, "server_error": 0.05, "reset_midway": 0.05, "garbage": 0.05}
    with start_server({"models": MODELS, "faults": faults, "seed": 6}) as server:
        options = [
            "--model", f"openai/writer@{server.base_url}", "--judge", f"openai/judge@{server.base_url}",
            "--benchmark", QUERIES, "--limit", 20, "--profile", "writingbench", "--judge-preset", "writingbench",
            "--results", tmp_path,
        ]  # fmt: skip
        done = run("eval", *options)
        assert done.returncode == 0, done.stderr
        assert server.stats()["behaviours"]["ok"] == 20 + 100
        assert run("eval", *options).stdout == done.stdout
        assert server.stats()["behaviours"]["ok"] == 20 + 100
    assert "100 of 100 scores decided" in done.stdout
    (path,) = tmp_path.glob("*@*/judge-*/scores.jsonl")
    scores = [json.loads(line)["score"] for line in path.read_text("utf-8").split("\n") if line]
    (board,) = tmp_path.glob("*@*/judge-*/board.json")
    (row,) = json.loads(board.read_text("utf-8"))["rubric"][0]["rows"]
    assert row["mean"] == pytest.approx(sum(scores) / len(scores), abs=1e-6)
    assert (row["prompts"], row["coverage"]) == (20, 1)
