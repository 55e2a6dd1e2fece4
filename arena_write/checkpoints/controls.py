"""Control tokens: how a checkpoint's are spelt, and texts in which such a spelling controls nothing.

A text under judgement is hostile. Where it holds `<|im_end|>`, a tokenizer that is given it as it stands makes of these
letters the token that ends the user's turn, and what follows speaks in another's place. So it is cut within each such
spelling, and the parts are read apart: the letters stay, and no token comes of them.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from arena_write.checkpoints.folders import CheckpointFolder, read_json
from judges import Message

_STRUCTURE = re.compile(
    r"<\|.*\|>|<｜.*｜>|</?(?:think|thinking|reasoning|answer|tool_call|tool_response)>", re.IGNORECASE
)
"""Tokens that some tokenizers do not call special, and that say all the same where a thought or a turn ends."""


class Controls:
    """The control tokens of one checkpoint.

    Args:
        spellings: How they are spelt.
    """

    def __init__(self, spellings: Iterable[str]) -> None:
        self.spellings = tuple(sorted({spelling for spelling in spellings if len(spelling) > 1}))
        # Every place where one begins, also within another one.
        self._begins = re.compile(f"(?={'|'.join(map(re.escape, self.spellings))})") if self.spellings else None

    def are_in(self, messages: Sequence[Message]) -> bool:
        """Return whether one of them is spelt out in a message."""
        return self._begins is not None and any(self._begins.search(message.content) for message in messages)

    def cut(self, text: str) -> list[str]:
        """Return a text in parts that are whole together, and none of which spells a control token."""
        if self._begins is None:
            return [text]
        ends = [*(found.start() + 1 for found in self._begins.finditer(text)), len(text)]
        return [text[start:end] for start, end in zip([0, *ends], ends, strict=False) if start < end]


def read_controls(folder: CheckpointFolder) -> Controls:
    """Return the control tokens that the files of a checkpoint's tokenizer name.

    Raises:
        BadFolderError: A file is damaged.
    """
    said = {file.name: read_json(file) for file in folder.tokenizer if file.name in _READERS}
    return Controls(spelling for name, content in said.items() for spelling in _READERS[name](content))


def is_control(spelling: str, *, special: bool) -> bool:
    """Return whether a token that was added to a vocabulary controls something: it says so itself, or looks so."""
    return special or _STRUCTURE.fullmatch(spelling) is not None


def _of_tokenizer(content: dict[str, Any]) -> Iterator[str]:
    yield from _added(content.get("added_tokens"))


def _of_config(content: dict[str, Any]) -> Iterator[str]:
    decoder = content.get("added_tokens_decoder")
    yield from _added(list(decoder.values()) if isinstance(decoder, dict) else None)
    yield from _named(content)


def _of_list(content: dict[str, Any]) -> Iterator[str]:
    yield from (spelling for spelling in content if is_control(spelling, special=False))


def _added(tokens: object) -> Iterator[str]:
    for token in tokens if isinstance(tokens, list) else ():
        spelling = token.get("content") if isinstance(token, dict) else None
        if isinstance(spelling, str) and is_control(spelling, special=token.get("special") is not False):
            yield spelling


def _named(content: dict[str, Any]) -> Iterator[str]:
    """Return what fields such as `eos_token` hold: a spelling, an object around it, or a list of these."""
    for name, value in content.items():
        if not name.endswith(("_token", "_tokens")):
            continue
        for item in value if isinstance(value, list) else [value]:
            spelling = item.get("content") if isinstance(item, dict) else item
            if isinstance(spelling, str):
                yield spelling


_READERS: dict[str, Callable[[dict[str, Any]], Iterator[str]]] = {
    "tokenizer.json": _of_tokenizer,
    "tokenizer_config.json": _of_config,
    "special_tokens_map.json": _named,
    "added_tokens.json": _of_list,
}
