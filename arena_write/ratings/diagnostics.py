"""What battles in both orders say about the judge: consistency, the pull of the first slot, and how verdicts correlate.

A judge that reads the same two texts in the other order should say the same. How often it does, which slot it favours,
and how much two verdicts on one prompt say twice, belong beside every rating (Shi et al. 2024 on position bias;
Kish 1965 on design effects). Averaging both orders removes any additive slot effect from ratings;
:func:`slot_covariate` is for data whose orders are not balanced.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from arena_write.ratings.columns import BoolArray, Comparisons, sum_by
from arena_write.ratings.covariates import fit_covariates
from arena_write.ratings.elo import ELO_PER_NAT, checked_baselines
from arena_write.ratings.means import ClusterMean, cluster_mean
from arena_write.ratings.orders import Orders
from arena_write.ratings.quantiles import t_quantile, two_sided

# Sums of squares below this are rounding: every battle went as all others of its kind.
_NOTHING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeDiagnostics:
    """How a judge behaves; ``None`` where the data hold nothing to say it.

    Attributes:
        battles: rows looked at.
        prompts: their prompts.
        pairs: pairs of texts judged in both orders.
        tie_rate: share of battles that are ties, in [0, 1].
        consistency: share of pairs with the same verdict (win, tie or loss) in both orders, in [0, 1].
        hard_flips: share of pairs whose winner changes with the order, in [0, 1].
        slot: ``(y_first - y_second) / 2`` over pairs: what a text's mean score gains by standing first instead of
            being averaged over both slots, in [-0.5, 0.5], with an interval by prompt.
        correlation_of_orders: of the scores of one pair of texts in its two orders, around each pairing's mean.
        correlation_across_opponents: of an entrant's scores against two opponents on one prompt.
        deff: variance of an entrant's mean score by prompt over that of independent battles, pooled.
        effective_battles: ``battles / deff``.
        reason: what could not be said and why; empty where all is said.
    """

    battles: int
    prompts: int
    pairs: int
    tie_rate: float
    consistency: float | None = None
    hard_flips: float | None = None
    slot: ClusterMean | None = None
    correlation_of_orders: float | None = None
    correlation_across_opponents: float | None = None
    deff: float | None = None
    effective_battles: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotCovariate:
    """The first slot as a covariate of the fit: what standing first adds, in Elo.

    Attributes:
        elo: the advantage of the first over an equal second.
        se: its standard error by prompt.
        low: lower end of the interval.
        high: upper end.
        df: prompts minus 1.
        balanced: every pair met equally often in both orders; then ratings do not need the covariate.
    """

    elo: float
    se: float
    low: float
    high: float
    df: int
    balanced: bool


def diagnose(
    comparisons: Comparisons,
    *,
    baselines: Sequence[str] = (),
    texts: ArrayLike | None = None,
    confidence: float = 0.95,
) -> JudgeDiagnostics:
    """Say how a judge behaves in a set of battles.

    Args:
        comparisons: the battles, a row each; rows of weight 0 are left out, other weights are not looked at.
        baselines: entrants whose own battles do not count for ``deff``: in a study of candidates against baselines
            only those of the candidates matter. Where nobody else is left, all count.
        texts: (N,) any integers, equal where a row compares the same two texts; needed where an entrant has several
            answers to a prompt. ``None``: an entrant has one text per prompt.
        confidence: of the slot effect's interval.

    Raises:
        ColumnError: ``texts`` has another length than the comparisons.
        RatingError: unknown or doubled baselines, or a bare string; a confidence outside (0, 1).
    """
    two_sided(confidence)
    orders = Orders.of(comparisons, texts)
    found = JudgeDiagnostics(
        battles=len(orders.score),
        prompts=orders.prompts,
        pairs=int(orders.both().sum()),
        tie_rate=float(np.mean(orders.score == 0.5)),
    )
    if isinstance(baselines, str) or baselines:
        checked_baselines(comparisons.names, baselines, {})
    candidates = np.array([name not in baselines for name in comparisons.names])
    found = _with_correlations(found, orders, candidates)
    if not found.pairs:
        return replace(found, reason="no pair of texts was judged in both orders")
    both = orders.both()
    straight, turned = orders.verdict_shares()[both].swapaxes(0, 1)
    first = orders.means(orders.facts.score)[both]
    return replace(
        found,
        consistency=float((straight * turned).sum(axis=1).mean()),
        hard_flips=float((straight[:, 0] * turned[:, 2] + straight[:, 2] * turned[:, 0]).mean()),
        slot=cluster_mean((first.sum(axis=1) - 1.0) / 2.0, orders.prompt_of_group()[both], confidence=confidence),
        correlation_of_orders=_correlation_of_orders(orders),
    )


def slot_covariate(comparisons: Comparisons, *, confidence: float = 0.95) -> SlotCovariate:
    """Fit strengths and the advantage of the first slot together (Davidson & Beaver 1977).

    Raises:
        NotConnectedError: no finite rating exists.
        TooFewPromptsError: there is one prompt only, or somebody hangs on one.
        ConvergenceError: the first won (nearly) every battle.
        RatingError: everybody always stood in the same slot; a confidence outside (0, 1).
    """
    upper = two_sided(confidence)
    found = fit_covariates(comparisons, np.ones(len(comparisons)))
    elo, se = ELO_PER_NAT * float(found.gamma[0]), ELO_PER_NAT * math.sqrt(found.covariance[-1, -1])
    half = t_quantile(upper, found.clusters - 1) * se
    size = len(comparisons.names)
    met = sum_by(comparisons.first * size + comparisons.second, comparisons.weights, size * size).reshape(size, size)
    balanced = bool(np.array_equal(met, met.T))
    return SlotCovariate(elo=elo, se=se, low=elo - half, high=elo + half, df=found.clusters - 1, balanced=balanced)


def _correlation_of_orders(orders: Orders) -> float | None:
    both, residual = orders.both(), orders.residuals()
    means = orders.means(residual)[both]
    # One variance for both orders: which of them is called the first depends on names alone.
    variance = float(orders.means(residual * residual)[both].mean())
    return float(np.mean(means[:, 0] * means[:, 1])) / variance if variance > _NOTHING else None


def _with_correlations(found: JudgeDiagnostics, orders: Orders, counted: BoolArray) -> JudgeDiagnostics:
    """Add what battles of one entrant on one prompt have in common.

    With the sums ``S`` of residuals of an entrant on a prompt, and ``T`` of those against one opponent, ``S^2 - sum
    T^2`` holds all products across opponents, and ``sum S^2`` over ``sum r^2`` is ``1 + (k - 1) rho``.
    """
    residual, facts = orders.residuals(), orders.facts
    square = float(residual @ residual)
    if square <= _NOTHING:
        return found
    matches = int(orders.match.max()) + 1
    inside, battles = sum_by(orders.match, residual, matches), np.bincount(orders.match)
    size = len(facts.names) * orders.prompts
    ahead, behind = (code * np.int64(orders.prompts) + orders.prompt for code in (facts.first, facts.second))
    gained = np.where(orders.turned, -residual, residual)
    total = sum_by(ahead, gained, size) - sum_by(behind, gained, size)
    count = np.bincount(ahead, minlength=size) + np.bincount(behind, minlength=size)
    products = float(total @ total) - 2.0 * float(inside @ inside)
    number = int(count @ count) - 2 * int(battles @ battles)
    across = products / number / (square / len(residual)) if number else None
    if not counted.any():
        counted = ~counted
    own = np.repeat(counted, orders.prompts)
    held = float((counted[facts.first].astype(np.float64) + counted[facts.second]) @ (residual * residual))
    deff = float(total[own] @ total[own]) / held if held > _NOTHING else None
    return replace(
        found,
        correlation_across_opponents=across,
        deff=deff,
        effective_battles=len(residual) / deff if deff else None,
    )
