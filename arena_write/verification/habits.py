"""What battles in both orders say about the judge, by plain sums over pairs of texts."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import sqrt

from scipy.special import stdtrit

from arena_write.verification.cells import Cell
from arena_write.verification.rules import CONFIDENCE, FEW_PROMPTS, NO_SPREAD
from arena_write.verification.tree import Tree, rounded


def recompute_habits(cells: Sequence[Cell]) -> Tree | None:
    """Return what verdicts say about the judge; nothing where no pair of texts was judged in both orders.

    Args:
        cells: All cells of a section; those that no verdict decided do not count.
    """
    judged = [cell for cell in cells if cell.state == "judged" and cell.score is not None]
    pairs: dict[tuple[str, frozenset[tuple[str, int]]], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for cell in judged:
        texts = frozenset(((cell.first, cell.first_sample), (cell.second, cell.second_sample)))
        pairs[cell.prompt, texts][cell.first].append(cell.score or 0.0)
    both = [(prompt, list(orders.values())) for (prompt, _), orders in pairs.items() if len(orders) == 2]
    if not both:
        return None
    same, turned = 0.0, 0.0
    gains: dict[str, list[float]] = defaultdict(list)
    for prompt, (one, other) in both:
        there, back = _shares(one), _shares(other)
        same += there[1.0] * back[0.0] + there[0.5] * back[0.5] + there[0.0] * back[1.0]
        turned += there[1.0] * back[1.0] + there[0.0] * back[0.0]
        gains[prompt].append((sum(one) / len(one) + sum(other) / len(other) - 1.0) / 2.0)
    mean, low, high = _interval(list(gains.values()))
    return {
        "pairs": len(both),
        "consistency": rounded(same / len(both)),
        "hard_flips": rounded(turned / len(both)),
        "ties": rounded(sum(cell.score == 0.5 for cell in judged) / len(judged)),
        "slot": rounded(mean),
        "slot_low": rounded(low),
        "slot_high": rounded(high),
    }


def _shares(scores: Sequence[float]) -> dict[float, float]:
    """Return how often the first text won, tied and lost."""
    counts = Counter(scores)
    return {score: counts[score] / len(scores) for score in (1.0, 0.5, 0.0)}


def _interval(by_prompt: Sequence[Sequence[float]]) -> tuple[float, float | None, float | None]:
    """Return the mean of all values and the ends of its interval, prompts being what varies; see `rubrics`."""
    total, prompts = sum(map(len, by_prompt)), len(by_prompt)
    mean = sum(map(sum, by_prompt)) / total
    if prompts < 2:
        return mean, None, None
    beyond = [(sum(value - mean for value in values), len(values)) for values in by_prompt]
    if prompts < FEW_PROMPTS:
        variance = sum((one / (total - count)) ** 2 for one, count in beyond) * (prompts - 1) / prompts
    else:
        variance = sum((one / total) ** 2 for one, _ in beyond) * prompts / (prompts - 1)
    error = sqrt(variance)
    if error < NO_SPREAD:
        return mean, None, None
    half = float(stdtrit(prompts - 1, 0.5 + CONFIDENCE / 2.0)) * error
    return mean, mean - half, mean + half
