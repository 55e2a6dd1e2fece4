"""From a model's raw words to its answer: one parser for thought tags and answer wrappers.

Tags count where a model puts them to use, at the start of its answer. The same tags further on, in an essay about HTML
or about reasoning models, are text like any other. What stands outside the answer is kept as its thinking, so that
nothing a model wrote is lost.

Only spaces, tabs and line ends around a tag that was taken off are taken off with it; an ideographic space, which
indents a Chinese paragraph, belongs to the text. A text without such tags is not touched at all.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

_SPACE = " \t\r\n"
_THOUGHT_TAG = re.compile(r"<(/?)(think|thinking|reasoning)>", re.IGNORECASE | re.ASCII)
_THOUGHT_OPENS = re.compile(r"[ \t\r\n]*<(?:think|thinking|reasoning)>", re.IGNORECASE | re.ASCII)
_THOUGHT_CLOSES = re.compile(r"[ \t\r\n]*</(?:think|thinking|reasoning)>", re.IGNORECASE | re.ASCII)
_ANSWER_TAG = re.compile(r"<(/?)(answer)>", re.IGNORECASE | re.ASCII)
_ANSWER_OPENS = re.compile(r"(?:[ \t\r\n]*<answer>)+", re.IGNORECASE | re.ASCII)
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SURE_QUOTES = frozenset(["``", "“”", "‘’", "「」", "『』", "«»", "《》"])
_LIKELY_QUOTES = frozenset(['""', "''"])


class Failure(StrEnum):
    """Why an output holds no answer. These are the candidate's own failures: losses, not missing measurements."""

    NO_ANSWER = "no_answer"
    """There is thought and nothing after it, or the generation was recorded as failed."""
    OPEN_THOUGHT = "unterminated_thought"
    """The thought never ended."""
    EMPTY = "empty"
    """There is nothing but blanks."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a model, split from its thinking.

    Args:
        text: The answer, exactly as written.
        thinking: What the model wrote outside its answer; `None` where it wrote nothing there.
        failure: Why there is no answer, or `None` where there is one.
    """

    text: str
    thinking: str | None = None
    failure: Failure | None = None


def clean_text(text: str) -> str:
    """Return the text with each lone surrogate replaced by U+FFFD, and nothing else changed.

    Lone surrogates come from escapes in JSON; they cannot be encoded, hashed or stored.
    """
    return _SURROGATE.sub("\ufffd", text)


def has_content(text: str) -> bool:
    """Say whether a text holds anything to read: more than blanks, control and format signs and invisible fillers."""
    return any(sign not in _FILLERS and unicodedata.category(sign)[0] not in "CZ" for sign in text)


def split_answer(raw: str, *, thinking: str | None = None, finish_reason: str | None = None) -> Answer:
    """Split what a model wrote into its answer and its thinking, in time linear in the length.

    * `<think>...</think>` at the start (also `thinking` and `reasoning`, any case, repeated) is thought. It ends at the
      tag that balances the first one, so that a thought may quote a pair; where none balances, at the first closing tag
      and not at the last, because a lost piece of the answer is worse than a kept piece of the thought.
    * `</think>` without its opening tag ends a thought that the chat template began. The first such tag counts, for the
      same reason. None is looked for where the thinking came in a field of its own, or behind an `<answer>`.
    * `<think>` without an end is an unterminated thought, and the text is empty.
    * After the thought, `<answer>...</answer>` wraps the answer, up to the last closing tag; words behind that are kept
      as thinking. A missing `</answer>` takes nothing away: it was the stop string, or the text was cut, and the finish
      reason says which. A lone `</answer>` at the very end closes a wrapper that the prompt opened.
    * A tag between quotation marks or backticks is talked about, not used.

    Args:
        raw: The answer as the model or the server gave it, cleaned by `clean_text`.
        thinking: Thinking that came in a field of its own; `None` or blank where there was none.
        finish_reason: Why the model stopped, where known. Thinking in its own field, no text and `length` are an
            unterminated thought.
    """
    separate = bool(thinking and thinking.strip())
    thoughts = [thinking] if thinking and separate else []
    seek_stray = not separate and not _ANSWER_OPENS.match(raw)
    rest = _skip_thoughts(raw, thoughts, finish_reason, seek_stray=seek_stray)
    text = None if rest is None else _unwrap(rest, thoughts)
    if text is not None and text is not rest:
        text = _skip_thoughts(text, thoughts, finish_reason, seek_stray=False)
    thought = "\n\n".join(part for part in thoughts if part.strip()) or None
    if text is None:
        return Answer("", thought, Failure.OPEN_THOUGHT)
    if has_content(text):
        return Answer(text, thought)
    if thought is None:
        return Answer(text, None, Failure.EMPTY)
    return Answer(text, thought, Failure.OPEN_THOUGHT if separate and finish_reason == "length" else Failure.NO_ANSWER)


