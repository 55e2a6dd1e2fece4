"""Rubric scores: which texts are scored on which criteria, and what became of each.

`plan` enumerates the cells of a board, `outcomes` joins them with outputs and stored scores, `questions` is what a
judge is asked.
"""

from arena_write.scores.outcomes import ScoreOutcomes, join_scores
from arena_write.scores.plan import ScoreCell, ScorePlan
from arena_write.scores.questions import JointScoreQuestion, ScoreQuestion

__all__ = ["JointScoreQuestion", "ScoreCell", "ScoreOutcomes", "ScorePlan", "ScoreQuestion", "join_scores"]
