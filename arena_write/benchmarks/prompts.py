"""A prompt, one writing task, and a benchmark, a named and versioned set of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from arena_write.textstats.requests import LengthRequest
from judges import Criterion, content_id, text_id


@dataclass(frozen=True)
class Prompt:
    """One writing task.

    Args:
        id: Unique within its benchmark; for people, and for joining files. Keys use the text instead.
        text: The task as the model sees it.
        language: `en`, `zh`, or another ISO 639-1 code; `und` where it cannot be told.
        type: Kind of text asked for, where the benchmark says so.
        domain: Field of use, where the benchmark says so.
        subdomain: Finer field of use, where the benchmark says so.
        length: The length asked for; `None` where none was asked for.
        criteria: Rubric criteria, where the benchmark has them.
        requirements: What the task requires beside its content (such as `length`), with the names of the criteria
            that test it. No part of the benchmark's version.
        required_length: The number that S_L is taken against, in LongBench-Write alone. `length` is what the prompt's
            words ask for, which may be a range or an upper bound, and is read elsewhere too.
    """

    id: str
    text: str
    language: str
    type: str | None = None
    domain: str | None = None
    subdomain: str | None = None
    length: LengthRequest | None = None
    criteria: tuple[Criterion, ...] = ()
    requirements: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    required_length: int | None = None

    @cached_property
    def text_id(self) -> str:
        """Hash of the prompt's text: what keys hold in place of the prompt."""
        return text_id(self.text)


@dataclass(frozen=True)
class BaselineTexts:
    """The answers of one baseline that a benchmark brings along.

    They are raw: whoever turns them into an entrant splits thought from answer, as for any recorded output (see
    `arena_write.generators.baseline_outputs`).

    Args:
        name: What the baseline is called, unique within its benchmark.
        texts: The answer for each prompt, by the prompt's id; complete.
    """

    name: str
    texts: Mapping[str, str]


@dataclass(frozen=True)
class Benchmark:
    """A named, versioned set of prompts, with baselines where it is for an arena.

    Args:
        name: Short name, safe in file names.
        version: Changes whenever a prompt's id, text or criteria change; see `content_version`.
        prompts: The prompts, in the order of their file; ids and texts are unique.
        baselines: Answers that anchor ratings, where the benchmark brings them.
        title: Name for people; empty where there is none but `name`.
        notes: What a reader of its figures should know, one sentence each.
        schema: Name of the schema in which its rows came; see `schemas`.
        folder: Where its file lies, if it came from one.
    """

    name: str
    version: str
    prompts: tuple[Prompt, ...]
    baselines: tuple[BaselineTexts, ...] = ()
    title: str = ""
    notes: tuple[str, ...] = ()
    schema: str = ""
    folder: Path | None = None

    @property
    def id(self) -> str:
        """`name@version`: with the judge's id, what a board is about."""
        return f"{self.name}@{self.version}"


def content_version(prompts: tuple[Prompt, ...]) -> str:
    """Return 8 hex digits that name a set of prompts by ids, texts and criteria, in any order."""
    parts = sorted([prompt.id, prompt.text_id, [criterion.id for criterion in prompt.criteria]] for prompt in prompts)
    return content_id("benchmark", parts)[:8]
