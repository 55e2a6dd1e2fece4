"""Every request is paid for, the failed ones too, and no bound is passed by trying again."""

import asyncio

import pytest
from endpoints.asking import SHORT, ask, make_model, say

from arena_write.endpoints import ConnectionLimit, EndpointModel, Patience, RequestSettings, RetryPolicy
from arena_write.endpoints.dialects import Dialect
from arena_write.endpoints.prices import FlatTariff
from arena_write.spending import Account, BudgetReachedError, Purse
from judges.ports import Completion

TARIFF = FlatTariff(input=1_000.0, output=10_000.0)
BUDGET = 400
"""Tokens of a reply; the replies of the server have 120."""
TEXT = "Write about the sea."
BRISK = Patience(no_progress=1.5, first_token=1.5)
QUICK = RetryPolicy(attempts=3, first_wait=0.01, longest_wait=0.02, jitter=0.01, connect_wait=0.01)


def account(**bounds):
    return Account(Purse(**bounds), TARIFF)


def worst_of(name, *, stream=True):
    content = {"model": name, "messages": [{"role": "user", "content": TEXT}]}
    body = Dialect(stream=stream).encode(content, RequestSettings(max_tokens=BUDGET))
    return (len(body) * 1_000 + BUDGET * 10_000) / 1e6


def answered(reply):
    return TARIFF.cost(reply.usage)


def pay(server, name="writer", **options):
    """Ask once; return what came and the purse."""
    paid = options.pop("account", None) or account()
    came, _ = ask(server, TEXT, name=name, account=paid, **{"patience": BRISK, "max_tokens": BUDGET, **options})
    return came, paid.purse


def test_an_answered_call_costs_what_the_server_says(serve):
    reply, purse = pay(serve())
    assert reply.price == purse.spent == answered(reply) == pytest.approx(1.2 + reply.usage.prompt_tokens / 1000)
    assert purse.requests == 1


def test_without_prices_there_is_none(serve):
    reply, purse = pay(serve(), account=Account(Purse()))
    assert (reply.price, purse.spent, purse.requests) == (None, 0, 1)


@pytest.mark.parametrize("behaviour", ["rate_limited", "server_error", "bad_gateway", "unavailable"])
def test_a_refused_attempt_costs_nothing_and_counts(faulty, behaviour):
    reply, purse = pay(faulty, f"{behaviour}-once")
    assert reply.price == purse.spent == answered(reply)
    assert purse.requests == 2


@pytest.mark.parametrize("behaviour", ["stall", "cut", "garbage", "stream_error", "reset_midway"])
def test_an_attempt_that_broke_off_costs_what_was_asked_and_what_had_come(faulty, behaviour):
    reply, purse = pay(faulty, f"{behaviour}-once")
    assert reply.price == purse.spent
    lost = purse.spent - answered(reply)
    # About half of the 120 words had come, of which a word is more than one token to an estimate that is rather high.
    assert 0.6 < lost < worst_of(f"{behaviour}-once") * 0.6
    assert purse.requests == 2


@pytest.mark.parametrize("behaviour", ["hang", "reset", "noise"])
def test_an_attempt_of_which_nobody_knows_what_it_did_costs_the_worst(faulty, behaviour):
    reply, purse = pay(faulty, f"{behaviour}-once")
    assert reply.price == purse.spent == pytest.approx(answered(reply) + worst_of(f"{behaviour}-once"))


@pytest.mark.parametrize("behaviour", ["cut", "stream_error", "reset_midway"])
def test_of_half_a_reply_that_is_not_streamed_nobody_knows_how_much_was_made(faulty, behaviour):
    name, paid = f"{behaviour}-once", account()

    async def call():
        async with make_model(faulty, name, account=paid, max_tokens=BUDGET, retry=QUICK) as model:
            model._dialect = Dialect(stream=False)
            return await model.complete(say(TEXT + " Whole."))

    reply = asyncio.run(call())
    whole = worst_of(name, stream=False) + len(" Whole.") / 1000
    assert reply.price == paid.purse.spent == pytest.approx(answered(reply) + whole)


def test_a_gateway_that_gave_up_waiting_does_not_know_what_the_server_did(serve):
    reply, purse = pay(serve(rules=[{"do": "error", "status": 504, "attempts": 1}]))
    assert reply.price == purse.spent == pytest.approx(answered(reply) + worst_of("writer"))


def test_a_reply_that_is_too_large_costs_the_worst_at_most(serve):
    _, purse = pay(serve(rules=[{"do": "huge", "megabytes": 12}]), patience=None)
    assert purse.spent == pytest.approx(worst_of("writer"))


def test_no_connection_costs_nothing(serve):
    server = serve()
    server.kill()
    _, purse = pay(server)
    assert purse.spent == 0


def test_a_refused_dialect_costs_nothing_and_counts(serve):
    server = serve(streaming="refuse")
    reply, purse = pay(server)
    assert reply.price == purse.spent == answered(reply)
    assert purse.requests == len(server.requests()) == 2


