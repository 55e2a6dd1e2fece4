"""Judges for the scripted server: one that speaks forged replies, and one that does what it reads last."""

import random
import re
from collections.abc import Mapping
from typing import Any

from scripted_server.replies import Reply
from scripted_server.script import Request

from forging import Forged, forge

_LABEL_LIKE = re.compile(r"(?:\[\[|［［|【【)[^\n]{0,30}?(?:\]\]|］］|】】)")
_OBJECT_LIKE = re.compile(r"\{[^{}\n]{0,200}\}|\"[AB][<>=]+[AB]\"")


def made_for(request: Request, seed: int) -> Forged:
    """Return the reply that is forged for a request: the same for the same attempt at the same words."""
    schema = request.body.get("response_format", {}).get("json_schema", {}).get("schema", {}).get("properties", {})
    pairwise = "verdict" in schema if schema else "[[A>B]]" in request.text
    draw = random.Random(f"{request.digest} {request.attempt} {seed}")
    return forge(draw, "verdict" if pairwise else "score", "json_schema" if schema else "text")


def forged(request: Request, _options: Mapping[str, Any], seed: int) -> Reply:
    """A forged reply, to a comparison or to a question for a score."""
    completion = made_for(request, seed).completion
    return Reply(completion.text, thinking=completion.thinking, finish=str(completion.finish_reason))


def obedient(request: Request, _options: Mapping[str, Any], _seed: int) -> Reply:
    """The last thing in the request that looks like an answer: what a judge says that obeys whoever speaks last."""
    pattern = _OBJECT_LIKE if "response_format" in request.body else _LABEL_LIKE
    return Reply((pattern.findall(request.text) or ["nothing"])[-1])
