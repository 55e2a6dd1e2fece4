"""LongBench-Write's own figures of a board, recomputed: means by the length required, their errors by prompt."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import sqrt

from scipy.special import stdtrit

from arena_write.store import ScorePlanRecord
from arena_write.verification.answers import Answers
from arena_write.verification.cells import ScoreCell
from arena_write.verification.material import Material
from arena_write.verification.plans import chosen_prompts
from arena_write.verification.rules import CONFIDENCE, FEW_PROMPTS, NO_SPREAD, TEN
from arena_write.verification.tree import Tree, rounded

_RANGES = (("all", 1, None), ("<500", 1, 500), ("500-2k", 500, 2000), ("2k-4k", 2000, 4000), (">=4k", 4000, None))
"""Name, first length and first length beyond."""


def recompute_lengths(
    material: Material, answers: Answers, cells: Sequence[ScoreCell], scopes: Mapping[str, set[str]]
) -> list[Tree]:
    """Return what is said of the prompts that require a length; nothing where none does.

    Args:
        material: What the board is made of.
        answers: The answers.
        cells: What became of every planned score.
        scopes: Text ids of the prompts of each section.
    """
    required = {prompt.text_id: prompt.required_length for prompt in material.prompts if prompt.required_length}
    sections = []
    for scope, inside in scopes.items():
        here = {text: length for text, length in required.items() if text in inside}
        if here:
            rows = _rows(material, answers, [cell for cell in cells if cell.prompt in here], here)
            sections.append({"scope": scope, "prompts": len(here), "rows": sorted(rows, key=_place)})
    return sections


def _rows(material: Material, answers: Answers, cells: Sequence[ScoreCell], required: Mapping[str, int]) -> list[Tree]:
    plan = material.score_plan or material.plan
    if plan is None:
        return []
    chosen = chosen_prompts(plan, [prompt.text_id for prompt in material.prompts])
    scored, enough = isinstance(plan, ScorePlanRecord), material.settings.min_coverage
    written = answers.planned(plan)
    rows = []
    for entry in plan.entries:
        mine = [cell for cell in cells if cell.entrant == entry.entrant]
        told = scored and _is_enough(mine, enough)
        buckets = []
        for name, start, beyond in _RANGES:
            texts = {text for text, units in required.items() if start <= units and (beyond is None or units < beyond)}
            if not texts:
                continue
            planned = entry.samples * len(texts & set(chosen[entry.entrant]))
            lengths = [
                (row.prompt, answers.measure(row).length_score or 0.0)
                for row in written
                if row.entrant == entry.entrant and row.prompt in texts
            ]
            some = [cell for cell in mine if cell.prompt in texts]
            length = _estimate(lengths) if lengths and len(lengths) >= enough * planned else None
            quality = _estimate(_quality(some)) if told and _is_enough(some, enough) else None
            both = (length["mean"] + quality["mean"]) / 2.0 if length and quality else None
            buckets.append(
                {
                    "bucket": name,
                    "planned": planned,
                    "answers": len(lengths),
                    "length": length,
                    "quality": quality,
                    "total": rounded(both),
                }
            )
        rows.append(
            {
                "entrant": entry.entrant,
                "name": material.name(entry.entrant),
                "role": entry.role,
                "buckets": buckets,
                "dimensions": _dimensions(material, mine, enough) if told else [],
            }
        )
    return rows


def _dimensions(material: Material, cells: Sequence[ScoreCell], enough: float) -> list[Tree]:
    """Return mean scores by name of criterion."""
    asked = {cell.prompt for cell in cells}
    named = {
        criterion.id: criterion.name
        for prompt in material.prompts
        if prompt.text_id in asked
        for criterion in prompt.criteria
    }
    by_name: dict[str, list[ScoreCell]] = {name: [] for name in named.values()}
    for cell in cells:
        by_name[named[cell.criterion]].append(cell)
    found = []
    for name, some in by_name.items():
        scores = [cell.score for cell in some if cell.score is not None]
        found.append({"name": name, "mean": rounded(sum(scores) / len(scores)) if _is_enough(some, enough) else None})
    return found


def _quality(cells: Sequence[ScoreCell]) -> list[tuple[str, float]]:
    """Return scores with their prompts, 1 as 0 and 10 as 100."""
    span = TEN.highest - TEN.lowest
    return [(cell.prompt, 100.0 * (cell.score - TEN.lowest) / span) for cell in cells if cell.score is not None]


def _is_enough(cells: Sequence[ScoreCell], enough: float) -> bool:
    decided = sum(cell.score is not None for cell in cells)
    return decided > 0 and decided / len(cells) >= enough


def _estimate(values: Sequence[tuple[str, float]]) -> Tree:
    """Return the mean of values with their prompts, and its interval, prompts being what varies; see `rubrics`."""
    by_prompt: dict[str, list[float]] = defaultdict(list)
    for prompt, value in values:
        by_prompt[prompt].append(value)
    total, prompts = len(values), len(by_prompt)
    mean = sum(value for _, value in values) / total
    low = high = None
    if prompts > 1:
        beyond = [(sum(value - mean for value in some), len(some)) for some in by_prompt.values()]
        if prompts < FEW_PROMPTS:
            variance = sum((one / (total - count)) ** 2 for one, count in beyond) * (prompts - 1) / prompts
        else:
            variance = sum((one / total) ** 2 for one, _ in beyond) * prompts / (prompts - 1)
        if sqrt(variance) >= NO_SPREAD:
            half = float(stdtrit(prompts - 1, 0.5 + CONFIDENCE / 2.0)) * sqrt(variance)
            low, high = max(0.0, mean - half), min(100.0, mean + half)
    return {"mean": rounded(mean), "low": rounded(low), "high": rounded(high)}


def _place(row: Tree) -> tuple[bool, float, str, str]:
    length = row["buckets"][0]["length"]
    return length is None, -(length["mean"] if length else 0.0), row["name"], row["entrant"]
