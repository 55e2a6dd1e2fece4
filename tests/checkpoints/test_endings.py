"""When an answer ends, and what of its tokens is its text."""

import threading
from copy import deepcopy

import pytest

from arena_write.checkpoints.endings import Endings, cut_at_stop, make_decoder
from arena_write.checkpoints.rendering import control_tokens


@pytest.mark.parametrize(
    ("text", "stop", "expected"),
    [
        ("one two three", (), ("one two three", False)),
        ("one two three", ("four",), ("one two three", False)),
        ("one two three", ("three", "two"), ("one ", True)),
        ("two", ("two",), ("", True)),
    ],
)
def test_the_first_stop_string_cuts(text, stop, expected):
    assert cut_at_stop(text, stop) == expected


@pytest.mark.hf
class TestTokens:
    """Control tokens are no text, but for the tags that say what is thought."""

    @pytest.fixture
    def tokenizer(self, loaded):
        tokenizer = deepcopy(loaded.tokenizer)
        tokenizer.add_special_tokens({"additional_special_tokens": ["<think>", "</think>"]})
        return tokenizer

    def test_tags_of_thoughts_stay_where_a_tokenizer_has_them_as_control_tokens(self, tokenizer):
        decode = make_decoder(tokenizer, control_tokens(tokenizer))
        ids = tokenizer("<think>\nHm.</think> A text.<|im_end|><|endoftext|>", add_special_tokens=False)["input_ids"]
        assert decode(ids) == "<think>\nHm.</think> A text."

    def test_each_row_ends_for_its_own_reason(self, tokenizer):
        import torch

        decode = make_decoder(tokenizer, control_tokens(tokenizer))
        answers = ["one two STOP more", "one<|im_end|>", "one two three four", "one two three four"]
        ids = [tokenizer(f"Prompt{answer}", add_special_tokens=False)["input_ids"] for answer in answers]
        start = len(tokenizer("Prompt", add_special_tokens=False)["input_ids"])
        steps = max(map(len, ids))
        rows = torch.tensor([row + [0] * (steps - len(row)) for row in ids])
        endings = Endings(
            start=start, budgets=[50, 50, 3, 50], end_tokens=frozenset({tokenizer.eos_token_id}), stop=("STOP",),
            decode=decode, given_up=threading.Event(),
        )  # fmt: skip
        for length in range(start + 1, steps + 1):
            ended = endings(rows[:, :length], None).tolist()
        assert ended == [True, True, True, False]
        assert decode(ids[0][start : start + endings.lengths[0]]).endswith("STOP")
        assert endings.lengths[1] == len(ids[1]) - start
        assert endings.lengths[2] == 3
        assert endings.lengths[3] is None

    def test_a_batch_that_is_given_up_ends_at_once(self, tokenizer):
        import torch

        given_up = threading.Event()
        given_up.set()
        endings = Endings(
            start=1, budgets=[50], end_tokens=frozenset(), stop=(), decode=lambda ids: "", given_up=given_up
        )
        assert endings(torch.tensor([[5, 6]]), None).tolist() == [True]
