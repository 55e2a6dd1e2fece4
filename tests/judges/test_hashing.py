"""Ids are for good: stored keys would lose their meaning if one of these values changed."""

import hashlib
import unicodedata
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judges import Criterion, JudgeSpec, content_id, text_id

JUDGE = {
    "name": "gpt",
    "model": "openai/gpt-4.1",
    "template": "tpl-1",
    "decoding": {"temperature": 0.0, "top_p": 1, "seed": None},
    "reply_format": "json_schema",
}


def test_golden_text_ids():
    assert text_id("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert (
        text_id("Write a poem.\u2028写一首诗 🖋️") == "dc5545f163487250f683e595f3a110de786d7e6762679fd8e18add98ab625a9f"
    )


def test_golden_content_ids():
    assert content_id("battle", 1, 2.0, None, {"b": None, "a": [True, "é"]}) == "fbb2f5b9efb85dfa772b1226e740105e"
    assert JudgeSpec(**JUDGE).id == "ed03a6ab7e298174cb8ea6c98304a0d9"
    assert Criterion("Depth", "How deep?", tuple("abcde")).id == "3a98b2602494680959cbeccc00f10f80"
    assert Criterion("深度", "多深？", tuple("一二三四五")).id == "7215dbbc198c8eb58c704694365d4fe8"


def test_a_content_id_is_the_hash_of_canonical_json():
    canonical = '["battle",1,2,null,{"a":[true,"é"]}]'
    assert content_id("battle", 1, 2.0, None, {"b": None, "a": [True, "é"]}) == sha(canonical)
    assert JudgeSpec(**JUDGE).id == sha('["judge","openai/gpt-4.1","tpl-1",{"temperature":0,"top_p":1},"json_schema"]')


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def test_a_field_added_with_none_changes_no_id():
    assert content_id({"a": 1}) == content_id({"a": 1, "b": None}) == content_id({"b": None, "a": 1})
    assert content_id({"x": {"a": 1, "b": None}}) == content_id({"x": {"a": 1}})


def test_none_in_a_list_and_as_a_part_counts():
    assert len({content_id("a"), content_id("a", None), content_id(None, "a"), content_id(["a", None])}) == 4


def test_whole_floats_are_integers_and_true_is_not_one():
    assert content_id(1.0) == content_id(1)
    assert content_id(-0.0) == content_id(0)
    assert content_id([{"t": 2.0}]) == content_id([{"t": 2}])
    assert content_id(1e20) == content_id(10**20)
    assert len({content_id(1), content_id(True), content_id("1"), content_id(1.5), content_id([1])}) == 5


def test_tuples_are_lists_and_any_mapping_is_an_object():
    assert content_id(("a", 1)) == content_id(["a", 1])
    assert content_id(MappingProxyType({"a": MappingProxyType({"b": 1.0})})) == content_id({"a": {"b": 1}})


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_json_lacks_are_refused(number):
    with pytest.raises(ValueError, match="JSON"):
        content_id("a", number)


@pytest.mark.parametrize("part", [b"bytes", {1, 2}, object(), 1j, {1: "a"}, {None: "a"}, {True: "a"}])
def test_other_types_are_refused(part):
    # A mapping {1: "a"} would have the id of {"1": "a"}.
    with pytest.raises(TypeError):
        content_id("a", part)


@pytest.mark.parametrize("function", [text_id, content_id])
def test_lone_surrogates_are_refused(function):
    with pytest.raises(UnicodeEncodeError):
        function("\ud83d")


def test_texts_are_hashed_as_they_are():
    composed = "Café"
    decomposed = unicodedata.normalize("NFD", composed)
    texts = [
        composed,
        decomposed,
        composed + "\n",
        " " + composed,
        composed.lower(),
        "a\u2028b",
        "a\nb",
        "a\r\nb",
        "ab",
    ]
    assert len({text_id(text) for text in texts}) == len(texts)
    assert len({content_id(text) for text in texts}) == len(texts)


PARTS = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=6,
)


def plain(value):
    """The value as ids see it, with types told apart."""
    if isinstance(value, dict):
        return "dict", tuple(sorted((key, plain(item)) for key, item in value.items() if item is not None))
    if isinstance(value, list):
        return "list", tuple(plain(item) for item in value)
    return type(value).__name__, str(value)


@given(one=st.lists(PARTS, max_size=3), other=st.lists(PARTS, max_size=3))
def test_ids_are_equal_exactly_where_contents_are(one, other):
    assert (content_id(*one) == content_id(*other)) == (plain(one) == plain(other))


@pytest.mark.parametrize(
    "change",
    [
        {"model": "m2"},
        {"template": "t2"},
        {"decoding": {"temperature": 0.5}},
        {"decoding": {}},
        {"reply_format": "text"},
    ],
)
def test_what_a_judge_is_changes_its_id(change):
    assert JudgeSpec(**JUDGE | change).id != JudgeSpec(**JUDGE).id


@pytest.mark.parametrize(
    "change",
    [{"name": "n2"}, {"label": "text-statistics rating"}, {"decoding": {"top_p": 1.0, "temperature": 0}}],
)
def test_what_a_judge_is_called_does_not(change):
    assert JudgeSpec(**JUDGE | change).id == JudgeSpec(**JUDGE).id


def test_every_part_of_a_criterion_is_in_its_id():
    bands = tuple("abcde")
    ids = {
        Criterion("n", "d", bands).id,
        Criterion("m", "d", bands).id,
        Criterion("n", "e", bands).id,
        Criterion("d", "n", bands).id,
        *(Criterion("n", "d", (*bands[:i], "x", *bands[i + 1 :])).id for i in range(5)),
    }
    assert len(ids) == 9
