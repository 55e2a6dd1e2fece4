"""What a board says of LongBench-Write beyond other benchmarks: how close lengths are, by the length required."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import ConfigDict

from arena_write.battles.plan import Role
from arena_write.benchmarks.longbench_write import Bucket

STRICT = ConfigDict(extra="forbid", strict=True, defer_build=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean from 0 to 100, and its interval by prompt; no ends where one prompt, or equal ones, cannot say."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketScores:
    """One entrant on the prompts that require lengths of one range.

    Args:
        bucket: The range of required lengths, or `all`.
        planned: Answers planned.
        answers: Answers that are there.
        length: S_L of the answers; none where too few are there.
        quality: Their mean rubric score, 1 as 0 and 10 as 100; none where too few scores could be had.
        total: Mean of both, where both are known.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    bucket: Bucket | Literal["all"]
    planned: int
    answers: int
    length: Estimate | None
    quality: Estimate | None
    total: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionMean:
    """An entrant's mean score on one criterion, 1 to 10; none where too few scores could be had."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    name: str
    mean: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthRow:
    """One entrant.

    Args:
        entrant: Id of the entrant.
        name: Its name, for people.
        role: Candidate or baseline.
        buckets: Over all lengths, then by range, those that no prompt lies in left out.
        dimensions: By criterion, in the benchmark's order.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    entrant: str
    name: str
    role: Role
    buckets: tuple[BucketScores, ...]
    dimensions: tuple[DimensionMean, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthSection:
    """The scores over all prompts that require a length, or over those of one language.

    Args:
        scope: Which prompts.
        prompts: How many of them require a length.
        rows: Entrants, the closest to the lengths required first.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    scope: Literal["all", "en", "zh"]
    prompts: int
    rows: tuple[LengthRow, ...]
