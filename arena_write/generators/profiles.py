"""How a model is asked, and what a board ranks: a model asked in one way.

Ids are hashes of content. Names are for people and never hashed, and a field that is not set leaves no trace, so that
fields added later change no id that is stored.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Literal

from judges import content_id

Mode = Literal["chat", "completion", "recorded"]


@dataclass(frozen=True)
class Profile:
    """How a model is asked. `None` means not sent, so that the server or the benchmark decides.

    Args:
        name: For people. Not hashed.
        mode: `chat` messages, a raw `completion`, or `recorded` outputs that nobody asks for again.
        system: System prompt; an empty one is sent as such, since many chat templates put their own where none is.
        templates: Wrapper of the prompt per language, for raw completions.
        temperature: Sampling temperature.
        top_p: Nucleus sampling.
        top_k: Sampling among the k likeliest tokens.
        min_p: Sampling among tokens of at least this share of the likeliest one's probability.
        max_tokens: Budget of the answer.
        thinking_tokens: Budget of the thinking, apart from the answer's.
        reasoning_effort: The server's word for how much to think.
        stop: Strings that end the answer.
        extra: Further fields of the request, as sent.
    """

    name: str
    mode: Mode = "chat"
    system: str | None = None
    templates: Mapping[str, str] | None = field(default=None, hash=False)
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    max_tokens: int | None = None
    thinking_tokens: int | None = None
    reasoning_effort: str | None = None
    stop: tuple[str, ...] | None = None
    extra: Mapping[str, Any] | None = field(default=None, hash=False)

    def settings(self) -> dict[str, Any]:
        """Return everything but the name, without what is not set: what rows store and what the id is the hash of.

        Empty mappings and no stops are the same as none given.
        """
        settings = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "name"}
        for name, kind in (("templates", dict), ("extra", dict), ("stop", list)):
            settings[name] = kind(settings[name]) if settings[name] else None
        return {name: value for name, value in settings.items() if value is not None}

    @cached_property
    def id(self) -> str:
        """Hash of the settings."""
        return content_id("profile", self.settings())

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], *, name: str) -> "Profile":
        """Rebuild a profile from what `settings` returned, also after a way through JSON.

        Raises:
            ValueError: A setting is unknown or ill-typed; names it.
        """
        from pydantic import TypeAdapter, ValidationError

        known = {item.name for item in fields(cls)} - {"name"}
        for setting in settings:
            if setting not in known:
                raise ValueError(f"unknown setting {setting!r} of a profile")
        try:
            return TypeAdapter(cls).validate_json(json.dumps({**settings, "name": name}), strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise ValueError(f"setting {where!r} of a profile: {first['msg']}") from None


RECORDED = Profile(name="recorded", mode="recorded")
"""The profile of recorded outputs: how their model was asked is not known here."""


@dataclass(frozen=True)
class Entrant:
    """A model and the way it is asked: what a board ranks.

    Args:
        name: For people. Not hashed.
        model: Id of the model: digest of a checkpoint, server and name of an endpoint, or hash of recorded outputs.
        profile: How the model is asked.
    """

    name: str
    model: str
    profile: Profile

    @cached_property
    def id(self) -> str:
        """Hash of model and profile: never of a name, a seed or a backend."""
        return content_id("entrant", self.model, self.profile.id)

    @property
    def id8(self) -> str:
        """The first 8 hex digits of the id, for file names and tables."""
        return self.id[:8]
