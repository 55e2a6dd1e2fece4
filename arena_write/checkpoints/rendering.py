"""From chat messages to the tokens that a model reads, by its own chat template.

What stands in a message is text: where it holds a control token's spelling, as `<|im_end|>` in an essay that wants to
speak in the judge's place, that spelling is read letter by letter and controls nothing.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from arena_write.checkpoints.controls import Controls
from arena_write.checkpoints.errors import TemplateRefusedError, UnsafeTextError
from judges import Message

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_OPENED_THOUGHT = re.compile(r"<(?:think|thinking|reasoning)>(?=\s*\Z)", re.IGNORECASE)


def control_tokens(tokenizer: "PreTrainedTokenizerBase") -> dict[str, int]:
    """Return the tokens that control a model and are no text, by their spelling."""
    return {token.content: number for number, token in tokenizer.added_tokens_decoder.items() if token.special}


def render_chat(
    tokenizer: "PreTrainedTokenizerBase",
    messages: Sequence[Message],
    *,
    controls: Controls,
    variables: Mapping[str, Any] | None = None,
) -> tuple[list[int], str]:
    """Return the tokens of a chat prompt, and the thought tag with which the template opens the answer, if it does.

    Args:
        tokenizer: Tokenizer with a chat template.
        messages: What is asked.
        controls: Its control tokens.
        variables: Further variables of the template, such as `enable_thinking`.

    Raises:
        TemplateRefusedError: The template does not take these messages.
        UnsafeTextError: A message holds control tokens that cannot be told from the template's.
    """
    text = _apply(tokenizer, [(message.role, message.content) for message in messages], variables)
    opened = _OPENED_THOUGHT.search(text)
    forged = controls.are_in(messages)
    ids = _encode_apart(tokenizer, messages, controls, variables, text) if forged else _encode(tokenizer, text)
    return ids, opened[0] if opened else ""


def render_text(tokenizer: "PreTrainedTokenizerBase", text: str) -> list[int]:
    """Return the tokens of a raw prompt, behind the token that begins a text where the model has one."""
    ids: list[int] = tokenizer(text, add_special_tokens=True, verbose=False)["input_ids"]
    return ids


def _apply(
    tokenizer: "PreTrainedTokenizerBase", messages: Sequence[tuple[str, str]], variables: Mapping[str, Any] | None
) -> str:
    from jinja2 import TemplateError

    try:
        text: str = tokenizer.apply_chat_template(
            [{"role": role, "content": content} for role, content in messages],
            tokenize=False,
            add_generation_prompt=True,
            **(variables or {}),
        )
    except (TemplateError, ValueError, TypeError, KeyError) as error:
        roles = ", ".join(role for role, _ in messages)
        raise TemplateRefusedError(
            f"the model's chat template does not take the messages {roles} ({type(error).__name__}: {error!s:.200}); "
            "some templates know no system message, and then a profile without one is needed, or another judge"
        ) from error
    return text


def _encode(tokenizer: "PreTrainedTokenizerBase", text: str) -> list[int]:
    ids: list[int] = tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
    return ids


def _encode_apart(
    tokenizer: "PreTrainedTokenizerBase",
    messages: Sequence[Message],
    controls: Controls,
    variables: Mapping[str, Any] | None,
    whole: str,
) -> list[int]:
    """Return the tokens of what the template says, with its control tokens, and of the contents, without any.

    The template is applied to marks in the contents' place, which no text can hold because they are drawn here.
    """
    marks = {f"mark{secrets.token_hex(16)}": message.content for message in messages}
    said = _apply(tokenizer, list(zip((item.role for item in messages), marks, strict=True)), variables)
    pieces = re.split(f"({'|'.join(marks)})", said)
    contents = [(piece, marks.get(piece)) for piece in pieces]
    for trim in (lambda text: text, str.strip):
        parts = [[piece] if content is None else controls.cut(trim(content)) for piece, content in contents]
        if "".join(part for several in parts for part in several) == whole:
            return [token for several in parts for part in several if part for token in _encode(tokenizer, part)]
    raise UnsafeTextError(
        "a text holds control tokens of this model, and its chat template changes texts, so that the two cannot be "
        "told apart: choose another judge"
    )
