"""What calls cost: the listed price of a known model, one that the user states, or nothing at a server of one's own."""

import ipaddress
import math
import time
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from arena_write.spending import Tariff
from judges.ports import Usage

__all__ = ["FREE", "FlatTariff", "ListedTariff", "Tariff", "find_tariff", "is_local"]


@dataclass(frozen=True, slots=True)
class FlatTariff:
    """One price for input and one for output, in US dollars per million tokens."""

    input: float
    output: float

    def cost(self, usage: Usage) -> float:
        """Return the price in US dollars; cached input is charged in full."""
        return ((usage.prompt_tokens or 0) * self.input + (usage.completion_tokens or 0) * self.output) / 1e6


FREE = FlatTariff(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class ListedTariff:
    """Prices from the `genai-prices` list that is installed."""

    model: str
    base_url: str

    def cost(self, usage: Usage) -> float:
        """Return the price in US dollars, cached input at its own price."""
        prompt, completion = usage.prompt_tokens or 0, usage.completion_tokens or 0
        cached = min(usage.cached_tokens or 0, prompt)
        rates = _read_rates(self.model, self.base_url, int(time.time() // 60))
        if rates is None:
            return _look_up(self.model, self.base_url, prompt, cached, completion)
        return (prompt - cached) * rates[0] + cached * rates[1] + completion * rates[2]


def _look_up(model: str, base_url: str, prompt: int, cached: int, completion: int) -> float:
    from genai_prices import Usage as ListedUsage
    from genai_prices import calc_price

    listed = ListedUsage(input_tokens=prompt, output_tokens=completion, cache_read_tokens=cached)
    return float(calc_price(listed, model_ref=model, provider_api_url=base_url).total_price)


@lru_cache(maxsize=64)
def _read_rates(model: str, base_url: str, minute: int) -> tuple[float, float, float] | None:
    """Return the prices of a token of input, cached input and output; nothing where they grow with the request.

    A look into the list takes as long as a fifth of a whole call, and two are needed for each. Some prices change with
    the time of day, so the rates are those of one minute.
    """
    many = 10_000_000
    fresh, cached, output = (
        _look_up(model, base_url, *tokens) / many for tokens in ((many, 0, 0), (many, many, 0), (0, 0, many))
    )
    few = _look_up(model, base_url, 1_000, 500, 1_000)
    linear = math.isclose(few, 500 * fresh + 500 * cached + 1_000 * output, rel_tol=1e-9, abs_tol=1e-15)
    return (fresh, cached, output) if linear else None


def find_tariff(model: str, base_url: str) -> Tariff | None:
    """Return what calls of a model at a server cost; nothing is known of a server that is neither listed nor local."""
    if is_local(base_url):
        return FREE
    tariff = ListedTariff(model, base_url)
    try:
        tariff.cost(Usage(prompt_tokens=1, completion_tokens=1))
    except LookupError:
        return None
    return tariff


def is_local(base_url: str) -> bool:
    """Say whether a server runs on this machine or in a private network, where calls are not billed."""
    host = urlsplit(base_url).hostname or ""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private
