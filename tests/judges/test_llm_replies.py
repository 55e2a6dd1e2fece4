"""Ten thousand hostile replies: no crash, and no judgement but where an oracle of its own finds a well-formed one.

What is well formed, stated once more and without the code under test:

* Text verdict: behind all thoughts, the last pair of opening brackets (half-width, full-width or lenticular) begins
  exactly one of the five labels in half-width brackets.
* JSON verdict: the whole reply is one JSON object with `explanation`, a string, and `verdict`, one of the five labels;
  no field more, less or twice.
* Score: one JSON object with `score`, an integer from 1 to 10, and `reason`, a string, in the last fenced block behind
  all thoughts, or, without a fence, all that stands there; for JSON replies the whole reply.

Thoughts end with the last closing tag behind an opening tag at the start of a line, or with a closing tag alone on its
line; an opening tag at the start of a line that no closing tag follows means that there is no reply.
"""

import asyncio
import json
import random
import runpy
import string
from collections import Counter
from pathlib import Path

import pytest

from judges import Completion, Criterion, Invalid, Score, Verdict
from judges.llm import LLMJudge, make_spec

ScriptedModel = runpy.run_path(str(Path(__file__).with_name("attacks.py")))["ScriptedModel"]

LABELS = ("A>>B", "A>B", "A=B", "B>A", "B>>A")
INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"
NAMES = ("think", "thinking", "reasoning")
LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def judged(reply, answer, reply_format):
    """The oracle: a label, a number, or `None` for a malformed reply."""
    if not reply.strip():
        return None
    if reply_format == "text":
        reply = without_thoughts(reply)
        if reply is None or not reply.strip():
            return None
    if answer == "verdict":
        return last_label(reply) if reply_format == "text" else json_verdict(reply)
    return json_score(last_block(reply) if reply_format == "text" else reply)


def without_thoughts(reply):
    low = reply.translate(LOWER)
    end, position, first_opening = 0, 0, None
    for line in low.split("\n"):
        if first_opening is None and opens(line):
            first_opening = position + line.index("<")
        for tag in (f"</{name}>" for name in NAMES):
            last = position + line.rfind(tag)
            if bare(line) == tag or (tag in line and first_opening is not None and last > first_opening):
                end = max(end, last + len(tag))
        position += len(line) + 1
    return None if any(opens(line) for line in low[end:].split("\n")) else reply[end:]


def bare(line):
    while line != (line := line.strip().strip(INVISIBLE)):
        pass
    return line


def opens(line):
    return bare(line).startswith(tuple(f"<{name}>" for name in NAMES))


def last_label(text):
    for start in range(len(text) - 2, -1, -1):
        if text[start : start + 2] in ("[[", "［［", "【【"):
            return next((label for label in LABELS if text[start:].startswith(f"[[{label}]]")), None)
    return None


def strict_json(text):
    """The object as a list of its members, or `None`."""

    def refuse(name):
        raise ValueError(name)

    try:
        value = json.loads(text, object_pairs_hook=lambda pairs: ("object", pairs), parse_constant=refuse)
    except (ValueError, RecursionError):
        return None
    return value[1] if isinstance(value, tuple) else None


def json_verdict(text):
    members = strict_json(text)
    if members is None or Counter(name for name, _ in members) != Counter(["explanation", "verdict"]):
        return None
    fields = dict(members)
    return fields["verdict"] if isinstance(fields["explanation"], str) and fields["verdict"] in LABELS else None


def json_score(text):
    members = strict_json(text) if text is not None else None
    if members is None or Counter(name for name, _ in members) != Counter(["score", "reason"]):
        return None
    fields = dict(members)
    value = fields["score"]
    good = isinstance(fields["reason"], str) and isinstance(value, int) and not isinstance(value, bool)
    return value if good and 1 <= value <= 10 else None


def last_block(text):
    """The last fenced block; the whole text without one; `None` where one is left open."""
    block, inside, collected = text, False, []
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if not inside:
            if line.startswith("```") and "`" not in line[3:] and number < len(lines) - 1:
                inside, collected = True, []
        else:
            body = line.rstrip(" \t\r")
            if body.endswith("```"):
                block, inside = "\n".join([*collected, body[:-3]]), False
            else:
                collected.append(line)
    return None if inside else block


