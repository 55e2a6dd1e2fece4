"""The text-statistics judge: symmetric, repeatable, and not to be won by cutting, looping or padding."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textstats.samples import chinese, english

from arena_write.textstats import TextStatsJudge, describe, parse_length_request, points
from arena_write.textstats.lengths import count_chars, count_words
from judges.ports import Judge, RubricJudge
from judges.verdicts import Verdict

JUDGE = TextStatsJudge()
GOLDEN = {"en": 9.2999, "zh": 9.175525}


def _verdict(prompt, first, second):
    return asyncio.run(JUDGE.compare(prompt, first, second)).outcome


EN, ZH = english(120), chinese(120)
EN_PROMPT = f"Write an essay of about {count_words(EN)} words."
ZH_PROMPT = f"写一篇散文，约{count_chars(ZH)}字。"
TEXTS = {"en": (EN_PROMPT, EN), "zh": (ZH_PROMPT, ZH)}


def _cut(text):
    return text[: int(len(text) * 0.6)].rstrip("。.\n ，,")


def _loop(text):
    last = text.rstrip().split("\n")[-1]
    return f"{text}\n{last}" * 1 + f"\n{last}" * 8


def _copies(text):
    paragraphs = text.split("\n\n")
    return "\n\n".join(paragraphs + paragraphs[: len(paragraphs) // 3])


ATTACKS = {
    "cut": _cut,
    "loop": _loop,
    "copied paragraphs": _copies,
    "over-length": lambda text: text + "\n\n" + text.replace("the", "a").replace("的", "之"),
    "one wall": lambda text: text.replace("\n\n", " ") if "the" in text else text.replace("\n\n", ""),
    "bullets only": lambda text: "\n".join(f"- {line}" for line in text.split("\n\n")),
    "empty": lambda text: "",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
@pytest.mark.parametrize("language", TEXTS)
def test_attacks_lose(language, attack):
    prompt, text = TEXTS[language]
    assert _verdict(prompt, text, attack(text)) in {Verdict.A_BETTER, Verdict.A_MUCH_BETTER}
    assert _verdict(prompt, attack(text), text) in {Verdict.B_BETTER, Verdict.B_MUCH_BETTER}


@pytest.mark.parametrize("language", TEXTS)
def test_each_fault_costs_its_own_part(language):
    prompt, text = TEXTS[language]
    request = parse_length_request(prompt)
    clean = points(text, request)
    assert (clean.length, clean.ending) == (2, 1)
    assert points(_cut(text), request).ending == 0
    assert points(_cut(text), request).length < 1.5
    assert points(_loop(text), request).repetition < clean.repetition - 0.1
    assert points(ATTACKS["bullets only"](text), request).layout < clean.layout
    assert points(ATTACKS["one wall"](text), request).layout < clean.layout


def test_repetition_takes_the_worst_of_three_shares():
    lines = english(40).replace("\n\n", " ").split(". ")
    refrain = "\n".join(f"{line}.\nThe lamp goes out again." for line in lines)
    stats = describe(refrain)
    assert stats.repeated_ngrams == stats.longest_loop == 0 < stats.repeated_lines < 0.5
    assert points(refrain, None).repetition == pytest.approx(2 * (1 - 2 * stats.repeated_lines))
    looped = english(40) + " the lamp goes out" * 40
    stats = describe(looped)
    assert 2 * stats.longest_loop / stats.chars > stats.repeated_ngrams
    assert points(looped, None).repetition == pytest.approx(2 * (1 - 2 * stats.longest_loop / stats.chars))


def test_a_chinese_answer_to_a_request_in_words_is_counted_in_characters():
    request = parse_length_request(f"Write {count_chars(ZH)} words in Chinese.")
    assert request.unit == "words"
    assert points(ZH, request).length == 2


def test_wide_differences_are_much_better():
    assert _verdict(EN_PROMPT, EN, "Word " * 30) == Verdict.A_MUCH_BETTER
    assert _verdict(ZH_PROMPT, "好" * 300, ZH) == Verdict.B_MUCH_BETTER


def test_no_part_decides_alone():
    longer = points(EN, parse_length_request("about 300 words"))
    assert longer.length < 1
    assert longer.total > 5


def test_only_the_prompts_words_set_the_length():
    short, long = english(40), english(160)
    assert _verdict(f"About {count_words(short)} words.", short, long).score == 1
    assert _verdict(f"About {count_words(long)} words.", short, long).score == 0


def test_identical_texts_tie():
    for text in (EN, ZH, "", "x"):
        assert _verdict(EN_PROMPT, text, text) == Verdict.TIE


def test_near_texts_tie():
    assert _verdict(EN_PROMPT, EN, EN.replace("winter", "summer")) == Verdict.TIE


SENTENCE = st.sampled_from(
    ["Rain fell. ", "It was late and the lamps, one by one, went out,", "\n\n", "- item\n", "夜深了。", "# T\n", "!"]
)
ANSWER = st.lists(SENTENCE, max_size=60).map("".join) | st.text(max_size=80)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["", EN_PROMPT, ZH_PROMPT, "at most 10 words"]), ANSWER, ANSWER)
def test_swapping_flips_the_verdict(prompt, first, second):
    assert _verdict(prompt, first, second) == _verdict(prompt, second, first).flipped


@settings(max_examples=60, deadline=None)
@given(ANSWER)
def test_points_stay_in_their_range(text):
    found = points(text, parse_length_request("about 100 words"))
    assert all(0 <= getattr(found, name) <= 2 for name in ("length", "repetition", "sentences", "layout"))
    assert all(0 <= getattr(found, name) <= 1 for name in ("vocabulary", "ending"))
    assert 0 <= found.total <= 10


def test_repeat_changes_nothing():
    outcomes = {asyncio.run(JUDGE.compare(EN_PROMPT, EN, _cut(EN), repeat=repeat)).outcome for repeat in range(3)}
    assert len(outcomes) == 1


def test_points_are_the_same_on_every_machine():
    assert points(EN, parse_length_request(EN_PROMPT)).total == pytest.approx(GOLDEN["en"], abs=1e-6)
    assert points(ZH, parse_length_request(ZH_PROMPT)).total == pytest.approx(GOLDEN["zh"], abs=1e-6)


def test_is_a_pairwise_judge_that_says_what_it_is():
    judge: Judge = JUDGE
    assert not isinstance(judge, RubricJudge)
    assert judge.spec.label == "text-statistics rating (not quality)"
    assert (judge.spec.name, judge.spec.model, judge.spec.reply_format) == ("textstats", "builtin/textstats", "none")
    assert judge.spec.id == TextStatsJudge().spec.id
