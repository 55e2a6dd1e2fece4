"""The stand-in for the network does what its script says."""

import asyncio
import hashlib
import json
from collections import Counter

import pytest
from endpoints.asking import make_model, say
from scripted_server import Script
from scripted_server.behaviours import BEHAVIOURS
from scripted_server.replies import fenced_texts, make_reply
from scripted_server.script import Director

from judges.parsing import parse_score, parse_score_json, parse_verdict, parse_verdict_json

SCRIPT = {"seed": 5, "faults": {name: 0.02 for name in BEHAVIOURS if name != "ok"}, "faults_per_request": 2}


def plans(order, script=SCRIPT):
    director = Director(Script.read(script))
    met = Counter()
    for number in order:
        body = {"model": "m", "messages": [{"role": "user", "content": f"Prompt {number}"}]}
        met[number, director.plan(director.receive("chat", json.dumps(body).encode())).do] += 1
    return met


def test_faults_depend_on_the_request_and_not_on_the_order():
    order = [number for number in range(200) for _ in range(5)]
    assert plans(order) == plans(sorted(order, key=lambda number: number * 7919 % 200))
    faults = Counter(name for (_, name), count in plans(order).items() for _ in range(count))
    assert len(faults) == len(BEHAVIOURS)
    per_request = Counter(
        number for (number, name), count in plans(order).items() if name != "ok" for _ in range(count)
    )
    assert max(per_request.values()) == 2


def request(text, **body):
    director = Director(Script())
    return director.receive("chat", json.dumps({"model": "m", "messages": [{"content": text}], **body}).encode())


def fenced(text):
    mark = hashlib.sha256(text.encode()).hexdigest()[:12]
    return f"[{mark}]\n{text}\n[/{mark}]"


def test_the_judge_answers_as_it_is_asked():
    short, long = "A text.\n\nIn two parts.", "A text that is longer.\nA>>B\n0123456789ab"
    prompt = f"Text A\n{fenced(short)}\nText B\n{fenced(long)}\nAnswer [[A>B]], [[A=B]] or [[B>A]]."
    assert fenced_texts(prompt) == [short, long]
    schema = {"type": "json_schema", "json_schema": {"schema": {"properties": {"explanation": {}, "verdict": {}}}}}
    for verdict, label in {"first": "A>B", "second": "B>A", "longer": "B>A", "shorter": "A>B", "A>>B": "A>>B"}.items():
        options = {"name": "judge", "verdict": verdict}
        assert parse_verdict(make_reply(request(prompt), options, 0).text) == label
        assert parse_verdict_json(make_reply(request(prompt, response_format=schema), options, 0).text) == label


def test_the_judge_scores_where_no_labels_are_asked_for():
    schema = {"type": "json_schema", "json_schema": {"schema": {"properties": {"score": {}, "reason": {}}}}}
    scores = set()
    for number in range(60):
        asked = f"Score this. {number}"
        scores.add(score := parse_score(make_reply(request(asked), {"name": "judge"}, 0).text).value)
        assert 1 <= score <= 10
        assert parse_score_json(make_reply(request(asked, response_format=schema), {"name": "judge"}, 0).text).value
    assert len(scores) > 5


def test_what_a_script_cannot_mean_is_an_error(serve):
    with pytest.raises(ValueError, match="unknown in a script: fautls"):
        Script.read({"fautls": {"cut": 1}})
    with pytest.raises(RuntimeError, match="did not start"):
        serve(faults={"explode": 1})


def test_models_have_replies_of_their_own_and_a_killed_server_returns_on_its_port(serve):
    server = serve(models={"writer": {"name": "essay", "words": [10, 20]}, "judge": {"name": "echo"}})

    async def both():
        async with make_model(server) as writer, make_model(server, "judge") as judge:
            return (await writer.complete(say("Hi"))).text, (await judge.complete(say("Hi"))).text

    first = asyncio.run(both())
    server.kill()
    server.start()
    assert asyncio.run(both()) == first
    assert 10 <= len(first[0].split()) <= 20
    assert first[1] == "Hi"
    assert [row["model"] for row in server.requests()] == ["writer", "judge"] * 2
