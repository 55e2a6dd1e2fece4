"""The one hash over all words, the code that renders them and the schemas: part of every LLM judge's id."""

from functools import cache

from judges.hashing import content_id
from judges.llm.rendering import RENDERING
from judges.llm.schemas import SCORE_SCHEMA, VERDICT_SCHEMA
from judges.llm.spellings import APART
from judges.llm.templates import read_bundle


@cache
def template_id(*, apart: bool = False) -> str:
    """Return the value of `JudgeSpec.template` for LLM judges.

    It is taken over what the template files say and not over their bytes, so that comments and line ends do not matter.

    Args:
        apart: Whether spellings of control tokens are set apart (`spellings`).
    """
    spellings = [APART] if apart else []
    return content_id("templates", RENDERING, read_bundle(), VERDICT_SCHEMA, SCORE_SCHEMA, *spellings)
