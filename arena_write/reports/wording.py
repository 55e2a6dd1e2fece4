"""How the numbers of a board are put into words; shared by the terminal, Markdown and the app. Pure functions."""

from arena_write.reports.board import Board, BoardRow, Section, WinRate

UNKNOWN = "–"


def rating(row: BoardRow | None) -> str:
    """Return a rating for people: `1063 ± 38`, a one-sided bound, or why there is none."""
    if row is None or row.planned == 0:
        return UNKNOWN
    if row.elo is not None and row.low == row.high == row.elo:
        return f"{row.elo:.0f} (anchor)"
    if row.bound == "at_least" and row.low is not None:
        return f"> {row.low:.0f}"
    if row.bound == "at_most" and row.high is not None:
        return f"< {row.high:.0f}"
    if row.elo is None or row.half_width is None:
        return "withheld"
    return f"{row.elo:.0f} ± {row.half_width:.0f}"


def ranks(row: BoardRow) -> str:
    """Return the range of ranks: `2`, `1–3`, or nothing known."""
    if row.best_rank is None or row.worst_rank is None:
        return UNKNOWN
    return str(row.best_rank) if row.best_rank == row.worst_rank else f"{row.best_rank}–{row.worst_rank}"


def percent(share: float | None) -> str:
    """Return a share as a percentage; 100 % and 0 % are said of all and none alone."""
    if share is None:
        return UNKNOWN
    if 0.995 <= share < 1:
        return f"{min(share, 0.999):.1%}".replace("%", " %")
    if 0 < share < 0.005:
        return f"{max(share, 0.001):.1%}".replace("%", " %")
    return f"{share:.0%}".replace("%", " %")


def win_rate(rate: WinRate | None) -> str:
    """Return a win rate against one baseline."""
    return percent(rate.score) if rate else UNKNOWN


def length_obeyed(row: BoardRow) -> str:
    """Return how many answers keep to the length asked, of those that were asked for one."""
    texts = row.texts
    return f"{texts.length_obeyed}/{texts.length_asked}" if texts.length_asked else UNKNOWN


def name(row: BoardRow) -> str:
    """Return an entrant's name with its marks: `*` a baseline, `†` censored."""
    return row.name + ("*" if row.role == "baseline" else "") + ("†" if row.censored else "")


def heading(board: Board) -> str:
    """Return the first line over a board: what it is about, and how wide its intervals really are."""
    return f"{board.benchmark}: {title(board)}"


def title(board: Board) -> str:
    """Return what a board is about and how wide its intervals really are."""
    about = f"{board.title}, " if board.title else ""
    return f"{about}{half_width(board.sections[0])}"


def subject(board: Board) -> str:
    """Return what the ratings are: the judge's label, name, identity and check mark."""
    judge = board.judge
    return f"{judge.label} by judge {judge.name} ({judge.model}, id {judge.id[:8]}, {board.judge_check})"


def method(board: Board, section: Section) -> str:
    """Return how the intervals were made, and on how much."""
    said = f"{section.prompts} prompts, {section.decided} of {section.cells} battles decided; {board.scale}"
    if section.method and section.method != "none":
        how = section.method
        said += f"; {board.confidence:.0%} intervals clustered by prompt ({how}, {section.degrees_of_freedom:.0f} df)"
    if section.design_effect is not None:
        said += f"; design effect {section.design_effect:.1f}"
    return said


def half_width(section: Section) -> str:
    """Return the real half-width of the section's intervals."""
    widths = sorted(width for row in section.rows if (width := row.half_width))
    if not widths:
        return "no interval"
    low, high = round(widths[0]), round(widths[-1])
    return f"half-width ±{low} Elo" if low == high else f"half-width ±{low} to ±{high} Elo"


def notes(board: Board, section: Section) -> list[str]:
    """Return what a reader of a section must know beyond its numbers, a sentence each."""
    said = []
    if board.excluded:
        names = ", ".join(board.excluded[:5]) + (", ..." if len(board.excluded) > 5 else "")
        said.append(
            f"{len(board.excluded)} prompts left the board for every entrant, because the judge cannot read their "
            f"texts whole: {names}."
        )
    if section.withheld:
        said.append(f"No rating: {section.withheld}.")
    for row in section.rows:
        if row.reason and row.reason != section.withheld and row.planned:
            said.append(f"{row.name}: {row.reason}.")
        if row.if_excluded is not None:
            said.append(
                f"{row.name}: {row.texts.no_answer} answers with nothing to judge count as losses; "
                f"{row.if_excluded:.0f} if they are left out."
            )
        if row.worst_case is not None and row.best_case is not None:
            missing = row.invalid + row.open + row.no_output
            said.append(
                f"{row.name}: {missing} of {row.planned} battles are missing; {row.worst_case:.0f} if all were lost, "
                f"{row.best_case:.0f} if all were won."
            )
        if row.censored:
            said.append(
                f"{row.name}† is censored: {row.texts.truncated} of {row.texts.answers} answers were cut by the token "
                "limit and judged as they are."
            )
    return said
