"""Text in CSV that spreadsheets would compute, and back.

A cell that begins with a sign of a formula is one to the programs that people open CSV in, whatever the quotes around
it say. An apostrophe in front makes it text there. It is taken off again where CSV is read, and every text comes back
as it was.
"""

import re

_FORMULA = re.compile(r"'*\s*[=+\-@＝＋－＠]|'*[\t\r]")
"""What a spreadsheet takes for the beginning of a formula, apostrophes and blanks before it included."""


def guard_cell(text: str) -> str:
    """Return a text as CSV holds it: with an apostrophe in front where a spreadsheet would compute it."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguard_cell(text: str) -> str:
    """Return what `guard_cell` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text
