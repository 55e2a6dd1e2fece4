"""Money: bounds are hard, and what is booked is what was used."""

import pytest

from arena_write.endpoints.prices import FREE, FlatTariff, find_tariff, is_local
from arena_write.spending import Account, BudgetReachedError, Purse
from judges import Usage

TARIFF = FlatTariff(input=2.0, output=8.0)
USED = Usage(prompt_tokens=1_000, completion_tokens=500)


def test_a_call_books_what_it_used():
    purse = Purse()
    with Account(purse, TARIFF).call(prompt_tokens=2_000, reply_budget=4_000) as payment:
        assert payment.pay(USED) == pytest.approx(0.006)
    assert purse.spent == pytest.approx(0.006)
    assert purse.calls == 1


def test_a_call_that_fails_books_nothing_and_gives_back_what_was_set_aside():
    purse = Purse(max_cost=0.04)
    account = Account(purse, TARIFF)
    for _ in range(3):
        with pytest.raises(OSError), account.call(prompt_tokens=2_000, reply_budget=4_000):
            raise OSError
    assert purse.spent == 0
    assert purse.calls == 3


def test_a_call_that_might_break_the_bound_is_not_made():
    purse = Purse(max_cost=0.04)
    account = Account(purse, TARIFF)
    with account.call(prompt_tokens=2_000, reply_budget=4_000) as payment:
        with (
            pytest.raises(BudgetReachedError, match=r"--max-cost 0\.04"),
            account.call(prompt_tokens=2_000, reply_budget=4_000),
        ):
            pytest.fail("the call was made")
        payment.pay(USED)
    assert purse.calls == 1


def test_nothing_may_be_spent_with_a_bound_of_nothing_and_free_calls_go_on():
    purse = Purse(max_cost=0)
    with pytest.raises(BudgetReachedError), Account(purse, TARIFF).call(prompt_tokens=1, reply_budget=1):
        pass
    with Account(purse, FREE).call(prompt_tokens=10**6, reply_budget=10**6) as payment:
        assert payment.pay(USED) == 0


def test_calls_are_bounded_whatever_they_cost():
    account = Account(Purse(max_calls=2))
    for _ in range(2):
        with account.call(prompt_tokens=1, reply_budget=1) as payment:
            assert payment.pay(USED) is None
    with pytest.raises(BudgetReachedError, match="--max-calls"), account.call(prompt_tokens=1, reply_budget=1):
        pass


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


def test_where_the_server_does_not_say_what_was_used_the_worst_price_is_booked():
    purse = Purse(max_cost=0.1)
    with Account(purse, TARIFF).call(prompt_tokens=2_000, reply_budget=4_000) as payment:
        assert payment.pay(Usage()) == pytest.approx(0.036)
    assert purse.spent == pytest.approx(0.036)
