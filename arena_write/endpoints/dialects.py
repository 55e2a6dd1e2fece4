"""How a server wants to be asked."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from arena_write.endpoints.settings import RequestSettings

_NO = r"\b(not|no|only|without|disabled|must|extra|un(supported|known|recogni[sz]ed|expected|available)|invalid)\b"
_STREAM = r"\bstream(ing)?\b"
_NO_STREAM = re.compile(f"{_STREAM}[^.]{{0,80}}{_NO}|{_NO}[^.]{{0,80}}{_STREAM}", re.IGNORECASE)
"""That a server does not stream, or does not know the field; other words hold a stream as well."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How this server wants to be asked; simplified once where it says so, and remembered.

    Args:
        stream: Whether replies are streamed.
        usage: Whether a stream is asked for its usage.
        budget_field: What the token budget is called: OpenAI's newer models take only the longer name, and some
            other servers ignore that one.
    """

    stream: bool = True
    usage: bool = True
    budget_field: str = "max_tokens"

    def encode(self, content: Mapping[str, Any], settings: RequestSettings) -> bytes:
        """Return the body of a request.

        Args:
            content: The model, the messages or the prompt, and the seed.
            settings: What else is asked for.
        """
        body = {**content, **settings.body(chat="messages" in content, budget_field=self.budget_field)}
        if self.stream:
            body["stream"] = True
            if self.usage:
                body["stream_options"] = {"include_usage": True}
        try:
            return to_json(body)  # in a fifth of the standard library's time
        except PydanticSerializationError:  # half a character somewhere: only an escape can say that
            return json.dumps(body).encode()

    def without(self, complaint: str) -> "Dialect | None":
        """Return the dialect that avoids what the server complains about; `None` where there is no such thing."""
        if self.usage and self.stream and "stream_options" in complaint:
            return replace(self, usage=False)
        if self.budget_field == "max_tokens" and "max_completion_tokens" in complaint:
            return replace(self, budget_field="max_completion_tokens")
        if self.stream and _NO_STREAM.search(complaint):
            return replace(self, stream=False)
        return None
