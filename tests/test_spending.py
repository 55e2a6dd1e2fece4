"""Money: bounds are hard, what is booked is what was used, and nobody stops while money may come back."""

import asyncio
import random

import pytest
from genai_prices import Usage as ListedUsage
from genai_prices import calc_price
from hypothesis import given, settings
from hypothesis import strategies as st

from arena_write.endpoints.prices import FREE, FlatTariff, find_tariff, is_local
from arena_write.spending import Account, BudgetReachedError, Purse
from judges import Usage

TARIFF = FlatTariff(input=2.0, output=8.0)
WORST = Usage(prompt_tokens=2_000, completion_tokens=4_000)
"""Costs $0.036."""
USED = Usage(prompt_tokens=1_000, completion_tokens=500)
"""Costs $0.006."""


async def pay(account, usage=USED, *, worst=WORST):
    """Send one request, which is answered."""
    async with account.request(worst) as payment:
        payment.sent()
        await asyncio.sleep(0)
        payment.answered(usage)
    return payment.price


def idle(purse):
    """Whether nothing is set aside and nobody waits."""
    return (purse._reserved, purse._out, len(purse._waiting)) == (0, 0, 0)


def test_a_request_books_what_it_used():
    purse = Purse()
    assert asyncio.run(pay(Account(purse, TARIFF))) == pytest.approx(0.006)
    assert purse.spent == pytest.approx(0.006)
    assert purse.requests == 1


def test_what_is_not_sent_costs_nothing_and_does_not_count():
    async def run(purse):
        for _ in range(3):
            with pytest.raises(OSError):
                async with Account(purse, TARIFF).request(WORST):
                    raise OSError

    purse = Purse(max_cost=0.04, max_calls=1)
    asyncio.run(run(purse))
    assert (purse.spent, purse.requests) == (0, 0)
    assert idle(purse)


def test_what_was_sent_and_ended_nobody_knows_how_is_booked_at_its_worst():
    async def run(purse):
        async with Account(purse, TARIFF).request(WORST) as payment:
            payment.sent()
            await asyncio.sleep(3600)

    async def cancel(purse):
        task = asyncio.create_task(run(purse))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    purse = Purse(max_cost=0.04)
    asyncio.run(cancel(purse))
    assert purse.spent == pytest.approx(0.036)
    assert idle(purse)


@pytest.mark.parametrize(
    ("said", "price"),
    [
        (Usage(), 0.036),
        (Usage(prompt_tokens=1_000), 0.034),
        (Usage(completion_tokens=500), 0.008),
        (Usage(prompt_tokens=0, completion_tokens=0), 0),
    ],
)
def test_where_the_server_does_not_say_what_was_used_the_worst_price_is_booked(said, price):
    assert asyncio.run(pay(Account(Purse(max_cost=0.1), TARIFF), said)) == pytest.approx(price)


def test_an_estimate_of_a_broken_reply_is_never_dearer_than_the_worst():
    async def run(usage):
        async with Account(Purse(), TARIFF).request(WORST) as payment:
            payment.sent()
            payment.broken(usage)
        return payment.price

    assert asyncio.run(run(USED)) == pytest.approx(0.006)
    assert asyncio.run(run(Usage(prompt_tokens=10**9, completion_tokens=10**9))) == pytest.approx(0.036)


def test_a_refused_request_costs_nothing_and_counts():
    async def run(account):
        async with account.request(WORST) as payment:
            payment.sent()
            payment.waive()
        return payment.price

    purse = Purse(max_cost=0.04, max_calls=2)
    assert [asyncio.run(run(Account(purse, TARIFF))) for _ in range(2)] == [0, 0]
    assert (purse.spent, purse.requests) == (0, 2)
    with pytest.raises(BudgetReachedError, match="2 requests are sent, as many as --max-calls allows"):
        asyncio.run(run(Account(purse, TARIFF)))


