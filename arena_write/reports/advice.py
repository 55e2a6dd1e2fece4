"""One line on what to do next."""

from pathlib import Path

from arena_write.reports.board import Board, BoardRow

WIDE = 60.0
"""Half-width in Elo from which an interval is called wide: differences that matter are often smaller."""


def next_step(board: Board, entrant: str, *, results: Path, program: str = "arena-write") -> str:
    """Say what the user of `arena-write eval` would do next about `entrant`.

    Args:
        board: The board it stands on.
        entrant: Its id.
        results: The results folder, as the user names it.
        program: The command, as the user types it.
    """
    section = board.sections[0]
    row = next(row for row in section.rows if row.entrant == entrant)
    if row.open:
        return f"Next: {row.open} battles of {row.name} are not judged yet; run the same command again to go on."
    if row.bound == "unrated":
        return f"Next: {row.name} has no rating: {row.reason}. {_mend(row)}"
    if row.bound in ("at_least", "at_most"):
        side = "weaker" if row.bound == "at_most" else "stronger"
        return f"Next: add a {side} baseline (--baseline) to bound {row.name} from both sides."
    look = f"{program} app --results {results}"
    if row.half_width is not None and row.half_width > WIDE:
        return (
            f"Next: {look} shows this board in the browser. ±{row.half_width:.0f} Elo is wide: {section.prompts} "
            f"prompts decide little, and half the width takes about {4 * section.prompts}."
        )
    return f"Next: {look} shows this board in the browser."


def _mend(row: BoardRow) -> str:
    if row.invalid:
        return "Judge what is missing again with --retry-invalid, or choose another judge."
    return "See the notes above."
