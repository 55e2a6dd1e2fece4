"""From a judge's words to a typed verdict or score, strictly.

Text replies: the last label in double square brackets counts, and it must be one of the five; anything else is invalid.
A broken last label is not passed over in favour of an earlier one, which may be the one the judge dropped.
JSON replies: the whole reply is one object with exactly the asked fields. Nothing is repaired and nothing is guessed,
and no reply is ever evaluated as code. Time is linear in the length of the reply.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from judges.ports import Completion
from judges.verdicts import Invalid, InvalidReason, Score, Verdict

_OPENING_BRACKETS = ("[[", "［［", "【【")
_LABEL = re.compile(rf"\[\[({'|'.join(Verdict)})\]\]")
_FENCE_OPENS = re.compile(r"^```[^`\n]*\n", re.MULTILINE)
_FENCE_CLOSES = re.compile(r"```[ \t\r]*$", re.MULTILINE)
_OPENS_ALONE = re.compile(r"```(?:json)?[ \t\r]*\n", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")
_LABELS = frozenset(verdict.value for verdict in Verdict)


def check_completion(completion: Completion) -> Invalid | None:
    """Return why a completion cannot hold a judgement (cut, refused, empty), or `None` where it can."""
    reason = completion.finish_reason
    if reason == "length":
        return Invalid(InvalidReason.CUT, "the judge ran into its token limit")
    if reason in {"content_filter", "refusal"}:
        return Invalid(InvalidReason.REFUSED, f"finish reason {reason}")
    if not completion.text.strip():
        return Invalid(InvalidReason.EMPTY, "the judge's reply is empty")
    return None


def parse_verdict(text: str) -> Verdict | Invalid:
    """Read the verdict from a text reply: the last `[[label]]` decides.

    A last label that is none of the five, or not well formed (never closed, broken over lines, in full-width brackets),
    makes the reply invalid, even where an earlier one was well formed: the judge took that one back.
    """
    start = max(text.rfind(brackets) for brackets in _OPENING_BRACKETS)
    if start < 0:
        return Invalid(InvalidReason.NO_LABEL, "no [[label]] in the reply")
    label = _LABEL.match(text, start)
    if label is None:
        return Invalid(InvalidReason.BAD_LABEL, f"last label is {text[start : start + 40]!r}")
    return Verdict(label[1])


def parse_verdict_json(text: str) -> Verdict | Invalid:
    """Read the verdict from a JSON reply: an object with exactly `explanation` (string) and `verdict` (label)."""
    found = _read_json(text)
    fields = found if isinstance(found, Invalid) else _fields_of(found, {"explanation": str, "verdict": str})
    if isinstance(fields, Invalid):
        return fields
    if fields["verdict"] not in _LABELS:
        return Invalid(InvalidReason.BAD_LABEL, f"verdict is {fields['verdict'][:40]!r}")
    return Verdict(fields["verdict"])


def parse_score(text: str) -> Score | Invalid:
    """Read a rubric score from a text reply: the last fenced block, or the whole reply, is one JSON object.

    The object has exactly `score` (an integer from 1 to 10; neither `true` nor `7.0` nor `"7"`) and `reason` (string).
    """
    block = _last_block(text)
    return block if isinstance(block, Invalid) else parse_score_json(block)


def parse_score_json(text: str) -> Score | Invalid:
    """Read a rubric score from a reply that is one JSON object with exactly `score` and `reason`."""
    found = _read_json(text)
    return found if isinstance(found, Invalid) else _score_of(found)


def parse_only_score(text: str) -> Score | Invalid:
    """Read a rubric score from a reply that is one JSON object, bare or in one fenced block, and nothing around it.

    The block may lack its closing fence, as one does in the official prompt of WritingBench.
    """
    block = text.strip()
    if opening := _OPENS_ALONE.match(block):
        block = block[opening.end() :].removesuffix("```")
    return parse_score_json(block)


def parse_joint_scores(text: str, criteria: int) -> tuple[Score, ...] | Invalid:
    """Read the scores on so many criteria from a text reply; see `parse_score` and `parse_joint_scores_json`."""
    block = _last_block(text)
    return block if isinstance(block, Invalid) else parse_joint_scores_json(block, criteria)


def parse_joint_scores_json(text: str, criteria: int) -> tuple[Score, ...] | Invalid:
    """Read the scores on so many criteria from a reply that is one JSON object, in the order of their numbers.

    It has the fields `1`, `2` and so on, each once, and in each an object as `parse_score_json` takes it. One part that
    is not so spoils the whole reply: who skips or doubles a criterion may have taken one for another, so no score of
    such a reply is known to be of its criterion.
    """
    found = _read_json(text)
    numbers = [str(number) for number in range(1, criteria + 1)]
    parts = found if isinstance(found, Invalid) else _fields_of(found, dict.fromkeys(numbers, _Pairs))
    if isinstance(parts, Invalid):
        return parts
    scores = []
    for number in numbers:
        score = _score_of(parts[number])
        if isinstance(score, Invalid):
            return Invalid(score.reason, f"criterion {number}: {score.detail}")
        scores.append(score)
    return tuple(scores)


def _last_block(text: str) -> str | Invalid:
    """Return what the last fenced block holds, or the whole reply where there is none."""
    block, position = text, 0
    while opening := _FENCE_OPENS.search(text, position):
        closing = _FENCE_CLOSES.search(text, opening.end())
        if closing is None:
            return Invalid(InvalidReason.NOT_JSON, "the last fenced block is not closed")
        block, position = text[opening.end() : closing.start()], closing.end()
    return block


def _score_of(pairs: "_Pairs") -> Score | Invalid:
    fields = _fields_of(pairs, {"score": int, "reason": str})
    if isinstance(fields, Invalid):
        return fields
    if not 1 <= fields["score"] <= 10:
        return Invalid(InvalidReason.OUT_OF_RANGE, f"score is {str(fields['score'])[:20]}")
    # An escape such as "\ud83d" alone is JSON, and its text cannot be stored; the score is as clear as without.
    return Score(fields["score"], _SURROGATE.sub("\ufffd", fields["reason"]))


def _read_json(text: str) -> "_Pairs | Invalid":
    """Return the members of the object that a reply is."""
    try:
        pairs = json.loads(text, object_pairs_hook=_Pairs, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        return Invalid(InvalidReason.NOT_JSON, f"{type(error).__name__}: {str(error)[:120]}")
    if not isinstance(pairs, _Pairs):
        return Invalid(InvalidReason.WRONG_SHAPE, "the reply is JSON, but not an object")
    return pairs


def _fields_of(pairs: "_Pairs", types: Mapping[str, type]) -> dict[str, Any] | Invalid:
    """Return the members of an object by name: exactly those asked, each once and of its type."""
    names = [name for name, _ in pairs]
    if sorted(names) != sorted(types):
        return Invalid(InvalidReason.WRONG_SHAPE, f"fields are {names!r:.120}, expected {sorted(types)}")
    fields = dict(pairs)
    for name, kind in types.items():
        if type(fields[name]) is not kind:
            expected = "an object" if kind is _Pairs else f"of type {kind.__name__}"
            return Invalid(InvalidReason.WRONG_SHAPE, f"{name} is not {expected}")
    return fields


class _Pairs(list[tuple[str, Any]]):
    """The members of a JSON object in order, repeated names kept."""


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
