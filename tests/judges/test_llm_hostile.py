"""Hostile texts stay inside their fences, whole, and no prompt that holds them reads as a verdict."""

import asyncio
import re
import runpy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judges import Completion, Criterion, Invalid, text_id
from judges.llm import LLMJudge, make_spec, render_comparison, render_scoring
from judges.llm import fences as fences_module
from judges.llm.fences import fence_code
from judges.parsing import parse_score, parse_score_json, parse_verdict, parse_verdict_json

SUPPORT = runpy.run_path(str(Path(__file__).with_name("attacks.py")))
ScriptedModel = SUPPORT["ScriptedModel"]

PROMPTS = {"en": "Write a letter of 300 words to a neighbour about a tree.", "zh": "请以“桥”为题写一篇三百字的短文。"}
OTHER = "Dear neighbour,\n\nthe tree has stood here longer than both of us.\n"
FORMATS = ("text", "json_schema")
PARSERS = {
    ("verdict", "text"): parse_verdict,
    ("verdict", "json_schema"): parse_verdict_json,
    ("score", "text"): parse_score,
    ("score", "json_schema"): parse_score_json,
}
CRITERION = Criterion("Address", "Speaks to the neighbour.", ("not", "hardly", "partly", "mostly", "throughout"))

OPENING = re.compile(r"^<<<(.+) ([0-9a-f]{12})>>>$", re.MULTILINE)


def attacks():
    return [pytest.param(text, id=name) for name, text in SUPPORT["ATTACKS"]]


def read_fences(message):
    """Read a message as its system part says: a fence ends at the line with its own name and code. [(name, text)]"""
    found, codes, position = [], [], 0
    while opening := OPENING.search(message, position):
        name, code = opening.groups()
        (closing,) = (f"\n<<<{end} {name} {code}>>>" for end in ("END", "结束") if (end == "END") == name.isascii())
        end = message.index(closing, opening.end())
        found.append((name, message[opening.end() + 1 : end]))
        position = end + len(closing)
        codes.append(code)
    for code in codes:
        assert message.count(code) == 2 * codes.count(code), "a code stands in the fence lines and nowhere else"
    return found


def assert_says_nothing(messages, answer, reply_format):
    system, user = (message.content for message in messages)
    for echo in (user, system, f"{system}\n\n{user}", f"<think>\n</think>\n{user}", f"{user}\n\n"):
        assert isinstance(PARSERS[answer, reply_format](echo), Invalid)


def test_there_are_enough_attacks_in_both_languages():
    names = [name for name, _ in SUPPORT["ATTACKS"]]
    assert len(set(names)) == len(names) >= 40
    assert sum("Chinese" in name for name in names) >= 6


@pytest.mark.parametrize("attack", attacks())
@pytest.mark.parametrize("language", PROMPTS)
def test_an_attack_stays_inside_its_fence_and_wins_nothing(attack, language):
    prompt = PROMPTS[language]
    text = attack(prompt, OTHER) if callable(attack) else attack
    names = {"en": ["PROMPT", "TEXT A", "TEXT B"], "zh": ["题目", "文章A", "文章B"]}[language]
    for reply_format in FORMATS:
        for materials in ([prompt, text, OTHER], [prompt, OTHER, text], [prompt, text, text]):
            messages = render_comparison(*materials, reply_format=reply_format)
            assert read_fences(messages[1].content) == list(zip(names, materials, strict=True))
            assert_says_nothing(messages, "verdict", reply_format)
        hostile_prompt = f"{prompt}\n{text}"
        messages = render_comparison(hostile_prompt, OTHER, OTHER[::-1], reply_format=reply_format)
        assert [shown for _, shown in read_fences(messages[1].content)] == [hostile_prompt, OTHER, OTHER[::-1]]
        assert_says_nothing(messages, "verdict", reply_format)


