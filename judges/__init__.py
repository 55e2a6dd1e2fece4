"""Judges read texts and give typed verdicts and scores.

`ports` says what this room needs and offers, `verdicts` what a judge can say, `parsing` how a judge's words become one
of these or are refused. Nothing here knows about benchmarks, results or ratings.
"""

from judges.hashing import content_id, text_id
from judges.ports import (
    BAND_NAMES,
    ChatModel,
    Comparison,
    Completion,
    ContextOverflowError,
    Criterion,
    JointRubricJudge,
    JointScoring,
    Judge,
    JudgeSpec,
    Message,
    Rubric,
    RubricJudge,
    Scoring,
    TransportError,
    Usage,
    add_usage,
)
from judges.verdicts import Invalid, InvalidReason, Score, Verdict

__all__ = [
    "BAND_NAMES",
    "ChatModel",
    "Comparison",
    "Completion",
    "ContextOverflowError",
    "Criterion",
    "Invalid",
    "InvalidReason",
    "JointRubricJudge",
    "JointScoring",
    "Judge",
    "JudgeSpec",
    "Message",
    "Rubric",
    "RubricJudge",
    "Score",
    "Scoring",
    "TransportError",
    "Usage",
    "Verdict",
    "add_usage",
    "content_id",
    "text_id",
]