def test_a_request_that_might_break_the_bound_is_not_sent():
    async def run(purse):
        await pay(Account(purse, TARIFF))
        await pay(Account(purse, TARIFF))

    purse = Purse(max_cost=0.04)
    with pytest.raises(BudgetReachedError, match=r"\$0.0060 is spent.*up to \$0.0360: --max-cost 0\.04 may be reached"):
        asyncio.run(run(purse))
    assert purse.requests == 1


def test_money_that_is_only_set_aside_is_waited_for():
    async def run(purse):
        account = Account(purse, TARIFF)
        return await asyncio.gather(*(pay(account) for _ in range(5)))

    purse = Purse(max_cost=0.0605)  # one at a time: four cost 0.024, and the fifth may cost 0.036
    assert asyncio.run(run(purse)) == pytest.approx([0.006] * 5)
    assert purse.spent == pytest.approx(0.03)
    assert idle(purse)


def test_the_first_to_wait_is_served_first_however_dear_it_is():
    order = []

    async def ask(account, name, worst):
        async with account.request(worst) as payment:
            order.append(name)
            payment.sent()
            await asyncio.sleep(0)
            payment.waive()

    async def run():
        account = Account(Purse(max_cost=0.04), TARIFF)
        cheap = Usage(prompt_tokens=10, completion_tokens=10)
        calls = [("cheap", cheap), ("dear", WORST), ("cheap", cheap), ("dear", WORST), ("cheap", cheap)]
        async with account.request(WORST) as payment:
            waiting = [asyncio.create_task(ask(account, f"{name} {n}", worst)) for n, (name, worst) in enumerate(calls)]
            await asyncio.sleep(0)
            payment.sent()
            payment.waive()
        await asyncio.wait_for(asyncio.gather(*waiting), 10)

    asyncio.run(run())
    assert order == ["cheap 0", "dear 1", "cheap 2", "dear 3", "cheap 4"]


def test_who_waits_in_vain_does_not_block_those_behind():
    async def run():
        purse = Purse(max_cost=0.04)
        account = Account(purse, TARIFF)
        async with account.request(WORST) as payment:
            payment.sent()
            first = asyncio.create_task(pay(account))
            refused = asyncio.create_task(pay(account))
            small = asyncio.create_task(pay(account, Usage(0, 0, 0), worst=Usage(prompt_tokens=1, completion_tokens=1)))
            await asyncio.sleep(0)
            first.cancel()
            payment.answered(USED)
        results = await asyncio.wait_for(asyncio.gather(first, refused, small, return_exceptions=True), 10)
        return results, purse

    (first, refused, small), purse = asyncio.run(run())
    assert isinstance(first, asyncio.CancelledError)
    assert isinstance(refused, BudgetReachedError)
    assert small == 0
    assert idle(purse)


def test_cancelling_the_first_in_the_queue_lets_the_next_go():
    async def run():
        account = Account(Purse(max_cost=0.04), TARIFF)
        async with account.request(Usage(prompt_tokens=2_000)):
            dear = asyncio.create_task(pay(account, worst=Usage(prompt_tokens=20_000)))
            cheap = asyncio.create_task(pay(account, worst=Usage(prompt_tokens=3_000)))
            await asyncio.sleep(0)
            dear.cancel()
            return await asyncio.wait_for(cheap, 10)

    assert asyncio.run(run()) == pytest.approx(0.006)


def test_nothing_may_be_spent_with_a_bound_of_nothing_and_free_calls_go_on():
    purse = Purse(max_cost=0)
    with pytest.raises(BudgetReachedError):
        asyncio.run(pay(Account(purse, TARIFF), worst=Usage(prompt_tokens=1)))
    assert asyncio.run(pay(Account(purse, FREE))) == 0
    assert purse.requests == 1


def test_requests_are_bounded_whatever_they_cost():
    account = Account(Purse(max_calls=2))
    assert [asyncio.run(pay(account)) for _ in range(2)] == [None, None]
    with pytest.raises(BudgetReachedError, match="--max-calls"):
        asyncio.run(pay(account))


