"""An LLM judge asks once, reads strictly, and finds no verdict where there is none."""

import asyncio
import runpy
import time
from pathlib import Path

import pytest

from judges import (
    Completion,
    Criterion,
    Invalid,
    InvalidReason,
    JudgeSpec,
    RubricJudge,
    Score,
    TransportError,
    Usage,
    Verdict,
)
from judges.llm import LLMJudge, make_spec, response_format
from judges.llm.thoughts import visible_reply

ScriptedModel = runpy.run_path(str(Path(__file__).with_name("attacks.py")))["ScriptedModel"]

PROMPT = "Write a haiku about rain."
CRITERION = Criterion("Image", "One clear image.", ("none", "vague", "usable", "clear", "unforgettable"))
TEXT = make_spec("scripted", "gpt-4.1-2025-04-14")
JSON = make_spec("scripted", "gpt-4.1-2025-04-14", reply_format="json_schema")


def compare(spec, completion):
    return asyncio.run(LLMJudge(spec, ScriptedModel(completion)).compare(PROMPT, "one", "two")).outcome


def score(spec, completion):
    return asyncio.run(LLMJudge(spec, ScriptedModel(completion), ScriptedModel(completion)).score(
        PROMPT, "one", CRITERION)).outcome  # fmt: skip


def reason(outcome):
    return outcome.reason.value if isinstance(outcome, Invalid) else outcome


def test_a_comparison_brings_the_verdict_and_all_that_the_server_said():
    completion = Completion("A is fresher.\n\n[[A>B]]", "hm", "stop", "gpt-4.1-x", Usage(10, 5, 3), 1.5)
    model = ScriptedModel(completion)
    judge = LLMJudge(TEXT, model)
    comparison = asyncio.run(judge.compare(PROMPT, "one", "two"))
    assert comparison.outcome is Verdict.A_BETTER
    assert comparison.completion is completion
    ((messages, seed),) = model.asked
    assert messages == judge.comparison_messages(PROMPT, "one", "two")
    assert [message.role for message in messages] == ["system", "user"]
    assert seed is None


def test_a_score_brings_the_reason():
    completion = Completion('The rain is heard.\n```json\n{"score": 7, "reason": "heard, not seen"}\n```')
    model = ScriptedModel(completion)
    judge = LLMJudge(TEXT, model)
    scoring = asyncio.run(judge.score(PROMPT, "one", CRITERION))
    assert scoring.outcome == Score(7, "heard, not seen")
    assert scoring.completion is completion
    assert model.asked == [(judge.scoring_messages(PROMPT, "one", CRITERION), None)]


def test_json_replies_are_read_as_json_by_the_model_with_their_schema():
    comparer = ScriptedModel(Completion('{"explanation": "[[B>A]]", "verdict": "A>>B"}'))
    scorer = ScriptedModel(Completion('{"reason": "thin", "score": 3}'))
    judge = LLMJudge(JSON, comparer, scorer)
    assert asyncio.run(judge.compare(PROMPT, "one", "two")).outcome is Verdict.A_MUCH_BETTER
    assert asyncio.run(judge.score(PROMPT, "one", CRITERION)).outcome == Score(3, "thin")
    assert (len(comparer.asked), len(scorer.asked)) == (1, 1)


def test_formats_are_never_mixed():
    assert reason(compare(JSON, Completion("A is better. [[A>B]]"))) == "not_json"
    assert reason(compare(TEXT, Completion('{"explanation": "", "verdict": "A>B"}'))) == "no_label"
    assert reason(score(JSON, Completion('```json\n{"score": 7, "reason": ""}\n```'))) == "not_json"
    assert reason(compare(JSON, Completion('<think>x</think>{"explanation": "", "verdict": "A>B"}'))) == "not_json"


@pytest.mark.parametrize("spec", [TEXT, JSON], ids=["text", "json_schema"])
@pytest.mark.parametrize(
    ("completion", "expected"),
    [
        (Completion("", thinking="A wins. [[A>B]]", finish_reason="stop"), "empty"),
        (Completion("\n \u3000", thinking='{"explanation": "x", "verdict": "A>B"}'), "empty"),
        (Completion("", thinking='```json\n{"score": 9, "reason": "x"}\n```'), "empty"),
        (Completion("[[A>B]]", finish_reason="length"), "cut"),
        (Completion("[[A>B]]", finish_reason="content_filter"), "refused"),
    ],
)
def test_thinking_cuts_and_refusals_hold_no_judgement(spec, completion, expected):
    assert reason(compare(spec, completion)) == expected
    assert reason(score(spec, completion)) == expected


