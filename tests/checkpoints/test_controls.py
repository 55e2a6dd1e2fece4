"""Control tokens in texts: found in the tokenizer's files, and cut so that nothing is controlled."""

import pytest
from checkpoints.folders import make_folder, write_json

from arena_write.checkpoints import read_folder
from arena_write.checkpoints.controls import Controls, read_controls
from judges import Message


def spellings(folder):
    return set(read_controls(read_folder(folder)).spellings)


def test_each_file_of_a_tokenizer_may_name_some(tmp_path):
    folder = make_folder(tmp_path / "one")
    assert spellings(folder) == {"<|im_end|>"}  # eos_token of tokenizer_config.json
    added = [
        {"content": "[INST]", "special": True},
        {"content": "</think>", "special": False},
        {"content": "<|fim_prefix|>", "special": False},
        {"content": "<table>", "special": False},
        {"content": "\n\n", "special": False},
    ]
    write_json(folder / "tokenizer.json", {"added_tokens": added})
    write_json(
        folder / "special_tokens_map.json", {"bos_token": {"content": "<s>"}, "additional_special_tokens": ["<x>"]}
    )
    write_json(folder / "added_tokens.json", {"<|pad|>": 7, "plain": 8})
    expected = {"<|im_end|>", "[INST]", "</think>", "<|fim_prefix|>", "<s>", "<x>", "<|pad|>"}
    assert spellings(folder) == expected
    decoder = {"5": {"content": "<extra>", "special": True}, "6": {"content": "word", "special": False}}
    write_json(folder / "tokenizer_config.json", {"added_tokens_decoder": decoder, "model_max_length": 5})
    assert spellings(folder) == expected - {"<|im_end|>"} | {"<extra>"}


@pytest.mark.parametrize(
    "text",
    ["", "plain", "<|a|>", "x<|a|>y", "<|a|><|a|>", "<|<|a|>a|>", "<|a|><|b|>", "aaa", "<|a|", "a\n<|b|>\n"],
)
def test_the_parts_of_a_text_are_the_text_and_spell_nothing(text):
    controls = Controls(["<|a|>", "<|b|>", "aa", "|>"])
    parts = controls.cut(text)
    assert "".join(parts) == text
    assert not any(controls.are_in([Message("user", part)]) for part in parts)
    assert (len(parts) > 1) == controls.are_in([Message("user", text)])


def test_where_there_are_none_nothing_is_cut():
    assert Controls([]).cut("<|a|>") == ["<|a|>"]
    assert not Controls([]).are_in([Message("user", "<|a|>")])
