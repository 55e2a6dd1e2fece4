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
