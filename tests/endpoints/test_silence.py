"""Servers that take requests and say nothing: given up where they are dead, waited for where they are slow."""

import asyncio
import itertools
import time
from dataclasses import replace

import pytest
from endpoints.asking import ask, make_model, say

from arena_write.endpoints import (
    DeadlineError,
    Patience,
    RetryPolicy,
    ServerFaultError,
    SilentServerError,
    StalledError,
)
from arena_write.endpoints.deadlines import Watch
from arena_write.endpoints.dialects import Dialect
from arena_write.endpoints.traffic import Traffic

BRIEF = Patience(no_progress=0.3, first_token=0.3, silence=0.8, after_finish=0.2, pace=1000.0)
QUICK = RetryPolicy(attempts=8, first_wait=0.01, longest_wait=0.02, jitter=0.01)


@pytest.mark.parametrize("behaviour", ["hang", "stall"])
def test_stalled_calls_are_tried_less_often_than_refused_ones(faulty, behaviour):
    patience = Patience(no_progress=0.1, first_token=0.15)
    error, _ = ask(faulty, name=f"{behaviour}-always", retry=QUICK, patience=patience)
    assert (type(error), error.attempts) == (StalledError, 3)
    error, _ = ask(faulty, name="unavailable-always", retry=QUICK)
    assert (type(error), error.attempts) == (ServerFaultError, 8)


@pytest.mark.parametrize("streamed", [True, False])
def test_a_dead_server_stops_all_calls_and_is_named(serve, streamed):
    server = serve(rules=[{"do": "hang"}])
    patience = Patience(first_token=0.3, silence=0.8, pace=1e9)

    async def flood():
        async with make_model(server, connections=4, retry=QUICK, patience=patience) as model:
            model._dialect = Dialect(stream=streamed)
            started = time.monotonic()
            errors = await asyncio.gather(*(model.complete(say(f"{n}")) for n in range(200)), return_exceptions=True)
            seconds, asked = time.monotonic() - started, len(server.requests())
            with pytest.raises(SilentServerError):
                await model.complete(say("one more"))
            assert len(server.requests()) == asked
            return errors, seconds, asked

    errors, seconds, asked = asyncio.run(flood())
    dead = [error for error in errors if isinstance(error, SilentServerError)]
    assert {type(error) for error in errors} <= {SilentServerError, StalledError, DeadlineError}
    assert len(dead) > 150
    assert dead[0].fatal
    assert 0.8 <= seconds < 20
    assert asked <= 40
    message = str(dead[0])
    assert message.startswith(f"{server.base_url}: no reply has begun for ")
    assert "over" in message
    assert "run the same command again" in message


def test_a_lone_call_to_a_dead_server_ends_by_its_own_attempts(serve):
    patience = Patience(first_token=0.2, silence=0.5)
    error, _ = ask(serve(rules=[{"do": "hang"}]), retry=QUICK, patience=patience)
    assert (type(error), error.attempts) == (StalledError, 3)


@pytest.mark.parametrize("connections", [1, 3])
def test_prompts_on_which_a_server_hangs_end_alone_and_the_others_are_answered(serve, connections):
    """And again where only they are left: a run that goes on has nothing else to ask."""
    server = serve(rules=[{"do": "hang", "contains": "poison"}])
    patience, retry = Patience(first_token=1.2, silence=1.8), replace(QUICK, silent_attempts=2)
    poison = ["poison 1", "poison 2"]
    asked = [text for one in poison for text in (one, *(f"{one[-1]} {n}" for n in range(6)))]

    async def flood(texts):
        async with make_model(server, connections=connections, retry=retry, patience=patience) as model:
            return await asyncio.gather(*(model.complete(say(text)) for text in texts), return_exceptions=True)

    for texts in (asked, poison):
        for text, outcome in zip(texts, asyncio.run(flood(texts)), strict=True):
            if text.startswith("poison"):
                assert (type(outcome), outcome.attempts, outcome.fatal) == (StalledError, 3, False)
            else:
                assert outcome.text, outcome


def test_a_server_that_is_gone_for_good_is_not_waited_for_call_by_call(serve):
    server = serve()
    patience = Patience(silence=0.6)

    async def calls():
        async with make_model(server, retry=RetryPolicy(attempts=10**6, first_wait=0.01, longest_wait=0.05),
                              patience=patience) as model:  # fmt: skip
            await model.complete(say("one"))
            server.kill()
            with pytest.raises(SilentServerError, match="no reply has begun for"):
                await model.complete(say("two"))

    asyncio.run(calls())


def test_refusals_are_signs_of_life(serve):
    """A server that answers, if only with errors, is not dead: calls to it fail one by one."""
    server = serve(rules=[{"do": "hang", "contains": "slow"}, {"do": "unavailable"}])
    policy = RetryPolicy(attempts=4, first_wait=0.05, longest_wait=0.05, jitter=0.01)
    patience = Patience(first_token=0.8, silence=1.6)

    async def calls():
        async with make_model(server, connections=64, retry=policy, patience=patience) as model:
            hanging = asyncio.gather(*(model.complete(say(f"slow {n}")) for n in range(3)), return_exceptions=True)
            while not hanging.done():
                with pytest.raises(ServerFaultError):
                    await model.complete(say("quick"))
            return await hanging

    errors = asyncio.run(calls())
    assert {(type(error), error.attempts) for error in errors} == {(StalledError, 3)}


