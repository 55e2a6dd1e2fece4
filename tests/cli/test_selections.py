"""Selections of WritingBench's queries on the command line: parts of one board, and what cannot be chosen."""

import json

import pytest
from command import environment, run
from scripted_server import start_server
from writing import write_queries

from judges.llm import preset_names

MODELS = {"writer": {"name": "essay", "words": 40}, "judge": {"name": "judge"}}


@pytest.fixture
def copy(tmp_path):
    return write_queries(tmp_path / "copy", queries=12)


@pytest.fixture
def call(copy, tmp_path):
    """Run a verb on a copy of WritingBench that the environment names."""

    def call(verb, *more, server=None, **changes):
        url = server.base_url if server else "http://127.0.0.1:9/v1"
        options = {
            "--model": f"openai/writer@{url}",
            "--judge": f"openai/judge@{url}",
            "--benchmark": "writingbench",
            "--results": tmp_path / "results",
        }
        named = [part for option in options.items() for part in option]
        env = environment(
            **{"ARENA_WRITE_WRITINGBENCH": str(copy), "XDG_CACHE_HOME": str(tmp_path / "cache")} | changes
        )
        return run(verb, *named, *more, env=env)

    return call


def board_of(results):
    (path,) = results.glob("writingbench@2025-04-*/judge-*/board.json")
    return json.loads(path.read_bytes())


def test_a_selection_is_a_part_of_the_one_board(call, tmp_path):
    with start_server({"models": MODELS}) as server:
        first = call("eval", "--requirement", "length", server=server)
        assert first.returncode == 0, first.stderr
        assert server.stats()["behaviours"]["ok"] == 4 + 4 * 2
        (part,) = board_of(tmp_path / "results")["rubric"][0]["aggregates"]
        assert part["queries"] == 4
        second = call("eval", "--sample", "6", "--seed", "3", server=server)
        assert second.returncode == 0, second.stderr
        (more,) = board_of(tmp_path / "results")["rubric"][0]["aggregates"]
        assert 6 <= more["queries"] <= 10
        done = call("eval", server=server)
        assert done.returncode == 0, done.stderr
        assert server.stats()["behaviours"]["ok"] == 12 + 12 * 2
    board = board_of(tmp_path / "results")
    assert board["title"] == "WritingBench (arXiv 2503.05244), edition 2025-04"
    (whole,) = board["rubric"][0]["aggregates"]
    assert [(one["name"], one["queries"], one["pairs"]) for one in whole["requirements"]] == [
        ("style", 3, 3),
        ("format", 0, 0),
        ("length", 4, 5),
    ]
    assert "format R" in done.stdout
    assert "not scored" in done.stdout
    assert run("verify", "--results", tmp_path / "results").returncode == 0


def test_a_sample_is_planned_without_any_call(call):
    small, large = call("plan", "--sample", "3"), call("plan", "--sample", "5", "--lang", "en")
    for done, answers in ((small, 3), (large, 5)):
        assert f"{answers} calls for answers of writer" in done.stdout
        assert f"{2 * answers} calls for scores of judge" in done.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--requirement", "format"], "no prompt has the requirement 'format'; there are: length, style"),
        (["--sample", "0"], "Invalid value for '--sample'"),
        (["--benchmark", "writingbench@v1"], "ask for --benchmark writingbench@2025-04"),
        (["--benchmark", "writingbench@v2"], "there is no edition 'v2' of writingbench; there are 2025-04, v1"),
    ],
)
def test_what_cannot_be_chosen_ends_with_a_mend(call, options, said):
    done = call("plan", *options)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())


def test_without_a_copy_it_ends_with_mends(call, tmp_path):
    done = call("plan", ARENA_WRITE_WRITINGBENCH=str(tmp_path / "nowhere"))
    assert done.returncode == 2
    for mend in ("git clone https://github.com/X-PLUG/WritingBench", "ARENA_WRITE_WRITINGBENCH", "--benchmark PATH"):
        assert mend in " ".join(done.stderr.split())


def test_help_tells_sample_from_samples():
    text = " ".join(run("eval", "--help").stdout.replace("│", " ").split())
    assert "--samples is another thing" in text
    assert "Answers to each prompt that the model writes" in text


def test_help_names_every_preset_of_a_judge():
    text = " ".join(run("eval", "--help").stdout.replace("│", " ").split())
    *most, last = preset_names()
    assert f"Settings with which the judge is asked: {', '.join(most)} or {last}." in text
