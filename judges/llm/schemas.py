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


def joint_schema(criteria: int) -> dict[str, Any]:
    """Return what a reply on so many criteria looks like: a score for each, by its number from 1.

    Numbers are names of fields and no list: a list's length cannot be required everywhere, and a field's presence can.
    """
    names = [str(number) for number in range(1, criteria + 1)]
    return {
        "type": "object",
        "properties": {name: dict(SCORE_SCHEMA) for name in names},
        "required": names,
        "additionalProperties": False,
    }


def response_format(answer: Literal["verdict", "score"]) -> dict[str, Any]:
    """Return the `response_format` of an OpenAI-compatible request for a verdict or a score."""
    return _strictly(answer, VERDICT_SCHEMA if answer == "verdict" else SCORE_SCHEMA)


def joint_response_format(criteria: int) -> dict[str, Any]:
    """Return the `response_format` of an OpenAI-compatible request for the scores on so many criteria."""
    return _strictly("scores", joint_schema(criteria))


def _strictly(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": dict(schema)}}
