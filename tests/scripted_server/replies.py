"""What the server answers: functions from a request to a reply, by name.

A function of another test folder is named as `module:function`; it takes the request, the options of the reply and the
seed of the script, and returns a `Reply`.

Options of every reply: `thinking` (words of thinking), `thinking_in` (the field: `reasoning_content`, `reasoning`, or
`tags` for `<think>` in the text), `finish` (finish reason), `served_model`.

* `essay`: `words` (a number or `[lo, hi]`), in Chinese where the request is; `prefix`, `suffix`.
* `judge`: `verdict` (`first`, `second`, `longer`, `shorter`, `tie`, `hash`, or a label), `score` (1 to 10, or `hash`),
  `invalid` (share of replies without a verdict). Answers as JSON where the request has a `response_format`, and with a
  score for each criterion where the request shows several.
* `echo`: the text of the request.
* `fixed`: `text`.
"""

import hashlib
import importlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from writing import write_text

from scripted_server.script import Request

_HANZI = re.compile(r"[\u4e00-\u9fff]")
_FENCE = re.compile(r"\b[0-9a-f]{12}\b")
_NUMBERED = re.compile(r"^<<<(?:CRITERION|标准) (\d+) [0-9a-f]{12}>>>$", re.MULTILINE)
_LABELS = ("A>>B", "A>B", "A=B", "B>A", "B>>A")


@dataclass(frozen=True)
class Reply:
    """An answer before it meets a fault."""

    text: str
    thinking: str | None = None
    thinking_field: str = "reasoning_content"
    finish: str = "stop"
    served_model: str | None = None


ReplyFunction = Callable[[Request, Mapping[str, Any], int], Reply]


def make_reply(request: Request, options: Mapping[str, Any], seed: int) -> Reply:
    """Answer the request as the options say."""
    name = options.get("name", "essay")
    if ":" in name:
        module, function = name.split(":")
        reply: Reply = getattr(importlib.import_module(module), function)(request, options, seed)
    else:
        reply = REPLIES[name](request, options, seed)
    if words := options.get("thinking"):
        thinking = write_text((request.digest, "thinking"), words=words)
        place = options.get("thinking_in", "reasoning_content")
        if place == "tags":
            reply = replace(reply, text=f"<think>{thinking}</think>\n\n{reply.text}")
        else:
            reply = replace(reply, thinking=thinking, thinking_field=place)
    return replace(
        reply, finish=options.get("finish", reply.finish), served_model=options.get("served_model", reply.served_model)
    )


def essay(request: Request, options: Mapping[str, Any], seed: int) -> Reply:
    """Paragraphs that depend on the request, the seed it asks for and the script's seed."""
    words = options.get("words", 120)
    if not isinstance(words, int):
        lo, hi = words
        words = round(lo + (hi - lo) * request.draw("words", seed))
    language = "zh" if len(_HANZI.findall(request.text)) * 3 > len(request.text) else "en"
    text = write_text((request.digest, seed), words=words, language=language)
    return Reply(options.get("prefix", "") + text + options.get("suffix", ""))


def echo(request: Request, _options: Mapping[str, Any], _seed: int) -> Reply:
    """The text of the request."""
    return Reply(request.text)


def fixed(_request: Request, options: Mapping[str, Any], _seed: int) -> Reply:
    """The text of the options."""
    return Reply(options.get("text", "ok"))


def judge(request: Request, options: Mapping[str, Any], seed: int) -> Reply:
    """A verdict on two fenced texts, or a score where the request shows no labels."""
    schema = _schema_of(request)
    pairwise = "verdict" in schema.get("properties", {}) if schema else "A>B" in request.text
    explanation = f"Considered {request.digest[:8]}."
    broken = request.draw("invalid", seed, request.attempt) < options.get("invalid", 0)
    if pairwise:
        label = "undecided" if broken else _verdict(request, options.get("verdict", "hash"), seed)
        if schema is None:
            return Reply(f"{explanation}\n\n[[{label}]]")
        return Reply(json.dumps(_fill(schema, {"verdict": label}, explanation)))
    numbers = [name for name in schema.get("properties", {}) if name.isdigit()] if schema else _numbers(request.text)
    score = 11 if broken else options.get("score", "hash")
    if numbers:
        drawn = {name: 1 + int(10 * request.draw("score", seed, name)) for name in numbers}
        scores = {name: {"reason": explanation, "score": drawn[name] if score == "hash" else score} for name in numbers}
        return Reply(json.dumps(scores) if schema else f"```json\n{json.dumps(scores)}\n```")
    if score == "hash":
        score = 1 + int(10 * request.draw("score", seed))
    if schema is None:
        return Reply(f"```json\n{json.dumps({'score': score, 'reason': explanation})}\n```")
    return Reply(json.dumps(_fill(schema, {"score": score}, explanation)))


def fenced_texts(text: str) -> list[str]:
    """Return the texts that stand between lines with the first 12 hex digits of their own hash, in order."""
    places: dict[str, list[re.Match[str]]] = {}
    for match in _FENCE.finditer(text):
        places.setdefault(match[0], []).append(match)
    found: list[tuple[int, str]] = []
    for digest, matches in places.items():
        for index, opening in enumerate(matches):
            start = text.find("\n", opening.end()) + 1
            for closing in matches[index + 1 :]:
                content = text[start : max(start, text.rfind("\n", 0, closing.start()))]
                if start and hashlib.sha256(content.encode()).hexdigest().startswith(digest):
                    found.append((start, content))
                    break
    return [content for _, content in sorted(found)]


def _numbers(text: str) -> list[str]:
    """Return the numbers of criteria, where a request shows several between fences."""
    return list(dict.fromkeys(_NUMBERED.findall(text)))


def _verdict(request: Request, wanted: str, seed: int) -> str:
    if wanted in _LABELS:
        return wanted
    if wanted == "hash":
        return _LABELS[int(len(_LABELS) * request.draw("verdict", seed))]
    if wanted in {"longer", "shorter"}:
        texts = fenced_texts(request.text)
        if len(texts) < 2 or len(texts[0]) == len(texts[1]):
            return "A=B"
        first = (len(texts[0]) > len(texts[1])) == (wanted == "longer")
        return "A>B" if first else "B>A"
    return {"first": "A>B", "second": "B>A", "tie": "A=B"}[wanted]


def _schema_of(request: Request) -> dict[str, Any] | None:
    wanted = request.body.get("response_format")
    if not isinstance(wanted, dict) or wanted.get("type") != "json_schema":
        return None
    schema: dict[str, Any] = wanted["json_schema"].get("schema", {})
    return schema


def _fill(schema: Mapping[str, Any], known: Mapping[str, Any], explanation: str) -> dict[str, Any]:
    return {name: known.get(name, explanation) for name in schema.get("properties", known)}


REPLIES: dict[str, ReplyFunction] = {"essay": essay, "judge": judge, "echo": echo, "fixed": fixed}
