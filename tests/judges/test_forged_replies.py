"""Ten thousand replies of a grammar that knows what each says: the judge hears that, and from a broken one nothing.

`test_llm_replies` holds mutated replies against a second reading of the rules; here nothing is read at all.
`make study` does the same with a hundred thousand.
"""

import asyncio
import random
from collections import Counter

import pytest
from forging import PRODUCTIONS, forge
from forging.hearing import hear

SEED = 1
REPLIES_PER_FORM = 2_500


@pytest.mark.parametrize(("answer", "reply_format"), PRODUCTIONS)
def test_what_a_judge_is_heard_to_say_is_what_it_said(answer, reply_format):
    draw = random.Random(f"{answer} {reply_format} {SEED}")
    made = [forge(draw, answer, reply_format) for _ in range(REPLIES_PER_FORM)]
    heard = asyncio.run(hear(made, answer, reply_format))
    pairs = zip(made, heard, strict=True)
    wrong = [(one.kind, one.completion.text, one.says, said) for one, said in pairs if one.says != said]
    assert not wrong, wrong[0]
    kinds = Counter(one.kind for one in made)
    assert set(kinds) >= set(PRODUCTIONS[answer, reply_format])
    assert min(kinds.values()) >= 15
    assert 0.3 < sum(one.says is not None for one in made) / len(made) < 0.5


@pytest.mark.parametrize(("answer", "reply_format"), PRODUCTIONS)
def test_every_answer_is_said_and_the_same_seed_says_the_same(answer, reply_format):
    first, second = ([forge(random.Random(number), answer, reply_format) for number in range(300)] for _ in range(2))
    assert first == second
    expected = {"A>>B", "A>B", "A=B", "B>A", "B>>A"} if answer == "verdict" else set(range(1, 11))
    assert {one.says for one in first} == expected | {None}
