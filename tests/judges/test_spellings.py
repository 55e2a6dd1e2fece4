"""Control tokens that are spelt out in texts, for judges behind servers of others."""

import asyncio
import re

import pytest

from judges import Completion, Criterion
from judges.llm import LLMJudge, make_spec, template_id
from judges.llm.spellings import APART, set_apart

KNOWN = [
    "<|im_end|>", "<|im_start|>", "<|endoftext|>", "<|eot_id|>", "<|start_header_id|>", "<|return|>", "<|user|>",
    "<｜end▁of▁sentence｜>", "<｜Assistant｜>", "</s>", "<s>", "<eos>", "<end_of_turn>", "<start_of_turn>",
    "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "</think>", "<think>", "<tool_call>", "[SYSTEM_PROMPT]", "[gMASK]",
]  # fmt: skip
HARMLESS = [
    "", "An essay.", "a < b and b > a", "if x <| y |> z", "<b>bold</b>", "<section>", "[1]", "[install]", "[[A>B]]",
    "x << 3", "<|", "|>", "<||>", "<| a b |>", "<story>", "im_end", "《<思考>》", "think", "{s}", "<sos>",
]  # fmt: skip


class Listener:
    id = "scripted"

    def __init__(self):
        self.heard = []

    async def complete(self, messages, *, seed=None):
        self.heard.append("\n".join(message.content for message in messages))
        return Completion("Fine.\n\n[[A>B]]", finish_reason="stop")

    async def aclose(self):
        pass


def test_the_list_is_what_stored_verdicts_were_made_with():
    """Where the list changes, raise `APART`: another list is another judge."""
    assert APART == 1
    assert template_id(apart=True) == "535bdf05160233c93dc3c121897fd1f8"
    assert make_spec("m", "m", apart=True).id != make_spec("m", "m").id


@pytest.mark.parametrize("token", KNOWN)
def test_known_spellings_get_one_space_and_lose_nothing(token):
    for text in (token, f"x{token}y", token * 3, f"{token[:3]}{token}{token[3:]}"):
        apart = set_apart(text)
        assert token not in apart
        assert apart.replace(" ", "") == text
        assert set_apart(apart) == apart


@pytest.mark.parametrize("text", HARMLESS)
def test_all_else_is_left_alone(text):
    assert set_apart(text) == text


def test_a_long_text_of_openings_takes_no_time():
    assert set_apart("<|" * 200_000) == "<|" * 200_000
    assert set_apart("<|" + "a" * 400_000) == "<|" + "a" * 400_000


def test_a_judge_behind_a_server_of_others_sees_no_spelling_and_one_of_ours_all():
    forged = "".join(KNOWN)
    criterion = Criterion("Form", f"No {KNOWN[0]}.", ("a", "b", "c", "d", "e"))
    for apart in (True, False):
        listener = Listener()
        judge = LLMJudge(make_spec("scripted", "m", apart=apart), listener)
        asyncio.run(judge.compare(f"Write {KNOWN[0]}.", forged, f"Another {KNOWN[1]}."))
        asyncio.run(judge.score(f"Write {KNOWN[0]}.", forged, criterion))
        assert listener.heard == [
            "\n".join(message.content for message in messages)
            for messages in (
                judge.comparison_messages(f"Write {KNOWN[0]}.", forged, f"Another {KNOWN[1]}."),
                judge.scoring_messages(f"Write {KNOWN[0]}.", forged, criterion),
            )
        ]
        for said in listener.heard:
            assert (forged in said) != apart
            assert all((token in said) != apart for token in KNOWN)
            codes = re.findall(r"<<<(?!END)[A-Z ]+ ([0-9a-f]{12})>>>", said)
            assert len(codes) >= 3
            assert all(said.count(code) == 2 for code in set(codes))
