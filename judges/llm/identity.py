"""The one hash over all words, the code that renders them and the schemas: part of every LLM judge's id."""

from functools import cache

from judges.hashing import content_id
from judges.llm.official import OfficialPrompt
from judges.llm.rendering import RENDERING
from judges.llm.schemas import SCORE_SCHEMA, VERDICT_SCHEMA, joint_schema
from judges.llm.spellings import APART
from judges.llm.templates import read_bundle, read_joint_bundle
from judges.ports import Rubric


@cache
def template_id(rubric: Rubric = "each", official: OfficialPrompt | None = None, *, apart: bool = False) -> str:
    """Return the value of `JudgeSpec.template` for LLM judges.

    It is taken over what the template files say and not over their bytes, so that comments and line ends do not matter.
    A judge also compares, whatever way it scores, so the words of comparisons are in every one.

    Args:
        rubric: How the judge scores.
        official: The official prompt, for a judge that scores with it.
        apart: Whether spellings of control tokens are set apart (`spellings`).

    Raises:
        ValueError: There is an official prompt without a judge for it, or the other way round.
    """
    if (official is None) == (rubric == "official"):
        raise ValueError(f"a judge that scores by {rubric!r} {'has no' if official else 'needs an'} official prompt")
    own = ("templates", RENDERING, read_bundle(), VERDICT_SCHEMA, SCORE_SCHEMA, *([APART] if apart else []))
    if official is not None:
        return content_id(*own, "official", official.id)
    if rubric == "joint":
        return content_id(*own, "joint", read_joint_bundle(), joint_schema(2))
    return content_id(*own)
