"""Messages as tokens, where a text in them spells a control token: vLLM reads that token in it.

So such messages are sent as tokens, which vLLM's own tokenizer makes for us, and which are those that transformers
makes (`checkpoints.rendering`). What the chat template says is learnt from two renderings in which runs of a control
token stand in the contents' place: these never grow together with what is beside them, so the template's tokens are
what is between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from arena_write.checkpoints.controls import Controls
from arena_write.checkpoints.errors import UnsafeTextError
from arena_write.serving.ports import ModelServer
from judges import Message

_KEPT_PARTS = 4_096
_RUN = 8


class Speller:
    """Makes tokens of messages; for all servers of one model, which have the same tokenizer.

    Args:
        controls: The model's control tokens.
        variables: Further variables of its chat template.
    """

    def __init__(self, controls: Controls, *, variables: Mapping[str, Any] | None = None) -> None:
        self._controls, self._variables = controls, variables or {}
        self._templates: dict[tuple[str, ...], _Template] = {}
        self._parts: dict[str, list[int]] = {}

    def is_needed(self, messages: Sequence[Message]) -> bool:
        """Return whether messages spell a control token."""
        return self._controls.are_in(messages)

    async def spell(self, messages: Sequence[Message], server: ModelServer) -> list[int]:
        """Return the tokens of a chat prompt, in which the template's control tokens are the only ones.

        Raises:
            UnsafeTextError: The template does something else to texts than to show them.
            EndpointError: The server does not answer.
        """
        roles = tuple(message.role for message in messages)
        if roles not in self._templates:
            self._templates[roles] = await self._learn(roles, server)
        template = self._templates[roles]
        tokens = list(template.before[0])
        for message, following in zip(messages, template.before[1:], strict=True):
            content = message.content.strip() if template.trims else message.content
            for part in self._controls.cut(content):
                tokens += await self._read(part, server)
            tokens += following
        return tokens

    async def _learn(self, roles: tuple[str, ...], server: ModelServer) -> "_Template":
        """Return what the chat template says around messages of such roles.

        Raises:
            UnsafeTextError: No rendering with a control token in the contents' place shows each of them once, in order.
        """
        for mark in self._controls.spellings:
            token = await server.tokenize({"prompt": mark, "add_special_tokens": False})
            if len(token) != 1:
                continue
            # The first content is a run of marks, the second one twice as long, and so on: which is where is seen, and
            # that no template says so many in a row by itself.
            runs = [mark * _RUN * number for number, _ in enumerate(roles, start=1)]
            tokens = await self._render(roles, runs, server)
            before = _between(tokens, mark=token[0], count=len(roles))
            if before is not None:
                apart = await self._render(roles, [f" {run} " for run in runs], server)
                return _Template(before, trims=apart == tokens)
        raise UnsafeTextError(
            "a text spells control tokens of this model, and its chat template changes texts, so that the two cannot "
            "be told apart: choose another judge"
        )

    async def _render(self, roles: Sequence[str], contents: Sequence[str], server: ModelServer) -> list[int]:
        messages = [{"role": role, "content": content} for role, content in zip(roles, contents, strict=True)]
        return await server.tokenize({"messages": messages, "chat_template_kwargs": self._variables})

    async def _read(self, part: str, server: ModelServer) -> list[int]:
        if part not in self._parts:
            if len(self._parts) >= _KEPT_PARTS:
                self._parts.clear()
            self._parts[part] = await server.tokenize({"prompt": part, "add_special_tokens": False})
        return self._parts[part]


@dataclass(frozen=True, slots=True)
class _Template:
    """What a chat template says.

    Args:
        before: The tokens before each content, and those behind the last.
        trims: Whether it takes spaces from both ends of contents.
    """

    before: tuple[list[int], ...]
    trims: bool


def _between(tokens: Sequence[int], *, mark: int, count: int) -> tuple[list[int], ...] | None:
    """Return the tokens around runs of marks that grow as they should; nothing where there are other long runs."""
    around: list[list[int]] = [[]]
    lengths = []
    for token, group in groupby(tokens):
        run = list(group)
        if token == mark and len(run) >= _RUN:
            lengths.append(len(run))
            around.append([])
        else:
            around[-1] += run
    return tuple(around) if lengths == [_RUN * number for number in range(1, count + 1)] else None
