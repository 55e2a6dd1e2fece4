"""The mean scores of a board over one set of prompts, recomputed.

A mean is the sum of an entrant's scores over their number. Its error is clustered by prompt: that of a ratio of sums
(Cochran 1977, section 6.5), by a delete-one-prompt jackknife under 30 prompts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.special import ndtri, stdtrit

from arena_write.store import ScorePlanRecord
from arena_write.verification.answers import Answers
from arena_write.verification.cells import ScoreCell
from arena_write.verification.material import Material
from arena_write.verification.queries import recompute_aggregates, recompute_differences
from arena_write.verification.ranks import Estimates, Ranks, possible_ranks
from arena_write.verification.rules import (
    CONFIDENCE,
    FEW_PROMPTS,
    NO_SPREAD,
    TEN,
    ScoreEnds,
    is_censored,
    is_missing_shown,
)
from arena_write.verification.tree import RankedRows, Said, Tree, rounded


@dataclass(frozen=True, slots=True)
class Mean:
    """What is said of one entrant's scores.

    Args:
        mean: Their mean.
        shifts: What each prompt adds to the error of the mean: the squares sum to its variance.
        error: Standard error; nothing where there is one prompt only.
        design_effect: Variance over that of independent scores; nothing where one of the two is not known.
        saturation: Share of scores of 9 and 10, or at the top of another scale.
        scale: Where the scale ends.
    """

    mean: float
    shifts: Mapping[str, float]
    error: float | None
    design_effect: float | None
    saturation: float
    scale: ScoreEnds

    @property
    def interval(self) -> tuple[float, float] | None:
        """Ends of the interval, within the scale; nothing where no error says how wide it is."""
        if self.error is None or self.error < NO_SPREAD:
            return None
        half = float(stdtrit(len(self.shifts) - 1, 0.5 + CONFIDENCE / 2.0)) * self.error
        return max(self.scale.lowest, self.mean - half), min(self.scale.highest, self.mean + half)


@dataclass(frozen=True)
class ScoreSections:
    """Recomputes the rubric sections of one board.

    Args:
        material: What the board is made of.
        plan: What it scores.
        cells: What became of every planned score.
        answers: The answers.
        scale: Where the scale of the scores ends.
        by_record: Whether a cell's sample is which record of a file it was.
    """

    material: Material
    plan: ScorePlanRecord
    cells: Sequence[ScoreCell]
    answers: Answers
    scale: ScoreEnds = TEN
    by_record: bool = False

    def recompute(self, scope: str, inside: set[str]) -> Tree:
        """Return the section over the prompts `inside`."""
        cells = [cell for cell in self.cells if cell.prompt in inside]
        own = {entry.entrant: [cell for cell in cells if cell.entrant == entry.entrant] for entry in self.plan.entries}
        told = {
            entrant: _summarise(mine, self.scale)
            for entrant, mine in own.items()
            if mine and _decided(mine) and _coverage(mine) >= self.material.settings.min_coverage
        }
        texts = self.answers.texts(self.plan, inside)
        rows = [
            self._row(entry.entrant, entry.role, own[entry.entrant], told.get(entry.entrant), texts[entry.entrant])
            for entry in self.plan.entries
        ]
        return {
            "scope": scope,
            "prompts": len({cell.prompt for cell in cells}),
            "cells": len(cells),
            "decided": _decided(cells),
            "detectable": rounded(_detectable([cell for cell in cells if cell.entrant in told])),
            "rows": RankedRows(rows, _ranks(told), ("mean",)),
            "aggregates": recompute_aggregates(self.material, own, told, by_record=self.by_record),
            "differences": recompute_differences(own, told),
        }

    def _row(self, entrant: str, role: str, mine: Sequence[ScoreCell], told: Mean | None, texts: Tree) -> Tree:
        low, high = (told.interval if told else None) or (None, None)
        missing = len(mine) - _decided(mine)
        failed = [cell for cell in mine if cell.state == "failed"]
        shown = told is not None and is_missing_shown(missing, len(mine))
        states = ("judged", "failed", "invalid", "open", "no_output")
        return {
            "entrant": entrant,
            "name": self.material.name(entrant),
            "role": role,
            "origin": self.material.origin(entrant),
            "mean": rounded(told.mean) if told else None,
            "low": rounded(low),
            "high": rounded(high),
            "reason": Said(low is None),
            "prompts": len({cell.prompt for cell in mine if cell.score is not None}),
            "planned": len(mine),
            **{state: sum(cell.state == state for cell in mine) for state in states},
            "coverage": rounded(_coverage(mine)),
            "saturation": rounded(told.saturation) if told else None,
            "design_effect": rounded(told.design_effect) if told else None,
            "if_excluded": _mean([cell for cell in mine if cell.state != "failed"]) if told and failed else None,
            "worst_case": _mean(mine, missing=self.scale.lowest) if shown else None,
            "best_case": _mean(mine, missing=self.scale.highest) if shown else None,
            "censored": is_censored(texts["truncated"], texts["answers"]),
            "texts": texts,
        }


def _summarise(mine: Sequence[ScoreCell], scale: ScoreEnds) -> Mean:
    by_prompt: dict[str, list[float]] = defaultdict(list)
    for cell in mine:
        if cell.score is not None:
            by_prompt[cell.prompt].append(cell.score)
    scores = [score for some in by_prompt.values() for score in some]
    total, prompts = len(scores), len(by_prompt)
    mean = sum(scores) / total
    shifts, error = dict.fromkeys(by_prompt, 0.0), None
    if prompts > 1:
        for prompt, some in by_prompt.items():
            beyond = sum(score - mean for score in some)
            if prompts < FEW_PROMPTS:
                shifts[prompt] = beyond / (total - len(some)) * sqrt((prompts - 1) / prompts)
            else:
                shifts[prompt] = beyond / total * sqrt(prompts / (prompts - 1))
        error = sqrt(sum(shift * shift for shift in shifts.values()))
    squares = sum((score - mean) ** 2 for score in scores)
    naive = sqrt(squares / (total - 1) / total) if total > 1 else 0.0
    return Mean(
        mean=mean,
        shifts=shifts,
        error=error,
        design_effect=(error / naive) ** 2 if error is not None and naive else None,
        saturation=sum(score >= scale.saturated for score in scores) / total,
        scale=scale,
    )


def _ranks(told: Mapping[str, Mean]) -> Sequence[Ranks]:
    ranked = {entrant: mean for entrant, mean in told.items() if mean.interval}
    if not ranked:
        return [{}]
    prompts = sorted({prompt for mean in ranked.values() for prompt in mean.shifts})
    shifts = np.array([[mean.shifts.get(prompt, 0.0) for prompt in prompts] for mean in ranked.values()])
    return possible_ranks(
        Estimates(
            names=list(ranked),
            values=np.array([mean.mean for mean in ranked.values()]),
            covariance=shifts @ shifts.T,
            df=[len(mean.shifts) - 1.0 for mean in ranked.values()],
        )
    )


def _detectable(cells: Sequence[ScoreCell]) -> float | None:
    """Return what a one-sided 5 % test would find in 80 % of studies: `(z.95 + z.80) sqrt(2 s2 / P)`.

    s2 is what the score of an entrant on a prompt varies by, beside what the entrant and the prompt explain, on the P
    prompts that all entrants answered: the residual mean square of a two-way analysis of variance.
    """
    answers: dict[tuple[str, str], dict[int, dict[str, list[float]]]] = {}
    for cell in cells:
        if cell.score is not None:
            place = answers.setdefault((cell.entrant, cell.prompt), {})
            place.setdefault(cell.sample, {}).setdefault(cell.criterion, []).append(cell.score)
    entrants = sorted({entrant for entrant, _ in answers})
    prompts = [
        prompt
        for prompt in sorted({prompt for _, prompt in answers})
        if all((entrant, prompt) in answers for entrant in entrants)
    ]
    if len(entrants) < 2 or len(prompts) < 2:
        return None
    table = np.array([[_level(answers[entrant, prompt]) for prompt in prompts] for entrant in entrants])
    rest = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0, keepdims=True) + table.mean()
    residual = float((rest**2).sum()) / ((len(entrants) - 1) * (len(prompts) - 1))
    return float(ndtri(0.95) + ndtri(0.80)) * sqrt(2.0 * residual / len(prompts))


def _level(answers: Mapping[int, Mapping[str, Sequence[float]]]) -> float:
    """Return the mean over answers of the mean over criteria of the mean over repeats."""
    return _average(_average(_average(repeats) for repeats in criteria.values()) for criteria in answers.values())


def _average(values: Iterable[float]) -> float:
    known = list(values)
    return sum(known) / len(known)


def _mean(cells: Sequence[ScoreCell], *, missing: float | None = None) -> float | None:
    """Return the mean of scores, those missing taken as given; nothing without any."""
    scores = [missing if cell.score is None else cell.score for cell in cells]
    known = [score for score in scores if score is not None]
    return rounded(sum(known) / len(known)) if known else None


def _decided(cells: Sequence[ScoreCell]) -> int:
    return sum(cell.score is not None for cell in cells)


def _coverage(cells: Sequence[ScoreCell]) -> float:
    return _decided(cells) / len(cells) if cells else 0.0
