"""Addresses of models, as people type them: `[NAME=]ADDRESS`.

A known prefix decides first, then an existing path; anything else is an error of usage. A folder whose path begins like
a prefix is written `./hf/...`.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from arena_write.generators.errors import UnknownAddressError

_NAMED = re.compile(r"([^=/\\\x00-\x1f\x7f]{1,64})=(.+)", re.DOTALL)
_FORMS = (
    "openai/NAME[@http://host:port/v1], a checkpoint's folder, hf/NAME, builtin/NAME, or recorded outputs as PATH.jsonl"
)


class AddressKind(StrEnum):
    """What an address points at."""

    OPENAI = "openai"
    """Any OpenAI-compatible server."""
    VLLM = "vllm"
    """A model that vLLM serves here."""
    HF = "hf"
    """A model that transformers runs in this process."""
    BUILTIN = "builtin"
    """Something this package brings along."""
    CHECKPOINT = "checkpoint"
    """A folder with a model."""
    RECORDED = "recorded"
    """A `.jsonl` file of outputs."""


_PREFIXES = (AddressKind.OPENAI, AddressKind.VLLM, AddressKind.HF, AddressKind.BUILTIN)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a model is found.

    Args:
        name: The name that the user gave it, if any.
        kind: What it points at.
        target: What stands behind the prefix, or the path.
    """

    name: str | None
    kind: AddressKind
    target: str


def parse_address(text: str) -> Address:
    """Read an address with its optional name.

    A string that is itself an existing path is that path, even where it holds `=`; otherwise what stands before the
    first `=` is the name if it can be one (1 to 64 characters without slashes, backslashes and control characters).

    Raises:
        UnknownAddressError: It is neither a known form nor an existing path.
    """
    found = _find(text)
    if found is not None:
        return Address(None, *found)
    named = _NAMED.fullmatch(text)
    address = named[2] if named else text
    found = _find(address) if named else None
    if named and found is not None:
        return Address(named[1], *found)
    raise UnknownAddressError(f"{_describe(address)}; an address is {_FORMS}, each with an optional NAME= before it")


def _find(address: str) -> tuple[AddressKind, str] | None:
    for kind in _PREFIXES:
        prefix, slash, target = address.partition("/")
        if slash and prefix == kind.value:
            if not target.strip():
                raise UnknownAddressError(f"{address!r} names no model behind {kind.value}/: write {kind.value}/NAME")
            return kind, target
    if not address.strip():
        return None
    path = Path(address).expanduser()
    try:
        if path.is_dir():
            return AddressKind.CHECKPOINT, str(path)
        if path.is_file():
            if path.suffix.lower() == ".jsonl":
                return AddressKind.RECORDED, str(path)
            raise UnknownAddressError(
                f"{address!r} is a file, but not of recorded outputs (.jsonl); for a checkpoint give its folder"
            )
    except OSError:  # such as a name too long for any file
        return None
    return None


def _describe(address: str) -> str:
    if not address.strip():
        return "an empty address"
    if "/" in address or "\\" in address or address.endswith(".jsonl") or address.startswith((".", "~")):
        return f"there is no file or folder {address!r}, and it begins with no known prefix"
    return f"{address!r} is no address of a model"
