"""How many tokens a call of the judge sends, before it is made."""

from collections.abc import Iterable

from judges import Message
from judges.llm import estimate_tokens

TEMPLATE_TOKENS = 2_000
"""More than a judge's template takes: set aside for each call."""


def count_call(material: Iterable[str]) -> int:
    """Return about how many tokens a call takes that shows these texts, without its reply."""
    return TEMPLATE_TOKENS + estimate_tokens([Message("user", text) for text in material])
