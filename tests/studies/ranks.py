"""How often rank ranges hold every true rank where entrants are nearly tied."""

from __future__ import annotations

import numpy as np
from ratings.simulate import baselines, simulate
from scipy.stats import norm
from scipy.stats import t as student_t

from arena_write.ratings import prompt_resamples, rank_ranges, rate
from arena_write.ratings.ranks import ranks_from

SEED = 2027
REPLICATES = 2000
RESAMPLED = 500
ENTRANTS = 7
PROMPTS = (40, 100)
STEPS = {"all equal": 0.0, "some 3 Elo apart": 0.03, "some 13 Elo apart": 0.15}
WAYS = {
    "max-t": "as printed: differences beyond the 95 % quantile of the largest of all",
    "pairwise": "differences whose own 95 % interval leaves 0 out",
    "overlap": "95 % intervals that do not overlap",
    "max-t, battles": "max-t with the variance that independent battles would have",
    "ranks drawn": "2.5 % and 97.5 % percentiles of ranks in 1,000 resamples of prompts",
}

TEXT = """\
# Do rank ranges hold all true ranks?

{entrants} entrants meet each other on every prompt in both orders, in the `realistic` regime of the simulator. A
range is right when it holds the true rank; the table has the share of studies in which *all* ranges were right,
which is what 95 % promises, and the mean length of a range. Where entrants are equal every one of their ranks is
true, and the range must hold them all. {replicates:,} studies a line, {resampled} for the last column. Seed {seed}.

| way | an entrant is clearly below another by |
|---|---|
{ways}

| strengths | prompts | {names} |
{rule}
{lines}
"""


def study() -> str:
    """Simulate; return the table."""
    lines = []
    for label, step in STEPS.items():
        for prompts in PROMPTS:
            cells = [f"{right:.1%} ({length:.1f})" for right, length in _measure(step, prompts)]
            lines.append(f"| {label} | {prompts} | {' | '.join(cells)} |")
    return TEXT.format(
        entrants=ENTRANTS,
        replicates=REPLICATES,
        resampled=RESAMPLED,
        seed=SEED,
        ways="\n".join(f"| {name} | {meaning} |" for name, meaning in WAYS.items()),
        names=" | ".join(WAYS),
        rule="|---" * (2 + len(WAYS)) + "|",
        lines="\n".join(lines),
    )


def _measure(step: float, prompts: int) -> list[tuple[float, float]]:
    """For each way, the share of studies with all ranges right, and the mean length of a range."""
    strengths = step * np.arange(ENTRANTS)
    order = ["cand", *baselines(ENTRANTS)]
    right: dict[str, list[bool]] = {name: [] for name in WAYS}
    length: dict[str, list[float]] = {name: [] for name in WAYS}
    for replicate in range(REPLICATES):
        rng = np.random.default_rng([SEED, prompts, replicate])
        data = simulate(rng, prompts=prompts, bank=True, strengths=strengths)
        ratings = rate(data, baselines=baselines(ENTRANTS), seed=replicate)
        strength = strengths[[order.index(name) for name in ratings.names]]
        best_true = 1 + (strength[:, np.newaxis] < strength).sum(axis=1)
        worst_true = ENTRANTS - (strength[:, np.newaxis] > strength).sum(axis=1)
        for name, (best, worst) in _ranges(ratings, data, replicate).items():
            right[name].append(bool(((best <= best_true) & (worst >= worst_true)).all()))
            length[name].append(float((worst - best + 1).mean()))
    return [(float(np.mean(right[name])), float(np.mean(length[name]))) for name in WAYS]


def _ranges(ratings, data, replicate):
    rows = [ratings.entrant(name) for name in ratings.names]
    elo, covariance = np.array([row.elo for row in rows]), np.array(ratings.covariance)
    variance = np.diag(covariance)
    errors = np.sqrt(np.maximum(variance[:, np.newaxis] + variance - 2 * covariance, 1e-12))
    gap = elo - elo[:, np.newaxis]
    t = student_t.ppf(0.975, ratings.df)
    low, high = np.array([row.low for row in rows]), np.array([row.high for row in rows])
    naive = rank_ranges(elo, covariance / ratings.deff, seed=replicate)
    ranges = {
        "max-t": (np.array([row.best_rank for row in rows]), np.array([row.worst_rank for row in rows])),
        "pairwise": ranks_from(gap > t * errors),
        "overlap": ranks_from(high[:, np.newaxis] < low),
        "max-t, battles": (naive.best, naive.worst),
    }
    if replicate < RESAMPLED:
        draws = prompt_resamples(data, baselines=baselines(ENTRANTS), resamples=1000, seed=replicate)
        places = 1 + np.argsort(np.argsort(-draws, axis=1), axis=1)
        best, worst = np.quantile(places, [norm.cdf(-1.96), norm.cdf(1.96)], axis=0, method="nearest")
        columns = [data.names.index(name) for name in ratings.names]
        ranges["ranks drawn"] = (best[columns], worst[columns])
    return ranges
