"""Hostile judge replies made by a grammar: whoever makes one knows what it says, and nothing has to be parsed.

    forge(random.Random(1), "verdict", "text")    # -> Forged(kind, completion, says): a label, a number or None

Each kind is a production that is well formed by construction, with its label or number, or broken in one named way,
with `None`. So the oracle is independent of the parser under test, and of any other. `pieces` holds the words, `texts`
the text replies, `objects` the JSON ones; `mouths` lets the scripted server speak them, `hearing` asks the judge.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from forging.objects import SCORE_OBJECTS, VERDICT_OBJECTS
from forging.pieces import LABELS, Said
from forging.texts import SCORE_TEXTS, VERDICT_TEXTS
from judges import Completion

Answer = Literal["verdict", "score"]
ReplyFormat = Literal["text", "json_schema"]
Production = Callable[[random.Random], tuple[str, Said]]

PRODUCTIONS: Mapping[tuple[Answer, ReplyFormat], Mapping[str, Production]] = {
    ("verdict", "text"): VERDICT_TEXTS,
    ("verdict", "json_schema"): VERDICT_OBJECTS,
    ("score", "text"): SCORE_TEXTS,
    ("score", "json_schema"): SCORE_OBJECTS,
}
UNFINISHED = ("length", "content_filter", "refusal")
_WELL_FORMED_SHARE = 0.4
_UNFINISHED_SHARE = 0.03


@dataclass(frozen=True)
class Forged:
    """One reply.

    Args:
        kind: Which production made it.
        completion: What the judge's model returns.
        says: The label or the number it says; `None` where it says nothing.
    """

    kind: str
    completion: Completion
    says: Said


def forge(draw: random.Random, answer: Answer, reply_format: ReplyFormat) -> Forged:
    """Make one reply to a request for a verdict or a score."""
    productions = PRODUCTIONS[answer, reply_format]
    well = [kind for kind in productions if kind.startswith("well formed")]
    broken = [kind for kind in productions if not kind.startswith("well formed")]
    kind = draw.choice(well if draw.random() < _WELL_FORMED_SHARE else broken)
    text, says = productions[kind](draw)
    thinking = f"I lean to [[{draw.choice(LABELS)}]]." if draw.random() < 0.2 else None
    completion = Completion(text, thinking=thinking, finish_reason="stop", served_model="judge")
    if says is not None and draw.random() < _UNFINISHED_SHARE:
        return Forged("not ended by the judge", replace(completion, finish_reason=draw.choice(UNFINISHED)), None)
    return Forged(kind, completion, says)