def test_a_server_that_charges_more_than_it_was_allowed_is_believed_and_expected_to_do_it_again():
    async def run(purse):
        account = Account(purse, TARIFF)
        await pay(account, Usage(prompt_tokens=2_000, completion_tokens=12_000))  # $0.1 in place of $0.036
        assert purse.spent == pytest.approx(0.1)
        for _ in range(20):
            await pay(account, Usage(prompt_tokens=2_000, completion_tokens=12_000))

    purse = Purse(max_cost=0.55)
    with pytest.raises(BudgetReachedError):
        asyncio.run(run(purse))
    assert purse.spent == pytest.approx(0.5)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32), st.floats(0, 3), st.integers(1, 12))
def test_whatever_happens_the_bound_holds_and_is_used_up_but_for_one_request(seed, bound, width):
    """Requests of two models that are answered, broken, refused, not sent or cancelled at any moment."""
    draw = random.Random(seed)
    purse = Purse(max_cost=bound)
    accounts = [Account(purse, TARIFF), Account(purse, FlatTariff(20.0, 80.0))]
    refused = []

    async def ask(account):
        worst = Usage(prompt_tokens=draw.randint(0, 4_000), completion_tokens=draw.randint(0, 8_000))
        try:
            async with account.request(worst) as payment:
                if draw.random() < 0.1:
                    raise OSError
                payment.sent()
                for _ in range(draw.randint(0, 4)):
                    await asyncio.sleep(0)
                    assert purse.spent <= bound + 1e-9
                usage = Usage(draw.randint(0, worst.prompt_tokens), None, draw.randint(0, worst.completion_tokens))
                draw.choice([lambda: payment.answered(usage), lambda: payment.broken(usage), payment.waive, int])()
        except BudgetReachedError:
            assert purse.spent + account.tariff.cost(worst) > bound
            refused.append(account)
        except OSError:
            pass

    async def work(account):
        while not refused:
            await ask(account)

    async def run():
        workers = [asyncio.create_task(work(draw.choice(accounts))) for _ in range(width)]
        while not all(worker.done() for worker in workers):
            await asyncio.sleep(0)
            if draw.random() < 0.05:
                draw.choice(workers).cancel()
        return await asyncio.gather(*workers, return_exceptions=True)

    results = asyncio.run(asyncio.wait_for(run(), 30))
    assert all(result is None or isinstance(result, asyncio.CancelledError) for result in results)
    assert purse.spent <= bound + 1e-9
    assert idle(purse)


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://[::1]:8000/v1", True),
        ("http://localhost:8000/v1", True),
        ("http://10.1.2.3/v1", True),
        ("https://api.openai.com/v1", False),
        ("http://8.8.8.8/v1", False),
    ],
)
def test_servers_of_ones_own_are_free(url, local):
    assert is_local(url) is local


def test_listed_prices_charge_cached_input_less():
    tariff = find_tariff("gpt-4.1-2025-04-14", "https://api.openai.com/v1")
    full = tariff.cost(Usage(prompt_tokens=10_000, completion_tokens=1_000))
    cached = tariff.cost(Usage(prompt_tokens=10_000, cached_tokens=8_000, completion_tokens=1_000))
    assert 0 < cached < full
    assert find_tariff("nobody/knows-this", "https://llm.example.org/v1") is None


@pytest.mark.parametrize(
    ("model", "url"),
    [
        ("gpt-4.1-2025-04-14", "https://api.openai.com/v1"),
        ("gemini-2.5-pro", "https://generativelanguage.googleapis.com/v1beta/openai"),  # dearer beyond 200k tokens
    ],
)
@pytest.mark.parametrize(
    "usage", [Usage(12_345, None, 678), Usage(12_345, 2_345, 678), Usage(1_000_000, 9, 9), Usage()]
)
def test_a_listed_price_is_that_of_the_list(model, url, usage):
    listed = ListedUsage(
        input_tokens=usage.prompt_tokens or 0,
        cache_read_tokens=usage.cached_tokens or 0,
        output_tokens=usage.completion_tokens or 0,
    )
    expected = float(calc_price(listed, model_ref=model, provider_api_url=url).total_price)
    assert find_tariff(model, url).cost(usage) == pytest.approx(expected, rel=1e-9, abs=1e-15)
