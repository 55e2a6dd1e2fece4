"""What is said of a candidate that won everything, and how often the bound holds."""

from __future__ import annotations

import math

import numpy as np
from ratings.simulate import REGIMES, baselines, simulate

from arena_write.ratings import EntrantRating, fit, rate
from arena_write.ratings.elo import BASELINE_MEAN, ELO_PER_NAT

SEED = 2028
REPLICATES = 1000
PROMPTS = (5, 10, 30, 100)
STRENGTH = 6.0

TEXT = """\
# A candidate that wins everything

A candidate far above three baselines, which also meet each other, in both orders on every prompt. Where it won
everything, no finite rating exists and the board prints `> X`; where it lost once, there is an interval. The table
says how often each happened, where the bound stood, and how often it, or the interval, held the true rating. A
bound is the lower end of a two-sided 95 % interval, so it should hold at least 97.5 % of the time, an interval
95 %. {replicates:,} studies a line. Seed {seed}.

| regime | true Elo | prompts | won everything | median of > X | bound held | interval held | all held | not finite |
|---|---|---|---|---|---|---|---|---|
{lines}
"""


def study() -> str:
    """Simulate; return the table."""
    lines = []
    for regime in REGIMES:
        truth = _truth(regime)
        for prompts in PROMPTS:
            lines.append(f"| {regime} | {truth:.0f} | {prompts} | {_measure(regime, prompts, truth)} |")
    return TEXT.format(replicates=REPLICATES, seed=SEED, lines="\n".join(lines))


def _truth(regime: str) -> float:
    """Return the rating that an endless study gives."""
    strengths = (STRENGTH, 0.0, 0.0, 0.0)
    data = simulate(np.random.default_rng(SEED), prompts=100_000, strengths=strengths, regime=regime, bank=True)
    theta = fit(data).theta
    return BASELINE_MEAN + ELO_PER_NAT * float(theta[0] - theta[1:].mean())


def _measure(regime: str, prompts: int, truth: float) -> str:
    bounds, intervals, broken = [], [], 0
    for replicate in range(REPLICATES):
        rng = np.random.default_rng([SEED, prompts, replicate])
        data = simulate(rng, prompts=prompts, strengths=(STRENGTH, 0.0, 0.0, 0.0), regime=regime, bank=True)
        row = rate(data, baselines=baselines(4)).entrant("cand")
        broken += not _finite(row)
        if row.kind == "at_least":
            bounds.append(row.low)
        else:
            intervals.append(row.low <= truth <= row.high)
    held = [low <= truth for low in bounds]
    cells = [
        f"{len(bounds) / REPLICATES:.1%}",
        f"{np.median(bounds):.0f}" if bounds else "",
        f"{np.mean(held):.1%}" if bounds else "",
        f"{np.mean(intervals):.1%}" if intervals else "",
        f"{np.mean(held + intervals):.1%}",
        str(broken),
    ]
    return " | ".join(cells)


def _finite(row: EntrantRating) -> bool:
    values = [row.elo, row.se, row.low, row.high]
    return all(value is None or math.isfinite(value) for value in values)
