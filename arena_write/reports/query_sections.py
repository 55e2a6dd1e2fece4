"""The part of a rubric section that is about queries: domains, requirements, and differences between entrants."""

from collections.abc import Mapping, Sequence
from itertools import combinations

from arena_write.benchmarks.prompts import Prompt
from arena_write.ratings import score_difference
from arena_write.reports.board import rounded
from arena_write.reports.query_scores import DifferenceRow, GroupScore, QueryScores, RequirementRow
from arena_write.reports.score_cells import ScoreCellColumns
from writingbench.aggregation import GroupMean, Judgement, aggregate


def aggregate_entrants(
    cells: ScoreCellColumns, *, prompts: Sequence[Prompt], told: Sequence[int], names: Mapping[str, str]
) -> tuple[QueryScores, ...]:
    """Aggregate the scores of each entrant, by entrant id; nothing where no prompt has a domain or a requirement.

    Args:
        cells: The section's cells.
        prompts: The board's prompts; the cells' codes point into them.
        told: Codes of the entrants whose mean is not withheld.
        names: Names of the entrants by id.
    """
    scored = [prompt for prompt in prompts if prompt.criteria]
    if not any(prompt.domain or prompt.requirements for prompt in scored):
        return ()
    requirements: dict[str, dict[str, list[str]]] = {}
    for prompt in scored:
        for name, tested in prompt.requirements.items():
            pairs = [criterion.id for criterion in prompt.criteria if criterion.name in tested]
            requirements.setdefault(name, {})[prompt.text_id] = pairs
    rows = []
    for code, entrant in enumerate(cells.entrants):
        own = cells.select((cells.entrant == code) & cells.decided) if code in told else None
        made = aggregate(
            _judgements(own, prompts) if own else (),
            domains={prompt.text_id: prompt.domain for prompt in scored if prompt.domain},
            subdomains={prompt.text_id: prompt.subdomain for prompt in scored if prompt.subdomain},
            requirements=requirements,
        )
        unscored = [name for name, _, _ in made.unscored]
        rows.append(
            QueryScores(
                entrant=entrant,
                name=names.get(entrant, entrant[:8]),
                overall=rounded(made.overall),
                macro=rounded(made.macro),
                queries=len(made.queries),
                domains=_groups(made.domains),
                subdomains=_groups(made.subdomains),
                requirements=tuple(
                    RequirementRow(
                        name=name,
                        r=rounded(score.r.mean),
                        queries=score.r.count,
                        c=rounded(score.c.mean),
                        pairs=score.c.count,
                        unscored=unscored.count(name),
                    )
                    for name, score in made.requirements.items()
                )
                if requirements
                else (),
            )
        )
    return tuple(sorted(rows, key=lambda row: row.entrant))


def compare_entrants(cells: ScoreCellColumns, *, told: Sequence[int], confidence: float) -> tuple[DifferenceRow, ...]:
    """Compare every two entrants whose means are not withheld, in the order of their ids."""
    entrants = sorted(cells.entrants[code] for code in told)
    if len(entrants) < 2:
        return ()
    scores = cells.scores()
    rows = []
    for first, second in combinations(entrants, 2):
        found = score_difference(scores, first, second, confidence=confidence, test=False)
        rows.append(
            DifferenceRow(
                first=first,
                second=second,
                difference=rounded(found.difference),
                low=rounded(found.low),
                high=rounded(found.high),
                detectable=rounded(found.detectable),
                queries=found.queries,
                cells=found.cells,
                reason=found.reason,
            )
        )
    return tuple(rows)


def _judgements(own: ScoreCellColumns, prompts: Sequence[Prompt]) -> list[Judgement]:
    return [
        Judgement(prompts[prompt].text_id, own.criteria[criterion], score, sample if own.by_record else 0)
        for prompt, criterion, score, sample in zip(
            own.prompt.tolist(), own.criterion.tolist(), own.score.tolist(), own.sample.tolist(), strict=True
        )
    ]


def _groups(groups: Mapping[str, GroupMean]) -> tuple[GroupScore, ...]:
    return tuple(GroupScore(name=name, mean=rounded(group.mean), queries=group.count) for name, group in groups.items())