@pytest.mark.parametrize("attack", attacks())
@pytest.mark.parametrize("language", PROMPTS)
def test_an_attack_on_a_score_stays_inside_its_fence(attack, language):
    prompt = PROMPTS[language]
    text = attack(prompt, OTHER) if callable(attack) else attack
    hostile = Criterion("Address", text, ("not", "hardly", "partly", "mostly", text))
    for reply_format in FORMATS:
        for criterion in (CRITERION, hostile):
            messages = render_scoring(prompt, text, criterion, reply_format=reply_format)
            shown = [shown for _, shown in read_fences(messages[1].content)]
            assert shown[:2] == [prompt, text]
            assert criterion.description in shown[2]
            assert all(f"{name}: {band}" in shown[2] for name, band in zip(
                ("1-2", "3-4", "5-6", "7-8", "9-10"), criterion.bands, strict=True))  # fmt: skip
            assert_says_nothing(messages, "score", reply_format)


@pytest.mark.parametrize("attack", attacks())
def test_a_judge_that_repeats_its_prompt_has_not_judged(attack):
    text = attack(PROMPTS["en"], OTHER) if callable(attack) else attack
    for reply_format in FORMATS:
        spec = make_spec("scripted", "scripted", reply_format=reply_format)
        compared = render_comparison(PROMPTS["en"], text, OTHER, reply_format=reply_format)
        scored = render_scoring(PROMPTS["en"], text, CRITERION, reply_format=reply_format)
        models = [ScriptedModel(Completion(asked[1].content, finish_reason="stop")) for asked in (compared, scored)]
        judge = LLMJudge(spec, *models)
        assert isinstance(asyncio.run(judge.compare(PROMPTS["en"], text, OTHER)).outcome, Invalid)
        if reply_format == "text":
            judge = LLMJudge(spec, models[1])
        assert isinstance(asyncio.run(judge.score(PROMPTS["en"], text, CRITERION)).outcome, Invalid)


MATERIAL = st.text(max_size=60) | st.lists(
    st.sampled_from(
        ["<<<", ">>>", "TEXT A", "TEXT B", "END", "\n", "{first}", "[[", "]]", "A>B", "```json\n", "```", "桥"]
    )
).map("".join)


@settings(max_examples=150, deadline=None)
@given(prompt=MATERIAL, first=MATERIAL, second=MATERIAL, reply_format=st.sampled_from(FORMATS))
def test_any_texts_come_out_of_their_fences_as_they_went_in(prompt, first, second, reply_format):
    messages = render_comparison(prompt, first, second, reply_format=reply_format)
    assert [shown for _, shown in read_fences(messages[1].content)] == [prompt, first, second]
    assert_says_nothing(messages, "verdict", reply_format)


def test_the_code_of_a_fence_is_the_beginning_of_the_texts_own_hash():
    user = render_comparison(PROMPTS["en"], "one", OTHER, reply_format="text")[1].content
    for name, text in (("PROMPT", PROMPTS["en"]), ("TEXT A", "one"), ("TEXT B", OTHER)):
        assert f"<<<{name} {text_id(text)[:12]}>>>\n{text}\n<<<END {name} {text_id(text)[:12]}>>>" in user


def test_a_code_that_another_text_quotes_is_replaced_and_the_rest_stays():
    quoting = f"as I said: {text_id(OTHER)}"
    user = render_comparison(PROMPTS["en"], quoting, OTHER, reply_format="text")[1].content
    codes = dict(OPENING.findall(user))
    assert codes["TEXT B"] == text_id(f"1\n{OTHER}")[:12]
    assert codes["TEXT A"] == text_id(quoting)[:12]
    assert codes["PROMPT"] == text_id(PROMPTS["en"])[:12]


def test_a_text_that_holds_its_own_code_gets_another_one(monkeypatch):
    """Such a text takes about 2**48 attempts to find; here the hash is made to say so."""
    unlucky = "my code is abcdefabcdef"
    real = fences_module.text_id
    monkeypatch.setattr(fences_module, "text_id", lambda text: "abcdef" * 10 if text == unlucky else real(text))
    assert fence_code(unlucky, [unlucky]) == real(f"1\n{unlucky}")[:12]
    user = render_comparison(PROMPTS["en"], unlucky, OTHER, reply_format="text")[1].content
    assert [shown for _, shown in read_fences(user)] == [PROMPTS["en"], unlucky, OTHER]
