"""What the rows of a board took: calls, tokens, money."""

from collections.abc import Iterable, Sequence
from math import fsum

from arena_write.store import OutputRecord
from arena_write.verification.answers import Answers
from arena_write.verification.cells import Cell, ScoreCell
from arena_write.verification.material import Asked, Material
from arena_write.verification.tree import Tree, rounded

TOKENS = ("prompt_tokens", "cached_tokens", "completion_tokens", "thinking_tokens")


def recompute_spending(
    material: Material, answers: Answers, battles: Sequence[Cell], scores: Sequence[ScoreCell]
) -> list[Tree]:
    """Return a line for each entrant whose answers were written, and one for the judge where calls took anything."""
    asked = [material.verdicts[question] for question in {cell.question for cell in battles} if question]
    asked += [material.scores[question] for question in {cell.question for cell in scores} if question]
    return [*_writing(material, answers), *_judging(material.judge.name, asked)]


def _writing(material: Material, answers: Answers) -> list[Tree]:
    rows: dict[str, dict[str, OutputRecord]] = {}
    for plan in (material.plan, material.score_plan):
        for row in answers.planned(plan) if plan else ():
            if row.origin == "generated":
                rows.setdefault(row.entrant, {})[row.key] = row
    lines = []
    for entrant in sorted(rows, key=lambda entrant: (material.name(entrant), entrant)):
        mine = list(rows[entrant].values())
        tokens = {name: sum(getattr(row.usage, name) or 0 for row in mine) for name in TOKENS}
        price = _total(row.price for row in mine)
        lines.append({"what": "writing", "name": material.name(entrant), "calls": len(mine), **tokens, "price": price})
    return lines


def _judging(name: str, asked: Sequence[Asked]) -> list[Tree]:
    tokens = {name: sum(one.tokens[place] for one in asked) for place, name in enumerate(TOKENS)}
    price = _total(one.price for one in asked)
    if price is None and not any(tokens.values()):
        return []  # a judge that makes no calls
    calls = sum(one.calls for one in asked)
    return [{"what": "judging", "name": name, "calls": calls, **tokens, "price": price}]


def _total(prices: Iterable[float | None]) -> float | None:
    """Return the sum; nothing where one is not known."""
    known = [*prices]
    return None if None in known else rounded(fsum(price for price in known if price is not None))
