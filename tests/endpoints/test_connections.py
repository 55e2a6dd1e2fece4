"""How many calls are on the wire, and what is left of them."""

import asyncio
import gc
import random
import time

import pytest
from endpoints.asking import ask, make_model, say
from hypothesis import given, settings
from hypothesis import strategies as st

from arena_write.endpoints import ConnectionLimit, Patience, RetryPolicy


def test_2000_pending_calls_take_8_connections(serve):
    server = serve(reply={"name": "fixed", "text": "ok"}, latency=0.01, log_bodies=False)

    async def flood():
        async with make_model(server, connections=8) as model:
            await asyncio.gather(*(model.complete(say(f"{number}")) for number in range(2000)))
            return model.meter.read()

    assert asyncio.run(flood()).done == 2000
    stats = server.stats()
    assert stats["peak_busy"] <= 8
    assert stats["connections"] <= 8 + 1  # and the one that asks for the stats


def test_cancelling_leaves_no_task_and_no_connection(serve):
    server = serve(faults={"hang": 0.5, "stall": 0.5})

    async def flood():
        async with make_model(server, connections=8) as model:
            calls = [asyncio.create_task(model.complete(say(f"{number}"))) for number in range(50)]
            while server.stats()["busy"] < 8:
                await asyncio.sleep(0.02)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
            assert (model.limit.in_flight, model.limit.waiting) == (0, 0)
            reading = model.meter.read()
            assert (reading.open, reading.in_flight, reading.done, reading.failed) == (0, 0, 0, 0)
            assert asyncio.all_tasks() == {asyncio.current_task()}
            await gone(server)

    asyncio.run(flood())
    gc.collect()


async def gone(server):
    """Wait until the server has no connection left."""
    until = time.monotonic() + 5
    while server.stats()["open"] and time.monotonic() < until:
        await asyncio.sleep(0.05)
    assert server.stats()["open"] == 0


def test_a_timeout_closes_its_connection(serve):
    server = serve(rules=[{"do": "stall"}])
    ask(server, patience=Patience(no_progress=0.1), retry=RetryPolicy(attempts=1))
    asyncio.run(gone(server))


def test_a_connection_serves_many_calls(serve):
    server = serve()

    async def one_by_one():
        async with make_model(server) as model:
            for number in range(20):
                await model.complete(say(f"{number}"))

    asyncio.run(one_by_one())
    assert server.stats()["connections"] == 2  # and the one that asks for the stats


async def accept(limit, count):
    """Have so many calls under way and accepted, then ended."""
    holding = []
    for _ in range(count):
        context = limit.slot()
        slot = await context.__aenter__()
        slot.accepted()
        holding.append(context)
    for context in holding:
        await context.__aexit__(None, None, None)


def test_the_limit_doubles_then_halves_then_creeps():
    async def run():
        limit = ConnectionLimit(100, start=4)
        widths = [limit.current]
        for _ in range(3):
            await accept(limit, limit.current)
            widths.append(limit.current)
        async with limit.slot() as first, limit.slot() as second:
            first.trouble()
            second.trouble()  # was under way when it halved: the same trouble
            widths.append(limit.current)
        for _ in range(3):
            await accept(limit, limit.current)
        widths.append(limit.current)
        for _ in range(9):
            async with limit.slot() as slot:
                slot.trouble()
        return widths, limit.current

    widths, last = asyncio.run(run())
    assert widths[0] == 4
    assert widths[1] > 4
    assert widths[3] > 2 * widths[1] - 4
    assert widths[4] == widths[3] // 2
    assert widths[4] <= widths[5] <= widths[4] + 3
    assert last == 1


def test_an_unused_limit_does_not_grow():
    async def run():
        limit = ConnectionLimit(100, start=4)
        for _ in range(50):
            await accept(limit, 1)
        return limit.current

    assert asyncio.run(run()) == 4


def test_retries_go_before_fresh_calls():
    order = []

    async def call(limit, name, front):
        async with limit.slot(front=front):
            order.append(name)

    async def run():
        limit = ConnectionLimit(1)
        async with limit.slot():
            tasks = [asyncio.create_task(call(limit, name, name == "retry")) for name in ("a", "b", "retry")]
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert limit.waiting == 3
            assert limit.oldest_seconds >= 0
        await asyncio.gather(*tasks)
        assert (limit.in_flight, limit.oldest_seconds) == (0, None)

    asyncio.run(run())
    assert order == ["retry", "a", "b"]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 6))
def test_slots_are_neither_lost_nor_doubled(seed, width):
    """Calls that end, fail, wait and are cancelled at any moment leave all slots free."""
    draw = random.Random(seed)

    async def call(limit):
        async with limit.slot(front=draw.random() < 0.3) as slot:
            assert limit.in_flight <= width
            for _ in range(draw.randint(0, 3)):
                await asyncio.sleep(0)
            if draw.random() < 0.2:
                slot.trouble(hold=0.001 if draw.random() < 0.2 else None)
            else:
                slot.accepted()

    async def run():
        limit = ConnectionLimit(width, start=draw.randint(1, width))
        tasks = [asyncio.create_task(call(limit)) for _ in range(40)]
        for task in tasks:
            if draw.random() < 0.4:
                await asyncio.sleep(0)
                task.cancel()
        await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 10)
        assert not [task for task in tasks if not task.cancelled() and task.exception()]
        assert (limit.in_flight, limit.waiting, limit._granted) == (0, 0, 0)

    asyncio.run(run())


def test_a_limit_is_at_least_one():
    with pytest.raises(ValueError, match="at least 1"):
        ConnectionLimit(0)
