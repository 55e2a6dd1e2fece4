"""The one parser between what a model wrote and what is judged."""

import re
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_write.generators import Answer, Failure, clean_text, split_answer

NO_ANSWER, OPEN, EMPTY = Failure.NO_ANSWER, Failure.OPEN_THOUGHT, Failure.EMPTY
STORY = "The river rose at dusk.\n\nBy morning the bridge was gone."
ZH = "\u3000\u3000黄昏时分，河水上涨。\n\n\u3000\u3000第二天清晨，桥不见了。"

# name: raw, answer, thinking, failure
CASES: dict[str, tuple[str, str, str | None, Failure | None]] = {
    # no tags: not touched at all
    "plain": (STORY, STORY, None, None),
    "plain zh": (ZH, ZH, None, None),
    "outer blanks kept": ("\n\n  A line. \n", "\n\n  A line. \n", None, None),
    "crlf kept": ("One.\r\n\r\nTwo.\r\n", "One.\r\n\r\nTwo.\r\n", None, None),
    "u2028 kept": ("One.\u2028Two.\u2029Three.\x85", "One.\u2028Two.\u2029Three.\x85", None, None),
    "other tag": ("<b>Bold</b> beginnings.", "<b>Bold</b> beginnings.", None, None),
    "similar tag": ("<thinker>Rodin</thinker>", "<thinker>Rodin</thinker>", None, None),
    "spaced tag is no tag": ("< think >plan</ think >", "< think >plan</ think >", None, None),
    "turkish i is no tag": ("<thınk>a</thınk>b", "<thınk>a</thınk>b", None, None),
    # nothing there
    "empty": ("", "", None, EMPTY),
    "blank": (" \n\t\r\n", " \n\t\r\n", None, EMPTY),
    "ideographic blank": ("\u3000\u3000", "\u3000\u3000", None, EMPTY),
    "empty think only": ("<think>\n\n</think>\n\n", "", None, EMPTY),
    "empty wrapper": ("<answer></answer>", "", None, EMPTY),
    "thought only": ("<think>First, an outline.</think>", "", "First, an outline.", NO_ANSWER),
    "thought and blanks": ("<think>一个大纲。</think>\n \n", "", "一个大纲。", NO_ANSWER),
    "thought and empty wrapper": ("<think>Plan.</think><answer>\n</answer>", "", "Plan.", NO_ANSWER),
    "answer inside think": (
        "<think>Plan. <answer>Text.</answer></think>",
        "",
        "Plan. <answer>Text.</answer>",
        NO_ANSWER,
    ),
    # closed thought at the start
    "think": (f"<think>\nPlan.\n</think>\n\n{STORY}", STORY, "Plan.", None),
    "think inline": ("<think>Plan.</think>Text.", "Text.", "Plan.", None),
    "think zh": (f"<think>\n先列提纲。\n</think>\n\n{ZH}", ZH, "先列提纲。", None),
    "upper case": ("<THINK>Plan.</Think>Text.", "Text.", "Plan.", None),
    "thinking tag": ("<thinking>Plan.</thinking>\nText.", "Text.", "Plan.", None),
    "reasoning tag": ("<Reasoning>Plan.</REASONING>\nText.", "Text.", "Plan.", None),
    "leading blanks": (" \r\n<think>Plan.</think>\r\nText.\r\n", "Text.\r\n", "Plan.", None),
    "empty think": ("<think>\n\n</think>\n\nText.", "Text.", None, None),
    "two thoughts": ("<think>One.</think>\n<think>Two.</think>\nText.", "Text.", "One.\n\nTwo.", None),
    "doubled tags": ("<think><think>Plan.</think></think>Text.", "Text.", "<think>Plan.</think>", None),
    "doubled close": ("<think>Plan.</think>\n</think>\nText.", "Text.", "Plan.", None),
    "nested": ("<think>a <think>b</think> c</think>Text.", "Text.", "a <think>b</think> c", None),
    "nested other tag": ("<think>a <thinking>b</think>Text.", "Text.", "a <thinking>b", None),
    "thought names the open tag": ("<think>Is <think> right?</think>Text.", "Text.", "Is <think> right?", None),
    "thought quotes the close": (
        "<think>End with `</think>`. Done.</think>Text.",
        "Text.",
        "End with `</think>`. Done.",
        None,
    ),
    "thought quotes zh": ("<think>最后写“</think>”。好。</think>正文。", "正文。", "最后写“</think>”。好。", None),
    "straight quotes": ('<think>Say "</think>" last. Ok.</think>Text.', "Text.", 'Say "</think>" last. Ok.', None),
    "between two quotations": ('<think>He said "yes"</think>"Call me."', '"Call me."', 'He said "yes"', None),
    "unbalanced takes the first close": (
        "<think>A <think> in passing.</think>The tags <think> and </think> are pairs.",
        "The tags <think> and </think> are pairs.",
        "A <think> in passing.",
        None,
    ),
    "answer quotes the close": (
        "<think>Plan.</think>Parsers look for </think> in vain.",
        "Parsers look for </think> in vain.",
        "Plan.",
        None,
    ),
    # a closing tag whose opening tag the template wrote
    "stray close": (f"First, an outline.\n</think>\n\n{STORY}", STORY, "First, an outline.", None),
    "stray close inline": ("一个大纲</think>正文。", "正文。", "一个大纲", None),
    "stray close at the start": ("\n</think>\n\nText.", "Text.", None, None),
    "stray close, then nothing": ("Only a plan.\n</think>\n", "", "Only a plan.", NO_ANSWER),
    "first stray close counts": ("Plan.\n</think>\nOn </think> as a tag.", "On </think> as a tag.", "Plan.", None),
    "stray close quoted before": ("Close with '</think>'.\n</think>\nText.", "Text.", "Close with '</think>'.", None),
    "stray close after a quoted open": ("About `<think>`.\n</think>\nText.", "Text.", "About `<think>`.", None),
    # no end
    "open think": ("<think>First, an outline. Then", "", "First, an outline. Then", OPEN),
    "open think zh": ("<think>\n先想一想", "", "先想一想", OPEN),
    "open think alone": ("<think>", "", None, OPEN),
    "open think with a wrapper": ("<think>Plan. <answer>Text.</answer>", "", "Plan. <answer>Text.</answer>", OPEN),
    "open think that quotes its close": (
        "<think>I shall write `</think>` and",
        "",
        "I shall write `</think>` and",
        OPEN,
    ),
    "second thought open": ("<think>One.</think><think>Two", "", "One.\n\nTwo", OPEN),
    "other close does not end it": ("<think>Plan.</thinking>Text.", "", "Plan.</thinking>Text.", OPEN),
    # wrappers
    "wrapper": ("<answer>\nText.\n</answer>", "Text.", None, None),
    "wrapper case": ("<Answer>Text.</ANSWER>", "Text.", None, None),
    "think and wrapper": (f"<think>Plan.</think>\n<answer>\n{ZH}\n</answer>", ZH, "Plan.", None),
    "stray close and wrapper": ("Plan.</think><answer>Text.</answer>", "Text.", "Plan.", None),
    "open wrapper": ("<think>Plan.</think>\n<answer>\nText. \n", "Text. \n", "Plan.", None),
    "lone close of a wrapper": ("Plan.</think>Text.\n</answer>\n", "Text.", "Plan.", None),
    "lone close keeps the indent": (f"{ZH}\n</answer>", ZH, None, None),
    "doubled wrapper": ("<answer><answer>Text.</answer></answer>", "Text.", None, None),
    "think inside answer": ("<answer><think>Plan.</think>Text.</answer>", "Text.", "Plan.", None),
    "open think inside answer": ("<answer><think>Plan, and on", "", "Plan, and on", OPEN),
    "words behind the wrapper": ("<answer>Text.</answer>\nI hope this helps!", "Text.", "I hope this helps!", None),
    "wrapper quotes its close": (
        "<answer>The tag </answer> ends it.</answer>",
        "The tag </answer> ends it.",
        None,
        None,
    ),
    "wrapper with a quoted close only": ("<answer>Use `</answer>` last.", "Use `</answer>` last.", None, None),
    "wrapper about thought": (
        "<answer>Stop at </think>, then speak.</answer>",
        "Stop at </think>, then speak.",
        None,
        None,
    ),
    "two wrappers": ("<answer>A.</answer><answer>B.</answer>", "A.</answer><answer>B.", None, None),
    # tags in the middle of an ordinary answer
    "essay with a pair": ("A <think>pair</think> in an essay.", "A <think>pair</think> in an essay.", None, None),
    "essay with a lone open": ("The tag <think> opens.", "The tag <think> opens.", None, None),
    "essay with a quoted close": ("Models end with `</think>`.", "Models end with `</think>`.", None, None),
    "essay with a quoted close zh": ("模型以「</think>」结尾。", "模型以「</think>」结尾。", None, None),
    "essay begins with a quoted tag": ('"<think>" is a tag.', '"<think>" is a tag.', None, None),
    "essay in code": ("Write:\n<think>\nx\n</think>\nThen go.", "Write:\n<think>\nx\n</think>\nThen go.", None, None),
    "essay with a wrapper": ("Put <answer>42</answer> there.", "Put <answer>42</answer> there.", None, None),
    "preamble before a wrapper": ("Here: <answer>A.</answer>", "Here: <answer>A.</answer>", None, None),
}


