"""Everything that goes wrong between us and a server, one by one and together."""

import asyncio
import contextlib
import itertools
import re
import socket
import time

import pytest
from endpoints.asking import KEY, QUICK, SHORT, ask, make_model, say

from arena_write.endpoints import (
    ConnectionTroubleError,
    ContextOverflowError,
    CutReplyError,
    DeadlineError,
    GarbageReplyError,
    Patience,
    QuotaExhaustedError,
    RateLimitedError,
    RefusedKeyError,
    ReplyTooLargeError,
    RetryPolicy,
    ServerFaultError,
    StalledError,
    UnknownModelError,
    UnreachableError,
)
from arena_write.endpoints.dialects import Dialect
from arena_write.endpoints.meter import describe
from arena_write.endpoints.prices import FlatTariff
from arena_write.spending import Account, Purse
from judges.ports import Completion, TransportError

PASSING = {
    "rate_limited": RateLimitedError,
    "rate_limited_silent": RateLimitedError,
    "server_error": ServerFaultError,
    "bad_gateway": ServerFaultError,
    "unavailable": ServerFaultError,
    "stream_error": ServerFaultError,
    "reset": ConnectionTroubleError,
    "reset_midway": ConnectionTroubleError,
    "cut": CutReplyError,
    "garbage": GarbageReplyError,
    "noise": GarbageReplyError,
    "words": GarbageReplyError,
    "empty_pieces": StalledError,
    "hang": StalledError,
    "stall": StalledError,
}
FINAL = {
    "unauthorized": RefusedKeyError,
    "not_found": UnknownModelError,
    "quota": QuotaExhaustedError,
    "overflow": ContextOverflowError,
    "huge": ReplyTooLargeError,
}


@pytest.mark.parametrize("transport", ["aiohttp", "httpx2"])
@pytest.mark.parametrize("behaviour", PASSING)
def test_a_passing_fault_is_tried_again(faulty, behaviour, transport):
    async def call():
        async with make_model(faulty, f"{behaviour}-once", patience=SHORT, transport=transport) as model:
            return await model.complete(say(f"Write through {transport}.")), model.meter.read()

    reply, reading = asyncio.run(call())
    assert reply.finish_reason == "stop"
    assert len(reply.text.split()) == 120
    assert reading.faults == {PASSING[behaviour].__name__: 1}
    assert (reading.done, reading.failed, reading.retries) == (1, 0, 1)


@pytest.mark.parametrize("behaviour", PASSING)
def test_a_fault_that_does_not_pass_is_an_error_after_bounded_attempts(faulty, behaviour):
    policy = RetryPolicy(attempts=3, first_wait=0.01, longest_wait=0.02, jitter=0.01)
    patience = Patience(no_progress=0.1, first_token=0.15)
    error, model = ask(faulty, name=f"{behaviour}-always", retry=policy, patience=patience)
    assert type(error) is PASSING[behaviour]
    assert isinstance(error, TransportError)
    assert error.attempts == 3
    assert str(error).endswith("(after 3 attempts)")
    assert model.base_url in str(error)
    assert len([row for row in faulty.requests() if row["model"] == model.name]) == 3
    assert (model.meter.read().failed, model.meter.read().in_flight) == (1, 0)


@pytest.mark.parametrize("transport", ["aiohttp", "httpx2"])
@pytest.mark.parametrize("behaviour", ["cut", "garbage", "stream_error", "reset_midway", "noise"])
def test_half_a_reply_that_is_not_streamed_is_no_reply(faulty, behaviour, transport):
    async def call():
        async with make_model(faulty, f"{behaviour}-once", patience=SHORT, transport=transport) as model:
            model._dialect = Dialect(stream=False)
            return await model.complete(say(f"Write it whole through {transport}."))

    assert len(asyncio.run(call()).text.split()) == 120


@pytest.mark.parametrize("behaviour", FINAL)
def test_some_errors_are_not_tried_again(serve, behaviour):
    server = serve(rules=[{"do": behaviour}])
    error, _ = ask(server)
    assert type(error) is FINAL[behaviour]
    assert error.attempts == 1
    assert len(server.requests()) == 1


