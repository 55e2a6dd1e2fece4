"""A judge that is a language model: what it is shown, how its words are read, what it is called.

`templates` holds the words, `official` reads those of WritingBench from the user's copy, `rendering` puts hostile texts
between fences, `judge` asks and reads, `presets` says with which settings, `sizes` measures what is to be sent.
docs/judging.md gives the reasons.
"""

from judges.llm.identity import template_id
from judges.llm.judge import LLMJudge
from judges.llm.official import OfficialPrompt, OfficialPromptError, find_official_prompt, read_official_prompt
from judges.llm.presets import UnknownPresetError, make_spec, preset_names, reply_budget, resolve_decoding
from judges.llm.rendering import (
    RENDERING,
    render_comparison,
    render_joint_scoring,
    render_scoring,
    shuffle_criteria,
)
from judges.llm.schemas import (
    SCORE_SCHEMA,
    VERDICT_SCHEMA,
    joint_response_format,
    joint_schema,
    response_format,
)
from judges.llm.sizes import estimate_tokens, fits, rendered_size
from judges.llm.templates import TEMPLATES_VERSION

__all__ = [
    "RENDERING",
    "SCORE_SCHEMA",
    "TEMPLATES_VERSION",
    "VERDICT_SCHEMA",
    "LLMJudge",
    "OfficialPrompt",
    "OfficialPromptError",
    "UnknownPresetError",
    "estimate_tokens",
    "find_official_prompt",
    "fits",
    "joint_response_format",
    "joint_schema",
    "make_spec",
    "preset_names",
    "read_official_prompt",
    "render_comparison",
    "render_joint_scoring",
    "render_scoring",
    "rendered_size",
    "reply_budget",
    "resolve_decoding",
    "response_format",
    "shuffle_criteria",
    "template_id",
]
