"""WritingBench's figures from single scores, as its own `calculate_scores.py` (of 2025-08-21) makes them.

Overall is micro: the sum of all scores over their number, so a query that was scored more often weighs more. A domain
is macro: the mean over its queries of what each query's scores average to. Of a requirement (`style`, `format`,
`length`), R is that mean over the queries which carry it, and C the mean over all pairs of such a query and a
criterion that tests it, repeats averaged within a pair; a query with two such criteria weighs twice.

Beyond the script: a subset without a scored query has no figure, where the script says 0; a record that stands twice
in a score file, and a criterion that a subset names and nobody scored, are named, where the script counts the first
in part and stops at the second.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, isfinite

REQUIREMENTS = ("style", "format", "length")
"""What a WritingBench query may require beside its content, in the order of its tables."""

DOMAINS = (
    "Academic & Engineering",
    "Finance & Business",
    "Politics & Law",
    "Literature & Arts",
    "Education",
    "Advertising & Marketing",
)
"""The six domains, as the queries write them and in the order of WritingBench's tables."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One score of one answer on one criterion; judgements that agree in all but the score are repeats.

    Args:
        query: Id of the query.
        criterion: Name of the criterion, unique within its query.
        score: 1 to 10.
        record: Which record of a score file with this query it comes from. Records beyond the first count in
            `overall`; of everything else a query's last record alone is the source, as in the script.

    Raises:
        ValueError: The score is no finite number.
    """

    query: str
    criterion: str
    score: float
    record: int = 0

    def __post_init__(self) -> None:
        """Refuse a score that would make every figure meaningless."""
        if not isfinite(self.score):
            raise ValueError(f"the score of query {self.query!r} on {self.criterion!r} is {self.score}, no number")


@dataclass(frozen=True, slots=True)
class GroupMean:
    """A mean and how many it is of; the mean is nothing where there are none."""

    mean: float | None
    count: int


@dataclass(frozen=True, slots=True)
class RequirementScore:
    """What a requirement's subsets say.

    Args:
        r: Over its queries that were scored, of their mean score.
        c: Over pairs of such a query and a criterion that tests the requirement.
    """

    r: GroupMean
    c: GroupMean


@dataclass(frozen=True, slots=True)
class Aggregate:
    """The figures of one model, 1 to 10; WritingBench's tables show them times ten.

    Args:
        overall: Micro mean over judgements; nothing without any.
        macro: Mean over queries of the query's mean, which WritingBench does not show.
        judgements: Scores.
        records: Records they come from: the script's `Count`, which counts a doubled record twice.
        queries: Mean score of each query.
        domains: By domain, those of WritingBench first; queries without a domain stand in none.
        subdomains: By subdomain, in alphabetical order.
        requirements: By requirement, WritingBench's three in any case.
        doubled: Queries with more than one record.
        unscored: What a subset names and no judgement of a scored query has: requirement, query and criterion.
    """

    overall: float | None
    macro: float | None
    judgements: int
    records: int
    queries: Mapping[str, float]
    domains: Mapping[str, GroupMean]
    subdomains: Mapping[str, GroupMean]
    requirements: Mapping[str, RequirementScore]
    doubled: tuple[str, ...] = ()
    unscored: tuple[tuple[str, str, str], ...] = ()


def aggregate(
    judgements: Iterable[Judgement],
    *,
    domains: Mapping[str, str],
    subdomains: Mapping[str, str],
    requirements: Mapping[str, Mapping[str, Sequence[str]]],
) -> Aggregate:
    """Average the scores of one model.

    Sums are exactly rounded, so that the figures do not depend on the order of the judgements.

    Args:
        judgements: All its scores.
        domains: Domain of each query, by the query's id.
        subdomains: Likewise.
        requirements: By requirement, the queries of subset R and of each the criteria of subset C.
    """
    every = list(judgements)
    records: dict[str, dict[int, list[Judgement]]] = defaultdict(lambda: defaultdict(list))
    for judgement in every:
        records[judgement.query][judgement.record].append(judgement)
    last = {query: own[max(own)] for query, own in records.items()}
    queries = {query: _mean([judgement.score for judgement in own]) for query, own in last.items()}
    scored = {query: _by_criterion(own) for query, own in last.items()}
    names = [*REQUIREMENTS, *(name for name in requirements if name not in REQUIREMENTS)]
    wanted = [
        (name, query, criterion)
        for name in names
        for query, criteria in requirements.get(name, {}).items()
        if query in scored
        for criterion in criteria
    ]
    return Aggregate(
        overall=_mean([judgement.score for judgement in every]) if every else None,
        macro=_mean(queries.values()) if queries else None,
        judgements=len(every),
        records=sum(map(len, records.values())),
        queries=queries,
        domains=_group(queries, domains, first=DOMAINS),
        subdomains=_group(queries, subdomains),
        requirements={
            name: RequirementScore(
                r=_describe([queries[query] for query in requirements.get(name, {}) if query in queries]),
                c=_describe(
                    scored[query][criterion]
                    for own, query, criterion in wanted
                    if own == name and criterion in scored[query]
                ),
            )
            for name in names
        },
        doubled=tuple(query for query, own in records.items() if len(own) > 1),
        unscored=tuple(pair for pair in wanted if pair[2] not in scored[pair[1]]),
    )


def _by_criterion(judgements: Iterable[Judgement]) -> dict[str, float]:
    scores: dict[str, list[float]] = defaultdict(list)
    for judgement in judgements:
        scores[judgement.criterion].append(judgement.score)
    return {criterion: _mean(some) for criterion, some in scores.items()}


def _group(
    queries: Mapping[str, float], labels: Mapping[str, str], *, first: Sequence[str] = ()
) -> dict[str, GroupMean]:
    """Return the mean of each label's queries: the labels in `first` first, the others by name."""
    means: dict[str, list[float]] = defaultdict(list)
    for query, mean in queries.items():
        if query in labels:
            means[labels[query]].append(mean)
    order = [*(label for label in first if label in means), *sorted(set(means) - set(first))]
    return {label: _describe(means[label]) for label in order}


def _describe(values: Iterable[float]) -> GroupMean:
    known = list(values)
    return GroupMean(_mean(known) if known else None, len(known))


def _mean(values: Iterable[float]) -> float:
    known = list(values)
    return fsum(known) / len(known)
