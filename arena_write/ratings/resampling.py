"""What else the data could have said: ratings from prompts drawn anew, with all their battles.

The unit that is drawn is the prompt, because battles on one prompt are not independent; drawing battles, as other
tools do, gives intervals that are far too narrow. For the interval of one rating CR1 is as good and takes no draws;
resamples serve statistics that have no formula.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from arena_write.ratings.blocks import blocks
from arena_write.ratings.bradley_terry import fit
from arena_write.ratings.columns import Comparisons, FloatArray
from arena_write.ratings.elo import BASELINE_MEAN, ELO_PER_NAT, checked_baselines, to_theta
from arena_write.ratings.errors import RatingError, TooFewPromptsError
from arena_write.ratings.pairs import compress_by_cluster
from arena_write.ratings.refits import Refits

# In natural-log units: a millionth of an Elo or two.
_TOLERANCE = 1e-8


def prompt_resamples(
    comparisons: Comparisons,
    *,
    baselines: Sequence[str],
    offsets: Mapping[str, float] | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> FloatArray:
    """Rate everybody on prompts drawn with replacement (Efron 1979; Cameron, Gelbach & Miller 2008), many times.

    The draws depend on the facts and the seed alone: not on the order of rows or names, nor on who stood first.

    Args:
        comparisons: the battles.
        baselines: entrants whose mean is 1000 in every resample.
        offsets: frozen Elo by name, the baselines among them; they are the same in every resample.
        resamples: how many, B.
        seed: of the draws.

    Returns:
        (B, K) Elo, columns in the order of ``comparisons.names``. A line of NaN is a resample in which no finite rating
        exists, because somebody won, or lost, everything on the prompts drawn: count them before taking quantiles.

    Raises:
        NotConnectedError: no finite rating exists even on all prompts.
        TooFewPromptsError: there is one prompt only.
        RatingError: unknown or doubled baselines or offsets; no resamples.
        ConvergenceError: the results are too close to separation for double precision.
    """
    if resamples < 1:
        raise RatingError(f"at least one resample is needed, got {resamples}")
    facts = comparisons.canonical()
    frozen = dict(sorted((offsets or {}).items()))
    anchors = checked_baselines(facts.names, baselines, frozen)
    fitted = fit(facts, offsets={name: to_theta(elo) for name, elo in frozen.items()})
    table = compress_by_cluster(facts)
    if table.clusters < 2:
        raise TooFewPromptsError("all battles come from one prompt: there is nothing to draw from")
    refits, rng = Refits.of(table, fitted), np.random.default_rng(seed)
    draws = np.empty((resamples, len(facts.names)))
    for lines in blocks(resamples, refits.block):
        count = len(draws[lines])
        drawn = rng.integers(0, table.clusters, (count, table.clusters))
        drawn += np.arange(count)[:, np.newaxis] * table.clusters
        times = np.bincount(drawn.ravel(), minlength=drawn.size).reshape(drawn.shape).astype(np.float64)
        draws[lines] = refits.solve(times, tolerance=_TOLERANCE)
    if not frozen:
        draws -= draws[:, [facts.names.index(name) for name in anchors]].mean(axis=1, keepdims=True)
    order = [facts.names.index(name) for name in comparisons.names]
    elo: FloatArray = BASELINE_MEAN + ELO_PER_NAT * draws[:, order]
    return elo