@pytest.mark.parametrize("behaviour", ["unauthorized", "not_found", "quota"])
def test_a_fatal_error_stops_all_calls_at_once(serve, behaviour):
    server = serve(rules=[{"do": behaviour}], latency=0.05)

    async def flood():
        async with make_model(server, connections=4) as model:
            calls = [model.complete(say(f"{number}")) for number in range(500)]
            return await asyncio.gather(*calls, return_exceptions=True)

    errors = asyncio.run(flood())
    assert {type(error) for error in errors} == {FINAL[behaviour]}
    assert len(server.requests()) <= 4


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (400, "This model's maximum context length is 4096 tokens. However, you requested 9000", ContextOverflowError),
        (400, "prompt is too long: 250000 tokens > 200000 maximum", ContextOverflowError),
        (400, "Requested tokens (5000) exceed context window of 4096", ContextOverflowError),
        (422, "Input is too long for requested model.", ContextOverflowError),
        (400, "The model `gpt-5x` does not exist or you do not have access to it.", UnknownModelError),
        (400, "gpt-5x is not a valid model ID", UnknownModelError),
        (403, "Country not supported", RefusedKeyError),
        (402, "Insufficient credits", QuotaExhaustedError),
        (504, "Gateway Timeout", ServerFaultError),
        (408, "Request Timeout", ServerFaultError),
    ],
)
def test_servers_say_the_same_in_many_words(serve, status, message, kind):
    server = serve(rules=[{"do": "error", "status": status, "message": message}])
    error, _ = ask(server, retry=RetryPolicy(attempts=1))
    assert type(error) is kind
    assert error.status == status
    assert message in str(error)


def test_nobody_there_is_found_out_quickly(serve):
    server = serve()
    server.kill()
    started = time.monotonic()
    error, _ = ask(server)
    assert type(error) is UnreachableError
    assert error.attempts == QUICK.connect_attempts
    assert time.monotonic() - started < 20
    assert f"{server.base_url}: nobody answers (no connection: " in str(error)


@pytest.mark.parametrize("transport", ["aiohttp", "httpx2"])
def test_an_address_where_nothing_ever_comes_back_is_nobody_too(monkeypatch, transport):
    """As behind a firewall that drops what it does not like."""
    monkeypatch.setattr("arena_write.endpoints.wire._CONNECT_SECONDS", 0.2)
    purse = Purse()
    with contextlib.ExitStack() as stack:
        silent = stack.enter_context(socket.socket())
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        for _ in range(4):  # a queue that is full takes up nobody
            caller = stack.enter_context(socket.socket())
            caller.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                caller.connect(silent.getsockname())
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        error, _ = ask(url, transport=transport, account=Account(purse, FlatTariff(1.0, 1.0)))
    assert type(error) is UnreachableError
    assert "nobody took it up in time" in str(error)
    assert error.attempts == QUICK.connect_attempts
    assert purse.spent == 0


def test_a_server_that_was_there_is_waited_for(serve):
    server = serve()

    async def call():
        async with make_model(server) as model:
            await model.complete(say("one"))
            server.kill()
            later = asyncio.create_task(model.complete(say("two")))
            await asyncio.sleep(0.3)
            assert not later.done()
            server.start()
            return await later

    assert isinstance(asyncio.run(call()), Completion)


@pytest.mark.parametrize(("asked", "least"), [(0.4, 0.4), ("date", 0.9)])
def test_retry_after_is_honoured(serve, asked, least):
    server = serve(rules=[{"do": "rate_limited", "retry_after": asked, "times": 1}])
    reply, _ = ask(server)
    assert isinstance(reply, Completion), reply
    first, second = (row["time"] for row in server.requests())
    assert least <= second - first < least + 10


def test_a_long_wait_that_a_server_asks_for_is_shown_while_it_lasts(serve):
    server = serve(rules=[{"do": "rate_limited", "retry_after": 3600}])

    async def call():
        async with make_model(server, retry=RetryPolicy()) as model:
            assert model.meter.read().held_seconds is None
            waiting = asyncio.create_task(model.complete(say("Hi")))
            while not model.meter.read().faults:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)
            waiting.cancel()
            return model.meter.read()

    reading = asyncio.run(asyncio.wait_for(call(), 60))
    assert 290 < reading.held_seconds <= 300
    assert re.search(r"the server asks us to wait: (29\d|300) s more", describe(reading))
    error, _ = ask(server, retry=RetryPolicy(attempts=1))
    assert "it asks us to wait 3600 s" in str(error)


def test_retry_after_holds_all_calls_and_is_capped(serve):
    server = serve(rules=[{"do": "rate_limited", "retry_after": 3600, "numbers": [2]}])
    policy = RetryPolicy(first_wait=0.02, longest_retry_after=0.5)

    async def calls():
        async with make_model(server, connections=1, retry=policy) as model:
            return await asyncio.gather(*(model.complete(say(f"{number}")) for number in range(4)))

    asyncio.run(calls())
    times = [row["time"] for row in server.requests()]
    pauses = [after - before for before, after in itertools.pairwise(times)]
    assert len(times) == 5
    assert 0.5 <= pauses[1] < 60
    assert min(pauses[0], *pauses[2:]) < 0.5


