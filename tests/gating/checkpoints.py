"""Simulated checkpoints before a gate: many studies at once, from the simulator of the rating engine's tests."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from ratings.simulate import REGIMES, simulate
from scipy.optimize import brentq
from scipy.special import expit

from arena_write.gating import Evidence, Outcome, latin_plan
from arena_write.gating.latin import LatinPlan
from arena_write.gating.looks import Looks
from arena_write.ratings.columns import FloatArray, IntArray
from arena_write.ratings.elo import expected_score

BASELINES = (-150.0, -84.0, -18.0, 48.0, 114.0, 180.0)
"""Elo of six baselines around the reference, as in the tight design of the literature's tables."""


@cache
def strength(gap: float, regime: str) -> float:
    """Return the beta at which a simulated candidate's expected score against beta 0 is that of ``gap`` Elo.

    The quirks of texts flatten the logistic: a beta is not an Elo.
    """
    parts = REGIMES[regime]
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    quirks = nodes * np.sqrt(2.0 * parts.text + parts.candidate + parts.pair)

    def excess(beta: float) -> float:
        ends = [
            expit(beta + quirks + slot + tie) for slot in (-parts.slot, parts.slot) for tie in (-parts.tie, parts.tie)
        ]
        return float(weights @ np.mean(ends, axis=0) / weights.sum()) - expected_score(gap)

    return float(brentq(excess, -12.0, 12.0, xtol=1e-9))


def _scores(rng: np.random.Generator, prompts: int, regime: str, beta: float) -> FloatArray:
    """Return (prompts, 2) scores of a candidate against the reference, in both orders."""
    study = simulate(rng, prompts=prompts, regime=regime, strengths=(beta, 0.0))
    return np.where(study.first == 0, study.score, 1.0 - study.score).reshape(prompts, 2)


def direct_studies(rng: np.random.Generator, *, studies: int, prompts: int, regime: str, gap: float) -> FloatArray:
    """Return (studies, prompts, 2) scores of candidates ``gap`` Elo above the reference."""
    scores = _scores(rng, studies * prompts, regime, strength(gap, regime))
    return scores.reshape(studies, prompts, 2)


def run_direct(scores: FloatArray, *, looks: Looks, margin: float, gap: float) -> tuple[Outcome, int, bool]:
    """Run one gate on (prompts, 2) scores.

    Returns:
        What it says, after how many prompts, and whether its interval holds the true ``gap``.
    """
    whole = len(scores)
    for fraction, critical in zip(looks.fractions, looks.critical, strict=True):
        seen = round(whole * fraction)
        evidence = Evidence.direct(np.repeat(np.arange(seen), 2), scores[:seen].ravel())
        z = evidence.z(-margin)
        if abs(z) >= critical:
            break
    said = Outcome.INCONCLUSIVE if abs(z) < critical else Outcome.PASS if z > 0 else Outcome.FAIL
    return said, seen, abs(evidence.z(gap)) < critical


def anchored_studies(
    rng: np.random.Generator, *, studies: int, prompts: int, regime: str, beta: float
) -> tuple[FloatArray, FloatArray]:
    """Return (studies, prompts, 6, 2) scores against six baselines, the candidate first and second, and their Elo.

    The Elo of a baseline is what its expected score against a candidate of beta 0 says.
    """
    betas = [strength(elo, regime) for elo in BASELINES]
    study = simulate(rng, prompts=studies * prompts, regime=regime, strengths=(beta, *betas))
    scores = np.where(study.first == 0, study.score, 1.0 - study.score).reshape(studies, prompts, len(betas), 2)
    return scores, np.array(BASELINES)


@dataclass(frozen=True)
class Latin:
    """A Latin plan as columns."""

    plan: LatinPlan

    def run(self, scores: FloatArray, offsets: FloatArray, *, gap: float) -> tuple[Outcome, int]:
        """Run one gate on (prompts, baselines, 2) scores against a fixed threshold ``gap``."""
        for end, critical in zip(self.plan.ends, self.plan.looks.critical, strict=True):
            prompt, baseline, second = (column[:end] for column in self.columns)
            z = Evidence(prompt, scores[prompt, baseline, second], offsets[baseline]).z(gap)
            if abs(z) >= critical:
                return (Outcome.PASS if z > 0 else Outcome.FAIL), end
        return Outcome.INCONCLUSIVE, end

    @cached_property
    def columns(self) -> tuple[IntArray, IntArray, IntArray]:
        """Prompt, baseline and place of the candidate of each battle."""
        cells = [(cell.prompt, cell.baseline, 0 if cell.candidate_first else 1) for cell in self.plan.cells]
        prompt, baseline, second = np.array(cells, dtype=np.int64).T
        return prompt, baseline, second


@cache
def latin(seed: int) -> Latin:
    """Return one of ten plans for 100 prompts and the six baselines."""
    return Latin(latin_plan(prompts=100, baselines=len(BASELINES), seed=seed % 10))
