"""What a run will take, before it begins: calls exactly, tokens and money as ranges."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from arena_write.benchmarks.prompts import Prompt
from arena_write.endpoints.prices import Tariff
from arena_write.generators.live import LiveModel
from arena_write.judging import HiredJudge
from arena_write.textstats.requests import LengthRequest
from judges import Message, Usage
from judges.llm import estimate_tokens

TOKENS_PER_WORD = (1.2, 1.8)
TOKENS_PER_CHARACTER = (0.6, 1.3)
REPLY_TOKENS = (100, 1_500)
"""A judge's reply: a terse one, and one that explains at length."""
TEMPLATE_TOKENS = (400, 2_000)
UNASKED_TOKENS = (300, 4_000)
"""An answer to a prompt that asks for no length."""


@dataclass(frozen=True, slots=True)
class Range:
    """From the least to the most that is expected."""

    low: float = 0.0
    high: float = 0.0

    @property
    def middle(self) -> float:
        """Halfway between the two."""
        return (self.low + self.high) / 2

    def __add__(self, other: "Range") -> "Range":
        """Return the sum."""
        return Range(self.low + other.low, self.high + other.high)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one kind of call will take.

    Args:
        what: What the calls do.
        calls: How many there are; a failed one may be repeated.
        prompt_tokens: Tokens sent.
        reply_tokens: Tokens that come back.
        price: US dollars; nothing where prices are not known.
        model: Id of the model that is called.
        bounded: Whether every request says how many tokens the reply may have, at most.
    """

    what: str
    calls: int
    prompt_tokens: Range
    reply_tokens: Range
    price: Range | None
    model: str
    bounded: bool = True

    @property
    def paid(self) -> bool:
        """Whether the calls cost money, or may."""
        return self.calls > 0 and (self.price is None or self.price.high > 0)


def estimate_writing(live: LiveModel, prompts: Sequence[Prompt]) -> Estimate:
    """Return what having these prompts answered takes, each once."""
    sent, back = Range(), Range()
    for prompt in prompts:
        tokens = estimate_tokens([Message("user", prompt.text)])
        sent += Range(tokens / 2, tokens)
        back += answer_tokens(prompt.length, budget=live.reply_budget)
    price = _price(live.account.tariff, sent, back)
    bounded = live.entrant.profile.max_tokens is not None
    return Estimate(f"answers of {live.entrant.name}", len(prompts), sent, back, price, live.entrant.model, bounded)


@dataclass(frozen=True, slots=True)
class Unwritten:
    """Calls about a prompt that wait for an answer to be written.

    Args:
        prompt: The prompt.
        calls: How many there are.
        answers: How many answers each of them shows.
    """

    prompt: Prompt
    calls: int
    answers: int


def estimate_judging(
    hired: HiredJudge,
    what: str,
    known: Iterable[Sequence[str]],
    unknown: Sequence[Unwritten],
    *,
    judgements: int = 1,
) -> Estimate:
    """Return what judging takes.

    Args:
        hired: The judge.
        what: What its calls give: `verdicts` or `scores`.
        known: The texts that are shown in each call.
        unknown: Calls whose answers are not all written yet.
        judgements: How many judgements a reply holds, at most.
    """
    name, model = hired.judge.spec.name, hired.judge.spec.model
    if hired.account is None:
        return Estimate(f"{what} of {name}, no calls", 0, Range(), Range(), Range(), model)
    calls, sent = 0, Range()
    for texts in known:
        tokens = estimate_tokens([Message("user", text) for text in texts])
        calls, sent = calls + 1, sent + Range(tokens / 2 + TEMPLATE_TOKENS[0], tokens + TEMPLATE_TOKENS[1])
    for waiting in unknown:
        prompt = waiting.prompt
        answer = answer_tokens(prompt.length, budget=16_000)
        tokens = estimate_tokens([Message("user", prompt.text)])
        low = tokens / 2 + waiting.answers * answer.low + TEMPLATE_TOKENS[0]
        high = tokens + waiting.answers * answer.high + TEMPLATE_TOKENS[1]
        calls, sent = calls + waiting.calls, sent + Range(waiting.calls * low, waiting.calls * high)
    back = Range(calls * REPLY_TOKENS[0], calls * REPLY_TOKENS[1] * judgements)
    return Estimate(f"{what} of {name}", calls, sent, back, _price(hired.account.tariff, sent, back), model)


def answer_tokens(request: LengthRequest | None, *, budget: int) -> Range:
    """Return the tokens of an answer to a prompt that asks for this length."""
    if request is None:
        return Range(min(UNASKED_TOKENS[0], budget), min(UNASKED_TOKENS[1], budget))
    low, high = TOKENS_PER_CHARACTER if request.unit == "chars" else TOKENS_PER_WORD
    fewest, most = request.bounds()
    fewest = 0.3 * (most or 0) if fewest is None else fewest
    most = 3 * fewest if most is None else 1.3 * most
    return Range(min(0.7 * fewest * low, budget), min(most * high, budget))


def _price(tariff: Tariff | None, sent: Range, back: Range) -> Range | None:
    if tariff is None:
        return None
    return Range(
        tariff.cost(Usage(prompt_tokens=int(sent.low), completion_tokens=int(back.low))),
        tariff.cost(Usage(prompt_tokens=int(sent.high), completion_tokens=int(back.high))),
    )


def describe(estimate: Estimate) -> str:
    """Return an estimate as one line."""
    if not estimate.calls:
        return estimate.what
    tokens = f"{_tokens(estimate.prompt_tokens)} tokens in, {_tokens(estimate.reply_tokens)} out"
    if estimate.price is None:
        money = "price not known (state it with --price IN,OUT in dollars per million tokens)"
    elif estimate.price.high == 0:
        money = "free (on machines of your own)"
    else:
        money = f"${estimate.price.low:.2f} to ${estimate.price.high:.2f}"
    return f"{estimate.calls} calls for {estimate.what}: {tokens}; {money}"


def _tokens(amount: Range) -> str:
    return f"{_round(amount.low)} to {_round(amount.high)}"


def _round(number: float) -> str:
    for size, sign in ((1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.1f}{sign}"
    return f"{number:.0f}"
