"""What a request asks for, beside its text."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

_OURS = frozenset({"model", "messages", "prompt", "stream", "stream_options", "n", "best_of", "seed"})
_BUDGETS = frozenset({"max_tokens", "max_completion_tokens"})
_CHAT_ONLY = ("reasoning_effort",)
_DEFAULT_BUDGET = 32_768


@dataclass(frozen=True, slots=True)
class RequestSettings:
    """Decoding settings. `None` means not sent: the server decides.

    Args:
        temperature: Sampling temperature.
        top_p: Nucleus sampling.
        top_k: Sampling among the k likeliest tokens; not in OpenAI's schema, sent all the same.
        min_p: Sampling among tokens of at least this share of the likeliest one's probability; likewise.
        max_tokens: Budget of the answer, in tokens.
        thinking_tokens: Budget of the thinking, which servers count together with the answer: added to `max_tokens` in
            what is sent. A server's own field for it goes into `extra`.
        stop: Strings that end the answer.
        reasoning_effort: The server's word for how much to think; chat only.
        response_format: As the API wants it, such as `{"type": "json_schema", "json_schema": {...}}`.
        extra: Further fields of the request, as sent.

    Raises:
        ValueError: `extra` holds a field that is not its business.
    """

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    max_tokens: int | None = None
    thinking_tokens: int | None = None
    stop: tuple[str, ...] | None = None
    reasoning_effort: str | None = None
    response_format: Mapping[str, Any] | None = field(default=None, hash=False)
    extra: Mapping[str, Any] | None = field(default=None, hash=False)

    def __post_init__(self) -> None:
        check_extra(self.extra)

    def decoding(self) -> dict[str, Any]:
        """Return what is set, by name: what a judge's or an entrant's identity is made of."""
        chosen = {item.name: getattr(self, item.name) for item in fields(self)}
        if self.stop is not None:
            chosen["stop"] = list(self.stop)
        return {name: value for name, value in chosen.items() if value is not None}

    def body(self, *, chat: bool, budget_field: str = "max_tokens") -> dict[str, Any]:
        """Return the fields of a request; `extra` comes last.

        Args:
            chat: Whether it is a chat request; a raw completion has fewer fields.
            budget_field: What the server calls the token budget.
        """
        body = self.decoding()
        for name in ("max_tokens", "thinking_tokens", "extra", *(() if chat else _CHAT_ONLY)):
            body.pop(name, None)
        if self.max_tokens is not None:
            body[budget_field] = self.max_tokens + (self.thinking_tokens or 0)
        return {**body, **(self.extra or {})}

    @property
    def token_budget(self) -> int:
        """Tokens that a reply may have; a guess on the large side where nothing is set."""
        return (self.max_tokens or _DEFAULT_BUDGET) + (self.thinking_tokens or 0)


def check_extra(extra: Mapping[str, Any] | None) -> None:
    """Refuse further fields of a request that are set elsewhere: a bound that is hidden here would not be counted with.

    Raises:
        ValueError: Names them, and the mend.
    """
    given = set(extra or {})
    if taken := sorted(_OURS & given):
        raise ValueError(f"[extra] cannot set {', '.join(taken)}: arena-write sees to that itself, so leave it out")
    if budgets := sorted(_BUDGETS & given):
        raise ValueError(
            f"[extra] cannot set {', '.join(budgets)}: write max_tokens as a field of the profile, above [extra]"
        )
