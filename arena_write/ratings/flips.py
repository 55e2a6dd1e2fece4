"""How few prompts carry the lead: the smallest set whose removal puts the second first.

Two of 57,477 votes were enough to change the top of a well-known arena (Huang et al. 2025). The search removes, again
and again, the prompt on which the lead leans most (the infinitesimal jackknife of Broderick, Giordano & Meager 2020,
refitted after each step), so what it finds is a set that does flip the lead, checked by a fit without it. Where all
smaller sets can be tried, they are, and the answer is exact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb

import numpy as np

from arena_write.ratings.blocks import blocks
from arena_write.ratings.bradley_terry import (
    Fit,
    derivatives,
    fit,
    generalised_inverse,
    maximise,
    win_probability,
)
from arena_write.ratings.columns import Comparisons, FloatArray, sum_by
from arena_write.ratings.connectivity import is_connected
from arena_write.ratings.elo import ELO_PER_NAT
from arena_write.ratings.pairs import PairsByCluster, compress_by_cluster
from arena_write.ratings.rate import rate
from arena_write.ratings.rated import rated_rows, thetas
from arena_write.ratings.refits import Refits

_SETS_TRIED = 6000
# Nats: a lead closer to 0 than this is a tie up to rounding, and a tie is not a flip.
_TIE = 1e-7
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """The fewest prompts whose removal puts the second first.

    Attributes:
        first: the entrant with the highest rating.
        second: the next.
        lead: its lead, Elo.
        removed: cluster codes of the prompts to remove, sorted; empty where nothing was found.
        prompts: prompts in the fit.
        lead_without: the lead without them, negative.
        exact: all smaller sets were tried, and none does it; all sets, where nothing was found.
        reason: why there is no answer; empty where there is one.
    """

    first: str = ""
    second: str = ""
    lead: float | None = None
    removed: tuple[int, ...] = ()
    prompts: int = 0
    lead_without: float | None = None
    exact: bool = False
    reason: str = ""


def fewest_prompts_to_flip(
    comparisons: Comparisons, *, baselines: Sequence[str], offsets: Mapping[str, float] | None = None
) -> Flip:
    """Find how few prompts separate the first of a board from the second.

    Args:
        comparisons: the battles.
        baselines: as for :func:`rate`.
        offsets: as for :func:`rate`.

    Raises:
        RatingError: anything that :func:`rate` raises.
    """
    frozen = dict(offsets or {})
    ratings = rate(comparisons, baselines=baselines, offsets=frozen)
    rated = [row for row in ratings.entrants if row.name in ratings.names]
    if len(rated) < 2:
        return Flip(reason="fewer than two entrants are rated")
    if all(row.name in frozen for row in rated[:2]):
        return Flip(first=rated[0].name, second=rated[1].name, reason="both ratings are frozen: no prompt moves them")
    facts, _ = rated_rows(comparisons, ratings)
    fitted = fit(facts, offsets=thetas(facts, frozen))
    contrast = np.zeros(len(facts.names))
    contrast[facts.names.index(rated[0].name)], contrast[facts.names.index(rated[1].name)] = 1.0, -1.0
    search = _Search(compress_by_cluster(facts), fitted, contrast)
    codes = np.unique(facts.cluster)
    found = Flip(
        first=rated[0].name,
        second=rated[1].name,
        lead=ELO_PER_NAT * float(contrast @ fitted.theta),
        prompts=len(codes),
    )
    chosen, exact = search.smallest(search.greedily())
    if chosen is None:
        known = "no set of prompts" if exact else "removing one prompt at a time, no set was found that"
        return replace(found, exact=exact, reason=f"{known} leaves finite ratings and puts the second first")
    lead = ELO_PER_NAT * float(search.leads([chosen])[0])
    removed = tuple(sorted(int(codes[prompt]) for prompt in chosen))
    return replace(found, removed=removed, lead_without=lead, exact=exact)


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """Refits of a table; the lead is (K,) ``contrast @ theta``."""

    table: PairsByCluster
    fit: Fit
    contrast: FloatArray

    def leads(self, sets: Sequence[Sequence[int]]) -> FloatArray:
        """Return the lead without each set of prompts, natural-log units; NaN where that leaves no finite ratings."""
        refits, found = Refits.of(self.table, self.fit), np.empty(len(sets))
        for lines in blocks(len(sets), refits.block):
            times = np.ones((lines.stop - lines.start, self.table.clusters))
            for line, prompts in zip(times, sets[lines], strict=True):
                line[list(prompts)] = 0.0
            found[lines] = refits.solve(times, tolerance=_TOLERANCE) @ self.contrast
        return found

    def greedily(self) -> list[int] | None:
        """Remove the prompt that holds most of the lead, refit, and so on until the lead is gone."""
        times, theta = np.ones(self.table.clusters), self.fit.theta
        chosen: list[int] = []
        while len(chosen) < self.table.clusters - 1:
            for prompt in np.argsort(-self._held(times, theta), kind="stable").tolist():
                if times[prompt] == 0.0:
                    continue
                times[prompt] = 0.0
                rest = self.table.repeated(times)
                if is_connected(rest, frozen=~self.fit.free):
                    break
                times[prompt] = 1.0
            else:
                return None
            chosen.append(prompt)
            theta = maximise(rest, start=theta, free=self.fit.free)[0]
            if float(self.contrast @ theta) < -_TIE:
                return chosen
        return None

    def _held(self, times: FloatArray, theta: FloatArray) -> FloatArray:
        """(G,) how much of the lead each prompt holds, to first order: ``c' H^-1 U_g``."""
        whole = self.table.whole
        lever = generalised_inverse(derivatives(self.table.repeated(times), theta)[1], self.fit.free) @ self.contrast
        chance = win_probability(theta[whole.low] - theta[whole.high])
        residual = self.table.score - self.table.weight * chance[self.table.pair]
        held = residual * (lever[whole.low] - lever[whole.high])[self.table.pair]
        return sum_by(self.table.cluster, held, self.table.clusters)

    def smallest(self, known: list[int] | None) -> tuple[list[int] | None, bool]:
        """Try all sets smaller than a known one, smallest first, while they are not too many.

        Return the best, and whether it is known to be the smallest.
        """
        tried, clusters = 0, self.table.clusters
        for size in range(1, clusters if known is None else len(known)):
            tried += comb(clusters, size)
            if tried > _SETS_TRIED:
                return known, False
            sets = [list(prompts) for prompts in combinations(range(clusters), size)]
            leads = self.leads(sets)
            if (leads < -_TIE).any():
                return sets[int(np.nanargmin(leads))], True
        return known, True
