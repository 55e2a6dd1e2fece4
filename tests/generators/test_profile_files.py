"""Profiles as files: presets, the user's own, and what is refused."""

import pytest

from arena_write.generators.answers import split_answer
from arena_write.generators.profile_files import ProfileError, load_profile, wrap_prompt


@pytest.mark.parametrize(
    ("name", "temperature", "top_p", "top_k", "max_tokens"),
    [
        ("default", 0.6, 0.95, None, 16000),
        ("writingbench", 0.7, 0.8, 20, 16000),
        ("longwriter-zero", 0.8, 1.0, None, 14000),
    ],
)
def test_presets_hold_the_published_settings(name, temperature, top_p, top_k, max_tokens):
    profile = load_profile(name)
    assert (profile.temperature, profile.top_p, profile.top_k, profile.max_tokens) == (
        temperature,
        top_p,
        top_k,
        max_tokens,
    )
    assert profile.name == name


@pytest.mark.parametrize(
    ("name", "profile_id"),
    [
        ("default", "4de2b880c2f9341c4bb678075b7973fb"),
        ("writingbench", "eb5be121dbd77fb5f4f000c0e9c11d37"),
        ("longwriter-zero", "69060aeba49283d28c23fe674faf531c"),
    ],
)
def test_a_presets_id_is_part_of_stored_keys_and_never_changes(name, profile_id):
    assert load_profile(name).id == profile_id


def test_a_file_with_the_settings_of_a_preset_is_the_same_profile(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('max_tokens = 16000\ntop_p = 0.95\ntemperature = 0.6\nmode = "chat"\n', encoding="utf-8")
    assert load_profile(str(path)).id == load_profile("default").id
    assert load_profile(str(path)).name == "mine"


def test_longwriter_zero_wraps_in_the_language_and_its_answers_are_complete():
    profile = load_profile("longwriter-zero")
    assert profile.stop == ("</answer>",)
    english = wrap_prompt(profile, "Write {prompt} about {braces}.", language="en")
    chinese = wrap_prompt(profile, "写一篇文章。", language="zh")
    assert "Task: Write {prompt} about {braces}.\n" in english
    assert "任务：写一篇文章。\n" in chinese
    assert wrap_prompt(profile, "Schreib.", language="de").startswith(
        "A writer" if not english.startswith("\n") else "\n"
    )
    for wrapped in (english, chinese):
        assert wrapped.endswith("<think>")
    said = split_answer("what is asked...</think>\n<answer>\nThe text.", finish_reason="stop")
    assert (said.text, said.failure) == ("The text.", None)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("temprature = 0.5", "temprature"),
        ('temperature = "hot"', "temperature"),
        ("temperature = ", "Invalid value"),
        ('mode = "recorded"', "recorded"),
        ('mode = "completion"', "[templates]"),
        ('mode = "completion"\n[templates]\nen = "no slot"', "{prompt}"),
        ('[templates]\nen = "{prompt}"', "templates wrap raw completions"),
    ],
)
def test_what_is_no_profile_is_refused_by_file_and_setting(tmp_path, content, said):
    path = tmp_path / "bad.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ProfileError) as caught:
        load_profile(str(path))
    assert str(path) in str(caught.value)
    assert said in str(caught.value)


def test_an_unknown_profile_names_those_that_there_are():
    with pytest.raises(ProfileError, match="longwriter-zero"):
        load_profile("lonwriter")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("temperature = nan", "'temperature'"),
        ("temperature = inf", "'temperature'"),
        ("temperature = 1e400", "'temperature'"),
        ("top_p = -inf", "'top_p'"),
        ("temperature = 2020-01-01", "'temperature'"),
        ("[extra]\nn = 2", "[extra] cannot set n"),
        ("[extra]\nstream = true", "[extra] cannot set stream"),
        ('[extra]\nmodel = "other"', "[extra] cannot set model"),
        ("[extra]\nbest_of = 4", "[extra] cannot set best_of"),
        ("[extra]\nsince = 2020-01-01", "'extra.since'"),
        ("[extra]\nat = 07:32:00", "'extra.at'"),
        ("[extra.deep]\nlist = [1, {x = nan}]", "'extra.deep.list.1.x'"),
        ("[extra]\nmax_tokens = 100", "write max_tokens as a field"),
        ("[extra]\nmax_completion_tokens = 100", "write max_tokens as a field"),
    ],
)
def test_what_no_request_can_hold_is_refused_by_file_and_field_when_the_profile_is_read(tmp_path, content, said):
    path = tmp_path / "bad.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ProfileError) as caught:
        load_profile(str(path))
    assert str(path) in str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        "temperature = -0.1",
        "top_p = 0",
        "top_p = 1.01",
        "top_k = 0",
        "top_k = -1",
        "top_k = 1_000_000_000",
        "min_p = -0.1",
        "min_p = 1.1",
        "max_tokens = 0",
        "max_tokens = -5",
        "max_tokens = 10_000_000_000",
        "thinking_tokens = -1",
        'stop = [""]',
        'stop = ["a", ""]',
    ],
)
def test_settings_out_of_bounds_are_refused_by_file_and_field_when_the_profile_is_read(tmp_path, content):
    path = tmp_path / "bad.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ProfileError) as caught:
        load_profile(str(path))
    assert f"{path}: setting '{content.split()[0]}' of a profile" in str(caught.value)


@pytest.mark.parametrize(
    "content",
    ["temperature = 0", "top_p = 1.0", "top_k = 1", "min_p = 0", "min_p = 1", "max_tokens = 1", "thinking_tokens = 0"],
)
def test_the_bounds_themselves_can_be_asked_for(tmp_path, content):
    path = tmp_path / "good.toml"
    path.write_text(content, encoding="utf-8")
    name, value = content.split(" = ")
    assert getattr(load_profile(str(path)), name) == float(value)


def test_values_nested_without_end_are_refused(tmp_path):
    path = tmp_path / "deep.toml"
    path.write_text("[extra]\ndeep = " + "[" * 20_000 + "]" * 20_000, encoding="utf-8")
    with pytest.raises(ProfileError, match="deep"):
        load_profile(str(path))
