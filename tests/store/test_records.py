"""Rows are read strictly: nothing missing, nothing extra, nothing of another type."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import ValidationError

from arena_write.store import folder
from judges import InvalidReason, Usage, Verdict

ADAPTERS = {
    "output": folder.OUTPUTS,
    "battle": folder.BATTLES,
    "score": folder.SCORES,
    "reply": folder.REPLIES,
    "judge": folder.JUDGES,
    "imported": folder.IMPORTED_BATTLES,
    "import": folder.IMPORTS,
    "imported score": folder.IMPORTED_SCORES,
    "score file": folder.SCORE_FILES,
    "start": folder.RUNS,
    "progress": folder.RUNS,
    "end": folder.RUNS,
}
EVERY_KIND = pytest.mark.parametrize("kind", ADAPTERS)


def read(kind, fields):
    return ADAPTERS[kind].validate_json(json.dumps(fields, ensure_ascii=False), strict=True)


@pytest.fixture
def stored(records):
    return lambda kind: json.loads(ADAPTERS[kind].dump_json(records[kind]))


def refused(kind, fields, match=None):
    with pytest.raises(ValidationError, match=match):
        read(kind, fields)


@EVERY_KIND
def test_round_trip(kind, records):
    line = ADAPTERS[kind].dump_json(records[kind])
    assert b"\n" not in line
    assert ADAPTERS[kind].validate_json(line, strict=True) == records[kind]
    assert json.loads(line)["v"] == 1


@EVERY_KIND
def test_a_missing_field_is_refused(kind, stored, records):
    fields = stored(kind)
    later = {
        **{"end": {"rows", "usage", "price", "faults"}, "score": {"call"}, "judge": {"rubric"}},
        **{"imported": {"label"}},
    }
    optional = {"v"} | later.get(kind, set())
    for name in fields.keys() - optional - {"event"}:
        refused(kind, {key: value for key, value in fields.items() if key != name}, match=name)
    assert read(kind, {key: value for key, value in fields.items() if key != "v"}) == records[kind]


@EVERY_KIND
def test_an_extra_field_is_refused(kind, stored):
    refused(kind, stored(kind) | {"comment": None}, match="comment")


@EVERY_KIND
def test_a_field_of_another_type_is_refused(kind, stored):
    fields = stored(kind)
    for name, value in fields.items():
        for wrong in ([[]], {"a": {}}, not value):
            if type(wrong) is type(value) and name in {"settings", "decoding", "plan"}:
                continue
            refused(kind, fields | {name: wrong})


@EVERY_KIND
@pytest.mark.parametrize("v", [0, 2, "1", None, 1.5])
def test_another_format_is_refused(kind, v, stored):
    refused(kind, stored(kind) | {"v": v})


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("output", "sample"),
        ("output", "seed"),
        ("battle", "repeat"),
        ("battle", "attempt"),
        ("score", "score"),
        ("score", "attempt"),
        ("reply", "attempt"),
        ("progress", "done"),
        ("import", "battles"),
    ],
)
def test_only_an_integer_is_an_integer(kind, name, stored):
    for wrong in (7.0, "7", True, [7], 7.5):
        refused(kind, stored(kind) | {name: wrong}, match=name)
    right = stored(kind)[name] if name in ("sample", "repeat") else 7
    assert getattr(read(kind, stored(kind) | {name: right}), name) == right


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("output", "sample", 1),
        ("output", "text", "Another text."),
        ("output", "entrant", "9" * 32),
        ("battle", "repeat", 1),
        ("battle", "first", "9" * 64),
        ("battle", "second", "9" * 64),
        ("battle", "prompt", "9" * 64),
        ("battle", "judge", "9" * 32),
        ("imported", "file", "9" * 64),
        ("imported", "line", 3),
        ("imported", "first", "third"),
        ("imported", "second", "third"),
        ("imported", "score", 1.0),
        ("imported", "cluster", None),
        ("imported", "judge", "gpt-4"),
    ],
)
def test_a_row_whose_content_is_not_what_its_key_says_is_refused(kind, name, value, stored):
    refused(kind, stored(kind) | {name: value}, match="was changed")


@pytest.mark.parametrize(
    ("kind", "name", "wrong"),
    [
        ("output", "sample", -1),
        ("battle", "repeat", -1),
        ("battle", "attempt", 0),
        ("score", "score", 0),
        ("score", "score", 11),
        ("battle", "price", -0.01),
        ("progress", "failed", -1),
        ("output", "failure", "truncated"),
        ("output", "origin", "copied"),
        ("battle", "invalid", "dunno"),
        ("progress", "stage", "think"),
        ("end", "outcome", "fine"),
        ("judge", "reply_format", "yaml"),
        ("imported", "line", 0),
        ("imported", "score", 0.25),
        ("imported", "score", 1.5),
        ("imported", "first", ""),
        ("import", "format", "excel"),
        ("import", "judges", -1),
    ],
)
def test_a_value_out_of_range_is_refused(kind, name, wrong, stored):
    refused(kind, stored(kind) | {name: wrong}, match=name)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize(("kind", "name"), [("battle", "seconds"), ("battle", "price"), ("output", "seconds")])
def test_numbers_that_json_lacks_are_refused(kind, name, number, stored):
    line = json.dumps(stored(kind) | {name: "HERE"}).replace('"HERE"', number)
    with pytest.raises(ValidationError):
        ADAPTERS[kind].validate_json(line, strict=True)


IDS = {"key", "id", "judge", "prompt", "first", "second", "text_id", "entrant", "profile", "criterion", "reply", "row"}


@pytest.mark.parametrize("kind", ["battle", "output", "score", "reply", "judge"])
def test_an_id_is_lower_case_hex_of_its_length(kind, stored):
    fields = stored(kind)
    ids = [name for name, value in fields.items() if isinstance(value, str) and name in IDS]
    assert ids
    for name in ids:
        right = fields[name]
        for wrong in (
            right[:-1],
            right + "0",
            right[:-1] + "g",
            right + "\n",
            "\n" + right,
            right[:-1] + "A",
            "",
            "٣" * 32,
        ):
            refused(kind, fields | {name: wrong}, match=name)


def test_a_battle_says_either_a_verdict_or_why_not(stored, battle):
    fields = stored("battle")
    refused("battle", fields | {"verdict": "A>B", "invalid": "cut"}, match="either")
    refused("battle", fields | {"verdict": None, "invalid": None}, match="either")
    refused("battle", fields | {"verdict": "a>b", "invalid": None}, match="verdict")
    with pytest.raises(ValueError, match="either"):
        replace(battle(), invalid=InvalidReason.CUT)


def test_a_score_row_says_either_a_score_or_why_not(stored, score):
    fields = stored("score")
    refused("score", fields | {"score": 7, "invalid": "cut"}, match="either")
    refused("score", fields | {"score": None, "invalid": None}, match="either")
    with pytest.raises(ValueError, match="either"):
        replace(score(), score=None)


def test_usage_is_read_strictly_too(stored):
    fields = stored("battle")
    assert read("battle", fields | {"usage": {"prompt_tokens": 1}}).usage == Usage(prompt_tokens=1)
    for usage in ({"prompt_tokens": 1.0}, {"prompt_tokens": "1"}, {"prompt_tokens": True}, {"tokens": 1}, None, [1]):
        refused("battle", fields | {"usage": usage}, match="usage")


def test_an_event_is_told_by_its_name(stored):
    refused("start", stored("start") | {"event": "end"})
    refused("start", {key: value for key, value in stored("start").items() if key != "event"})
    refused("start", stored("start") | {"event": "pause"}, match="event")


@hypothesis_settings(max_examples=100, deadline=None)
@given(
    words=st.text(),
    says=st.sampled_from([*Verdict, *InvalidReason]),
    number=st.integers(0, 2**63),
    seconds=st.floats(0, 1e9) | st.none(),
)
def test_any_battle_survives_a_round_trip(words, says, number, seconds, battle):
    row = battle(
        words,
        says=says,
        detail=words,
        run=words,
        served_model=words,
        repeat=number,
        attempt=number + 1,
        seconds=seconds,
    )
    line = folder.BATTLES.dump_json(row)
    assert folder.BATTLES.validate_json(line, strict=True) == row
    assert b"\n" not in line


@hypothesis_settings(max_examples=100, deadline=None)
@given(words=st.text(), settings=st.dictionaries(st.text(), st.integers() | st.text() | st.none() | st.booleans()))
def test_any_output_survives_a_round_trip(words, settings, output):
    row = output(words, thinking=words, settings=settings, finish_reason=words)
    assert folder.OUTPUTS.validate_json(folder.OUTPUTS.dump_json(row), strict=True) == row
