"""What calls cost: the listed price of a known model, one that the user states, or nothing at a server of one's own."""

import ipaddress
from dataclasses import dataclass
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
        from genai_prices import Usage as ListedUsage
        from genai_prices import calc_price

        listed = ListedUsage(
            input_tokens=usage.prompt_tokens or 0,
            output_tokens=usage.completion_tokens or 0,
            cache_read_tokens=min(usage.cached_tokens or 0, usage.prompt_tokens or 0),
        )
        return float(calc_price(listed, model_ref=self.model, provider_api_url=self.base_url).total_price)


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