EXPLANATIONS = [
    "Text A keeps to 300 words; text B stops in the middle of a sentence.",
    "文章A结构完整，文章B重复较多，篇幅也不够。",
    'Text B says "print [[A>>B]]". I do not.',
    "Both write about the tree.\n\nA quotes <think> tags and ``` fences, B quotes {braces}.",
    "",
]
TOKENS = [
    *(f"[[{label}]]" for label in LABELS),
    *LABELS,
    "[[",
    "]]",
    "[",
    "]",
    "［［",
    "【【",
    "[[A]]",
    "[[label]]",
    "[[A > B]]",
    "<think>",
    "</think>",
    "\n<think>\n",
    "\n</think>\n",
    "<THINK>",
    "</reasoning>",
    "```",
    "```json\n",
    "\n```",
    "\n```\n",
    "{",
    "}",
    '"',
    "'",
    "\\",
    ",",
    ":",
    '"score": 10',
    '"score": 9.5',
    '"score": "9"',
    '"verdict": "A>B"',
    '"reason": ""',
    "null",
    "true",
    "NaN",
    "Infinity",
    "1e1",
    "10",
    "0",
    "11",
    "-1",
    "\n",
    "\r\n",
    "\u2028",
    "\u200b",
    "\ufeff",
    "\u3000",
    "\x00",
    "\ud800",
    "🖋️",
    "＞",
    "А>В",
    "<<<END TEXT A 3fa9c1d2e4b5>>>",
    "<|im_end|>",
    "I cannot judge this.",
    "<!--",
    "İ",
]


def valid_reply(draw, answer, reply_format):
    explanation, label, number = draw.choice(EXPLANATIONS), draw.choice(LABELS), draw.randint(1, 10)
    ascii_only = draw.random() < 0.3
    if reply_format == "json_schema":
        fields = (
            {"explanation": explanation, "verdict": label}
            if answer == "verdict"
            else {"reason": explanation, "score": number}
        )
        return json.dumps(fields, ensure_ascii=ascii_only, indent=draw.choice([None, 2]))
    thought = draw.choice(
        ["", "", "", f"<think>Perhaps [[{draw.choice(LABELS)}]]?</think>\n", "Let me think.\n</think>\n\n"]
    )
    if answer == "verdict":
        return f"{thought}{explanation}\n\n[[{label}]]"
    block = json.dumps({"score": number, "reason": explanation}, ensure_ascii=ascii_only)
    return f"{thought}{explanation.replace('```', '')}\n\n```json\n{block}\n```"


def mutate(draw, reply):
    for _ in range(draw.choice([0, 1, 1, 1, 2, 2, 3, 5])):
        at, to = sorted((draw.randint(0, len(reply)), draw.randint(0, len(reply))))
        near = max(0, len(reply) - draw.randint(0, 12))
        at = draw.choice([at, near])
        kind = draw.randrange(8)
        if kind == 0:
            reply = reply[:at] + reply[min(len(reply), at + draw.randint(1, 6)) :]
        elif kind == 1:
            reply = reply[:to]
        elif kind == 2:
            reply += draw.choice(["", "\n"]) + reply
        elif kind == 3:
            reply = reply.replace(
                *draw.choice([(">", "＞"), ("A", "a"), ("[[", "[ ["), ('"', "'"), ("\n", "\r\n"), ("]]", "]")])
            )
        elif kind == 4:
            reply = reply[:at][::-1] + reply[at:]
        else:
            reply = reply[:at] + draw.choice(TOKENS) + reply[at:]
    return reply


SEED = 1
REPLIES_PER_KIND = 2_500

CRITERION = Criterion("Depth", "Goes deep.", ("a", "b", "c", "d", "e"))


@pytest.mark.parametrize("reply_format", ["text", "json_schema"])
@pytest.mark.parametrize("answer", ["verdict", "score"])
def test_no_judgement_comes_from_a_malformed_reply(answer, reply_format):
    draw = random.Random(f"{answer} {reply_format} {SEED}")
    spec = make_spec("scripted", "scripted", reply_format=reply_format)
    counts = Counter()

    async def study():
        for _ in range(REPLIES_PER_KIND):
            reply = mutate(draw, valid_reply(draw, answer, reply_format))
            model = ScriptedModel(Completion(reply, thinking=draw.choice([None, "[[A>B]]"]), finish_reason="stop"))
            judge = LLMJudge(spec, model, model)
            if answer == "verdict":
                outcome = (await judge.compare("Write.", "one", "two")).outcome
            else:
                outcome = (await judge.score("Write.", "one", CRITERION)).outcome
            expected = judged(reply, answer, reply_format)
            assert isinstance(outcome, (Verdict, Score, Invalid))
            found = None if isinstance(outcome, Invalid) else outcome.value
            assert found == expected, reply
            counts[found is None] += 1

    asyncio.run(study())
    assert min(counts[True], counts[False]) >= REPLIES_PER_KIND / 6, "the mutations leave too few of one kind"


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("[[A>B]]", "A>B"),
        ("[[A>B]] [[label]]", None),
        ("<think>[[A>B]]</think>", None),
        ("<think>[[A>B]]</think>[[B>A]]", "B>A"),
        ("x\n</think>\n[[B>A]]", "B>A"),
        ("x </think> [[B>A]]", "B>A"),
        ("[[B>A]]\n<think>", None),
    ],
)
def test_the_oracle_knows_what_it_says(reply, expected):
    assert judged(reply, "verdict", "text") == expected
