"""What a run may spend, and what it has spent. A bound is hard: a call that might break it is not made."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from arena_write.endpoints.prices import Tariff
from judges import TransportError, Usage


class BudgetReachedError(TransportError):
    """The next call might cost more than the run may spend: calls under way end, and no more are made."""

    fatal = True


@dataclass
class Purse:
    """One run's money and calls.

    Args:
        max_cost: US dollars that may be spent; no bound where `None`.
        max_calls: Calls that may be made; no bound where `None`.
        spent: US dollars spent, where prices are known.
        calls: Calls made.
    """

    max_cost: float | None = None
    max_calls: int | None = None
    spent: float = 0.0
    calls: int = 0
    _reserved: float = field(default=0.0, repr=False)

    def admit(self, worst: float) -> None:
        """Set `worst` dollars aside for one call.

        Raises:
            BudgetReachedError: They might not be there.
        """
        if self.max_calls is not None and self.calls >= self.max_calls:
            raise BudgetReachedError(f"{self.calls} calls are made, as many as --max-calls allows")
        if self.max_cost is not None and self.spent + self._reserved + worst > self.max_cost:
            raise BudgetReachedError(
                f"${self.spent:.4f} is spent, and the next call might cost up to ${worst:.4f}: "
                f"--max-cost {self.max_cost:g} may be reached"
            )
        self.calls += 1
        self._reserved += worst

    def settle(self, worst: float, price: float) -> None:
        """Give back what was set aside for a call, and book what it cost."""
        self._reserved -= worst
        self.spent += price


@dataclass
class Payment:
    """One call's price, once it is known."""

    tariff: Tariff | None
    worst: float
    price: float | None = None

    def pay(self, usage: Usage) -> float | None:
        """Return and book the price of the call; nothing where prices are not known.

        Where the server does not say what was used, the worst price is booked: a bound on money is a bound.
        """
        if self.tariff is not None:
            unsaid = usage.prompt_tokens is None and usage.completion_tokens is None
            self.price = self.worst if unsaid else self.tariff.cost(usage)
        return self.price


@dataclass
class Account:
    """Calls of one model, paid from a purse.

    Args:
        purse: The run's purse.
        tariff: What calls cost; nothing where that is not known.
    """

    purse: Purse
    tariff: Tariff | None = None

    @contextmanager
    def call(self, *, prompt_tokens: int, reply_budget: int) -> Iterator[Payment]:
        """Make one call: set its worst price aside, and book its real one.

        Args:
            prompt_tokens: Tokens of the request, rather too many than too few.
            reply_budget: Tokens that the reply may take.

        Raises:
            BudgetReachedError: The worst price might not be there.
        """
        worst = Usage(prompt_tokens=prompt_tokens, completion_tokens=reply_budget)
        aside = 0.0 if self.tariff is None else self.tariff.cost(worst)
        self.purse.admit(aside)
        payment = Payment(self.tariff, aside)
        try:
            yield payment
        finally:
            self.purse.settle(aside, payment.price or 0.0)
