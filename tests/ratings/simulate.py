"""A simulator of judged battles whose dependence looks like that of real LLM-judge data.

For a battle of i and j on prompt p the judge's latent preference is
``beta_i - beta_j + a_ip - a_jp + f_ip + e_ijp + o delta + logistic``: ``a`` is how well a text came out (shared by all
battles of that text), ``f`` the same for the candidate only, ``e`` a quirk of that pair of texts (shared by both
orders), ``o`` is +1 or -1 by who stands first; near 0 it is a tie. The regimes were calibrated to public verdict sets:
in ``realistic`` two orders of a pair correlate by about .5, two pairs that share a text by about .2, so twelve battles
of a prompt are worth about three and a half times fewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from arena_write.ratings import Comparisons, Scores
from arena_write.ratings.columns import FloatArray


@dataclass(frozen=True)
class Regime:
    """Variances of the parts of a preference, the slot effect, and the half-width of the tie zone (all in nats)."""

    text: float
    candidate: float
    pair: float
    slot: float = 0.4
    tie: float = 0.25


REGIMES = {
    "realistic": Regime(text=3.2, candidate=0.0, pair=0.7),
    "high": Regime(text=2.6, candidate=1.6, pair=0.2),
    "mild": Regime(text=0.6, candidate=0.0, pair=0.2),
    "iid": Regime(text=0.0, candidate=0.0, pair=0.0),
    "bradley-terry": Regime(text=0.0, candidate=0.0, pair=0.0, slot=0.0, tie=0.0),
}


def simulate(
    rng: np.random.Generator,
    *,
    prompts: int,
    regime: str = "realistic",
    strengths: Sequence[float] = (0.0,) * 7,
    bank: bool = False,
    lengths: FloatArray | None = None,
    slope: float = 0.0,
) -> Comparisons:
    """Draw one study: entrant 0 ("cand") against all others ("base1", ...) on every prompt in both orders.

    Args:
        rng: the source of chance.
        prompts: number of prompts.
        regime: a key of ``REGIMES``.
        strengths: beta of the candidate and the baselines.
        bank: also let the baselines meet each other.
        lengths: (prompts, entrants) of the texts.
        slope: what the judge adds per unit of ``(L_i - L_j) / (L_i + L_j)``.
    """
    parts = REGIMES[regime]
    size = len(strengths)
    one, other = np.triu_indices(size, 1)
    if not bank:
        one, other = one[one == 0], other[one == 0]
    texts = rng.normal(0.0, np.sqrt(parts.text), (prompts, size)) + np.asarray(strengths)
    texts[:, 0] += rng.normal(0.0, np.sqrt(parts.candidate), prompts)
    gap = texts[:, one] - texts[:, other] + rng.normal(0.0, np.sqrt(parts.pair), (prompts, len(one)))
    if lengths is not None:
        gap += slope * (lengths[:, one] - lengths[:, other]) / (lengths[:, one] + lengths[:, other])
    latent = np.stack([gap + parts.slot, gap - parts.slot], axis=2)
    latent += rng.logistic(size=latent.shape)
    score = np.where(np.abs(latent) < parts.tie, 0.5, (latent > 0).astype(float))
    first = np.broadcast_to(np.stack([one, other], axis=1), latent.shape)
    second = np.broadcast_to(np.stack([other, one], axis=1), latent.shape)
    score[..., 1] = 1.0 - score[..., 1]
    cluster = np.broadcast_to(np.arange(prompts)[:, np.newaxis, np.newaxis], latent.shape)
    return Comparisons(
        names=("cand", *(f"base{number}" for number in range(1, size))),
        first=first.ravel(),
        second=second.ravel(),
        score=score.ravel(),
        cluster=cluster.ravel(),
    )


def baselines(size: int = 7) -> list[str]:
    """Return the names of the baselines of a study with ``size`` entrants."""
    return [f"base{number}" for number in range(1, size)]


@dataclass(frozen=True)
class Rubric:
    """Standard deviations of the parts of a score, in points from 1 to 10.

    The proportions are those of 31 models on 32 creative-writing prompts (EQ-Bench): the fifteen best differ by little
    more than a hundredth of what one answer to the next does, and criteria of one answer correlate by about 0.67.
    """

    query: float = 0.24
    interaction: float = 0.17
    answer: float = 0.49
    criterion: float = 0.40
    judge: float = 0.0


def simulate_scores(
    rng: np.random.Generator,
    *,
    means: Sequence[float] = (7.0, 7.0),
    queries: int = 100,
    criteria: int = 5,
    samples: int = 1,
    repeats: int = 1,
    parts: Rubric | None = None,
    whole: bool = False,
) -> Scores:
    """Draw one study: every entrant answers every query, every answer is judged on every criterion.

    Args:
        rng: the source of chance.
        means: true mean of each entrant ("m0", "m1", ...).
        queries: number of queries.
        criteria: criteria of each query, with codes of their own, as WritingBench has them.
        samples: answers per entrant and query.
        repeats: judgements per answer and criterion.
        parts: standard deviations.
        whole: round to whole points.
    """
    parts = parts or Rubric()
    shape = (len(means), queries, samples, criteria, repeats)
    score = np.asarray(means, dtype=float).reshape(-1, 1, 1, 1, 1) + np.zeros(shape)
    score += rng.normal(0.0, parts.query, (1, queries, 1, 1, 1))
    score += rng.normal(0.0, parts.interaction, (len(means), queries, 1, 1, 1))
    score += rng.normal(0.0, parts.answer, (*shape[:3], 1, 1))
    score += rng.normal(0.0, parts.criterion, (*shape[:4], 1))
    score += rng.normal(0.0, parts.judge, shape)
    entrant, query, sample, criterion, _ = np.indices(shape)
    return Scores(
        names=tuple(f"m{number}" for number in range(len(means))),
        entrant=entrant.ravel(),
        query=query.ravel(),
        criterion=(query * criteria + criterion).ravel(),
        sample=sample.ravel(),
        score=np.clip(score.round() if whole else score, 1.0, 10.0).ravel(),
    )
