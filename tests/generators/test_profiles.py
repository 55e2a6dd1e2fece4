"""Ids of profiles and entrants: stored keys depend on them, so they are pinned."""

import dataclasses
import json

import pytest

from arena_write.generators import RECORDED, Entrant, Profile
from judges import content_id

FULL = Profile(
    name="zero",
    mode="completion",
    templates={"en": "Q: {prompt}", "zh": "问：{prompt}"},
    temperature=0.6,
    top_p=0.95,
    max_tokens=14000,
    stop=("</answer>",),
    extra={"repetition_penalty": 1.0},
)


def test_ids_are_what_they_always_were() -> None:
    assert RECORDED.id == content_id("profile", {"mode": "recorded"}) == "5b14fe166677536c4d1865b9cd52b3bb"
    assert FULL.id == "cdb2b772a9045650e2e3357d2b5bbb4d"
    assert Entrant("any", "model", RECORDED).id == content_id("entrant", "model", RECORDED.id)


@pytest.mark.parametrize(
    "change",
    [
        {"mode": "chat"},
        {"system": ""},
        {"templates": {"en": "Q: {prompt}"}},
        {"temperature": 0.7},
        {"top_p": 1.0},
        {"top_k": 20},
        {"min_p": 0.1},
        {"max_tokens": 1},
        {"thinking_tokens": 1},
        {"reasoning_effort": "low"},
        {"stop": ("</answer>", "\n")},
        {"extra": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_setting_changes_the_id(change: dict[str, object]) -> None:
    assert dataclasses.replace(FULL, **change).id != FULL.id


def test_all_settings_are_covered_above() -> None:
    names = {item.name for item in dataclasses.fields(Profile)}
    assert len(names) == 13, "a new setting needs a default of None and a line in test_every_setting_changes_the_id"


@pytest.mark.parametrize("change", [{"name": "other"}, {"temperature": 0.6}, {"max_tokens": 14000.0}])
def test_names_and_ways_of_writing_a_number_change_nothing(change: dict[str, object]) -> None:
    assert dataclasses.replace(FULL, **change).id == FULL.id


def test_nothing_given_and_given_nothing_are_the_same() -> None:
    assert Profile("a", stop=(), templates={}, extra={}).id == Profile("b").id


@pytest.mark.parametrize("profile", [FULL, RECORDED, Profile("chat", system="")], ids=lambda profile: profile.name)
def test_settings_come_back_from_json(profile: Profile) -> None:
    settings = json.loads(json.dumps(profile.settings()))
    again = Profile.from_settings(settings, name=profile.name)
    assert again == profile
    assert again.id == profile.id == content_id("profile", settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"mode": "chat", "heat": 1}, "unknown setting 'heat' of a profile"),
        ({"mode": "chat", "name": "x"}, "unknown setting 'name' of a profile"),
        ({"mode": "telepathy"}, "setting 'mode' of a profile: Input should be 'chat', 'completion' or 'recorded'"),
        ({"mode": "chat", "top_k": "20"}, "setting 'top_k' of a profile: Input should be a valid integer"),
    ],
)
def test_wrong_settings_are_named(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        Profile.from_settings(settings, name="x")
    assert str(caught.value) == message


def test_an_entrant_is_its_model_and_profile() -> None:
    entrant = Entrant("a", "model", FULL)
    assert entrant.id == Entrant("b", "model", dataclasses.replace(FULL, name="c")).id
    assert entrant.id != Entrant("a", "model2", FULL).id
    assert entrant.id != Entrant("a", "model", RECORDED).id
    assert entrant.id8 == entrant.id[:8]
    assert len({entrant, Entrant("a", "model", FULL)}) == 1
