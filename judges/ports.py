"""What the judges room needs from others, and what it offers them.

It needs a `ChatModel`: messages in, a `Completion` out. It offers a `Judge`, which compares two texts, a `RubricJudge`,
which also scores one text on one criterion, and a `JointRubricJudge`, which does so on all criteria at once.

A judge sees the text of the prompt, the texts under judgement and the criteria, and nothing else: these are what the
keys of its rows are made of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

from judges.hashing import content_id
from judges.verdicts import Invalid, Score, Verdict

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that one call used; `None` where the server did not say."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    """Read strictly where a row holds it."""

    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    completion_tokens: int | None = None
    thinking_tokens: int | None = None


def add_usage(one: Usage, other: Usage) -> Usage:
    """Return the tokens of both; what neither says stays unsaid."""

    def total(first: int | None, second: int | None) -> int | None:
        return None if first is None and second is None else (first or 0) + (second or 0)

    return Usage(
        prompt_tokens=total(one.prompt_tokens, other.prompt_tokens),
        cached_tokens=total(one.cached_tokens, other.cached_tokens),
        completion_tokens=total(one.completion_tokens, other.completion_tokens),
        thinking_tokens=total(one.thinking_tokens, other.thinking_tokens),
    )


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model answered, in its own words.

    Args:
        text: The visible answer.
        thinking: Thinking that the server returned apart from the answer.
        finish_reason: Why the model stopped, in the server's word (`stop`, `length`, ...).
        served_model: The name under which the server says it answered.
        usage: Tokens used.
        seconds: Wall time of the request that was answered.
        price: US dollars that the whole call cost, failed attempts included; `None` where prices are not known.
    """

    text: str
    thinking: str | None = None
    finish_reason: str | None = None
    served_model: str | None = None
    usage: Usage = Usage()
    seconds: float | None = None
    price: float | None = None


class ChatModel(Protocol):
    """Something that answers chat messages: implemented by endpoints and local models outside this room."""

    @property
    def id(self) -> str:
        """Identity of the model: server and name, or digest of a checkpoint."""
        ...

    async def complete(self, messages: Sequence[Message], *, seed: int | None = None) -> Completion:
        """Answer the messages.

        Raises:
            ContextOverflowError: The call does not fit into the model's context.
            TransportError: No answer could be had; the caller leaves the cell missing.
        """
        ...


class TransportError(Exception):
    """A call failed before there was an answer: network, server, quota. Never a row, never a verdict."""

    fatal = False
    """Whether every further call would fail the same way (a refused key, an unknown model), so that the run stops."""


class ContextOverflowError(TransportError):
    """The messages and the budget of the reply do not fit together into the model's context. Nothing is cut."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One rubric criterion of one prompt.

    Args:
        name: Unique within its prompt; free text, not comparable across prompts.
        description: What is judged.
        bands: What the score bands `1-2`, `3-4`, `5-6`, `7-8`, `9-10` look like, in this order.
    """

    name: str
    description: str
    bands: tuple[str, str, str, str, str]

    @property
    def id(self) -> str:
        """Hash of the criterion's content; part of the key of a score."""
        return content_id("criterion", self.name, self.description, list(self.bands))


BAND_NAMES = ("1-2", "3-4", "5-6", "7-8", "9-10")
"""The five score bands of a criterion, in the order of `Criterion.bands`."""

ReplyFormat = Literal["text", "json_schema", "none"]

Rubric = Literal["each", "joint", "official"]
"""How texts are scored: one criterion a call in our own words (`each`), all criteria of a text in one call in our own
words (`joint`), or one a call with the official prompt of WritingBench, from the user's copy (`official`).
"""


@dataclass(frozen=True, slots=True)
class JudgeSpec:
    """Everything that makes two judges the same judge; known before any call.

    Args:
        name: For people: file names and tables. Not hashed.
        model: Identity of the judging model.
        template: Hash of the template bundle, or the version of a judge without templates.
        decoding: Decoding settings as sent.
        reply_format: How the judge must answer: chosen, never detected; `none` for a judge that is not a model.
        label: What a rating by this judge is called in tables and charts. Not hashed.
        rubric: How it scores. Not hashed by itself: each has templates of its own.
    """

    name: str
    model: str
    template: str
    decoding: Mapping[str, Any] = field(default_factory=dict)
    reply_format: ReplyFormat = "text"
    label: str = "rating"
    rubric: Rubric = "each"

    @property
    def id(self) -> str:
        """Hash of model, templates, decoding and reply format."""
        return content_id("judge", self.model, self.template, dict(self.decoding), self.reply_format)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One attempt to compare two texts, with the judge's raw words if it has any."""

    outcome: Verdict | Invalid
    completion: Completion | None = None


@dataclass(frozen=True, slots=True)
class Scoring:
    """One attempt to score a text on a criterion, with the judge's raw words if it has any."""

    outcome: Score | Invalid
    completion: Completion | None = None


@dataclass(frozen=True, slots=True)
class JointScoring:
    """One attempt to score a text on several criteria at once: all scores, in the order of the criteria, or none."""

    outcome: tuple[Score, ...] | Invalid
    completion: Completion | None = None


class Judge(Protocol):
    """Compares two texts written for one prompt."""

    @property
    def spec(self) -> JudgeSpec:
        """Who judges, and how."""
        ...

    async def compare(self, prompt: str, first: str, second: str, *, repeat: int = 0) -> Comparison:
        """Compare `first` (A) with `second` (B), whole texts, as answers to `prompt`.

        Raises:
            TransportError: No answer could be had.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections; nothing is judged after this."""
        ...


@runtime_checkable
class RubricJudge(Judge, Protocol):
    """A judge that also scores one text on one criterion."""

    async def score(self, prompt: str, text: str, criterion: Criterion, *, repeat: int = 0) -> Scoring:
        """Score `text` as an answer to `prompt` on `criterion`, from 1 to 10.

        Raises:
            TransportError: No answer could be had.
        """
        ...


@runtime_checkable
class JointRubricJudge(Judge, Protocol):
    """A judge that also scores one text on several criteria in one call."""

    async def score_jointly(
        self, prompt: str, text: str, criteria: Sequence[Criterion], *, repeat: int = 0
    ) -> JointScoring:
        """Score `text` as an answer to `prompt` on each of `criteria`, from 1 to 10.

        Raises:
            TransportError: No answer could be had.
        """
        ...
