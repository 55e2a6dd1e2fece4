"""Names that people and files chose, made safe for file names and for the eye."""

import re
import unicodedata


def safe_name(name: str) -> str:
    """Return a file name part for `name`: letters, digits and `._-` only, no leading dot, 1 to 64 characters.

    It takes at most 120 bytes in UTF-8, so that a file named after two such parts fits the 255 that file systems allow.
    A safe name is its own safe name.
    """
    kept = re.sub(r"[^\w.-]+", "-", name).strip(".-_")
    return kept[:64].encode()[:120].decode(errors="ignore").rstrip(".-_") or "unnamed"


def counted(number: int, noun: str) -> str:
    """Return a number of things, `1 prompt` or `2 prompts`, for a noun whose plural ends in `s`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def printable(text: str) -> str:
    """Return a text whose control and format characters cannot act on a terminal or a page: each becomes U+FFFD.

    Line ends and tabs become blanks. Terminal escapes, text direction marks and line separators come from data, and
    anybody may have written the data.
    """
    return "".join(
        " " if sign in "\n\r\t" else "\ufffd" if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") else sign
        for sign in text
    )
