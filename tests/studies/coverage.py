"""How often 95 % intervals hold the truth: by prompt, as printed, and by the ways that others take."""

from __future__ import annotations

import numpy as np
from ratings.simulate import REGIMES, baselines, simulate
from scipy.stats import norm
from scipy.stats import t as student_t

from arena_write.ratings import (
    Comparisons,
    cr1_covariance,
    fisher_covariance,
    fit,
    hc0_covariance,
    jackknife_covariance,
    prompt_resamples,
)
from arena_write.ratings.elo import ELO_PER_NAT

SEED = 2026
REPLICATES = 4000
BOOTSTRAPPED = 500
RESAMPLES = 500
PROMPTS = (20, 50, 100)
STRENGTHS = {"even": 0.0, "ahead": 1.8}
METHODS = {
    "Fisher": "battles, inverse information",
    "HC0": "battles, sandwich",
    "battles drawn": "battles, percentile bootstrap",
    "CR1": "prompts, sandwich, t: printed from 30 prompts on",
    "jackknife": "prompts, delete one, t: printed below 30",
    "prompts drawn": "prompts, percentile bootstrap",
}

TEXT = """\
# Do 95 % intervals hold 95 % of the time?

A candidate meets six frozen baselines on every prompt in both orders. The simulator (`tests/ratings/simulate.py`)
makes battles of one prompt depend on each other as they do in public verdicts of LLM judges (`realistic`), more
(`high`), less (`mild`) or not at all (`iid`). The table has the share of intervals that hold the true rating, and
their mean half-width in Elo: {replicates:,} studies a line, {bootstrapped:,} for the two bootstraps with
{resamples} resamples each. A share of 95 % is known to ±{known:.1f} points, in the bootstraps to ±{known_less:.1f}.
Seed {seed}.

| way | counts |
|---|---|
{methods}

{tables}

Intervals by battle are what most rating tools print. `make test` repeats this with 2,000 studies a line where
prompts are 20 and 100, and fails when an interval by prompt holds less than 93 % or more than 97 % of the time, or
one by battle 80 % or more in `realistic` or `high`.
"""


def study() -> str:
    """Simulate; return the tables."""
    methods = "\n".join(f"| {name} | {meaning} |" for name, meaning in METHODS.items())
    tables = [_table(candidate, strength) for candidate, strength in STRENGTHS.items()]
    return TEXT.format(
        replicates=REPLICATES,
        bootstrapped=BOOTSTRAPPED,
        resamples=RESAMPLES,
        known=_known(REPLICATES),
        known_less=_known(BOOTSTRAPPED),
        seed=SEED,
        methods=methods,
        tables="\n\n".join(tables),
    )


def _known(studies: int) -> float:
    """Half-width, in points, of a 95 % interval for a share of 95 % among so many studies."""
    return 196 * float(np.sqrt(0.95 * 0.05 / studies))


def _table(candidate: str, strength: float) -> str:
    lines = [
        f"## A candidate {candidate} of its baselines" if strength else "## A candidate as strong as its baselines",
        "",
        f"| regime | prompts | true Elo | {' | '.join(METHODS)} |",
        "|---" * (3 + len(METHODS)) + "|",
    ]
    for regime in REGIMES:
        truth = _truth(regime, strength)
        for prompts in PROMPTS:
            cells = _measure(regime, strength, prompts, truth)
            shown = [f"{hits.mean():.1%} (±{half.mean():.1f})" for hits, half in cells]
            lines.append(f"| {regime} | {prompts} | {1000 + truth:.0f} | {' | '.join(shown)} |")
    return "\n".join(lines)


def _truth(regime: str, strength: float) -> float:
    """Elo above the baselines that an endless study finds."""
    if not strength:
        return 0.0
    found = []
    for part in range(20):
        rng = np.random.default_rng([SEED, part])
        data = simulate(rng, prompts=20_000, regime=regime, strengths=(strength,) + (0.0,) * 6)
        found.append(fit(data, offsets=dict.fromkeys(baselines(), 0.0)).theta[0])
    return float(np.mean(found)) * ELO_PER_NAT


def _measure(regime: str, strength: float, prompts: int, truth: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each method, which intervals hold the truth, and their half-widths."""
    offsets = dict.fromkeys(baselines(), 0.0)
    t, z = student_t.ppf(0.975, prompts - 1), norm.ppf(0.975)
    limits: dict[str, list[tuple[float, float]]] = {name: [] for name in METHODS}
    for replicate in range(REPLICATES):
        rng = np.random.default_rng([SEED, prompts, replicate])
        data = simulate(rng, prompts=prompts, regime=regime, strengths=(strength,) + (0.0,) * 6)
        fitted = fit(data, offsets=offsets)
        elo = fitted.theta[0] * ELO_PER_NAT
        for name, quantile, covariance in (
            ("Fisher", z, fisher_covariance(fitted)),
            ("HC0", z, hc0_covariance(data, fitted)),
            ("CR1", t, cr1_covariance(data, fitted)),
            ("jackknife", t, jackknife_covariance(data, fitted)),
        ):
            half = quantile * np.sqrt(covariance[0, 0]) * ELO_PER_NAT
            limits[name].append((elo - half, elo + half))
        if replicate < BOOTSTRAPPED:
            limits["prompts drawn"].append(_percentiles(data, replicate))
            alone = Comparisons(
                names=data.names,
                first=data.first,
                second=data.second,
                score=data.score,
                cluster=np.arange(len(data)),
            )
            limits["battles drawn"].append(_percentiles(alone, replicate))
    ends = [np.array(limits[name]) for name in METHODS]
    return [((low <= truth) & (truth <= high), (high - low) / 2) for low, high in (end.T for end in ends)]


def _percentiles(data: Comparisons, seed: int) -> tuple[float, float]:
    offsets = dict.fromkeys(baselines(), 1000.0)
    draws = prompt_resamples(data, baselines=baselines(), offsets=offsets, resamples=RESAMPLES, seed=seed)
    low, high = np.nanquantile(draws[:, 0], [0.025, 0.975]) - 1000.0
    return float(low), float(high)
