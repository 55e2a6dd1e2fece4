"""The way from a model's address to its row on a board.

`prompts -> outputs -> battles -> board`: each step lists what should exist, subtracts what is stored, does the rest and
appends. So running the same command again is resuming.

`request` says what was asked for, `entrants` opens who takes part, `planning` makes the plan and holds it against the
board's, `pipeline` has answers written and judged, and `run` does it all.
"""

from arena_write.evaluation.request import EvaluationRequest, SetupError
from arena_write.evaluation.run import Evaluation, NotConfirmedError, plan_evaluation, run_evaluation

__all__ = [
    "Evaluation",
    "EvaluationRequest",
    "NotConfirmedError",
    "SetupError",
    "plan_evaluation",
    "run_evaluation",
]
