"""How often a gate is wrong, how often it is right, and how many calls it takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from gating.checkpoints import anchored_studies, direct_studies, latin, run_direct
from ratings.simulate import REGIMES

from arena_write.gating import BY_PROMPTS, FIXED, Looks, Outcome
from arena_write.ratings.columns import FloatArray

SEED = 2031
STUDIES = 4000
BETWEEN = 2000
PROMPTS = 100
MARGIN = 75.0
NAMES = ("iid", "mild", "realistic", "high")
GAPS = (0.0, -30.0, -50.0, -75.0, -100.0, -150.0, -200.0)
DISTANCES = (0.0, 30.0, 50.0, 75.0, 100.0, 150.0)
PEEKING = Looks(tuple(np.arange(1, 11) / 10), (1.645,) * 10)

TEXT = """\
# How often is a gate wrong?

Candidates meet the reference on {prompts} prompts in both orders, and the gate asks whether they are more than
{margin:.0f} Elo worse. The simulator (`tests/ratings/simulate.py`) makes battles of one prompt depend on each other as
they do in public verdicts of LLM judges (`realistic`), more (`high`), less (`mild`) or not at all (`iid`).
{studies:,} gates a line; a share of 5 % is known to ±{known:.1f} points. Seed {seed}.

## At the threshold

The candidate is {margin:.0f} Elo worse exactly: every PASS and every FAIL is wrong, and each may happen one time in
twenty. *Held* is how often the interval, the repeated one after an early stop, holds the true gap; it claims 90 %.
*Confirmed* is a FAIL that a second gate on new answers repeats.

| regime | gate | PASS | FAIL | FAIL, confirmed | held |
|---|---|---|---|---|---|
{sizes}

A gate that looks ten times and takes 1.645 each time is wrong much more often:

| regime | PASS | FAIL |
|---|---|---|
{peeking}

## Away from it

`realistic`. *Calls* is the mean number of judge calls; the fixed gate always makes {calls}.

| true gap | fixed: PASS | FAIL | sequential: PASS | FAIL | calls |
|---|---|---|---|---|---|
{powers}

## Through six baselines

A Latin plan judges one battle a prompt and pass, six passes at most, against a threshold that stands still; judging
everything in both orders takes 1,200 calls. {between:,} gates a line.

| Elo from the threshold | regime | right | wrong | mean calls | saving |
|---|---|---|---|---|---|
{latins}
"""


def study() -> str:
    """Simulate; return the tables."""
    return TEXT.format(
        prompts=PROMPTS,
        margin=MARGIN,
        studies=STUDIES,
        between=BETWEEN,
        known=196 * float(np.sqrt(0.05 * 0.95 / STUDIES)),
        seed=SEED,
        calls=2 * PROMPTS,
        sizes="\n".join(_sizes()),
        peeking="\n".join(_peeking()),
        powers="\n".join(_powers()),
        latins="\n".join(_latins()),
    )


def _draw(gap: float, regime: str, part: int) -> FloatArray:
    rng = np.random.default_rng([SEED, part, list(REGIMES).index(regime)])
    return direct_studies(rng, studies=STUDIES, prompts=PROMPTS, regime=regime, gap=gap)


def _run(studies: FloatArray, looks: Looks, gap: float) -> list[tuple[Outcome, int, bool]]:
    return [run_direct(scores, looks=looks, margin=MARGIN, gap=gap) for scores in studies]


def _share(ends: Sequence[tuple[Outcome, int, bool]], outcome: Outcome) -> float:
    return Counter(said for said, _, _ in ends)[outcome] / len(ends)


def _sizes() -> Iterable[str]:
    for regime in NAMES:
        first, second = _draw(-MARGIN, regime, 1), _draw(-MARGIN, regime, 2)
        for name, looks in (("fixed", FIXED), ("sequential", BY_PROMPTS)):
            ends, again = _run(first, looks, -MARGIN), _run(second, looks, -MARGIN)
            both = np.mean([one[0] is Outcome.FAIL is two[0] for one, two in zip(ends, again, strict=True)])
            held = np.mean([inside for _, _, inside in ends])
            yield (
                f"| {regime} | {name} | {_share(ends, Outcome.PASS):.1%} | {_share(ends, Outcome.FAIL):.1%} | "
                f"{both:.2%} | {held:.1%} |"
            )


def _peeking() -> Iterable[str]:
    for regime in NAMES:
        ends = _run(_draw(-MARGIN, regime, 1), PEEKING, -MARGIN)
        yield f"| {regime} | {_share(ends, Outcome.PASS):.1%} | {_share(ends, Outcome.FAIL):.1%} |"


def _powers() -> Iterable[str]:
    for gap in GAPS:
        studies = _draw(gap, "realistic", 3)
        fixed, sequential = _run(studies, FIXED, gap), _run(studies, BY_PROMPTS, gap)
        calls = 2 * float(np.mean([seen for _, seen, _ in sequential]))
        shown = [f"{_share(ends, said):.1%}" for ends in (fixed, sequential) for said in (Outcome.PASS, Outcome.FAIL)]
        yield f"| {gap:+.0f} | {' | '.join(shown)} | {calls:.0f} |"


def _latins() -> Iterable[str]:
    for regime in ("realistic", "high"):
        rng = np.random.default_rng([SEED, 4, list(REGIMES).index(regime)])
        studies, offsets = anchored_studies(rng, studies=BETWEEN, prompts=PROMPTS, regime=regime, beta=0.0)
        for distance in DISTANCES:
            ends = [latin(seed).run(scores, offsets, gap=-distance) for seed, scores in enumerate(studies)]
            said = Counter(outcome for outcome, _ in ends)
            calls = float(np.mean([seen for _, seen in ends]))
            right = f"{said[Outcome.PASS] / BETWEEN:.1%}" if distance else "-"
            wrong = f"{said[Outcome.FAIL] / BETWEEN:.1%}"
            if not distance:
                wrong = f"{said[Outcome.PASS] / BETWEEN:.1%} / {wrong}"
            yield f"| {distance:.0f} | {regime} | {right} | {wrong} | {calls:.0f} | {1200 / calls:.1f}x |"
