"""Keys of rows are for good."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_write.store.keys import battle_key, imported_battle_key, imported_score_key, output_key, reply_key, score_key
from judges import content_id

P, A, B = "1" * 64, "2" * 64, "3" * 64
J, E, C = "4" * 32, "5" * 32, "6" * 32

GOLDEN = [
    (output_key, {"prompt": P, "entrant": E, "sample": 0}, "ce8098295bfffce70f63f006ecc4ebb0"),
    (
        battle_key,
        {"judge": J, "prompt": P, "first": A, "second": B, "repeat": 0},
        "64ecc473ae891387861a977c83015985",
    ),
    (
        score_key,
        {"judge": J, "prompt": P, "text": A, "criterion": C, "repeat": 0},
        "03de07676ce179380c08461691de2786",
    ),
    (
        imported_battle_key,
        {"file": A, "line": 2, "first": "model", "second": "other", "score": 0.5, "cluster": "q1", "judge": "gpt-4"},
        "77ed65e66f1f2d6eb21283441ebc06ba",
    ),
    (
        imported_score_key,
        {"file": A, "line": 2, "entrant": "model", "prompt": P, "criterion": "Depth", "record": 0, "repeat": 1}
        | {"score": 0.75, "text": B},
        "3d6a96801be72b2ef9c0076dccd2a9c8",
    ),
    (reply_key, {"row": J, "run": "20260101T000000Z-abcd", "attempt": 1}, "d68f7fdb7256088313a6fc39d86153e0"),
]
BY_NAME = pytest.mark.parametrize(("function", "parts", "key"), GOLDEN, ids=lambda item: getattr(item, "__name__", ""))


@BY_NAME
def test_golden_keys(function, parts, key):
    assert function(**parts) == key


@BY_NAME
def test_a_key_is_the_hash_of_its_kind_and_parts_in_order(function, parts, key):
    assert content_id(function.__name__.removesuffix("_key"), *parts.values()) == key


@BY_NAME
def test_every_part_is_in_the_key(function, parts, key):
    changed = [
        function(**parts | {name: value + 1 if isinstance(value, (int, float)) else "0" + value[1:]})
        for name, value in parts.items()
    ]
    assert len({key, *changed}) == len(parts) + 1


def test_the_order_shown_is_in_the_key():
    both = {"judge": J, "prompt": P, "repeat": 0}
    assert battle_key(first=A, second=B, **both) != battle_key(first=B, second=A, **both)


def test_a_battle_and_a_score_of_the_same_parts_differ():
    assert battle_key(judge=J, prompt=P, first=A, second=C, repeat=0) != score_key(
        judge=J, prompt=P, text=A, criterion=C, repeat=0
    )


TEXT = st.text(max_size=4)
PARTS = st.tuples(TEXT, TEXT, TEXT, TEXT, st.integers(0, 3))


@given(one=PARTS, other=PARTS)
def test_keys_are_equal_exactly_where_all_parts_are(one, other):
    names = ("judge", "prompt", "first", "second", "repeat")
    keys = [battle_key(**dict(zip(names, parts, strict=True))) for parts in (one, other)]
    assert (keys[0] == keys[1]) == (one == other)
