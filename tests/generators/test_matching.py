"""Answers meet prompts by id or text, never by position."""

import pytest

from arena_write.benchmarks import BaselineTexts, Prompt
from arena_write.generators import (
    RECORDED,
    Answer,
    Entrant,
    Failure,
    MissingAnswersError,
    PromptMismatchError,
    RecordedAnswer,
    RecordedOutputs,
    baseline_outputs,
    match_answers,
    read_recorded,
    require_answers,
)
from judges import text_id

PROMPTS = tuple(Prompt(f"p{number}", f"Write text {number}.", "en") for number in range(8))


def outputs(*answers: RecordedAnswer) -> RecordedOutputs:
    return RecordedOutputs(Entrant("a", "m", RECORDED), answers, None, "results")


def answer(prompt_id: str | None, text: str | None = None, *, sample: int = 0, line: int = 1) -> RecordedAnswer:
    return RecordedAnswer(prompt_id, text, text_id(text) if text else None, sample, Answer("T"), line=line)


def test_by_id_and_by_text() -> None:
    by_id, by_text = answer("p3"), answer(None, "Write text 1.")
    both, other_id = answer("p2", "Write text 2."), answer("17", "Write text 0.")
    second = answer("p3", sample=1)
    matched = match_answers(outputs(by_text, second, both, other_id, by_id), PROMPTS)
    assert matched.answers == {
        PROMPTS[0].text_id: {0: other_id},
        PROMPTS[1].text_id: {0: by_text},
        PROMPTS[2].text_id: {0: both},
        PROMPTS[3].text_id: {0: by_id, 1: second},
    }
    assert matched.missing == ("p4", "p5", "p6", "p7")
    assert matched.unmatched == ()


def test_answers_without_a_prompt_are_told() -> None:
    stray, near = answer("x", line=4), answer(None, "Write text 1. ", line=5)
    matched = match_answers(outputs(stray, near), PROMPTS)
    assert matched.unmatched == (stray, near)
    assert matched.answers == {}


def test_an_id_with_another_text_is_refused() -> None:
    with pytest.raises(PromptMismatchError) as caught:
        match_answers(outputs(answer("p3", "Write text 4.", line=9)), PROMPTS)
    assert str(caught.value) == (
        "a:9: the answer to prompt 'p3' was written for another text than the benchmark's: use the benchmark that it "
        "was written for"
    )


def test_one_sample_twice_by_two_ways_is_refused() -> None:
    with pytest.raises(PromptMismatchError) as caught:
        match_answers(outputs(answer("p3", line=2), answer(None, "Write text 3.", line=6)), PROMPTS)
    assert str(caught.value) == (
        "a:6: a second answer to prompt 'p3', sample 0; the first is in line 2: remove one, or number them with "
        "`sample`"
    )


def test_missing_answers_are_counted_and_five_are_named() -> None:
    matched = match_answers(outputs(answer("p1"), answer("p1", sample=1)), PROMPTS)
    with pytest.raises(MissingAnswersError) as caught:
        require_answers("GPT", matched)
    assert str(caught.value) == (
        "GPT has no answer for 7 of 8 prompts: p0, p2, p3, p4, p5, ...; add these answers, or leave the prompts out "
        "for every entrant"
    )
    assert caught.value.missing == ("p0", "p2", "p3", "p4", "p5", "p6", "p7")
    require_answers("GPT", match_answers(outputs(*(answer(prompt.id) for prompt in PROMPTS)), PROMPTS))


def test_baselines_of_a_benchmark_become_entrants(tmp_path) -> None:
    texts = {"p0": "<think>Plan.</think>Text.", "p1": "Half \ud83d.", "p2": "<think>On"}
    baseline = baseline_outputs(BaselineTexts("r1", texts))
    assert [item.answer for item in baseline.answers] == [
        Answer("Text.", "Plan."),
        Answer("Half \ufffd."),
        Answer("", "On", Failure.OPEN_THOUGHT),
    ]
    assert baseline.entrant.name == "r1"
    path = tmp_path / "r1.jsonl"
    path.write_text(
        '{"id": "p1", "response": "Half \\ud83d."}\n{"id": "p0", "response": "Text."}\n'
        '{"id": "p2", "response": "<think>Off"}\n',
        encoding="utf-8",
    )
    assert read_recorded(path).entrant.id == baseline.entrant.id
    assert list(match_answers(baseline, PROMPTS).answers) == [prompt.text_id for prompt in PROMPTS[:3]]