@pytest.mark.parametrize("name", CASES)
def test_corpus(name: str) -> None:
    raw, text, thinking, failure = CASES[name]
    assert split_answer(raw) == Answer(text, thinking, failure)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case[3] is None and case[2] is None])
def test_what_was_split_is_not_split_again_where_no_tag_is_left(name: str) -> None:
    text = split_answer(CASES[name][0]).text
    if "<" not in text:
        assert split_answer(text).text == text


# raw, thinking, finish reason, answer
SEPARATE = {
    "as it is": (" Text. ", "Plan.", None, Answer(" Text. ", "Plan.")),
    "thinking unchanged": ("Text.", " Plan.\n", None, Answer("Text.", " Plan.\n")),
    "blank thinking is none": ("Plan.</think>Text.", "\n", None, Answer("Text.", "Plan.")),
    "leftover block": ("<think>More.</think>\nText.", "Plan.", None, Answer("Text.", "Plan.\n\nMore.")),
    "leftover empty block": ("<think>\n</think>\n\nText.", "Plan.", None, Answer("Text.", "Plan.")),
    "leftover close": ("</think>\n\nText.", "Plan.", None, Answer("Text.", "Plan.")),
    "close in the middle is text": ("On\n</think>\ntags.", "Plan.", None, Answer("On\n</think>\ntags.", "Plan.")),
    "wrapper": ("<answer>Text.</answer>", "Plan.", "stop", Answer("Text.", "Plan.")),
    "leftover open": ("<think>More", "Plan.", None, Answer("", "Plan.\n\nMore", OPEN)),
    "no text": ("", "Plan.", "stop", Answer("", "Plan.", NO_ANSWER)),
    "no text, cut": ("", "Plan, and on", "length", Answer("", "Plan, and on", OPEN)),
    "no text, unknown": ("\n", "Plan.", None, Answer("\n", "Plan.", NO_ANSWER)),
}


