"""Generators turn addresses of models into entrants that answer prompts.

`addresses` says what an address points at, `profiles` how a model is asked and what an entrant is, `answers` splits
what a model wrote into thought and answer, `recorded` reads outputs that exist already, and `matching` joins these to
prompts.
"""

from arena_write.generators.addresses import Address, AddressKind, parse_address
from arena_write.generators.answers import Answer, Failure, clean_text, split_answer
from arena_write.generators.errors import (
    GeneratorError,
    MissingAnswersError,
    PromptMismatchError,
    RecordedOutputsError,
    UnknownAddressError,
)
from arena_write.generators.matching import MatchedAnswers, baseline_outputs, match_answers, require_answers
from arena_write.generators.outputs import RecordedAnswer, RecordedOutputs, recorded_model_id
from arena_write.generators.profiles import RECORDED, Entrant, Mode, Profile
from arena_write.generators.recorded import read_recorded

__all__ = [
    "RECORDED",
    "Address",
    "AddressKind",
    "Answer",
    "Entrant",
    "Failure",
    "GeneratorError",
    "MatchedAnswers",
    "MissingAnswersError",
    "Mode",
    "Profile",
    "PromptMismatchError",
    "RecordedAnswer",
    "RecordedOutputs",
    "RecordedOutputsError",
    "UnknownAddressError",
    "baseline_outputs",
    "clean_text",
    "match_answers",
    "parse_address",
    "read_recorded",
    "recorded_model_id",
    "require_answers",
    "split_answer",
]
