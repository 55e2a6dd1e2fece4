"""LongBench-Write's own figures in words and tables; see `tables` for the others."""

from collections.abc import Callable, Iterator

from arena_write.reports import wording
from arena_write.reports.board import Board
from arena_write.reports.length_scores import BucketScores, Estimate, LengthRow, LengthSection
from arena_write.reports.tables import Table

LENGTH_LABEL = "S_L of LongBench-Write, 0 to 100"
_ASKED = {
    "each": "this project's rubric, one call for each dimension",
    "joint": "this project's rubric, one call for all dimensions",
    "official": "this project's dimensions in the official prompt of WritingBench, one call for each",
}


def quality_label(board: Board) -> str:
    """Return what stands beside S_L: in whose words it was asked, and that it is not S_Q, wherever it appears."""
    return f"quality, 0 to 100 ({wording.rubric_words(board)}, not S_Q)"


def length_table(section: LengthSection, *, quality: str) -> Table:
    """Return each entrant's figures over all lengths; `quality` heads that column, where anybody's is known."""
    scored = has_quality(section)
    return Table(
        title="Lengths",
        columns=("entrant", "S_L", *((quality, "mean of both") if scored else ()), "answers"),
        rows=tuple(
            (
                _name(row),
                _estimate(row.buckets[0].length),
                *((_estimate(row.buckets[0].quality), _number(row.buckets[0].total)) if scored else ()),
                f"{row.buckets[0].answers}/{row.buckets[0].planned}",
            )
            for row in section.rows
        ),
    )


def bucket_tables(section: LengthSection) -> tuple[Table, ...]:
    """Return each entrant's figures by the length required: S_L, then the quality where anybody's is known."""
    buckets = [found.bucket for row in section.rows[:1] for found in row.buckets[1:]]
    measures: list[tuple[str, Callable[[BucketScores], Estimate | None]]] = [("S_L", lambda found: found.length)]
    if has_quality(section):
        measures.append(("quality", lambda found: found.quality))
    return tuple(
        Table(
            title=f"{measure} by the length required",
            columns=("entrant", *(f"{measure} {bucket}" for bucket in buckets)),
            rows=tuple((_name(row), *(_estimate(value(found)) for found in row.buckets[1:])) for row in section.rows),
        )
        for measure, value in measures
    )


def dimension_table(section: LengthSection) -> Table:
    """Return each entrant's mean scores by dimension, 1 to 10."""
    names = list(dict.fromkeys(found.name for row in section.rows for found in row.dimensions))
    known = [{found.name: found.mean for found in row.dimensions} for row in section.rows]
    return Table(
        title="By dimension",
        columns=("entrant", *names),
        rows=tuple(
            (_name(row), *(_number(means.get(name), 2) for name in names))
            for row, means in zip(section.rows, known, strict=True)
        ),
    )


def list_tables(section: LengthSection, *, quality: str = "quality") -> tuple[Table, ...]:
    """Return all tables of a section; see `quality_label`."""
    dimensions = (dimension_table(section),) if has_quality(section) else ()
    return (length_table(section, quality=quality), *bucket_tables(section), *dimensions)


def has_quality(section: LengthSection) -> bool:
    """Say whether anybody's quality is known."""
    return any(row.buckets[0].quality for row in section.rows)


def subject(board: Board, section: LengthSection) -> str:
    """Return what the figures are, and who judged the quality, if anybody."""
    counted = f"{LENGTH_LABEL}: counted from the texts, no judge"
    return f"{counted}; {quality_label(board)} by {wording.judge_of(board)}" if has_quality(section) else counted


def method(board: Board, section: LengthSection) -> str:
    """Return how intervals were made, and on how much."""
    said = f"{section.prompts} prompts that require a length"
    if any(found.length and found.length.low is not None for row in section.rows for found in row.buckets):
        said += f"; {board.confidence:.0%} intervals clustered by prompt"
    return said


def notes(board: Board, section: LengthSection) -> list[str]:
    """Return what a reader must know beyond the figures, a sentence each."""
    said = []
    if has_quality(section):
        said.append(
            f"The quality is {_ASKED[board.judge.rubric]} from 1 to 10, shown as (mean - 1) / 9 x 100. S_Q as "
            "published asks for all six at once, in other words, from 1 to 5: compare S_L with published figures, not "
            "the quality and not the mean of both."
        )
    for row in section.rows:
        whole = row.buckets[0]
        if whole.length is None and whole.planned:
            said.append(f"{row.name}: {whole.answers} of {whole.planned} answers are there, too few for S_L.")
    return said


def list_figures(row: LengthRow, *, quality: str) -> Iterator[tuple[str, BucketScores, Estimate | None]]:
    """Yield what is said of an entrant as (measure, over what, value)."""
    for found in row.buckets:
        yield LENGTH_LABEL, found, found.length
        if found.quality is not None:
            yield quality, found, found.quality


def _name(row: LengthRow) -> str:
    return row.name + ("*" if row.role == "baseline" else "")


def _estimate(found: Estimate | None) -> str:
    if found is None:
        return wording.UNKNOWN
    if found.low is None or found.high is None:
        return f"{found.mean:.1f}"
    lower, upper = f"{found.mean - found.low:.1f}", f"{found.high - found.mean:.1f}"
    return f"{found.mean:.1f} ± {upper}" if lower == upper else f"{found.mean:.1f} [{found.low:.1f}, {found.high:.1f}]"


def _number(value: float | None, digits: int = 1) -> str:
    return wording.UNKNOWN if value is None else f"{value:.{digits}f}"
