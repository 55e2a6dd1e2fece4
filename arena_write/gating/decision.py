"""From evidence to PASS, FAIL or INCONCLUSIVE: one threshold, shown above, shown below, or neither.

The threshold is the reference less the margin. Not to have shown a drop is no PASS: at 100 prompts a drop of 50 Elo
goes unseen half of the time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from arena_write.gating.evidence import Evidence
from arena_write.gating.looks import Looks
from arena_write.gating.power import Ability, gate_ability


class Outcome(StrEnum):
    """What a gate says."""

    PASS = "PASS"
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a gate says, and how sure it can be. Gaps are Elo of the candidate above the reference.

    Args:
        outcome: PASS: shown to be above the threshold. FAIL: shown to be below it. INCONCLUSIVE: neither, at the last
            look.
        final: Whether the gate is over; otherwise the next look may decide.
        threshold: The gap that was tested, minus the margin.
        look: Which look this was, from 1.
        prompts: Prompts seen.
        battles: Battles of the candidate seen.
        gap: Estimated gap; after an early look it lies somewhat too far from the threshold, the interval does not.
        low: Lower end of the 90 % interval that all looks share; minus infinity where there is none.
        high: Upper end.
        z: How clearly the gap is above the threshold, as a normal z.
        critical: The z that this look asks for.
        identical: Whether all texts are the same, so that the gap is 0 for certain.
        ability: What the whole gate could have shown, with the spread that was seen.
    """

    outcome: Outcome
    final: bool
    threshold: float
    look: int
    prompts: int
    battles: int
    gap: float
    low: float
    high: float
    z: float
    critical: float
    identical: bool
    ability: Ability

    @property
    def worse_within_margin(self) -> bool:
        """Whether a PASS is of a candidate that is shown to be worse, by less than the margin."""
        return self.outcome is Outcome.PASS and self.high < 0.0


def decide(evidence: Evidence, *, looks: Looks, look: int, prompts: int, margin: float) -> Decision:
    """Say what the evidence at a look decides.

    Args:
        evidence: Everything seen so far.
        looks: The gate's looks.
        look: Which of them this is, from 0.
        prompts: Prompts of the whole plan.
        margin: Elo below the reference that are tolerated.
    """
    critical, last = looks.critical[look], look == len(looks) - 1
    z = evidence.z(-margin)
    outcome = Outcome.PASS if z >= critical else Outcome.FAIL if z <= -critical else Outcome.INCONCLUSIVE
    low, high = evidence.interval(critical)
    error = evidence.error * math.sqrt(looks.fractions[look])
    return Decision(
        outcome=outcome,
        final=last or outcome is not Outcome.INCONCLUSIVE or evidence.identical,
        threshold=-margin,
        look=look + 1,
        prompts=evidence.prompts,
        battles=evidence.battles,
        gap=evidence.estimate,
        low=low,
        high=high,
        z=z,
        critical=critical,
        identical=evidence.identical,
        ability=gate_ability(looks, prompts=prompts, error=error, margin=margin, level=evidence.level),
    )


def can_decide(looks: Looks, *, prompts: int, battles: int, margin: float) -> tuple[bool, bool]:
    """Say whether so many prompts can PASS the best candidate there is, and FAIL the worst.

    A margin at which they cannot, however the battles end, makes no gate.

    Args:
        looks: The gate's looks.
        prompts: Prompts of the plan.
        battles: Battles on each.
        margin: Elo below the reference that are tolerated.
    """
    rows = [prompt for prompt in range(prompts) for _ in range(battles)]
    best, worst = (Evidence.direct(rows, [score] * len(rows)) for score in (1.0, 0.0))
    return best.z(-margin) >= looks.critical[-1], worst.z(-margin) <= -looks.critical[-1]
