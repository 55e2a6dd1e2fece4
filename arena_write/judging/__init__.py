"""Asking judges: from an address to a judge, and from open questions to rows.

`hiring` opens a judge and says who pays for it, `questions` says what a judge can be asked, `asking` asks what is open
and appends the rows, `states` how a cell stands, `errors` are the reasons to stop. What is to be asked is planned
above: `battles` and `scores`.
"""

from arena_write.judging.asking import JudgingReport, Limits, Progress, Put, ask_stream
from arena_write.judging.errors import ContextError, ServedModelError, UnknownJudgeError
from arena_write.judging.hiring import DEFAULT_LLM, TEXTSTATS, HiredJudge, JudgeOptions, hire_judge
from arena_write.judging.questions import Answer, Kind, Outcome, Question, Row
from arena_write.judging.states import MISSING, State, state_of

__all__ = [
    "DEFAULT_LLM",
    "MISSING",
    "TEXTSTATS",
    "Answer",
    "ContextError",
    "HiredJudge",
    "JudgeOptions",
    "JudgingReport",
    "Kind",
    "Limits",
    "Outcome",
    "Progress",
    "Put",
    "Question",
    "Row",
    "ServedModelError",
    "State",
    "UnknownJudgeError",
    "ask_stream",
    "hire_judge",
    "state_of",
]
