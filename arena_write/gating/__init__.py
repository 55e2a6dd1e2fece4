"""The gate: is a candidate worse than the reference by more than a margin? Pure functions on columns.

`looks` says when evidence is looked at and how much decides, `latin` which battles come first, `evidence` what was
seen, `decision` what follows, `power` what could have followed.
"""

from arena_write.gating.decision import Decision, Outcome, can_decide, decide
from arena_write.gating.evidence import Evidence
from arena_write.gating.latin import LatinCell, LatinPlan, latin_plan
from arena_write.gating.looks import ALPHA, BY_PROMPTS, FIXED, Exits, Looks, exits, shape_looks
from arena_write.gating.power import SPREAD, Ability, gate_ability

__all__ = [
    "ALPHA",
    "BY_PROMPTS",
    "FIXED",
    "SPREAD",
    "Ability",
    "Decision",
    "Evidence",
    "Exits",
    "LatinCell",
    "LatinPlan",
    "Looks",
    "Outcome",
    "can_decide",
    "decide",
    "exits",
    "gate_ability",
    "latin_plan",
    "shape_looks",
]
