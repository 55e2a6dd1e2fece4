"""From the JSON of a reply, whole or in pieces, to a `Completion`. Knows the protocol and no SDK."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from arena_write.endpoints.errors import CutReplyError, GarbageReplyError, ReplyTooLargeError
from judges.llm import estimate_tokens
from judges.ports import Completion, Message, Usage

_SURROGATE = re.compile("[\ud800-\udfff]")
_FAILED = re.compile(r"error|abort|cancel|time[ _-]?out|fail|insufficient|unavailable|interrupt", re.IGNORECASE)
"""Finish reasons with which servers say that they could not go on: what has come is not what the model had to say."""
_LONGEST_NAME = 300
_MOST_TOKENS = 10**9
"""No call takes more: a larger count is none, and could not be added up with others."""


class ReportedFault(Exception):  # noqa: N818 - not an error of ours yet: `failures` makes one of it
    """A server's error object in the place of an event."""

    def __init__(self, body: object) -> None:
        super().__init__(body)
        self.body = body


class ReplyReader:
    """Collects the events of a stream.

    Args:
        max_chars: Bound on text and thinking together.
    """

    def __init__(self, max_chars: int) -> None:
        self._left = self._max = max_chars
        self._text: list[str] = []
        self._thinking: list[str] = []
        self._refusal: list[str] = []
        self._finish: str | None = None
        self._model: str | None = None
        self._usage = Usage()
        self._stray: dict[str, Any] | None = None
        self.pieces = 0
        """Events with text or thinking so far: no more than there are tokens."""
        self.news = 0
        """Events so far that brought the reply on: with text, thinking, usage or a finish reason."""

    @property
    def is_finished(self) -> bool:
        """Whether a finish reason has come, and none that says that the server failed."""
        return self._finish is not None and not _FAILED.search(self._finish)

    def feed(self, event: object) -> None:
        """Take one event in.

        Raises:
            GarbageReplyError: It is not an event of the protocol.
            ReportedFault: It is an error object.
            ReplyTooLargeError: There is too much text.
        """
        if not isinstance(event, dict):
            raise GarbageReplyError(f"an event of the stream is no object: {event!r:.60}")
        if event.get("error"):
            raise ReportedFault(event["error"])
        if event.get("object") == "error":
            raise ReportedFault(event)
        if self._model is None:
            self._model = _string(event.get("model"))
        usage = event.get("usage")
        pieces, finish = self.pieces, self._finish
        if isinstance(usage, dict):
            self._usage = read_usage(usage)
        choice = _first_choice(event)
        if choice is not None:
            self._read(choice)
        elif self._stray is None and "choices" not in event and not usage:
            self._stray = event
        self.news += bool(usage) or (pieces, finish) != (self.pieces, self._finish)

    def _read(self, choice: dict[str, Any]) -> None:
        delta = choice.get("delta")
        if delta is None:
            delta = choice.get("message") or {"content": choice.get("text")}
        if not isinstance(delta, dict):
            raise GarbageReplyError(f"the delta of an event is no object: {delta!r:.60}")
        self._take(delta)
        self._finish = _string(choice.get("finish_reason")) or self._finish

    def _take(self, delta: dict[str, Any]) -> None:
        thinking = delta.get("reasoning_content") or delta.get("reasoning")  # some servers send it under both names
        came = 0
        for said, kept in (
            (delta.get("content"), self._text),
            (thinking, self._thinking),
            (delta.get("refusal"), self._refusal),
        ):
            if said is None or said == "":
                continue
            text = said if isinstance(said, str) else _text_of(said)
            if text:
                kept.append(text)
                came += len(text)
        if not came:
            return
        self.pieces += 1
        self._left -= came
        if self._left < 0:
            raise ReplyTooLargeError(f"the reply has more than {self._max} characters and was broken off")

    def end(self) -> None:
        """Note that nothing more will come.

        Raises:
            CutReplyError: No finish reason has come, or one that says that the server failed.
            GarbageReplyError: Nothing of a reply has come, and something else has; quotes it.
        """
        if self._stray is not None and self._finish is None and not self.pieces:
            raise GarbageReplyError.instead(json.dumps(self._stray, ensure_ascii=False))
        if self._finish is None:
            raise CutReplyError(f"the reply ended without a finish reason after {self.pieces} pieces")
        if _FAILED.search(self._finish):
            raise CutReplyError(f"the server gave up after {self.pieces} pieces (finish reason {self._finish!r})")

    def estimate_usage(self, prompt: Sequence[Message]) -> Usage:
        """Return about what a reply took that broke off: what the server said, else the tokens of what has come."""
        came = Message("assistant", "".join([*self._thinking, *self._text, *self._refusal]))
        said = self._usage
        return replace(
            said,
            prompt_tokens=estimate_tokens(prompt) if said.prompt_tokens is None else said.prompt_tokens,
            completion_tokens=max(self.pieces, estimate_tokens([came]), said.completion_tokens or 0),
        )

    def completion(self, seconds: float) -> Completion:
        """Return the whole reply.

        A refusal in the field of its own is the text, with the finish reason `refusal`.

        Raises:
            CutReplyError: No finish reason has come.
        """
        self.end()
        refused = bool(self._refusal) and not self._text
        return Completion(
            text=_join(self._refusal if refused else self._text),
            thinking=_join(self._thinking) if self._thinking else None,
            finish_reason="refusal" if refused else self._finish,
            served_model=self._model,
            usage=self._usage,
            seconds=seconds,
        )


def read_usage(usage: dict[str, Any]) -> Usage:
    """Read the token counts of a reply, in the dialects that servers speak."""
    prompt, completion = (usage.get(f"{part}_tokens_details") for part in ("prompt", "completion"))
    cached = _count(prompt.get("cached_tokens")) if isinstance(prompt, dict) else None
    thinking = _count(completion.get("reasoning_tokens")) if isinstance(completion, dict) else None
    return Usage(
        prompt_tokens=_count(usage.get("prompt_tokens")),
        cached_tokens=_count(usage.get("prompt_cache_hit_tokens")) if cached is None else cached,
        completion_tokens=_count(usage.get("completion_tokens")),
        thinking_tokens=thinking,
    )


def _first_choice(event: dict[str, Any]) -> dict[str, Any] | None:
    choices = event.get("choices")
    if not choices:
        return None
    if not isinstance(choices, list) or not isinstance(choices[0], dict):
        raise GarbageReplyError(f"the choices of an event are no list of objects: {choices!r:.60}")
    return choices[0]


def _text_of(content: object) -> str:
    """Return the text of a list of parts."""
    if isinstance(content, list) and all(isinstance(part, dict) for part in content):
        return "".join(text for part in content if isinstance(text := part.get("text"), str))
    raise GarbageReplyError(f"text that is no text: {content!r:.60}")


def _string(value: object) -> str | None:
    return _join([value[:_LONGEST_NAME]]) if isinstance(value, str) and value else None


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value <= _MOST_TOKENS else None


def _join(pieces: list[str]) -> str:
    """Join pieces; halves of a character that came in two pieces become one, halves without the other U+FFFD."""
    text = "".join(pieces)
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
