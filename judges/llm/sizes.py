"""How large a call is, before it is made. Nothing is ever cut to make it fit: what does not fit is not sent."""

import string
from collections.abc import Callable, Sequence
from math import ceil

from judges.ports import Message

_LATIN = (string.ascii_letters + " \t\r\n").encode()
_ASCII = bytes(range(0x80))
_ASTRAL = bytes(range(0xF0, 0xF8))
"""First bytes of characters beyond the basic plane, in UTF-8."""

_CHARACTERS_PER_TOKEN = 3
_TOKENS_PER_CHARACTER = 1.2
_TOKENS_PER_ASTRAL = 4
_TOKENS_PER_MESSAGE = 8


def rendered_size(messages: Sequence[Message]) -> int:
    """Return the characters of all messages together."""
    return sum(len(message.content) for message in messages)


def estimate_tokens(messages: Sequence[Message], *, tokenizer: Callable[[str], int] | None = None) -> int:
    """Return about how many tokens the messages take: rather too many than too few.

    Without a tokenizer: 3 characters per token for Latin letters and blanks (English prose has more than 4), 1 token
    per digit or ASCII sign, 1.2 per other character (Chinese in vocabularies that know it has 0.6 to 1.1), 4 per emoji
    or rare ideograph beyond the basic plane. It is no bound: a vocabulary without Chinese takes up to 3 tokens for an
    ideograph, and random letters take one per 2.

    Args:
        messages: What is to be sent.
        tokenizer: Returns the number of tokens of a string, for an exact count of the contents.
    """
    overhead = _TOKENS_PER_MESSAGE * (len(messages) + 1)
    if tokenizer is not None:
        return overhead + sum(tokenizer(message.content) for message in messages)
    return overhead + sum(_estimate(message.content) for message in messages)


def fits(
    messages: Sequence[Message],
    context_window: int,
    *,
    reply_budget: int,
    tokenizer: Callable[[str], int] | None = None,
) -> bool:
    """Return whether the messages and the reply's budget fit together into the model's context, all in tokens."""
    return estimate_tokens(messages, tokenizer=tokenizer) + reply_budget <= context_window


def _estimate(text: str) -> int:
    # Deleting bytes and measuring what is left is the fastest way to count: this is done before every call.
    data = text.encode("utf-8", "surrogatepass")
    beyond = data.translate(None, delete=_ASCII)
    ascii_count = len(data) - len(beyond)
    latin = len(data) - len(data.translate(None, delete=_LATIN))
    astral = len(beyond) - len(beyond.translate(None, delete=_ASTRAL))
    other = len(text) - ascii_count - astral
    return ceil(
        latin / _CHARACTERS_PER_TOKEN
        + (ascii_count - latin)
        + _TOKENS_PER_CHARACTER * other
        + _TOKENS_PER_ASTRAL * astral
    )
