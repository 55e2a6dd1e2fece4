"""Rubric scores by domain and requirement, as WritingBench shows them, and differences on the same queries."""

from dataclasses import dataclass
from typing import ClassVar

from pydantic import ConfigDict

_STRICT = ConfigDict(extra="forbid", strict=True, defer_build=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupScore:
    """The mean over the scored queries of one domain or subdomain, of each query's mean score.

    Args:
        name: The domain or subdomain.
        mean: 1 to 10; none where no query of it was scored.
        queries: Queries behind it.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    name: str
    mean: float | None
    queries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementRow:
    """What an entrant scored where a requirement is made.

    Args:
        name: The requirement: `style`, `format`, `length`.
        r: Mean over the scored queries that carry it, of each query's mean score; none where none was scored.
        queries: Queries behind `r`.
        c: Mean over pairs of such a query and a criterion that tests the requirement; none without any.
        pairs: Pairs behind `c`.
        unscored: Pairs of a scored query and a criterion that have no score.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    name: str
    r: float | None
    queries: int
    c: float | None
    pairs: int
    unscored: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryScores:
    """One entrant's scores as WritingBench aggregates them; all are none where its mean is withheld.

    Args:
        entrant: Id of the entrant.
        name: Its name, for people.
        overall: Micro mean: all scores over their number.
        macro: Mean over queries of each query's mean score.
        queries: Queries with a score.
        domains: By domain, WritingBench's six in its order first.
        subdomains: By subdomain, in alphabetical order.
        requirements: By requirement; empty where no prompt of the board carries any.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    entrant: str
    name: str
    overall: float | None
    macro: float | None
    queries: int
    domains: tuple[GroupScore, ...]
    subdomains: tuple[GroupScore, ...]
    requirements: tuple[RequirementRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceRow:
    """How many points one entrant scores above another on the queries and criteria that both were scored on.

    Args:
        first: Id of an entrant.
        second: Id of another, later in the alphabet.
        difference: Mean over shared queries of the difference there; none where they share none.
        low: Lower end of its interval, of this comparison alone.
        high: Upper end.
        detectable: Difference that so many queries would show, in 80 % of studies.
        queries: Shared queries.
        cells: Shared pairs of a query and a criterion.
        reason: Why there is no difference or no interval.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    first: str
    second: str
    difference: float | None
    low: float | None
    high: float | None
    detectable: float | None
    queries: int
    cells: int
    reason: str
