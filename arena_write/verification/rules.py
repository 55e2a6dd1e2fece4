"""The rules of a board, as `docs/board.md` and `docs/architecture.md` state them: restated here, not imported.

Whoever changes a rule of the board changes it in two places, and `arena-write verify` says so until both agree.
"""

CONFIDENCE = 0.95
"""Level of all intervals, bounds and rank ranges."""
SETTLING_ATTEMPTS = 3
"""So many invalid attempts settle a key: the cell is missing for good."""
FEW_PROMPTS = 30
"""From so many prompts on the covariance is CR1, below it is a jackknife."""
BASELINE_MEAN = 1000.0
EXCLUDED_SHOWN = 5.0
"""Elo past which the rating without an entrant's own failures stands beside the rating."""
NO_WIDTH = 1e-3
"""Standard error in Elo below which every prompt gave the same result."""
FEW_PROMPTS_FOR_BOUND = 10
"""With fewer prompts than this, each counts as one battle for a one-sided bound."""
LOWEST, HIGHEST = 1.0, 10.0
"""The ends of the scale of scores; the lowest is what an answer with nothing to score gets."""
SATURATED = 9
NO_SPREAD = 1e-9
"""Standard error in points below which every prompt has the same mean."""


def is_missing_shown(missing: int, planned: int) -> bool:
    """Say whether worst and best case stand beside an estimate: more than 1 % are missing."""
    return 100 * missing > planned


def is_censored(truncated: int, answers: int) -> bool:
    """Say whether an entrant is marked: more than 5 % of its answers were cut by the token limit."""
    return 20 * truncated > answers
