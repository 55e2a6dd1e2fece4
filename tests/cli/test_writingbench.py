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


def read(path):
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]


def mean(values):
    values = list(values)
    return sum(values) / len(values)


@pytest.mark.slow  # 222 answers and 1,110 scores over HTTP: some 40 seconds
def test_the_whole_length_subset_aggregates_to_what_plain_sums_give(tmp_path):
    rules = [{"model": "writer", "share": 0.03, "do": "open_think"}]
    with start_server({"models": MODELS, "rules": rules, "seed": 11}) as server:
        options = [
            "--model", f"openai/writer@{server.base_url}", "--judge", f"openai/judge@{server.base_url}",
            "--benchmark", QUERIES, "--profile", "writingbench", "--results", tmp_path,
        ]  # fmt: skip
        done = run("eval", *options, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "1110 of 1110 scores decided" in done.stdout
    (folder,) = tmp_path.glob("*@*/judge-*")
    queries = {row["query"]: row for row in read(QUERIES)}
    tested = {row["index"]: {one["name"] for one in row["checklist"]} for row in read(cut_file(QUERIES))}
    asked = {row["text"]: row for row in read(folder.parent / "prompts.jsonl")}
    answers = {row["prompt_id"]: row for path in (folder.parent / "outputs").glob("*.jsonl") for row in read(path)}
    said = {(row["text"], row["criterion_name"], row["prompt"]): row["score"] for row in read(folder / "scores.jsonl")}
    scores = {}  # of each query, by criterion: 1 where the answer has no text
    for text, row in queries.items():
        answer = answers[asked[text]["id"]]
        scores[row["index"]] = {
            one["name"]: 1 if answer["failure"] else said[answer["text_id"], one["name"], answer["prompt"]]
            for one in row["checklist"]
        }
    failed = sum(1 for answer in answers.values() if answer["failure"])
    assert 0 < failed < 20

    board = json.loads((folder / "board.json").read_bytes())
    (whole,) = board["rubric"][0]["aggregates"]
    per_query = {index: mean(own.values()) for index, own in scores.items()}
    assert whole["queries"] == 222
    assert whole["overall"] == pytest.approx(mean(score for own in scores.values() for score in own.values()), abs=1e-6)
    assert whole["macro"] == pytest.approx(mean(per_query.values()), abs=1e-6)
    for level, field in (("domains", "domain1"), ("subdomains", "domain2")):
        groups = {}
        for row in queries.values():
            groups.setdefault(row[field], []).append(per_query[row["index"]])
        assert {one["name"]: one["queries"] for one in whole[level]} == {name: len(own) for name, own in groups.items()}
        for one in whole[level]:
            assert one["mean"] == pytest.approx(mean(groups[one["name"]]), abs=1e-6)
    style, form, length = whole["requirements"]
    assert [one["name"] for one in whole["requirements"]] == ["style", "format", "length"]
    assert style["r"] is style["c"] is form["r"] is form["c"] is None
    assert (length["queries"], length["pairs"], length["unscored"]) == (222, 226, 0)
    assert length["r"] == pytest.approx(whole["macro"], abs=1e-6)
    pairs = [scores[index][name] for index, names in tested.items() for name in names]
    assert length["c"] == pytest.approx(mean(pairs), abs=1e-6)
    checked = run("verify", "--results", tmp_path)
    assert checked.returncode == 0, checked.stdout


def cut_file(path):
    return path.with_name(f"{path.stem}_C.jsonl")
