"""A judge is asked as declared, and everything that was declared is in its id."""

import pytest

from judges.llm import UnknownPresetError, make_spec, preset_names, reply_budget, resolve_decoding, template_id

DEFAULT = {"temperature": 0, "max_tokens": 4096}
REASONING = {"max_tokens": 4096, "thinking_tokens": 16384}
THINKING = {"temperature": 0.6, "top_p": 0.95, "max_tokens": 4096, "thinking_tokens": 16384}
WRITINGBENCH = {"temperature": 1.0, "top_p": 0.95, "max_tokens": 2048}


@pytest.mark.parametrize(
    ("name", "preset", "expected"),
    [
        ("gpt-4.1-2025-04-14", None, DEFAULT),
        ("my-judge", None, DEFAULT),
        ("my-judge", "writingbench", WRITINGBENCH),
        ("my-judge", "thinking", THINKING),
        ("claude-sonnet-4-5-20250929", None, DEFAULT),
        ("claude-sonnet-4-5-20250929", "writingbench", {"temperature": 1.0, "max_tokens": 2048}),
        ("anthropic/claude-sonnet-4.5", "writingbench", {"temperature": 1.0, "max_tokens": 2048}),
        ("claude-3-7-sonnet-20250219", "writingbench", WRITINGBENCH),
        ("anthropic/claude-3.7-sonnet", "writingbench", WRITINGBENCH),
        ("claude-opus-4-7", None, {"max_tokens": 4096}),
        ("anthropic/claude-opus-4.8", "writingbench", {"max_tokens": 2048}),
        ("o3", None, REASONING),
        ("o3-2025-04-16", None, REASONING),
        ("o3", "writingbench", {"max_tokens": 2048}),
        ("o30", None, DEFAULT),
        ("O3", None, DEFAULT),
        ("gpt-5", None, REASONING),
        ("openai/gpt-5.1", None, REASONING),
        ("gpt-5-chat-latest", None, DEFAULT),
        ("deepseek-ai/DeepSeek-R1-0528", None, THINKING),
        ("models/claude", None, DEFAULT),
        ("claude/my-judge", "writingbench", WRITINGBENCH),
    ],
)
def test_settings_come_from_the_preset_and_from_what_the_model_takes(name, preset, expected):
    assert resolve_decoding(name, preset) == expected


def test_no_model_is_sent_two_settings_that_it_refuses_together():
    for preset in preset_names():
        assert not {"temperature", "top_p"} <= set(resolve_decoding("claude-sonnet-4-5-20250929", preset))
        assert not {"temperature", "top_p", "top_k"} & set(resolve_decoding("claude-sonnet-5", preset))


def test_every_preset_leaves_room_to_explain():
    for preset in preset_names():
        assert reply_budget(make_spec("m", "my-judge", preset=preset)) >= 2048
    assert reply_budget(make_spec("m", "o3")) == 4096 + 16384


def test_an_unknown_preset_is_named_with_those_there_are():
    with pytest.raises(UnknownPresetError, match=r"'greedy'.*default, writingbench"):
        resolve_decoding("my-judge", "greedy")


def test_an_id_covers_model_settings_format_and_words_and_nothing_else():
    spec = make_spec("server and name", "my-judge")
    assert spec.template == template_id()
    assert make_spec("server and name", "another name for people").id == spec.id
    others = [
        make_spec("another model", "my-judge"),
        make_spec("server and name", "my-judge", preset="writingbench"),
        make_spec("server and name", "my-judge", reply_format="json_schema"),
    ]
    assert len({spec.id, *(other.id for other in others)}) == 4


def test_changing_what_is_returned_changes_no_preset():
    resolve_decoding("my-judge")["temperature"] = 2
    assert resolve_decoding("my-judge") == DEFAULT


def test_a_judge_of_words_needs_a_reply_format():
    with pytest.raises(ValueError, match="text or json_schema"):
        make_spec("m", "my-judge", reply_format="none")