def test_a_call_without_an_answer_is_paid_all_the_same(serve):
    error, purse = pay(serve(rules=[{"do": "reset"}]), retry=QUICK)
    assert error.attempts == 3
    assert purse.spent == pytest.approx(3 * worst_of("writer"))


def test_retries_count_against_the_bound_on_requests(serve):
    server = serve(rules=[{"do": "server_error"}])
    paid = account(max_calls=5)

    async def calls():
        async with make_model(server, connections=2, account=paid, retry=QUICK) as model:
            return await asyncio.gather(*(model.complete(say(f"{n}")) for n in range(9)), return_exceptions=True)

    errors = asyncio.run(calls())
    assert BudgetReachedError in {type(error) for error in errors}
    assert paid.purse.requests == len(server.requests()) == 5


@pytest.mark.parametrize("behaviour", ["reset", "reset_midway", "cut", "noise"])
def test_retries_cannot_pass_the_bound_on_costs(serve, behaviour):
    server = serve(rules=[{"do": behaviour}])
    bound = 6.5 * worst_of("writer")
    paid = account(max_cost=bound)

    policy = RetryPolicy(attempts=100, first_wait=0.001, longest_wait=0.002, jitter=0.001)

    async def calls():
        async with make_model(server, account=paid, retry=policy, max_tokens=BUDGET) as model:
            return await asyncio.gather(*(model.complete(say(TEXT)) for _ in range(9)), return_exceptions=True)

    errors = asyncio.run(calls())
    assert {type(error) for error in errors} == {BudgetReachedError}
    assert bound - worst_of("writer") < paid.purse.spent <= bound
    assert paid.purse.requests == len(server.requests()) >= 6


def test_calls_wait_for_the_money_that_others_have_set_aside(serve):
    """The bound is enough for all, and for the worst of two at a time: it neither stops the run nor is passed."""
    server = serve(latency=0.05)
    paid = account(max_cost=40 * 1.25 + 2.5 * worst_of("writer"))

    async def calls():
        async with make_model(server, connections=16, account=paid, max_tokens=BUDGET) as model:
            return await asyncio.gather(*(model.complete(say(f"{n}")) for n in range(40)))

    replies = asyncio.run(calls())
    assert len(replies) == 40
    assert paid.purse.spent == pytest.approx(sum(reply.price for reply in replies))
    assert server.stats()["peak_busy"] > 1


def test_what_waits_for_money_when_the_endpoint_turns_out_to_be_of_no_use_is_not_sent(serve):
    server = serve(rules=[{"do": "unauthorized"}], latency=0.1)
    paid = account(max_cost=1.5 * worst_of("writer"))

    async def calls():
        async with make_model(server, account=paid, max_tokens=BUDGET) as model:
            return await asyncio.gather(*(model.complete(say(TEXT)) for _ in range(6)), return_exceptions=True)

    errors = asyncio.run(calls())
    assert {type(error).__name__ for error in errors} == {"RefusedKeyError"}
    assert (paid.purse.spent, paid.purse.requests) == (0, 1)
    assert len(server.requests()) == 1


def test_models_that_share_a_purse_share_its_bounds(serve):
    server, purse = serve(latency=0.02), Purse(max_cost=30.0)

    async def calls():
        async with (
            make_model(server, "one", account=Account(purse, TARIFF), max_tokens=BUDGET) as one,
            make_model(server, "two", account=Account(purse, FlatTariff(0.0, 20_000.0)), max_tokens=BUDGET) as two,
        ):
            asked = [model.complete(say(f"{n}")) for n in range(20) for model in (one, two)]
            return await asyncio.gather(*asked, return_exceptions=True)

    came = asyncio.run(calls())
    prices = [reply.price for reply in came if isinstance(reply, Completion)]
    assert {type(other) for other in came if not isinstance(other, Completion)} == {BudgetReachedError}
    assert 30.0 - 8.0 < purse.spent <= 30.0
    assert purse.spent == pytest.approx(sum(prices))


def test_in_a_storm_the_bound_holds_and_every_request_is_counted(serve):
    shares = dict.fromkeys(["rate_limited", "server_error", "reset", "reset_midway", "cut", "garbage", "stall"], 0.06)
    server = serve(faults=shares, seed=5)
    paid = account(max_cost=180.0)
    policy = RetryPolicy(attempts=12, stalled_attempts=12, first_wait=0.005, longest_wait=0.02, jitter=0.01)

    async def calls():
        async with EndpointModel(
            "writer", base_url=server.base_url, settings=RequestSettings(max_tokens=BUDGET), account=paid,
            limit=ConnectionLimit(16), retry=policy, patience=SHORT,
        ) as model:  # fmt: skip
            asked = (model.complete(say(f"Write about {n}.")) for n in range(300))
            return await asyncio.gather(*asked, return_exceptions=True)

    came = asyncio.run(calls())
    prices = [reply.price for reply in came if isinstance(reply, Completion)]
    assert BudgetReachedError in {type(other) for other in came}
    assert len(prices) > 50
    assert sum(prices) <= paid.purse.spent <= 180.0
    assert paid.purse.spent > 180.0 - 1.1 * worst_of("writer")
    assert paid.purse.requests >= len(server.requests())  # some were given up before the server looked
