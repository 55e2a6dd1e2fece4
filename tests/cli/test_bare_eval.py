"""`arena-write eval --model X` and nothing else: which benchmark, which judge, and what is said where there is none."""

import json

import pytest
from benchmarks.hub import serve
from command import environment, run
from scripted_server import start_server
from stored import BATTLES, OUTPUTS, board, rows
from writing import write_text

DEFAULT_JUDGE = "gpt-4.1-2025-04-14"
PROMPTS = 6
MODELS = {"writer": {"name": "essay", "words": [60, 120]}, "judge": {"name": "judge"}}


def hub_files():
    """The data set as the hub has it, in small: prompts, and the baselines' answers beside them."""
    lines = [
        json.dumps({
            "idx": number,
            "question": f"Write story {number} in about 80 words.",
            "type": "Literature",
            "length": 80,
            "baseline_response": {name: write_text((name, number), words=80) for name in ("one", "two")},
        })
        for number in range(1, PROMPTS + 1)
    ]  # fmt: skip
    return {"README.md": b"---\n---\n", "data.jsonl": ("\n".join(lines) + "\n").encode()}


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """The cache of a machine that met the hub once; the hub is gone since."""
    home = tmp_path_factory.mktemp("hub")
    with serve(hub_files()) as endpoint:
        env = environment(HF_HOME=str(home), HF_ENDPOINT=endpoint, ARENA_WRITE_JUDGE="builtin/textstats")
        env.pop("HF_HUB_OFFLINE")
        done = run("plan", "--model", "openai/writer@http://127.0.0.1:9/v1", "--results", home / "r", env=env)
    assert done.returncode == 0, done.stderr
    assert f"{PROMPTS} calls for answers of writer" in done.stdout
    return home


@pytest.fixture
def server():
    with start_server({"models": MODELS}) as running:
        yield running


def bare(verb, server, folder, **env):
    """Run in a folder of its own, where `results` is by default."""
    folder.mkdir(exist_ok=True)
    return run(verb, "--model", f"openai/writer@{server.base_url}", env=environment(**env), cwd=folder)


def test_where_nothing_is_set_it_ends_before_anybody_is_asked(cache, server, tmp_path):
    for verb in ("eval", "plan"):
        done = bare(verb, server, tmp_path / "here", HF_HOME=str(cache))
        assert done.returncode == 2
        assert "no judge is chosen" in done.stderr
        for way in ("--judge", "ARENA_WRITE_JUDGE", "OPENAI_API_KEY", "--judge builtin/textstats"):
            assert way in done.stderr
    assert server.requests() == []
    assert list((tmp_path / "here").iterdir()) == []


def test_the_judge_of_the_environment_judges_the_hubs_benchmark(cache, server, tmp_path):
    judge = f"openai/judge@{server.base_url}"
    done = bare("eval", server, tmp_path / "here", HF_HOME=str(cache), ARENA_WRITE_JUDGE=judge)
    assert done.returncode == 0, done.stderr
    found = board(tmp_path / "here" / "results")
    assert found["benchmark"].startswith("arena-write@")
    assert "Arena-Write (arXiv 2506.18841)" in done.stdout
    assert found["judge"]["name"] == "judge"
    assert {row["name"] for row in found["sections"][0]["rows"]} == {"writer", "one", "two"}
    assert len(rows(tmp_path / "here" / "results", BATTLES)) == PROMPTS * 3 * 2
    # What is set for the judge goes before what a key would choose, and --judge before both.
    env = {"HF_HOME": str(cache), "ARENA_WRITE_JUDGE": judge, "OPENAI_API_KEY": "sk-none"}
    planned = bare("plan", server, tmp_path / "plan", **env)
    assert "verdicts of judge" in planned.stdout
    given = run("plan", "--model", f"openai/writer@{server.base_url}", "--judge", "builtin/textstats",
                env=environment(**env), cwd=tmp_path)  # fmt: skip
    assert "calls for answers of writer" in given.stdout, given.stderr
    assert "verdicts" not in given.stdout  # that judge is not called


def test_a_key_chooses_the_default_judge_which_the_plan_names_and_prices(cache, server, tmp_path):
    env = {"HF_HOME": str(cache), "OPENAI_API_KEY": "sk-none"}
    planned = bare("plan", server, tmp_path / "here", **env)
    assert planned.returncode == 0, planned.stderr
    (line,) = (line for line in planned.stdout.splitlines() if "verdicts" in line)
    assert f"{PROMPTS * 3 * 2} calls for verdicts of {DEFAULT_JUDGE}" in line
    assert "$" in line
    # It costs money, so nothing happens without a yes or a bound.
    done = bare("eval", server, tmp_path / "here", **env)
    assert done.returncode == 2
    assert line in done.stderr
    assert "--yes" in done.stderr and "--max-cost" in done.stderr
    assert server.requests() == []
    assert rows(tmp_path / "here" / "results", OUTPUTS) == []


@pytest.mark.parametrize("way", ["offline", "unreachable"])
def test_without_a_hub_and_without_its_cache_it_names_the_benchmark_that_needs_neither(server, tmp_path, way):
    with serve({}) as gone:
        pass
    env = environment(
        HF_HOME=str(tmp_path / "empty"), HF_ENDPOINT=gone, ARENA_WRITE_JUDGE=f"openai/judge@{server.base_url}"
    )
    if way == "unreachable":
        env.pop("HF_HUB_OFFLINE")
    (tmp_path / "here").mkdir()
    done = run("eval", "--model", f"openai/writer@{server.base_url}", env=env, cwd=tmp_path / "here")
    assert done.returncode == 2, done.stderr
    assert "--benchmark starter" in done.stderr
    assert "Traceback" not in done.stderr
    assert server.requests() == []
    assert list((tmp_path / "here").iterdir()) == []
