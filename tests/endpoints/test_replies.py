"""What one call brings back, over real HTTP."""

import asyncio

import pytest
from endpoints.asking import SHORT, ask, make_model, say

from arena_write.endpoints import BadRequestError, RequestSettings
from judges.ports import Completion, Usage


@pytest.mark.parametrize("streaming", [True, False, "refuse"])
@pytest.mark.parametrize("raw", [False, True])
def test_a_reply_is_whole_however_it_comes(serve, streaming, raw):
    server = serve(reply={"name": "echo"}, streaming=streaming, cached_share=0.5)
    text = "She said: 你好 \U0001f600\u2028and left.\r\n\tEnd  "
    reply, model = ask(server, text, raw=raw)
    assert isinstance(reply, Completion), reply
    assert reply.text == text
    assert (reply.finish_reason, reply.served_model, reply.thinking) == ("stop", "writer", None)
    assert reply.usage.completion_tokens == len(text.split())
    assert reply.usage.cached_tokens == reply.usage.prompt_tokens // 2
    assert reply.seconds > 0
    assert model.meter.read().completion_tokens == reply.usage.completion_tokens
    assert [row["path"] for row in server.requests()][-1] == ("completion" if raw else "chat")


def test_a_refused_stream_is_remembered(serve):
    server = serve(streaming="refuse")

    async def twice():
        async with make_model(server) as model:
            await model.complete(say("one"))
            await model.complete(say("two"))
            return model.meter.read()

    assert asyncio.run(twice()).retries == 0
    assert [row["body"].get("stream", False) for row in server.requests()] == [True, False, False]


@pytest.mark.parametrize("answer", ["refuse", False])
def test_usage_may_be_refused_or_ignored(serve, answer):
    server = serve(stream_usage=answer)

    async def twice():
        async with make_model(server) as model:
            return [await model.complete(say(text)) for text in ("one", "two")]

    first, second = asyncio.run(twice())
    assert first.usage == second.usage == Usage()
    asked = ["stream_options" in row["body"] for row in server.requests()]
    assert asked == ([True, False, False] if answer == "refuse" else [True, True])


def test_a_budget_field_that_is_refused_is_renamed_once(serve):
    refusal = {
        "do": "error",
        "status": 400,
        "message": "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        "numbers": [1],
    }
    server = serve(rules=[refusal])
    reply, _ = ask(server, max_tokens=50)
    assert isinstance(reply, Completion), reply
    bodies = [row["body"] for row in server.requests()]
    assert [body.get("max_completion_tokens") for body in bodies] == [None, 50]
    assert "max_tokens" not in bodies[1]


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_thinking_in_a_field_of_its_own(serve, field):
    reply, model = ask(serve(reply={"name": "echo", "thinking": 30, "thinking_in": field}), "Answer.")
    assert reply.text == "Answer."
    assert len(reply.thinking.split()) == reply.usage.thinking_tokens == 30
    assert model.meter.read().thinking_tokens == 30


def test_an_open_thought_in_the_text_is_left_to_others(serve):
    reply, _ = ask(serve(rules=[{"do": "open_think"}]))
    assert reply.text.startswith("<think>")
    assert reply.finish_reason == "stop"


@pytest.mark.parametrize(("behaviour", "finish", "empty"), [("length", "length", False), ("empty", "stop", True)])
def test_short_replies_are_replies(serve, behaviour, finish, empty):
    reply, model = ask(serve(rules=[{"do": behaviour}]))
    assert (reply.finish_reason, reply.text == "") == (finish, empty)
    assert model.meter.read().done == 1


def test_a_server_that_switches_models_is_reported_call_by_call(serve):
    server = serve(rules=[{"do": "wrong_model", "name": "cheaper", "numbers": [2]}])

    async def calls():
        async with make_model(server) as model:
            return [(await model.complete(say(f"{number}"))).served_model for number in range(3)]

    assert asyncio.run(calls()) == ["writer", "cheaper", "writer"]


def test_a_complete_reply_does_not_wait_for_the_formal_end(serve):
    reply, model = ask(serve(rules=[{"do": "lingering"}]), patience=SHORT)
    assert isinstance(reply, Completion), reply
    assert reply.usage.completion_tokens == 120
    assert reply.seconds < 4
    assert model.meter.read().retries == 0


def test_what_is_set_is_sent_and_nothing_else(serve):
    server = serve()
    schema = {"type": "json_schema", "json_schema": {"name": "v", "schema": {"type": "object"}}}
    settings = {
        "temperature": 0.5, "top_p": 0.9, "top_k": 20, "min_p": 0.05, "max_tokens": 100, "thinking_tokens": 50,
        "stop": ("END",), "reasoning_effort": "low", "response_format": schema, "extra": {"repetition_penalty": 1.1},
    }  # fmt: skip
    ask(server, "Hi", seed=7, **settings)
    ask(server, "Hi")
    full, bare = (row["body"] for row in server.requests())
    always = {"model": "writer", "messages": [{"role": "user", "content": "Hi"}], "stream": True}
    always["stream_options"] = {"include_usage": True}
    assert bare == always
    del settings["thinking_tokens"], settings["extra"]
    assert full == always | settings | {"stop": ["END"], "max_tokens": 150, "seed": 7, "repetition_penalty": 1.1}


def test_extra_fields_cannot_replace_ours():
    with pytest.raises(ValueError, match=r"\[extra\] cannot set model, stream"):
        RequestSettings(extra={"stream": False, "model": "other"})


def test_a_refused_request_says_why(serve):
    error, model = ask(serve(rules=[{"do": "error", "status": 422, "message": "top_k must be positive"}]), top_k=-3)
    assert isinstance(error, BadRequestError)
    assert str(error) == f"{model.base_url}: the request is refused (422: top_k must be positive)"
    assert model.meter.read().failed == 1
