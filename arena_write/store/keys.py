"""The keys of rows: hashes of content, fixed for good.

Names, file paths, backends and times are fields of a row, never parts of its key. Texts enter as their `text_id`.
"""

from judges import content_id


def output_key(*, prompt: str, entrant: str, sample: int) -> str:
    """Return the key of an answer: the prompt's text id, the entrant's id, and which sample it is."""
    return content_id("output", prompt, entrant, sample)


def battle_key(*, judge: str, prompt: str, first: str, second: str, repeat: int) -> str:
    """Return the key of a battle: who judged, the prompt's text id, both text ids in order shown, and the repeat."""
    return content_id("battle", judge, prompt, first, second, repeat)


def score_key(*, judge: str, prompt: str, text: str, criterion: str, repeat: int) -> str:
    """Return the key of a rubric score: who judged, the prompt's text id, the text id, the criterion and the repeat."""
    return content_id("score", judge, prompt, text, criterion, repeat)


def imported_battle_key(
    *,
    file: str,
    line: int,
    first: str,
    second: str,
    score: float,
    cluster: str | None,
    judge: str,
    label: str | None = None,
) -> str:
    """Return the key of a battle judged elsewhere: the file's hash, the line's number, and what was read there."""
    label_parts = () if label is None else (label,)
    return content_id("imported_battle", file, line, first, second, score, cluster, judge, *label_parts)


def imported_score_key(
    *,
    file: str,
    line: int,
    entrant: str,
    prompt: str,
    criterion: str,
    record: int,
    repeat: int,
    score: float | None,
    text: str | None,
) -> str:
    """Return the key of a score given elsewhere: the file's hash, the line's number, and what was read there."""
    return content_id("imported_score", file, line, entrant, prompt, criterion, record, repeat, score, text)


def reply_key(*, row: str, run: str, attempt: int) -> str:
    """Return the key of a judge's raw words: the row they belong to, the run that paid for them, and the attempt."""
    return content_id("reply", row, run, attempt)
