"""What a JSON reply has to look like, for servers that can hold a model to it.

Only keywords that strict structured output takes everywhere: an `enum` bounds the score, because `minimum` and
`maximum` are refused by some servers. Properties stand in the order in which they are to be written: the explanation
comes before the judgement, which then rests on it.
"""

from collections.abc import Mapping
from typing import Any, Literal

from judges.verdicts import Verdict

VERDICT_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "explanation": {"type": "string"},
        "verdict": {"type": "string", "enum": [verdict.value for verdict in Verdict]},
    },
    "required": ["explanation", "verdict"],
    "additionalProperties": False,
}

SCORE_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "reason": {"type": "string"},
        "score": {"type": "integer", "enum": list(range(1, 11))},
    },
    "required": ["reason", "score"],
    "additionalProperties": False,
}


def response_format(answer: Literal["verdict", "score"]) -> dict[str, Any]:
    """Return the `response_format` of an OpenAI-compatible request for a verdict or a score."""
    schema = VERDICT_SCHEMA if answer == "verdict" else SCORE_SCHEMA
    return {"type": "json_schema", "json_schema": {"name": answer, "strict": True, "schema": dict(schema)}}
