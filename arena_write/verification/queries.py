"""What a rubric section says of queries, recomputed: domains, requirements, and differences between entrants."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import sqrt

from scipy.special import ndtri, stdtrit

from arena_write.benchmarks.prompts import Prompt
from arena_write.verification.cells import ScoreCell
from arena_write.verification.material import Material
from arena_write.verification.rules import CONFIDENCE, DOMAINS, NO_SPREAD, REQUIREMENTS
from arena_write.verification.tree import Said, Tree, rounded

Scored = Mapping[str, Mapping[str, Sequence[float]]]
"""The scores of one entrant, by prompt and criterion."""


def recompute_aggregates(
    material: Material, own: Mapping[str, Sequence[ScoreCell]], told: Iterable[str], *, by_record: bool = False
) -> list[Tree]:
    """Return what each entrant scored by domain and requirement; nothing where the prompts have neither.

    Args:
        material: What the board is made of.
        own: Cells of each entrant in the section.
        told: Entrants whose mean is not withheld.
        by_record: Whether a cell's sample is which record of a file it was: all count in the mean over everything, and
            of a prompt's the last alone elsewhere.
    """
    prompts = {prompt.text_id: prompt for prompt in material.prompts if prompt.criteria}
    if not any(prompt.domain or prompt.requirements for prompt in prompts.values()):
        return []
    shown = set(told)
    return [
        _aggregate(material.name(entrant), entrant, own[entrant] if entrant in shown else (), prompts, by_record)
        for entrant in sorted(own)
    ]


def recompute_differences(own: Mapping[str, Sequence[ScoreCell]], told: Iterable[str]) -> list[Tree]:
    """Return the difference of every two entrants whose means are not withheld."""
    scored = {entrant: _scores(own[entrant]) for entrant in sorted(told)}
    names = list(scored)
    return [_difference(first, second, scored) for place, first in enumerate(names) for second in names[place + 1 :]]


def _scores(cells: Iterable[ScoreCell]) -> Scored:
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for cell in cells:
        if cell.score is not None:
            found[cell.prompt][cell.criterion].append(cell.score)
    return found


def _last_records(cells: Sequence[ScoreCell]) -> list[ScoreCell]:
    last: dict[str, int] = {}
    for cell in cells:
        if cell.score is not None:
            last[cell.prompt] = max(cell.sample, last.get(cell.prompt, 0))
    return [cell for cell in cells if cell.sample == last.get(cell.prompt)]


def _aggregate(
    name: str, entrant: str, cells: Sequence[ScoreCell], prompts: Mapping[str, Prompt], by_record: bool
) -> Tree:
    scored = _scores(_last_records(cells) if by_record else cells)
    flat = {prompt: [score for some in own.values() for score in some] for prompt, own in scored.items()}
    means = {prompt: sum(some) / len(some) for prompt, some in flat.items()}
    every = [cell.score for cell in cells if cell.score is not None]
    carried = {name for prompt in prompts.values() for name in prompt.requirements}
    order = [*REQUIREMENTS, *(name for name in _in_order(prompts.values()) if name not in REQUIREMENTS)]
    return {
        "entrant": entrant,
        "name": name,
        "overall": rounded(_mean(every)),
        "macro": rounded(_mean(list(means.values()))),
        "queries": len(means),
        "domains": _groups(means, prompts, lambda prompt: prompt.domain, first=DOMAINS),
        "subdomains": _groups(means, prompts, lambda prompt: prompt.subdomain),
        "requirements": [_requirement(one, scored, means, prompts) for one in order] if carried else [],
    }


def _in_order(prompts: Iterable[Prompt]) -> list[str]:
    return list(dict.fromkeys(name for prompt in prompts for name in prompt.requirements))


def _groups(
    means: Mapping[str, float],
    prompts: Mapping[str, Prompt],
    label: Callable[[Prompt], str | None],
    *,
    first: Sequence[str] = (),
) -> list[Tree]:
    names = {name for prompt in means if (name := label(prompts[prompt]))}
    rows = []
    for name in sorted(names, key=lambda name: (first.index(name) if name in first else len(first), name)):
        inside = [mean for prompt, mean in means.items() if label(prompts[prompt]) == name]
        rows.append({"name": name, "mean": rounded(_mean(inside)), "queries": len(inside)})
    return rows


def _requirement(name: str, scored: Scored, means: Mapping[str, float], prompts: Mapping[str, Prompt]) -> Tree:
    whole = [mean for prompt, mean in means.items() if name in prompts[prompt].requirements]
    pairs, unscored = [], 0
    for prompt, own in scored.items():
        for criterion in prompts[prompt].criteria:
            if criterion.name in prompts[prompt].requirements.get(name, ()):
                if criterion.id in own:
                    pairs.append(sum(own[criterion.id]) / len(own[criterion.id]))
                else:
                    unscored += 1
    return {
        "name": name,
        "r": rounded(_mean(whole)),
        "queries": len(whole),
        "c": rounded(_mean(pairs)),
        "pairs": len(pairs),
        "unscored": unscored,
    }


def _difference(first: str, second: str, scored: Mapping[str, Scored]) -> Tree:
    """Return the paired difference: Student's t over the queries on which both have a criterion in common."""
    one, other = scored[first], scored[second]
    gaps, cells = [], 0
    for prompt in one.keys() & other.keys():
        both = one[prompt].keys() & other[prompt].keys()
        if both:
            cells += len(both)
            parts = [
                sum(one[prompt][name]) / len(one[prompt][name]) - sum(other[prompt][name]) / len(other[prompt][name])
                for name in both
            ]
            gaps.append(sum(parts) / len(parts))
    mean, count = _mean(gaps), len(gaps)
    low = high = detectable = None
    if mean is not None and count > 1:
        spread = sqrt(sum((gap - mean) ** 2 for gap in gaps) / (count - 1))
        if spread > NO_SPREAD:
            half = float(stdtrit(count - 1, 0.5 + CONFIDENCE / 2.0)) * spread / sqrt(count)
            low, high = mean - half, mean + half
            detectable = float(ndtri(0.95) + ndtri(0.80)) * spread / sqrt(count)
    return {
        "first": first,
        "second": second,
        "difference": rounded(mean),
        "low": rounded(low),
        "high": rounded(high),
        "detectable": rounded(detectable),
        "queries": count,
        "cells": cells,
        "reason": Said(low is None),
    }


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