@pytest.mark.parametrize(
    ("content_type", "body", "quoted"),
    [
        (
            "text/html",
            "<html><title>Log\nin \x1b[31mfirst</title>",
            "It begins: <html><title>Log in \ufffd[31mfirst</title>",
        ),
        ("application/json", '{"detail": "Model is loading"}', '{"detail": "Model is loading"}'),
        ("application/problem+json", '{"title": "no such deployment"}', "no such deployment"),
        ("APPLICATION/JSON; charset=utf-8", '{"detail": "quiet hours"}', "quiet hours"),
        ("text/plain", "upstream is asleep", "upstream is asleep"),
        ("application/octet-stream", '{"message": "not here"}', "not here"),
        ("text/event-stream", 'data: {"detail": "no GPU"}\n\n', "no GPU"),
        ("application/json", "not JSON at all", "not JSON at all"),
        ("application/json", f'{{"detail": "bad key {KEY}"}}', "bad key ***"),
        ("text/plain", f"{'x' * 230} {KEY} {'y' * 3000}", "x ***"),
    ],
)
@pytest.mark.parametrize("streamed", [True, False])
def test_what_a_server_says_in_a_replys_place_is_quoted(serve, content_type, body, quoted, streamed):
    server = serve(rules=[{"do": "words", "content_type": content_type, "body": body}])

    async def call():
        async with make_model(server, retry=RetryPolicy(attempts=1)) as model:
            model._dialect = Dialect(stream=streamed)
            with pytest.raises(GarbageReplyError) as caught:
                await model.complete(say("Hi"))
            return str(caught.value)

    said = asyncio.run(call())
    if streamed or not body.startswith("data:"):
        assert quoted in said
    assert KEY not in said
    assert ("check that the base URL" in said) == body.startswith("<")
    assert said.isprintable()


def test_an_error_object_under_a_status_of_200_is_that_error(serve):
    body = '{"object": "error", "message": "The model `x` does not exist.", "code": 404}'
    error, _ = ask(serve(rules=[{"do": "words", "content_type": "application/json", "body": body}]))
    assert type(error) is UnknownModelError


@pytest.mark.parametrize("kind", ["Application/JSON", "application/json;charset=utf-8", "text/json"])
def test_a_whole_reply_is_read_however_its_content_type_is_written(serve, kind):
    body = '{"choices": [{"message": {"content": "Whole."}, "finish_reason": "stop"}]}'
    reply, _ = ask(serve(rules=[{"do": "words", "content_type": kind, "body": body}]))
    assert reply.text == "Whole."


def test_pieces_without_words_are_no_progress(serve):
    started = time.monotonic()
    error, _ = ask(serve(rules=[{"do": "empty_pieces"}]), retry=RetryPolicy(attempts=1), patience=SHORT)
    assert type(error) is StalledError
    assert SHORT.first_token <= time.monotonic() - started < 10


def test_a_stalled_stream_is_cut_by_the_no_progress_limit(serve):
    started = time.monotonic()
    error, _ = ask(serve(rules=[{"do": "stall"}]), patience=Patience(no_progress=0.3), retry=RetryPolicy(attempts=1))
    assert "waited 0.3 s in vain for the next piece" in str(error)
    assert time.monotonic() - started < 20


def test_a_slow_stream_that_moves_is_not_cut(serve):
    reply, model = ask(serve(rules=[{"do": "drip", "seconds": 0.1}]), patience=Patience(no_progress=1.2))
    assert isinstance(reply, Completion), reply
    assert reply.seconds > 1.5
    assert model.meter.read().retries == 0


def test_the_deadline_follows_the_budget_and_what_was_learned(serve):
    patience = Patience(no_progress=5, first_token=0.2, pace=1000, slack=2)
    server = serve(rules=[{"do": "drip", "seconds": 0.1}])
    error, model = ask(server, patience=patience, max_tokens=100, retry=RetryPolicy(attempts=1))
    assert type(error) is DeadlineError
    assert "no complete reply within 0.4 s" in str(error)
    assert model.pace.tokens_per_second < 50
    assert model.pace.deadline(100, patience) > 4  # so that the next attempt gets the time it needs


YEARS = 3e8
"""About ten, in seconds."""


@pytest.mark.parametrize("jump", [-YEARS, YEARS])
def test_setting_the_clock_during_a_call_changes_nothing(serve, monkeypatch, jump):
    now, looks = time.time, itertools.count(1)
    monkeypatch.setattr(time, "time", lambda: now() + jump * next(looks))
    server = serve(rules=[{"do": "drip", "seconds": 0.02}])
    reply, model = ask(server, patience=Patience(no_progress=3, first_token=3))
    assert isinstance(reply, Completion), reply
    assert 0 < reply.seconds < 20
    assert model.meter.read().retries == 0


