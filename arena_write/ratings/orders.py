"""Battles as pairs of texts judged in two orders, each seen from the entrant with the lower code."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from arena_write.ratings.columns import BoolArray, Comparisons, FloatArray, IntArray, cluster_index, sum_by
from arena_write.ratings.errors import ColumnError
from arena_write.ratings.scores import numbered


@dataclass(frozen=True, slots=True, eq=False)
class Orders:
    """N battles of P pairs of texts; rows of weight 0 are gone, other weights are not looked at.

    Attributes:
        facts: the rows.
        turned: (N,) true where the lower code stood second.
        score: (N,) what the lower code got.
        prompt: (N,) prompts as 0..G-1.
        prompts: G.
        match: (N,) prompt and the two entrants as one number, 0..M-1.
        group: (N,) pairs of texts as 0..P-1: the same prompt, entrants and texts.
        groups: P.
    """

    facts: Comparisons
    turned: BoolArray
    score: FloatArray
    prompt: IntArray
    prompts: int
    match: IntArray
    group: IntArray
    groups: int

    @classmethod
    def of(cls, comparisons: Comparisons, texts: ArrayLike | None) -> Orders:
        """Find the pairs of texts.

        Args:
            comparisons: the battles, a row each.
            texts: (N,) any integers, equal where rows on one prompt between the same two entrants compare the same two
                texts. ``None``: an entrant has one text per prompt.

        Raises:
            ColumnError: ``texts`` has another length than the comparisons.
        """
        codes = np.zeros(len(comparisons), dtype=np.int64) if texts is None else np.asarray(texts)
        if codes.shape != (len(comparisons),):
            raise ColumnError(f"texts has shape {codes.shape}, the comparisons have {len(comparisons)} rows")
        alive = comparisons.weights > 0
        facts = comparisons.select(alive)
        turned = facts.first > facts.second
        low, high = np.minimum(facts.first, facts.second), np.maximum(facts.first, facts.second)
        prompt, prompts = cluster_index(facts)
        match = numbered(prompt, low, high)[0]
        group, groups = numbered(match, codes[alive])
        return cls(
            facts=facts,
            turned=turned,
            score=np.where(turned, 1.0 - facts.score, facts.score),
            prompt=prompt,
            prompts=prompts,
            match=match,
            group=group,
            groups=groups,
        )

    def both(self) -> BoolArray:
        """(P,) true where the pair of texts was judged in both orders."""
        straight, turned = self._by_order(np.ones(len(self.score))).T
        whole: BoolArray = (straight > 0) & (turned > 0)
        return whole

    def prompt_of_group(self) -> IntArray:
        """(P,) the prompt of each pair of texts."""
        prompts: IntArray = self.prompt[np.unique(self.group, return_index=True)[1]]
        return prompts

    def means(self, values: FloatArray) -> FloatArray:
        """(P, 2) means of (N,) values in each order, lower code first and second; NaN where the order is missing."""
        with np.errstate(invalid="ignore"):
            found: FloatArray = self._by_order(values) / self._by_order(np.ones(len(values)))
        return found

    def residuals(self) -> FloatArray:
        """(N,) scores of the lower code less their mean over all battles of the two entrants in that order."""
        low, high = np.minimum(self.facts.first, self.facts.second), np.maximum(self.facts.first, self.facts.second)
        kind, kinds = numbered(low, high, self.turned.astype(np.int64))
        means = sum_by(kind, self.score, kinds) / np.bincount(kind, minlength=kinds)
        residual: FloatArray = self.score - means[kind]
        return residual

    def verdict_shares(self) -> FloatArray:
        """(P, 2, 3) shares of wins, ties and losses of the lower code in each order; 0 where an order is missing.

        With one battle an order, products of shares say whether two verdicts agree; with repeats they average over all
        ways to take one of each.
        """
        kinds = [self._by_order((np.sign(self.score - 0.5) == kind).astype(np.float64)) for kind in (1.0, 0.0, -1.0)]
        counts = np.stack(kinds, axis=2)
        shares: FloatArray = counts / np.maximum(counts.sum(axis=2, keepdims=True), 1.0)
        return shares

    def _by_order(self, values: FloatArray) -> FloatArray:
        """(P, 2) sums of (N,) values."""
        return sum_by(self.group * 2 + self.turned, values, 2 * self.groups).reshape(self.groups, 2)
