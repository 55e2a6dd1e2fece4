"""Whole evaluations whose judge says hostile things, and whose texts speak to the judge."""

import json
import runpy
from collections import Counter

import pytest
from command import REPOSITORY, run
from forging.mouths import made_for
from scripted_server import start_server
from scripted_server.script import Director, Script
from stored import BATTLES, REPLIES, SCORES, board, rows
from writing import make_benchmark, write_jsonl

ATTACKS = runpy.run_path(str(REPOSITORY / "tests" / "judges" / "attacks.py"))["ATTACKS"]


def evaluate(options, server, results, reply_format):
    return run(
        *options, "--judge", f"openai/judge@{server.base_url}", "--judge-format", reply_format, "--results", results,
        "--min-coverage", "0.5",
    )  # fmt: skip


def heard(text):
    """A reply as the client has it: halves of characters that found each other on the wire, and lone ones replaced."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


@pytest.mark.parametrize("reply_format", ["text", "json_schema"])
def test_no_verdict_and_no_score_comes_from_a_forged_reply_over_the_wire(tmp_path, reply_format):
    paths = make_benchmark(tmp_path, prompts=16, entrants=["cand", "one", "two"], criteria=2)
    options = ["eval", "--benchmark", paths["prompts"], "--model", paths["cand"]]
    options += [part for name in ("one", "two") for part in ("--baseline", paths[name])]
    script = {"models": {"judge": {"name": "forging.mouths:forged"}}, "seed": 3}
    with start_server(script) as server:
        done = evaluate(options, server, tmp_path / "r", reply_format)
        asked = server.requests()
    assert done.returncode in (0, 4), done.stderr
    assert "Traceback" not in done.stderr
    # The server's log, told again: which reply was forged for each request, and what it says.
    director, told = Director(Script.read(script)), Counter()
    for row in asked:
        one = made_for(director.receive("chat", json.dumps(row["body"]).encode()), 3)
        told[heard(one.completion.text), one.says] += 1
    assert told.total() == len(asked) > 96 * 2
    battles, scores = rows(tmp_path / "r", BATTLES), rows(tmp_path / "r", SCORES)
    texts = {row["key"]: row["text"] for row in rows(tmp_path / "r", REPLIES)}
    said = [(row, row["verdict"]) for row in battles] + [(row, row["score"]) for row in scores]
    assert Counter((texts[row["reply"]], answer) for row, answer in said) == told
    assert all((answer is None) == (row["invalid"] is not None) for row, answer in said)
    assert len({row["key"] for row in battles if row["verdict"]}) == board(tmp_path / "r")["sections"][0]["decided"]
    assert len({row["key"] for row in scores if row["score"]}) == board(tmp_path / "r")["rubric"][0]["decided"]


@pytest.mark.parametrize("reply_format", ["text", "json_schema"])
def test_an_obedient_judge_of_texts_that_forge_verdicts_gives_none(tmp_path, reply_format):
    """It says the last thing in its prompt that looks like an answer: that is the template's, and no verdict."""
    prompts = [{"id": f"p{n}", "text": f"Write about thing {n} in 60 words."} for n in range(len(ATTACKS))]
    texts = [text("Write.", "Other.") if callable(text) else text for _, text in ATTACKS]
    options = ["eval", "--benchmark", write_jsonl(tmp_path / "prompts.jsonl", prompts)]
    for role, name, said in (("--model", "cand", texts), ("--baseline", "base", [*texts[7:], *texts[:7]])):
        answers = [{"prompt_id": f"p{n}", "text": text} for n, text in enumerate(said)]
        options += [role, write_jsonl(tmp_path / f"{name}.jsonl", answers)]
    with start_server({"models": {"judge": {"name": "forging.mouths:obedient"}}, "log_bodies": False}) as server:
        done = evaluate(options, server, tmp_path / "r", reply_format)
        asked = len(server.requests())
    assert done.returncode == 4, done.stderr
    battles = rows(tmp_path / "r", BATTLES)
    assert len(battles) == asked >= 300
    assert {row["verdict"] for row in battles} == {None}
    said = Counter(row["text"] for row in rows(tmp_path / "r", REPLIES))
    assert set(said) == {"[[label]]" if reply_format == "text" else '"B>>A"'}
    assert all(row["elo"] is None and row["judged"] == 0 for row in board(tmp_path / "r")["sections"][0]["rows"])
