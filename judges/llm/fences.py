"""Fences around material that may be hostile: lines with a code that nobody could write into the material.

The code is the first 12 hex digits of the material's own hash, so it is the same in every call that shows the material
(prefix caches hit) and unknowable while it is being written. Unknowable is not impossible: 48 bits can be searched for
by who has hours of GPU time, and the hash of a published baseline can be quoted in another text. So codes are checked
against everything in the call, and one that occurs anywhere is replaced.
"""

from collections.abc import Sequence
from itertools import count

from judges.hashing import text_id

CODE_DIGITS = 12


def fence_code(text: str, materials: Sequence[str]) -> str:
    """Return the code of the fence around `text`, in a call that shows `materials`.

    It is the first 12 hex digits of the text's id. Where these occur in one of the materials, the text's own included,
    it is the first 12 of a hash over a number and the text instead, with the least number whose code occurs in none:
    the longer digits of the same hash could be quoted as well.
    """
    lowered = [material.lower() for material in materials]
    for attempt in count():
        code = text_id(text if attempt == 0 else f"{attempt}\n{text}")[:CODE_DIGITS]
        if not any(code in material for material in lowered):
            return code
    raise AssertionError("count() never ends")


def fence(text: str, *, name: str, end: str, code: str) -> str:
    """Return the text, exactly as it is, between an opening and an end line with its name and code."""
    return f"<<<{name} {code}>>>\n{text}\n<<<{end} {name} {code}>>>"
