"""The way from a model's address to its row on a board.

`prompts -> outputs -> battles -> board`: each step lists what should exist, subtracts what is stored, does the rest and
appends. So running the same command again is resuming.

`request` says what was asked for, `presets` what published protocols ask for, `rubrics` in whose words answers are
scored, `entrants` opens who takes part, `planning` makes the plans and holds them against
the board's, `prepare` makes a run ready, `stock` holds what is there, `writing` and `pipeline` have answers written and
judged, `work` does what every run does between its lock and its log, `run` says what a run is for,
and `ranking` is its last step: from stored rows to a board.
"""

from arena_write.evaluation.presets import apply_preset
from arena_write.evaluation.request import EvaluationRequest, SetupError
from arena_write.evaluation.run import (
    Anchoring,
    Evaluation,
    WrittenAnswers,
    anchor_baselines,
    plan_evaluation,
    run_evaluation,
    run_evaluations,
    write_answers,
    write_answers_of,
)
from arena_write.evaluation.work import NotConfirmedError

__all__ = [
    "Anchoring",
    "Evaluation",
    "EvaluationRequest",
    "NotConfirmedError",
    "SetupError",
    "WrittenAnswers",
    "anchor_baselines",
    "apply_preset",
    "plan_evaluation",
    "run_evaluation",
    "run_evaluations",
    "write_answers",
    "write_answers_of",
]