@pytest.mark.parametrize("jump", [-YEARS, YEARS])
def test_a_stall_is_found_whatever_the_clock_says(serve, monkeypatch, jump):
    now, looks = time.time, itertools.count(1)
    monkeypatch.setattr(time, "time", lambda: now() + jump * next(looks))
    started = time.monotonic()
    error, _ = ask(serve(rules=[{"do": "hang"}]), patience=SHORT, retry=RetryPolicy(attempts=1))
    assert type(error) is StalledError
    assert SHORT.first_token <= time.monotonic() - started < 20


@pytest.mark.parametrize(("jump", "least"), [(-YEARS, 0.5), (YEARS, 0.0)])
def test_a_date_to_retry_after_is_bounded_where_the_clocks_disagree(serve, monkeypatch, jump, least):
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + jump)
    server = serve(rules=[{"do": "rate_limited", "retry_after": "date", "times": 1}])
    reply, _ = ask(server, retry=RetryPolicy(first_wait=0.02, jitter=0.02, longest_retry_after=0.5))
    assert isinstance(reply, Completion), reply
    first, second = (row["time"] for row in server.requests())
    assert least <= second - first < 20


@pytest.mark.parametrize("asked", ["inf", "1e300", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_an_absurd_time_to_retry_after_is_bounded(serve, asked):
    server = serve(rules=[{"do": "rate_limited", "retry_after": asked, "times": 1}])
    reply, _ = ask(server, retry=RetryPolicy(first_wait=0.02, jitter=0.02, longest_retry_after=0.5))
    assert isinstance(reply, Completion), reply
    first, second = (row["time"] for row in server.requests())
    assert 0.5 <= second - first < 20


@pytest.mark.parametrize("streaming", [True, "refuse"])
def test_a_reply_of_10_mb_is_broken_off(serve, streaming):
    server = serve(rules=[{"do": "huge", "megabytes": 12}], streaming=streaming)
    error, _ = ask(server)
    assert type(error) is ReplyTooLargeError
    assert "was broken off" in str(error)


def storm(serve, calls, connections):
    shares = {name: 0.3 / len(PASSING) for name in PASSING}
    server = serve(faults=shares, seed=3)
    policy = RetryPolicy(attempts=12, stalled_attempts=12, first_wait=0.01, longest_wait=0.05, jitter=0.02)

    patience = Patience(no_progress=2.0, first_token=2.0)  # so that a busy machine adds no stalls of its own

    async def run():
        async with make_model(server, connections=connections, retry=policy, patience=patience) as model:
            asked = (model.complete(say(f"Write about {number}.")) for number in range(calls))
            replies = await asyncio.gather(*asked, return_exceptions=True)
            return replies, model.meter.read(), model.limit.in_flight

    replies, reading, in_flight = asyncio.run(run())
    assert all(isinstance(reply, Completion) and len(reply.text.split()) == 120 for reply in replies)
    assert (reading.done, reading.failed, reading.in_flight, in_flight) == (calls, 0, 0, 0)
    met = server.stats()["behaviours"]
    assert met.pop("ok") == calls
    assert sum(met.values()) == sum(reading.faults.values()) == reading.retries > calls / 4
    by_kind = {}
    for name, count in met.items():
        kind = PASSING[name].__name__
        by_kind[kind] = by_kind.get(kind, 0) + count
    assert by_kind == reading.faults


def test_200_calls_at_30_percent_faults_finish_and_every_fault_is_accounted_for(serve):
    storm(serve, 200, 32)


@pytest.mark.slow
def test_1000_calls_at_30_percent_faults_finish_and_every_fault_is_accounted_for(serve):
    storm(serve, 1000, 32)


@pytest.mark.parametrize("finish", ["error", "abort", "cancelled", "timeout", "insufficient_system_resource"])
def test_a_server_that_says_it_gave_up_has_not_answered(serve, finish):
    server = serve(reply={"name": "fixed", "text": "half of it", "finish": finish})
    failure, _ = ask(server)
    assert isinstance(failure, CutReplyError)
    assert "gave up" in str(failure)
    assert len(server.requests()) > 1


@pytest.mark.parametrize(
    ("complaint", "streams"),
    [
        ("stream is not supported", False),
        ("Streaming is disabled on this deployment.", False),
        ("Unrecognized request argument supplied: stream", False),
        ("body.stream: Extra inputs are not permitted", False),
        ("The upstream provider rejected this prompt.", True),
        ("The prompt speaks of a mountain stream. It was rejected.", True),
        ("unknown parameter stream_timeout", True),
    ],
)
def test_only_a_complaint_about_streams_ends_streaming(complaint, streams):
    simpler = Dialect(usage=False, budget_field="max_completion_tokens").without(complaint)
    assert (simpler is None) == streams
