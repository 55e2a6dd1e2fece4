"""Whether a text comes to an end or breaks off."""

import re
import unicodedata
from typing import Literal

from arena_write.textstats.structure import line_kind
from arena_write.textstats.tokens import cjk_share, tokenize

Ending = Literal["finished", "broken_off", "unclear"]

_CLOSERS = "\"'”’»)）]】》」』*_~`$ \u3000"
_FINAL = ".!?。！？…‽।؟～♪☆★"
_OPEN = ",，、;；:：-–—([{（【《「『“‘«&+/\\=<@"
_STOP_TOKEN = re.compile(r"(?:</s>|<eos>|<end_of_turn>|<\|\w{2,20}\|>)\s*\Z")
_END_MARK = re.compile(
    r"\W*(?:the\s+end|end(?:\s+of\s+\w+(?:\s\w+)?)?|fin|finis|fade\s+(?:out|to\s+black)|cut\s+to\s+black|black\s?out|curtain"
    r"|to\s+be\s+continued|完|全[文书剧]完|本章完|完结|剧终|待续|未完待续|落幕|谢谢(?:大家)?)\W*$",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"\b(?:sincerely|regards|respectfully|faithfully|yours|love|cheers|warmly|best|wishes|thanks|thank\s+you|hugs|signed)\b"
    r"|此致|敬礼|敬上|谨上|谨启|祝[您你好愿]|顺颂|商祺|您的|你的|署名|落款|签名",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\d{2,4}\s*(?:年|[-/.])\s*\d{1,2}\s*(?:月|[-/.])|[x×X]{2,4}\s*年|\b\w+\s+\d{1,2},\s+\d{4}$|\d月\d{1,2}日"
)
_FIELD = re.compile(r"[^:：\n]{1,24}[:：]\s?\S[^\n]{0,80}$")
_HASHTAG = re.compile(r"(?:^|\s)#[^\s#]+#?$")
_LINK = re.compile(r"(?:https?://|www\.)\S+$|\S+@\S+\.\w+$")

_TAIL = 120
_SHORT_LINE = 14
_SHORT_NAME = 8


def ending(text: str) -> Ending:
    """Say how a text ends: `finished`, `broken_off` in the middle of something, or `unclear`.

    The last line with letters decides; closing quotes, brackets and Markdown marks around its end are looked through.

    * Finished: a mark that ends sentences (English or Chinese), an emoji, a complete table row, a closing code fence,
      an end mark (`The End`, `FADE OUT`, `（完）`), a line that stands in brackets as a whole, a signature or a date
      under a letter, a hashtag, a link, a last list item in a list whose items end without a full stop, the last line
      of verse.
    * Broken off: a comma, colon, dash or opening bracket, an open code fence, a half table row, a heading with nothing
      below it, a list item without a full stop among items that have one, any other line of prose of 15 tokens or more
      that ends in a letter.
    * Unclear: an empty text, and shorter last lines that fit none of these.

    A text that was cut just behind a sentence looks finished: whether generation stopped by itself is known only from
    its finish reason. A stop token that a model's server left in the text (`</s>`) is looked through.
    """
    lines = [line.strip() for line in _STOP_TOKEN.sub("", text).splitlines()]
    lines = [line for line in lines if line and line_kind(line) != "rule"]
    if not lines:
        return "unclear"
    fences = sum(line_kind(line) == "fence" for line in lines)
    if fences:
        if fences % 2:
            return "broken_off"
        if line_kind(lines[-1]) == "fence":
            return "finished"
    last = lines[-1]
    if _END_MARK.match(last):
        return "finished"
    if last[0] == "|":
        return "finished" if last[-1] == "|" and len(last) > 1 else "broken_off"
    bare = last.rstrip(_CLOSERS)
    if not bare:
        return "unclear"
    final = bare[-1]
    if line_kind(last) == "heading" and (last[0] == "#" or final not in _FINAL):
        return "broken_off" if last[0] == "#" else "unclear"
    if final in _FINAL or unicodedata.category(final) in {"So", "Sk", "Cn"} or final == "\ufe0f":
        return "finished"
    if final in _OPEN:
        return "broken_off"
    return _unmarked(lines, bare=bare)


def _unmarked(lines: list[str], *, bare: str) -> Ending:
    """Judge a last line that ends in a letter or digit, with `bare` its text without closing marks."""
    last = lines[-1]
    if _in_brackets(last) or _HASHTAG.search(last[-_TAIL:]) or _LINK.search(last[-_TAIL:]) or _is_signature(lines):
        return "finished"
    if line_kind(last) == "item":
        others = [line for line in lines[:-1] if line_kind(line) == "item"][-5:]
        if not others:
            return "unclear"
        stopped = sum(line.rstrip(_CLOSERS)[-1:] in set(_FINAL) for line in others)
        return "broken_off" if 2 * stopped > len(others) else "finished"
    if _is_verse(lines):
        return "finished"
    size = len(tokenize(bare))
    if size > _SHORT_LINE:
        return "broken_off"
    return "finished" if len(lines) > 1 and _FIELD.match(last) else "unclear"


def _in_brackets(line: str) -> bool:
    pairs = {"(": ")", "（": "）", "[": "]", "【": "】", "《": "》"}
    line = line.strip("*_~ ")
    return len(line) > 1 and pairs.get(line[0]) == line[-1]


def _is_signature(lines: list[str]) -> bool:
    """Say whether the last line is a name or date of at most 8 tokens with a sign-off in it or within 4 lines above."""
    last = lines[-1]
    if len(tokenize(last)) > _SHORT_NAME * (2 if cjk_share(tokenize(last)) > 0.5 else 1):
        return False
    if _DATE.search(last[-_TAIL:]):
        return True
    above = [line for line in lines[-5:] if len(tokenize(line)) <= 2 * _SHORT_NAME]
    return any(_SIGN_OFF.search(line) for line in above)


def _is_verse(lines: list[str]) -> bool:
    """Say whether the text ends in verse: four short lines, most of which end without a full stop."""
    tail = lines[-4:]
    if len(tail) < 4 or any(len(tokenize(line)) > _SHORT_LINE or line_kind(line) != "prose" for line in tail):
        return False
    return sum(line.rstrip(_CLOSERS)[-1:] not in set(_FINAL) for line in tail) >= 3
