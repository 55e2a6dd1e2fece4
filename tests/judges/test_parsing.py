"""A judge's words become a verdict or a score only where they say so without doubt."""

import json
import runpy
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from judges import Completion, Invalid, InvalidReason, Score, Verdict
from judges.parsing import check_completion, parse_score, parse_score_json, parse_verdict, parse_verdict_json

CORPUS = runpy.run_path(str(Path(__file__).with_name("corpus.py")))
LABELS = tuple(verdict.value for verdict in Verdict)
PARSERS = (parse_verdict, parse_verdict_json, parse_score, parse_score_json)


def table(name):
    return [pytest.param(reply, expected, id=title) for title, reply, expected in CORPUS[name]]


def said(outcome):
    """The one word that the corpus expects."""
    if isinstance(outcome, Invalid):
        return outcome.reason.value
    return outcome.value


def test_the_corpus_is_large_and_its_names_are_unique():
    tables = [CORPUS[name] for name in ("VERDICTS", "VERDICTS_JSON", "SCORES")]
    assert sum(map(len, tables)) >= 150
    for rows in tables:
        assert len({title for title, _, _ in rows}) == len(rows)


@pytest.mark.parametrize(("reply", "expected"), table("VERDICTS"))
def test_text_reply(reply, expected):
    assert said(parse_verdict(reply)) == expected


@pytest.mark.parametrize(("reply", "expected"), table("VERDICTS_JSON"))
def test_json_reply(reply, expected):
    assert said(parse_verdict_json(reply)) == expected


@pytest.mark.parametrize(("reply", "expected"), table("SCORES"))
def test_score_reply(reply, expected):
    outcome = parse_score(reply)
    assert said(outcome) == expected
    if isinstance(outcome, Score):
        outcome.reason.encode("utf-8")


@pytest.mark.parametrize(("reply", "expected"), table("SCORES"))
def test_a_json_score_is_read_without_fences(reply, expected):
    outcome = parse_score_json(reply)
    assert said(outcome) == (NOT_JSON if reply.lstrip().startswith("```") or "\n```" in reply else expected)


NOT_JSON = InvalidReason.NOT_JSON.value


def test_the_reason_of_a_score_is_kept_whole():
    reason = 'a "quoted" \u2028 line, 一个理由 🖋️'
    assert parse_score_json(json.dumps({"score": 7, "reason": reason})) == Score(7, reason)


def test_a_lone_surrogate_in_the_reason_becomes_the_replacement_character():
    assert parse_score_json('{"score": 3, "reason": "bad \\ud83d, good \\ud83d\\ude00"}') == Score(
        3, "bad \ufffd, good 😀"
    )


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize(
    "reply",
    [
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 100_000 + "}" * 100_000,
        '{"score": 7, "reason": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"explanation": ' + "[" * 100_000 + ', "verdict": "A>B"}',
    ],
    ids=["arrays", "objects", "reason", "explanation"],
)
def test_deep_nesting_is_invalid_and_no_crash(parse, reply):
    assert isinstance(parse(reply), Invalid)


TEN_MEGABYTES = 10_000_000


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize(
    "unit",
    [
        "x",
        "[",
        "]",
        "[[",
        "]]",
        "[[A>B]",
        "[[A>",
        "```",
        "```\n",
        "```json\n",
        "`",
        "\n",
        '"',
        "{",
        "[[a]] ",
        "【",
        "长",
    ],
)
def test_ten_megabytes_are_read_in_linear_time(parse, unit):
    reply = unit * (TEN_MEGABYTES // len(unit))
    start = time.perf_counter()
    outcome = parse(reply)
    assert time.perf_counter() - start < 5
    assert isinstance(outcome, Invalid)
    assert len(outcome.detail) < 300


def test_the_label_behind_ten_megabytes_is_found():
    assert parse_verdict("word " * (TEN_MEGABYTES // 5) + "[[B>A]]") is Verdict.B_BETTER


def test_a_fence_behind_a_megabyte_of_fences_is_found():
    reply = "```python\nx\n```\n" * 60_000 + '```json\n{"score": 7, "reason": "x"}\n```'
    start = time.perf_counter()
    assert parse_score(reply) == Score(7, "x")
    assert time.perf_counter() - start < 5


NASTY = st.lists(
    st.sampled_from(
        [*LABELS, *"[]>=\n`{}:,\"'01579.e-", "【", "［", "[[", "]]", "```json\n", "\u2028", "\ud800", "score", "好"]
    )
).map("".join)


@settings(max_examples=300, deadline=None)
@given(reply=st.text() | NASTY)
@example(reply="[[A>B]")
def test_any_text_is_parsed_and_only_a_label_gives_a_verdict(reply):
    for parse in PARSERS:
        outcome = parse(reply)
        assert isinstance(outcome, (Verdict, Score, Invalid))
        if isinstance(outcome, Verdict):
            assert outcome.value in reply
    verdict = parse_verdict(reply)
    if isinstance(verdict, Verdict):
        assert f"[[{verdict.value}]]" in reply
        assert "[[" not in reply[reply.rindex(f"[[{verdict.value}]]") + 2 :]


@settings(max_examples=200, deadline=None)
@given(
    before=st.text(), label=st.sampled_from(LABELS), behind=st.text(alphabet=st.characters(exclude_characters="[［【"))
)
def test_the_last_label_decides_whatever_stands_around_it(before, label, behind):
    assert parse_verdict(f"{before}[[{label}]]{behind}") == Verdict(label)


@settings(max_examples=200, deadline=None)
@given(value=st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists))
def test_no_value_but_an_integer_from_1_to_10_is_a_score(value):
    outcome = parse_score_json(json.dumps({"score": value, "reason": "x"}))
    if type(value) is int and 1 <= value <= 10:
        assert outcome == Score(value, "x")
    else:
        assert isinstance(outcome, Invalid)


@pytest.mark.parametrize(
    ("completion", "reason"),
    [
        (Completion("[[A>B]]", finish_reason="length"), "cut"),
        (Completion("", finish_reason="length"), "cut"),
        (Completion("[[A>B]]", finish_reason="content_filter"), "refused"),
        (Completion("", finish_reason="refusal"), "refused"),
        (Completion(" \n\u3000", finish_reason="stop"), "empty"),
        (Completion(""), "empty"),
        (Completion("[[A>B]]", finish_reason="stop"), None),
        (Completion("[[A>B]]"), None),
        (Completion("[[A>B]]", finish_reason="eos"), None),
    ],
)
def test_a_cut_refused_or_empty_completion_holds_no_judgement(completion, reason):
    found = check_completion(completion)
    assert (found.reason.value if found else None) == reason
