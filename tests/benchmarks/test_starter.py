"""The starter benchmark is what it says: prompts of every kind, and four hands that really wrote to their requests."""

from collections import Counter
from itertools import combinations

import pytest

from arena_write.benchmarks import starter
from arena_write.benchmarks.loading import load_benchmark
from arena_write.generators.recorded import read_recorded
from arena_write.textstats.endings import ending
from arena_write.textstats.language import detect_language
from arena_write.textstats.lengths import measure
from arena_write.textstats.repetition import repeated_ngram_share
from arena_write.textstats.requests import parse_length_request
from arena_write.textstats.tokens import tokenize

HANDS = (*starter.BASELINES, starter.EXAMPLE)
TYPES = {
    "Literature and Creative Writing",
    "Functional Writing",
    "Popular Science",
    "Academic and Monograph",
    "News Report",
    "Community Forum",
    "Education and Training",
}
DOMAINS = {
    "Academic & Engineering",
    "Finance & Business",
    "Politics & Law",
    "Literature & Arts",
    "Education",
    "Advertising & Marketing",
}


@pytest.fixture(scope="module")
def benchmark():
    return load_benchmark("starter")


@pytest.fixture(scope="module")
def texts():
    """Texts by hand and prompt id."""
    return {
        hand: {answer.prompt_id: answer.answer.text for answer in read_recorded(starter.path_of(hand)).answers}
        for hand in HANDS
    }


def test_it_has_prompts_of_every_kind(benchmark):
    assert benchmark.id == "starter@1"
    assert Counter(prompt.language for prompt in benchmark.prompts) == {"en": 8, "zh": 4}
    assert {prompt.type for prompt in benchmark.prompts} == TYPES
    assert {prompt.domain for prompt in benchmark.prompts} == DOMAINS
    requests = [prompt.length for prompt in benchmark.prompts]
    assert {request.kind for request in requests} == {"about", "at_most", "at_least", "range"}
    assert {request.unit for request in requests} == {"words", "chars"}
    asked = [number for request in requests for number in (request.lo, request.hi) if number]
    assert (min(asked), max(asked)) == (120, 1200)


def test_each_prompt_says_in_words_the_length_that_its_field_says(benchmark):
    for prompt in benchmark.prompts:
        read = parse_length_request(prompt.text, prompt.language)
        assert (read.lo, read.hi, read.unit, read.kind) == (
            prompt.length.lo, prompt.length.hi, prompt.length.unit, prompt.length.kind,
        ), prompt.id  # fmt: skip


def test_each_prompt_has_five_criteria_of_its_own_with_five_bands(benchmark):
    names = []
    for prompt in benchmark.prompts:
        assert len(prompt.criteria) == len({criterion.name for criterion in prompt.criteria}) == 5
        for criterion in prompt.criteria:
            assert criterion.description
            assert len(set(criterion.bands)) == 5
            assert detect_language(criterion.description + "".join(criterion.bands)) == prompt.language
            names.append(criterion.name)
    assert max(Counter(names).values()) <= 2


def test_48_answers_keep_to_their_requests_and_come_to_an_end(benchmark, texts):
    assert sum(len(answers) for answers in texts.values()) == 48
    for hand, answers in texts.items():
        for prompt in benchmark.prompts:
            text = answers[prompt.id]
            assert prompt.length.allows(measure(text, prompt.length.unit)), (hand, prompt.id)
            assert detect_language(text) == prompt.language
            assert ending(text) != "broken_off", (hand, prompt.id)
            assert repeated_ngram_share(tokenize(text)) < 0.05, (hand, prompt.id)


def spans(text):
    """Every eight words, or characters of Chinese, in a row."""
    tokens = tokenize(text)
    return {tuple(tokens[start : start + 8]) for start in range(len(tokens) - 7)}


def test_no_answer_is_a_copy_of_another(benchmark, texts):
    for prompt in benchmark.prompts:
        given = spans(prompt.text)
        for one, other in combinations(HANDS, 2):
            first, second = spans(texts[one][prompt.id]) - given, spans(texts[other][prompt.id]) - given
            shared = len(first & second) / min(len(first), len(second))
            assert shared < 0.12, (prompt.id, one, other, shared)


def test_its_texts_never_change_under_one_version(benchmark):
    """A changed text is another benchmark: change `VERSION` with it, and these two ids."""
    from arena_write.benchmarks.prompts import content_version

    assert content_version(benchmark.prompts) == "cfadae6a"
    assert [read_recorded(starter.path_of(hand)).entrant.id8 for hand in HANDS] == [
        "80ce0eb9",
        "f7009c8b",
        "d5633ae6",
        "23944fa3",
    ]
