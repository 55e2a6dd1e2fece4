"""How boards of what was judged elsewhere are put into words. Pure functions."""

from collections.abc import Sequence

from arena_write.names import counted
from arena_write.ratings import TEN
from arena_write.reports.board import Board, RubricSection
from arena_write.store import SCALES, InvalidRows, ScoreFileRecord

_FORMATS = {"writingbench": "WritingBench score file", "hellobench": "HelloBench checklist"}
_SHOWN = 5


def score_label(files: Sequence[ScoreFileRecord]) -> str:
    """Return what a mean of imported scores is called: whose file it was in, and on what scale."""
    scale = SCALES[files[0].format]
    return f"imported mean, {scale.lowest:g} to {scale.highest:g} ({_FORMATS[files[0].format]})"


def top_label(board: Board) -> str:
    """Return what the column is called of scores at the top of the scale."""
    scale = SCALES[board.score_files[0].format] if board.score_files else TEN
    return f"scores of {scale.highest:g}" if scale.saturated == scale.highest else "scores of 9 and 10"


def score_ends(board: Board) -> tuple[str, str]:
    """Return the lowest and the highest score of a board, for people."""
    scale = SCALES[board.score_files[0].format] if board.score_files else TEN
    return f"{scale.lowest:g}", f"{scale.highest:g}"


def score_judge(board: Board) -> str:
    """Return who scored, as the user says."""
    named = board.judge.decoding.get("judge")
    who = f"judge {named}" if named else "a judge whom nobody named"
    return f"{who}, imported (id {board.judge.id[:8]}, {board.judge_check})"


def score_notes(board: Board, section: RubricSection) -> list[str]:
    """Return what a reader of imported scores must know of their files, a sentence each; nothing of other boards."""
    if not board.score_files:
        return []
    said = ["These scores were given elsewhere; what was scored, and how the judge was asked, is not known here."]
    if board.judge.decoding.get("judge") is None and len(board.score_files) > 1:
        said.append(
            "The files do not say who scored: they compare only if one judge scored them all, in the same words."
        )
    counts = {row.name: row.prompts for row in section.rows}
    if len(set(counts.values())) > 1:
        said.append(f"Not all are scored on as many prompts: {', '.join(f'{n} on {c}' for n, c in counts.items())}.")
    for file in board.score_files:
        said.append(f"{file.entrant}: {file.source}, SHA-256 {file.file[:12]}.")
        if file.doubled:
            said.append(
                f"{file.entrant}: {counted(len(file.doubled), 'prompt')} in several rows ({_first(file.doubled)}), "
                "each of which counts."
            )
        if file.invalid:
            said.append(f"{file.entrant}: {invalid_rows(file.invalid)}.")
    return said


def imported(board: Board) -> list[str]:
    """Return what a reader of imported battles must know of their file, a sentence each; nothing of other boards."""
    about = board.imported
    if about is None:
        return []
    said = ["These battles were judged elsewhere; the texts are not known here."]
    if about.judges > 1:
        said.append(f"The judgements of {about.judges} judges stand together.")
    if about.cluster is None:
        said.append(
            "The file names no prompts, so every battle counts as a prompt of its own: the intervals assume "
            "independent battles and are too narrow where judgements share prompts."
        )
    else:
        said.append(f"What shares a prompt is read from the column {about.cluster}.")
    if about.invalid:
        rows = about.rows - about.battles
        no = f"{rows} of {counted(about.rows, 'row')} {'is no battle' if rows == 1 else 'are no battles'}"
        said.append(f"{no}. {invalid_rows(about.invalid)}.")
    return said


def invalid_rows(kinds: Sequence[InvalidRows]) -> str:
    """Say how many rows of a file are no battles for which reason, and where the first ones stand."""
    return "; ".join(
        f"{kind.kind}: {kind.rows} ({'line' if kind.rows == 1 else 'lines'} {', '.join(map(str, kind.lines))}"
        f"{', ...' if kind.rows > len(kind.lines) else ''}: {kind.detail})"
        for kind in kinds
    )


def _first(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