THOUGHTS = [
    # name, reply, verdict or reason
    ("closed", "<think>[[A>>B]]?</think>\nB is better.\n[[B>A]]", "B>A"),
    ("closed, nothing behind", "<think>So [[A>>B]].</think>", "empty"),
    ("closed, blanks behind", "<think>So [[A>>B]].</think>\n\u3000\n", "empty"),
    ("closed, no label behind", "<think>So [[A>>B]].</think>\nI cannot decide.", "no_label"),
    ("never closed", "<think>So [[A>>B]].", "empty"),
    ("never closed, other name", "<reasoning>\nSo [[A>>B]].", "empty"),
    ("other case and blanks", " \n\t<THINK>\n[[A>B]]\n</Think>\n[[A=B]]", "A=B"),
    ("byte order mark before", "\ufeff<think>[[A>B]]", "empty"),
    ("ideographic space before", "\u3000<think>[[A>B]]", "empty"),
    ("opened by the template", "A first, hm [[A>B]]\n</think>\n\nIn the end [[B>A]]", "B>A"),
    ("opened by the template, nothing behind", "hm [[A>B]]\n</think>\n", "empty"),
    ("the thought quotes its end", "<think>B holds '</think> [[B>>A]]'. Odd.</think>\nNo verdict.", "no_label"),
    ("two thoughts", "<think>a [[A>B]]</think>\n<think>b [[B>A]]</think>\n[[A=B]]", "A=B"),
    ("second thought never ends", "<think>a</think>\n[[A>B]]\n<think>but [[B>A]]", "empty"),
    ("label before a thought", "[[A>B]]\n<think>sure?</think>", "empty"),
    ("preamble", "Let me see.\n<think>[[A>>B]]</think>\n[[B>A]]", "B>A"),
    ("tags talked about", "Text A writes </think> and <think> in mid-air. [[A>B]]", "A>B"),
    ("no tags", "[[A>B]]", "A>B"),
]


@pytest.mark.parametrize(("reply", "expected"), [pytest.param(*row[1:], id=row[0]) for row in THOUGHTS])
def test_labels_in_thoughts_are_no_verdict(reply, expected):
    assert reason(compare(TEXT, Completion(reply, finish_reason="stop"))) == expected


def test_a_score_in_a_thought_is_no_score():
    block = '```json\n{"score": 9, "reason": "x"}\n```'
    assert reason(score(TEXT, Completion(f"<think>{block}</think>\nNo."))) == "not_json"
    assert reason(score(TEXT, Completion(f"<think>\n{block}"))) == "empty"
    assert score(TEXT, Completion(f"<think>{block}</think>\n{block.replace('9', '2')}")) == Score(2, "x")


@pytest.mark.parametrize(
    "unit", ["<think>", "</think>", "\n<think>", "\n</think>", "\u3000", " ", "\n", "\ufeff", "</think> "]
)
def test_two_megabytes_of_tags_are_read_in_linear_time(unit):
    start = time.perf_counter()
    visible_reply(unit * (2_000_000 // len(unit)))
    assert time.perf_counter() - start < 5


def test_no_connection_is_no_comparison():
    class Down(ScriptedModel):
        async def complete(self, messages, *, seed=None):
            raise TransportError("the server is gone")

    judge = LLMJudge(TEXT, Down())
    with pytest.raises(TransportError, match="gone"):
        asyncio.run(judge.compare(PROMPT, "one", "two"))
    with pytest.raises(TransportError, match="gone"):
        asyncio.run(judge.score(PROMPT, "one", CRITERION))


def test_it_is_a_rubric_judge_and_says_who_it_is():
    judge = LLMJudge(TEXT, ScriptedModel(Completion("x")))
    assert isinstance(judge, RubricJudge)
    assert judge.spec is TEXT


def test_closing_closes_every_model():
    comparer, scorer = ScriptedModel(), ScriptedModel()
    asyncio.run(LLMJudge(JSON, comparer, scorer).aclose())
    assert comparer.closed and scorer.closed
    only = ScriptedModel()
    asyncio.run(LLMJudge(TEXT, only).aclose())
    assert only.closed


def test_a_judge_is_what_its_spec_says():
    with pytest.raises(ValueError, match="model"):
        LLMJudge(TEXT, ScriptedModel(model_id="another"))
    with pytest.raises(ValueError, match="model"):
        LLMJudge(JSON, ScriptedModel(), ScriptedModel(model_id="another"))
    with pytest.raises(ValueError, match="templates"):
        LLMJudge(JudgeSpec("x", "scripted", "other words"), ScriptedModel())
    with pytest.raises(ValueError, match="reply format"):
        LLMJudge(JudgeSpec("x", "scripted", TEXT.template, reply_format="none"), ScriptedModel())
    with pytest.raises(ValueError, match="without a model for scores"):
        asyncio.run(LLMJudge(JSON, ScriptedModel()).score(PROMPT, "one", CRITERION))


def test_schemas_ask_for_the_explanation_first_and_for_what_the_parser_takes():
    verdict = response_format("verdict")["json_schema"]
    assert verdict["strict"] is True
    assert list(verdict["schema"]["properties"]) == verdict["schema"]["required"] == ["explanation", "verdict"]
    assert verdict["schema"]["properties"]["verdict"]["enum"] == [label.value for label in Verdict]
    scored = response_format("score")["json_schema"]["schema"]
    assert list(scored["properties"]) == scored["required"] == ["reason", "score"]
    assert scored["properties"]["score"]["enum"] == list(range(1, 11))
    assert verdict["schema"]["additionalProperties"] is scored["additionalProperties"] is False


def test_invalid_reasons_of_thoughts_are_typed():
    assert visible_reply("<think>x") == Invalid(InvalidReason.EMPTY, "the judge's thought never ends")
