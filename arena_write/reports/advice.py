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
    if row.no_output:
        missing = f"{row.no_output} battles of {row.name} lack an answer"
        if row.origin == "generated":
            return f"Next: {missing}; run the same command again to have it written."
        return f"Next: {missing}. Add it to the file and evaluate that: a file with other answers is another entrant."
    if row.open:
        return f"Next: {row.open} battles of {row.name} are not judged yet; run the same command again to go on."
    if row.bound == "unrated":
        return f"Next: {row.name} has no rating: {row.reason}. {_mend(row)}"
    if row.bound in ("at_least", "at_most"):
        side = "weaker" if row.bound == "at_most" else "stronger"
        return (
            f"Next: a {side} baseline would bound {row.name} from both sides; begin another board with one (--results)."
        )
    look = f"{program} app --results {results} shows this board in the browser."
    if row.half_width is not None and row.half_width > WIDE:
        return f"Next: {look} Half of ±{row.half_width:.0f} Elo takes about {4 * row.prompts} prompts."
    return f"Next: {look}"


def _mend(row: BoardRow) -> str:
    if row.invalid:
        return "Judge what is missing again with --retry-invalid, or choose another judge."
    if "no finite" in row.reason:
        return "A baseline that wins or loses everything gives no scale: begin a board with others in a new --results."
    return "See the notes above."
