"""The rules of a board, as `docs/board.md` and `docs/architecture.md` state them: restated here, not imported.

Whoever changes a rule of the board changes it in two places, and `arena-write verify` says so until both agree.
"""

from typing import NamedTuple

CONFIDENCE = 0.95
"""Level of all intervals, bounds and rank ranges."""
SETTLING_ATTEMPTS = 3
"""So many invalid attempts settle a key: the cell is missing for good."""
FEW_PROMPTS = 30
"""From so many prompts on the covariance is CR1, below it is a jackknife."""
FEW_PROMPTS_FOR_SLOPE = 100
"""The same for a slope of length."""
NO_OWN_SHARE = 1e-6
"""A slope with less information of its own than this share cannot be told from strengths."""
NOTHING_LEFT = 1e-9
"""Where one prompt holds all but this share of what is known, nothing says how much that varies."""
NO_VARIANCE = 1e-12
"""Squared score below which residuals do not vary from prompt to prompt."""
ENOUGH_EXPECTED = 5.0 - 1e-9
"""So many wins and so many losses must be expected of a pairing in a test of fit; 5, whatever the last bits say."""
DOUBTFUL = 0.01
"""Chance of results below which strengths do not explain them."""
BASELINE_MEAN = 1000.0
MIN_COVERAGE = 0.95
"""What boards of imported battles state, in which every battle is decided."""
EXCLUDED_SHOWN = 5.0
"""Elo past which the rating without an entrant's own failures stands beside the rating."""
NO_WIDTH = 1e-3
"""Standard error in Elo below which every prompt gave the same result."""
FEW_PROMPTS_FOR_BOUND = 10
"""With fewer prompts than this, each counts as one battle for a one-sided bound."""
LOWEST = 1.0
"""What an answer with nothing to score gets."""


class ScoreEnds(NamedTuple):
    """Where a scale of scores ends, and from where on its scores count as at the top."""

    lowest: float
    highest: float
    saturated: float


TEN = ScoreEnds(LOWEST, 10.0, 9.0)
"""The scale of our own scores."""
IMPORTED_SCALES = {"writingbench": TEN, "hellobench": ScoreEnds(0.0, 1.0, 1.0)}
"""The scales of scores given elsewhere, by the format of their files."""
DOMAINS = (
    *("Academic & Engineering", "Finance & Business", "Politics & Law"),
    *("Literature & Arts", "Education", "Advertising & Marketing"),
)
"""The domains of WritingBench, which stand before others."""
REQUIREMENTS = ("style", "format", "length")
"""Likewise its requirements: all three stand on a board on which any is carried."""
NO_SPREAD = 1e-9
"""Standard error in points below which every prompt has the same mean."""


def is_missing_shown(missing: int, planned: int) -> bool:
    """Say whether worst and best case stand beside an estimate: more than 1 % are missing."""
    return 100 * missing > planned


def is_censored(truncated: int, answers: int) -> bool:
    """Say whether an entrant is marked: more than 5 % of its answers were cut by the token limit."""
    return 20 * truncated > answers