def _skip_thoughts(text: str, thoughts: list[str], finish_reason: str | None, *, seek_stray: bool) -> str | None:
    """Return what follows the thoughts at the start, which are appended to `thoughts`; `None` where one never ends."""
    ends, stray = _pair_thoughts(text, ambiguous=finish_reason != "length")
    position = 0
    if seek_stray and stray and not _THOUGHT_OPENS.match(text):
        thoughts.append(text[: stray[0]].strip(_SPACE))
        position = stray[1]
    while True:
        if opened := _THOUGHT_OPENS.match(text, position):
            end = ends.get(opened.end())
            thoughts.append(text[opened.end() : end[0] if end else None].strip(_SPACE))
            if end is None:
                return None
            position = end[1]
        elif closed := _THOUGHT_CLOSES.match(text, position):
            position = closed.end()
        else:
            return text[position:].lstrip(_SPACE) if position else text


def _pair_thoughts(text: str, *, ambiguous: bool) -> tuple[dict[int, tuple[int, int]], tuple[int, int] | None]:
    """Find the closing tag of each thought tag, by the position behind it, and the first closing tag without one.

    An opening tag without a balance gets the first closing tag behind it. With `ambiguous` that may, failing all
    others, be one between straight quotation marks: these may as well end one quotation and begin another.
    """
    ends: dict[int, tuple[int, int]] = {}
    stray: tuple[int, int] | None = None
    unclosed: dict[str, list[int]] = defaultdict(list)
    closing: dict[str, list[tuple[int, int]]] = defaultdict(list)
    doubtful: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for tag in _THOUGHT_TAG.finditer(text):
        name = tag[2].lower()
        around = _around(tag)
        if around in _SURE_QUOTES or around in _LIKELY_QUOTES:
            if tag[1] and around in _LIKELY_QUOTES:
                doubtful[name].append(tag.span())
        elif not tag[1]:
            unclosed[name].append(tag.end())
        else:
            closing[name].append(tag.span())
            if unclosed[name]:
                ends[unclosed[name].pop()] = tag.span()
            else:
                stray = stray or tag.span()
    for name, starts in unclosed.items():
        for start in starts:
            for spans in (closing[name], doubtful[name] if ambiguous else []):
                index = bisect_left(spans, (start, start))
                if index < len(spans):
                    ends[start] = spans[index]
                    break
    return ends, stray


def _unwrap(text: str, thoughts: list[str]) -> str:
    """Return what the answer tags wrap, with words behind them appended to `thoughts`; without tags, `text` itself."""
    opened = _ANSWER_OPENS.match(text)
    start = opened.end() if opened else 0
    tags = [tag for tag in _ANSWER_TAG.finditer(text, start) if _around(tag) not in _SURE_QUOTES | _LIKELY_QUOTES]
    if not tags or not tags[-1][1]:
        return text[start:].lstrip(_SPACE) if opened else text
    behind = text[tags[-1].end() :].strip(_SPACE)
    if not opened and (behind or any(not tag[1] for tag in tags)):
        return text
    end = tags.pop().start()
    while opened and tags and tags[-1][1] and not text[tags[-1].end() : end].strip(_SPACE):
        end = tags.pop().start()
    thoughts.append(behind)
    body = text[start:end].rstrip(_SPACE)
    return body.lstrip(_SPACE) if opened else body


def _around(tag: re.Match[str]) -> str:
    """Return the characters just before and just behind a tag."""
    return tag.string[max(tag.start() - 1, 0) : tag.start()] + tag.string[tag.end() : tag.end() + 1]
