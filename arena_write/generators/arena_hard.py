"""Answers as Arena-Hard-Auto keeps them: a conversation in each row, the answer and its thought inside the last turn.

`{uid, ans_id, model, messages: [{role: user, content}, {role: assistant, content: {answer[, thought]}}], tstamp[,
metadata]}` in `model_answer/<model>.jsonl` (lmarena/arena-hard-auto); v0.1 files have no `metadata`, and none of a
thought.
"""

from collections.abc import Mapping
from typing import Any


def flatten(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a row of Arena-Hard-Auto with its fields side by side; any other row as it is.

    What is not as it must be is left out, so that the reader of fields names what it misses.
    """
    messages = row.get("messages")
    if "uid" not in row or not isinstance(messages, list):
        return row
    turns = {role: [turn.get("content") for turn in messages if _is_by(turn, role)] for role in ("user", "assistant")}
    flat: dict[str, Any] = {"uid": row["uid"], "entrant_name": row.get("model")}
    if len(turns["user"]) == 1:
        flat["prompt"] = turns["user"][0]
    if len(turns["assistant"]) == 1:
        said = turns["assistant"][0]
        flat |= {"answer": said.get("answer"), "thinking": said.get("thought")} if isinstance(said, dict) else {}
        if not isinstance(said, dict):
            flat["answer"] = said
    return flat


def _is_by(turn: object, role: str) -> bool:
    return isinstance(turn, dict) and turn.get("role") == role
