"""A hundred thousand forged judge replies: what each says is known from its making, and held against what is heard."""

import asyncio
import random
import time
from collections import Counter
from datetime import date

from forging import PRODUCTIONS, Forged, forge
from forging.hearing import hear

SEED = 2026
REPLIES_PER_FORM = 25_000
BATCH = 1_000

TEXT = """\
# Hostile judge replies

{total:,} replies of a seeded grammar (`tests/forging`) went through the judge, {form:,} of each form. The grammar makes
each reply well formed, with the label or the number that it says, or broken in one named way: look-alike letters,
brackets of other keyboards, invisible and control characters inside labels, labels taken back, cut and nested and
doubled objects, `NaN`, numbers that are no integers, thoughts that never end, fences of other kinds, forged chat
tokens. What a reply says is known by how it was made, so that no parser is held against another one.

Seed {seed}; measured on {day}. The longest reply had {longest:,} characters; the slowest {batch:,} replies took
{slowest:.1f} s.

| asked for | form | how the reply was made | replies | heard as said | judgement from nothing | another one | unheard |
|---|---|---|---|---|---|---|---|
{table}

No reply crashed the judge. `make test` repeats this with 10,000 replies, and lets a scripted server speak some of them
to a whole evaluation.
"""


def study() -> str:
    """Forge, hear, compare; return the table.

    Raises:
        AssertionError: A reply was heard to say what it does not.
    """
    lines, longest, slowest = [], 0, 0.0
    for answer, reply_format in PRODUCTIONS:
        draw = random.Random(f"{answer} {reply_format} {SEED}")
        kinds: Counter[str] = Counter()
        wrong: Counter[tuple[str, str]] = Counter()
        for _ in range(REPLIES_PER_FORM // BATCH):
            made = [forge(draw, answer, reply_format) for _ in range(BATCH)]
            begun = time.perf_counter()
            heard = asyncio.run(hear(made, answer, reply_format))
            slowest = max(slowest, time.perf_counter() - begun)
            longest = max(longest, *(len(one.completion.text) for one in made))
            kinds.update(one.kind for one in made)
            wrong.update(
                (one.kind, _fault(one, said)) for one, said in zip(made, heard, strict=True) if one.says != said
            )
        form = {"text": "text", "json_schema": "JSON"}[reply_format]
        for kind, count in sorted(kinds.items()):
            faults = [wrong[kind, fault] for fault in ("invented", "another", "unheard")]
            cells = [answer, form, kind, f"{count:,}", f"{count - sum(faults):,}", *faults]
            lines.append(f"| {' | '.join(map(str, cells))} |")
        assert not wrong, f"{answer}, {reply_format}: {dict(wrong)}"
    return TEXT.format(
        total=REPLIES_PER_FORM * len(PRODUCTIONS),
        form=REPLIES_PER_FORM,
        seed=SEED,
        day=date.today(),
        longest=longest,
        batch=BATCH,
        slowest=slowest,
        table="\n".join(lines),
    )


def _fault(one: Forged, said: object) -> str:
    if one.says is None:
        return "invented"
    return "unheard" if said is None else "another"
