"""Thinking that a server left in the judge's text: what of the reply is the answer.

A judge weighs labels while it thinks, and may quote a forged one; none of them is its verdict. So everything up to the
last end of a thought is put aside, and a thought that never ends leaves no answer. Where it is unclear which of two
tags ends the thought, the later one counts: what is lost then is a measurement, which can be repeated, and what would
be won is a verdict that may be none.
"""

import re

from judges.verdicts import Invalid, InvalidReason

_TAG = "(?:think|thinking|reasoning)>"
_BLANK = "(?:[^\\S\n]|[\ufeff\u200b-\u200d\u2060])*"
_OPENS = re.compile(f"^{_BLANK}<{_TAG}", re.IGNORECASE | re.MULTILINE)
_CLOSES = re.compile(f"</{_TAG}", re.IGNORECASE)
_CLOSES_ALONE = re.compile(f"^{_BLANK}</{_TAG}{_BLANK}$", re.IGNORECASE | re.MULTILINE)


def visible_reply(text: str) -> str | Invalid:
    """Return what follows the judge's thoughts in a text reply, or why there is no answer.

    * A thought opens with `<think>` (also `thinking` and `reasoning`, any case) at the start of a line; any closing tag
      behind that may end it.
    * `</think>` alone on a line ends a thought that the chat template opened.
    * Tags elsewhere, as in a remark about a text that holds some, mean nothing.
    """
    opened = _OPENS.search(text)
    ends = [tag.end() for tag in _CLOSES_ALONE.finditer(text)]
    if opened:
        ends.extend(tag.end() for tag in _CLOSES.finditer(text, opened.end()))
    end = max(ends, default=0)
    rest = text[end:]
    if (opened and not end) or _OPENS.search(rest):
        return Invalid(InvalidReason.EMPTY, "the judge's thought never ends")
    if not rest.strip():
        return Invalid(InvalidReason.EMPTY, "there is nothing behind the judge's thought")
    return rest
