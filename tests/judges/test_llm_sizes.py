"""A call is measured before it is made, on the large side."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judges import Message
from judges.llm import estimate_tokens, fits, render_comparison, rendered_size

ENGLISH = "The harbour froze in the second week, and nobody could say when the ledger would be needed again. " * 400
CHINESE = "港口在第二周结了冰，谁也说不清那本账册什么时候还会用到。" * 400


def user(text):
    return [Message("user", text)]


def test_size_is_in_characters_of_all_messages():
    assert rendered_size([Message("system", "four"), Message("user", "桥🖋️\n")]) == 8
    assert rendered_size([]) == 0


@pytest.mark.parametrize(
    ("text", "fewest", "most"),
    [
        (ENGLISH, len(ENGLISH) / 4, len(ENGLISH) / 2.5),
        (CHINESE, len(CHINESE), 1.3 * len(CHINESE)),
        ("1234567890" * 100, 1000, 1100),
        ("🖋" * 100, 400, 500),
        ("приведённый текст " * 100, 1600, 2400),
        ("", 1, 50),
    ],
    ids=["English", "Chinese", "digits", "emoji", "Cyrillic", "empty"],
)
def test_tokens_are_estimated_high(text, fewest, most):
    assert fewest <= estimate_tokens(user(text)) <= most


@given(st.text(st.characters(codec=None), max_size=50))
def test_every_character_counts_once_by_its_kind(text):
    tokens = 0.0
    for character in text:
        if character in " \t\r\n" or (character.isascii() and character.isalpha()):
            tokens += 1 / 3
        elif character.isascii():
            tokens += 1
        else:
            tokens += 4 if ord(character) > 0xFFFF else 1.2
    assert abs(estimate_tokens(user(text)) - estimate_tokens(user("")) - tokens) <= 1


def test_a_tokenizer_is_believed():
    counted = []

    def tokenizer(text):
        counted.append(text)
        return 1000

    messages = [Message("system", "a"), Message("user", "b")]
    assert 2000 <= estimate_tokens(messages, tokenizer=tokenizer) < 2100
    assert counted == ["a", "b"]


def test_a_call_fits_with_its_reply_or_not_at_all():
    messages = render_comparison("Write.", ENGLISH, ENGLISH[::-1], reply_format="text")
    needed = estimate_tokens(messages)
    assert fits(messages, needed + 4096, reply_budget=4096)
    assert not fits(messages, needed + 4095, reply_budget=4096)
    assert fits(messages, 5000, reply_budget=4096, tokenizer=lambda text: 10)


def test_nothing_is_cut_however_large():
    huge = ENGLISH * 20
    content = render_comparison("Write.", huge, CHINESE, reply_format="text")[1].content
    assert huge in content
    assert CHINESE in content


@settings(max_examples=100, deadline=None)
@given(first=st.text(), second=st.text())
def test_more_text_is_never_fewer_tokens(first, second):
    assert estimate_tokens(user(first + second)) >= estimate_tokens(user(first))
