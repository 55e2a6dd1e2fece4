"""One line on what to do next."""

import math
import shlex
from pathlib import Path

from arena_write.names import counted
from arena_write.ratings.quantiles import t_quantile, two_sided
from arena_write.ratings.results import FLAT
from arena_write.reports.board import Board, BoardRow, RubricRow
from arena_write.reports.tables import overall_score

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
    rating, rubric = board.rating_row(entrant), board.rubric_row(entrant)
    for row, cells in ((rating, "battle"), (rubric, "score")):
        if row is not None and row.no_output:
            return f"Next: {_write_rest(row, cells)}"
        if row is not None and row.open:
            verb = "is" if row.open == 1 else "are"
            missing = f"{counted(row.open, cells)} of {row.name} {verb} not judged yet"
            return f"Next: {missing}; run the same command again to go on."
    if reason := board.withheld(entrant):
        row = rating or rubric
        name = row.name if row else entrant[:8]
        return f"Next: {name} has no rating: {reason}. {_mend(rating, rubric, reason)}"
    if rating is not None and rating.bound in ("at_least", "at_most"):
        side = "weaker" if rating.bound == "at_most" else "stronger"
        return (
            f"Next: a {side} baseline would bound {rating.name} from both sides; begin another board with one "
            "(--results)."
        )
    look = f"{program} app --results {results} shows this board in the browser."
    if rating is not None and rating.half_width is not None and rating.half_width > WIDE:
        needed = prompts_for_half(rating.prompts)
        return f"Next: {look} Half of ±{rating.half_width:.0f} Elo takes about {needed} prompts."
    return f"Next: {look}"


def prompts_for_half(prompts: int) -> int:
    """Return how many prompts an interval takes that is half as wide as one from so many prompts, 2 or more.

    A width goes with ``t(G - 1) / sqrt(G)``, so that it takes four times the prompts where there are many, and fewer
    where Student's t is still far from the normal.
    """

    def width(count: int) -> float:
        return t_quantile(two_sided(0.95), count - 1) / math.sqrt(count)

    return next(count for count in range(prompts, 4 * prompts + 1) if width(count) <= width(prompts) / 2)


def next_step_of_import(board: Board, *, results: Path, program: str = "arena-write") -> str:
    """Say what the user of `arena-write import battles` would do next.

    Args:
        board: The board of the file.
        results: The results folder, as the user names it.
        program: The command, as the user types it.
    """
    section = board.sections[0]
    if not section.withheld:
        return f"Next: {program} app --results {results} shows this board in the browser."
    beaten = [row for row in section.rows if 0 < (overall_score(row) or 0) < 1]
    if not beaten or section.withheld.endswith(FLAT):
        return "Next: it takes more battles, in which somebody does better once and worse another time."
    common = max(beaten, key=lambda row: (row.judged, row.name))
    return (
        "Next: the same command with --baseline NAME, such as "
        f"--baseline {shlex.quote(common.name)}, anchors the scale at whom you name; others are then rated as far as "
        "their battles tie them to it."
    )


def next_step_of_outputs(
    file: Path, *, benchmark: str, name: str | None, results: Path, program: str = "arena-write"
) -> str:
    """Say what the user of `arena-write import outputs` would do next.

    Args:
        file: The file, as the user names it.
        benchmark: The benchmark, likewise.
        name: What the user calls the model.
        results: The results folder, as the user names it.
        program: The command, as the user types it.
    """
    address = shlex.quote(f"{name}={file}" if name else str(file))
    options = f"--benchmark {shlex.quote(benchmark)} --results {shlex.quote(str(results))}"
    return f"Next: {program} eval --model {address} {options} --judge ADDRESS has these answers judged."


def next_step_of_scores(board: Board, *, results: Path, program: str = "arena-write") -> str:
    """Say what the user of `arena-write import scores` would do next.

    Args:
        board: The board of the files.
        results: The results folder, as the user names it.
        program: The command, as the user types it.
    """
    if len(board.score_files) == 1:
        return "Next: the same command with another model's file and the same --judge sets the two beside each other."
    return f"Next: {program} app --results {results} shows this board in the browser."


def _write_rest(row: BoardRow | RubricRow, cells: str) -> str:
    missing = f"{counted(row.no_output, cells)} of {row.name} {'lacks' if row.no_output == 1 else 'lack'} an answer"
    if row.origin == "generated":
        return f"{missing}; run the same command again to have it written."
    return f"{missing}. Add it to the file and evaluate that: a file with other answers is another entrant."


def _mend(rating: BoardRow | None, rubric: RubricRow | None, reason: str) -> str:
    if any(row is not None and row.invalid for row in (rating, rubric)):
        return "Judge what is missing again with --retry-invalid, or choose another judge."
    if "no finite" in reason:
        return "A baseline that wins or loses everything gives no scale: begin a board with others in a new --results."
    return "See the notes above."