@pytest.mark.parametrize("name", SEPARATE)
def test_thinking_in_a_field_of_its_own(name: str) -> None:
    raw, thinking, reason, expected = SEPARATE[name]
    assert split_answer(raw, thinking=thinking, finish_reason=reason) == expected


@pytest.mark.parametrize("reason", [None, "stop", "length"])
def test_an_open_wrapper_is_whole_whatever_ended_it(reason: str | None) -> None:
    """LongWriter-Zero stops at `</answer>`, which servers do not return; a cut text is judged as written."""
    answer = split_answer("<think>Plan.</think>\n<answer>\nText", finish_reason=reason)
    assert answer == Answer("Text", "Plan.")


def test_a_cut_thought_that_quotes_its_closing_tag_has_not_ended() -> None:
    raw = '<think>I must write "</think>" before'
    assert split_answer(raw, finish_reason="length") == Answer("", raw.removeprefix("<think>"), OPEN)


def test_clean_text_replaces_lone_surrogates_only() -> None:
    kept = "a\x00\u2028\ufeff\u200b\U0001f600é\u0065\u0301\r\n"
    assert clean_text(kept) == kept
    assert clean_text("x\ud83dy\udc00") == "x\ufffdy\ufffd"
    clean_text("\udfff").encode("utf-8")


TAG = re.compile(r"</?(?:think|thinking|reasoning|answer)>", re.IGNORECASE)
PIECES = ["<think>", "</think>", "<THINK>", "<thinking>", "</thinking>", "</reasoning>", "<answer>", "</answer>"]
PIECES += [" ", "\n", "\r\n", "`", '"', "“", "”", "a", "词", "\u3000", "\u2028", "One. ", "<", ">"]
marked_up = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


def letters(text: str) -> Counter[str]:
    """What has to survive: everything but tags and blanks."""
    return Counter(re.sub(r"\s", "", TAG.sub(" ", text)))


@given(marked_up, st.sampled_from([None, "stop", "length"]))
def test_nothing_a_model_wrote_is_lost(raw: str, reason: str | None) -> None:
    answer = split_answer(raw, finish_reason=reason)
    assert letters(f"{answer.thinking or ''} {answer.text}") == letters(raw)


@given(marked_up, st.sampled_from([None, "Plan."]))
def test_text_and_failure_exclude_each_other(raw: str, thinking: str | None) -> None:
    answer = split_answer(raw, thinking=thinking)
    assert bool(answer.text.strip()) == (answer.failure is None)
    assert answer.text in raw


@given(st.text(alphabet=st.characters(exclude_characters="<", exclude_categories=["Cs"])))
def test_a_text_without_tags_is_not_touched(text: str) -> None:
    assert split_answer(text).text == text
    assert split_answer(f"<think>x</think>\n{text}").text == text.lstrip(" \t\r\n")


@pytest.mark.parametrize(
    "piece",
    [
        "<think>",
        "</think>",
        "<think></think>",
        "<think><think></think>",
        "<answer>",
        "</answer>",
        "`</think>`",
        "\n",
        "< ",
    ],
)
def test_time_is_linear(piece: str) -> None:
    """A quadratic parser would take minutes."""
    start = time.perf_counter()
    split_answer(piece * (1_000_000 // len(piece)))
    split_answer("<think>" + piece * (1_000_000 // len(piece)) + "</answer>")
    assert time.perf_counter() - start < 5