def test_a_slow_server_that_queues_is_not_cut(serve):
    """The last of six calls waits three times as long as a first token may take, while the others are served."""
    server = serve(at_once=1, rules=[{"do": "drip", "seconds": 0.06}])
    patience = Patience(no_progress=1.5, first_token=1.5, silence=1.5, pace=1000.0)

    async def calls():
        async with make_model(server, retry=RetryPolicy(silent_attempts=1), patience=patience) as model:
            started = time.monotonic()
            replies = await asyncio.gather(*(model.complete(say(f"{n}")) for n in range(6)))
            return replies, time.monotonic() - started, model.meter.read()

    replies, seconds, reading = asyncio.run(calls())
    assert seconds > 3.5 * patience.first_token
    assert len(replies) == 6
    assert (reading.retries, reading.faults) == (0, {})


def test_a_request_that_the_server_lost_is_sent_again_while_others_go_on(serve):
    server = serve(latency=0.05, rules=[{"do": "hang", "contains": "lost", "attempts": 1}])
    patience = Patience(no_progress=0.8, first_token=0.8)

    async def keep_busy(model, until):
        for number in itertools.count():
            if until.done():
                return
            await model.complete(say(f"{number}"))

    async def calls():
        async with make_model(server, connections=3, retry=QUICK, patience=patience) as model:
            lost = asyncio.create_task(model.complete(say("lost")))
            await asyncio.gather(*(keep_busy(model, lost) for _ in range(2)))
            return await lost, model.meter.read()

    reply, reading = asyncio.run(asyncio.wait_for(calls(), 60))
    assert reply.text
    assert reading.faults["StalledError"] >= 1


def test_the_age_of_a_call_counts_from_its_first_attempt(serve):
    server = serve(rules=[{"do": "hang", "attempts": 1}, {"do": "delay", "seconds": 0.2}])
    patience = Patience(first_token=1.0)

    async def call():
        async with make_model(server, retry=QUICK, patience=patience) as model:
            called = asyncio.create_task(model.complete(say("Hi")))
            ages = [0.0]
            while not called.done():
                reading = model.meter.read()
                ages.append(reading.oldest_seconds or 0.0)
                await asyncio.sleep(0.01)
            return ages, reading, model.meter.read()

    ages, last, after = asyncio.run(call())
    assert max(ages) > 1.1
    assert ages == sorted(ages)
    assert (last.open, last.in_flight) == (1, 1)
    assert last.retries >= 1
    assert (after.open, after.in_flight, after.oldest_seconds) == (0, 0, None)


def test_events_without_text_do_not_keep_a_reply_alive_for_ever():
    async def run():
        traffic = Traffic(silence=10, attempts=1)
        with traffic.flight() as flight:
            async with Watch(BRIEF, deadline=0.3, flight=flight, streamed=True) as watch:
                while True:
                    await asyncio.sleep(0.01)
                    watch.progress()

    with pytest.raises(DeadlineError):
        asyncio.run(run())


class TestTraffic:
    """The order of requests, on a clock of its own."""

    def run(self, scene):
        """Run a scene in a loop of which the clock is set by the scene."""

        async def main():
            loop = asyncio.get_running_loop()
            clock = [0.0]
            loop.time = lambda: clock[0]
            try:
                scene(clock, Traffic(silence=900, attempts=3))
            finally:
                del loop.time

        asyncio.run(main())

    def test_earlier_requests_lend_their_patience_and_later_ones_do_not(self):
        def scene(clock, traffic):
            with traffic.flight() as first, traffic.flight() as second, traffic.flight() as third:
                first.moved(100.0)
                assert traffic.patience_ends(second, 600) == 700
                third.moved(500.0)
                assert traffic.patience_ends(second, 600) == 700
                second.moved(550.0)
                assert traffic.patience_ends(second, 600) == 1150
                assert traffic.patience_ends(first, 600) == 700

        self.run(scene)

    def test_what_has_ended_still_counts(self):
        def scene(clock, traffic):
            first = traffic.flight()
            first.__enter__().moved(300.0)
            with traffic.flight() as second:
                first.__exit__(None, None, None)
                assert traffic.patience_ends(second, 600) == 900
                for _ in range(2_000):  # as many as overtook it: it is not in a queue
                    with traffic.flight() as later:
                        later.moved(400.0)
                assert traffic.patience_ends(second, 600) == 600

        self.run(scene)

    def test_time_without_requests_is_no_silence(self):
        def scene(clock, traffic):
            with traffic.flight() as flight:
                flight.moved(10.0)
            clock[0] = 5_000.0
            for _ in range(3):
                with traffic.flight():
                    pass
                traffic.in_vain()
            assert traffic.silence_ends == 5_900
            assert traffic.silence(5_899.0) is None
            assert "for 900 s, over 3 attempts" in str(traffic.silence(5_900.0))

        self.run(scene)

    def test_a_sign_of_life_ends_the_silence(self):
        def scene(clock, traffic):
            with traffic.flight() as flight:
                for _ in range(5):
                    traffic.in_vain()
                assert traffic.silence(900.0)
                flight.moved(901.0)
                assert traffic.silence(5_000.0) is None
                traffic.in_vain()
                traffic.in_vain()
                assert traffic.silence(5_000.0) is None
                traffic.in_vain()
                assert traffic.silence(1_801.0)

        self.run(scene)
