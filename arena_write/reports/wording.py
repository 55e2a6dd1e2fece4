"""How the numbers of a board are put into words; shared by the terminal, Markdown and the app. Pure functions."""

from collections.abc import Sequence
from math import exp

from arena_write.names import counted
from arena_write.reports.board import Board, BoardRow, RubricRow, RubricSection, Section, Spending, Texts, WinRate
from arena_write.reports.import_wording import score_ends, score_judge, score_label
from arena_write.store import AnchorsRecord

UNKNOWN = "–"
DOUBT = 0.01
"""Under this chance results are not those of one strength."""


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
    if row.elo is None:
        return "withheld"
    if row.half_width is None:
        return f"{row.elo:.0f} (no interval)"
    return f"{row.elo:.0f} ± {row.half_width:.0f}"


def anchors_lines(record: AnchorsRecord) -> list[str]:
    """Return what is to be known of anchors beside their ratings, a line each."""
    found = record.scopes["all"]
    orders = "both orders" if record.plan.orders == "both" else "one order, drawn for each pair"
    basis = f"{counted(found.battles, 'battle')} on {counted(found.prompts, 'prompt')}"
    said = [f"anchors {record.id[:8]}: {basis}, {orders}; mean = 1000"]
    if found.goodness.p is not None:
        fits = (
            "one strength each does not explain them" if found.goodness.doubtful else "one strength each explains them"
        )
        said.append(f"results among the baselines: {fits} (p = {found.goodness.p:.3f})")
    for slope in found.slopes:
        interval = slope.interval()
        if slope.gamma is None or interval is None:
            said.append(f"length ({slope.language}): no slope, {slope.reason}")
        else:
            share = 100 / (1 + exp(-slope.gamma))
            said.append(
                f"length ({slope.language}): of two equally strong texts the longer, by a usual difference, wins "
                f"{share:.0f} % (slope {slope.gamma:.2f}, 95 % interval [{interval[0]:.2f}, {interval[1]:.2f}])"
            )
    said += [f"no anchors for {scope}: {reason}" for scope, reason in record.missing.items()]
    return said


def with_anchors(row: BoardRow) -> str:
    """Return half of the interval that holds the anchors' own error as well."""
    if row.low_with_anchors is None or row.high_with_anchors is None:
        return UNKNOWN
    return f"± {(row.high_with_anchors - row.low_with_anchors) / 2:.0f}"


def equal_length(row: BoardRow) -> str:
    """Return the rating at equal length, marked where it reaches beyond the baselines' lengths."""
    found = row.equal_length
    if found is None or found.elo is None:
        return UNKNOWN
    half = "" if found.low is None or found.high is None else f" ± {(found.high - found.low) / 2:.0f}"
    return f"{found.elo:.0f}{half}{' ‡' if found.extrapolated else ''}"


def habits(board: Board, section: Section) -> str:
    """Return what battles in both orders say about a judge that is a model; nothing where they say nothing."""
    found = section.habits
    if found is None or board.judge.reply_format == "none":
        return ""
    said = (
        f"the judge says the same in both orders of {percent(found.consistency)} of {counted(found.pairs, 'pair')}, "
        f"turns round in {percent(found.hard_flips)}, ties {percent(found.ties)} of battles"
    )
    if found.slot is None:
        return said
    interval = ""
    if found.slot_low is not None and found.slot_high is not None:
        interval = f" [{100 * found.slot_low:+.1f}, {100 * found.slot_high:+.1f}]"
    return f"{said}; standing first is worth {100 * found.slot:+.1f}{interval} points in a hundred"


def mean_score(row: RubricRow | None) -> str:
    """Return a mean score for people: `7.42 ± 0.31`, or why there is none."""
    if row is None or row.planned == 0:
        return UNKNOWN
    if row.mean is None:
        return "withheld"
    if row.low is None or row.high is None:
        return f"{row.mean:.2f}"
    lower, upper = row.mean - row.low, row.high - row.mean
    if round(lower, 2) == round(upper, 2):
        return f"{row.mean:.2f} ± {upper:.2f}"
    return f"{row.mean:.2f} [{row.low:.2f}, {row.high:.2f}]"


def ranks(row: BoardRow | RubricRow) -> str:
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


def count(number: float | None) -> str:
    """Return a count, or nothing known."""
    return UNKNOWN if number is None else f"{number:,.0f}"


def length_obeyed(texts: Texts) -> str:
    """Return how many answers keep to the length asked, of those that were asked for one."""
    return f"{texts.length_obeyed}/{texts.length_asked}" if texts.length_asked else UNKNOWN


def times_asked(texts: Texts) -> str:
    """Return how many times the length asked for the middle answer has."""
    return UNKNOWN if texts.length_ratio is None else f"{exp(texts.length_ratio):.2f}"


def length_reward(texts: Texts) -> str:
    """Return the mean length reward of LongWriter-Zero, 0 to 1."""
    return UNKNOWN if texts.length_reward is None else f"{texts.length_reward:.2f}"


def name(row: BoardRow | RubricRow) -> str:
    """Return an entrant's name with its marks: `*` a baseline, `†` censored."""
    return row.name + ("*" if row.role == "baseline" else "") + ("†" if row.censored else "")


def heading(board: Board) -> str:
    """Return the first line over a board: what it is about, and how wide its intervals really are."""
    return f"{board.benchmark}: {title(board)}"


def title(board: Board) -> str:
    """Return what a board is about and how wide its intervals really are."""
    widths = [half_width(section) for section in board.sections[:1]]
    widths += [rubric_half_width(section) for section in board.rubric[:1]]
    return ", ".join([*([board.title] if board.title else []), *widths])


def subject(board: Board) -> str:
    """Return what the ratings are: the judge's label, name, identity and check mark."""
    return f"{board.judge.label} by {judge_of(board)}"


def rubric_label(board: Board) -> str:
    """Return what a mean score is called: the words it was asked with are part of what it is.

    WritingBench scores are those that its official prompt gave; others on its queries are not called so.
    """
    if board.score_files:
        return score_label(board.score_files)
    words = rubric_words(board)
    if not board.writingbench:
        return f"rubric mean, 1 to 10 ({words})"
    return f"WritingBench {'score' if board.judge.rubric == 'official' else 'queries'}, {words}, mean of 1 to 10"


def rubric_words(board: Board) -> str:
    """Return in whose words scores were asked for, and how many criteria a call where it is not one."""
    return {
        "each": "arena-write rubric",
        "joint": "arena-write rubric, all criteria in one call",
        "official": "official prompt" if board.writingbench else "official prompt of WritingBench",
    }[board.judge.rubric]


def rubric_subject(board: Board) -> str:
    """Return what the mean scores are: of what, by which judge."""
    return f"{rubric_label(board)} by {judge_of(board)}"


def judge_of(board: Board) -> str:
    """Return a judge's name, identity and check mark."""
    judge = board.judge
    if board.score_files:
        return score_judge(board)
    if board.imported:
        names = {0: "a judge without a name", 1: f"judge {judge.name}"}
        who = names.get(board.imported.judges, f"{board.imported.judges} judges")
        return f"{who}, imported from {board.imported.source} (id {judge.id[:8]}, {board.judge_check})"
    return f"judge {judge.name} ({judge.model}, id {judge.id[:8]}, {board.judge_check})"


def method(board: Board, section: Section) -> str:
    """Return how the intervals were made, and on how much."""
    prompts, how = f"{counted(section.prompts, 'prompt')}, ", "clustered by prompt"
    if board.imported and board.imported.cluster is None:
        prompts, how = "", "that take battles as independent"
    said = f"{prompts}{section.decided} of {counted(section.cells, 'battle')} decided; {board.scale}"
    if section.method and section.method != "none":
        said += f"; {board.confidence:.0%} intervals {how} ({section.method}, {section.degrees_of_freedom:.0f} df)"
    if section.design_effect is not None:
        said += f"; design effect {section.design_effect:.1f}"
    return said


def rubric_method(board: Board, section: RubricSection) -> str:
    """Return how the intervals of mean scores were made, and on how much."""
    decided = f"{section.decided} of {counted(section.cells, 'score')} decided"
    said = f"{counted(section.prompts, 'prompt')}, {decided}"
    if any(row.low is not None for row in section.rows):
        said += f"; {board.confidence:.0%} intervals clustered by prompt"
    effects = sorted(row.design_effect for row in section.rows if row.design_effect is not None)
    if effects:
        said += f"; design effect {effects[len(effects) // 2]:.1f}"
    if section.detectable is not None:
        said += f"; a difference of {section.detectable:.2f} would show in 80 % of studies"
    return said


def half_width(section: Section) -> str:
    """Return the real half-width of the section's intervals."""
    return _half_width([row.half_width for row in section.rows], "Elo", 0)


def rubric_half_width(section: RubricSection) -> str:
    """Return the real half-width of the section's intervals."""
    return _half_width([row.half_width for row in section.rows], "points", 2)


def _half_width(found: Sequence[float | None], unit: str, digits: int) -> str:
    widths = [f"{width:.{digits}f}" for width in sorted(width for width in found if width)]
    if not widths:
        return "no interval"
    low, high = widths[0], widths[-1]
    return f"half-width ±{low} {unit}" if low == high else f"half-width ±{low} to ±{high} {unit}"


def spending(line: Spending) -> str:
    """Return what writing or judging took, in one line."""
    tokens = f"{amount(line.prompt_tokens)} tokens in"
    if line.cached_tokens and line.prompt_tokens:
        tokens += f" ({percent(line.cached_tokens / line.prompt_tokens)} from a cache)"
    tokens += f", {amount(line.completion_tokens)} out"
    if line.thinking_tokens:
        tokens += f" ({amount(line.thinking_tokens)} thinking)"
    return f"{line.what.capitalize()} by {line.name}: {counted(line.calls, 'call')}, {tokens}; {price(line.price)}"


def price(dollars: float | None) -> str:
    """Return a price: never nothing for something."""
    if dollars is None:
        return "price not known"
    if dollars == 0:
        return "free"
    return "under $0.01" if dollars < 0.01 else f"${dollars:,.2f}"


def amount(number: float) -> str:
    """Return a large number in few signs: `950`, `12.3k`, `4.5M`."""
    for size, sign in ((1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.1f}{sign}"
    return f"{number:.0f}"


def notes(section: Section) -> list[str]:
    """Return what a reader of a section must know beyond its numbers, a sentence each."""
    said = []
    if section.withheld:
        said.append(f"No rating: {section.withheld}.")
    for row in section.rows:
        if row.reason and row.reason != section.withheld and row.planned:
            said.append(f"{row.name}: {row.reason}.")
        if _on_a_part(section, row):
            said.append(
                f"{row.name}: rated on {row.prompts} of the anchors' {section.anchor_prompts} prompts; the baselines' "
                f"ratings are those of all {section.anchor_prompts}, so compare it with care until all are judged."
            )
        if row.if_excluded is not None:
            said.append(
                f"{row.name}: {_no_answers(row, 'judge')} as losses; {row.if_excluded:.0f} if they are left out."
            )
        if row.worst_case is not None and row.best_case is not None:
            missing = row.invalid + row.open + row.no_output
            said.append(
                f"{row.name}: {_missing(missing, row.planned, 'battle')}; {row.worst_case:.0f} if all were lost, "
                f"{row.best_case:.0f} if all were won."
            )
        if row.misfit is not None and row.misfit < DOUBT:
            said.append(
                f"{row.name}: one rating does not explain its results against the baselines (p = {row.misfit:.3f}); "
                "look at the win rates."
            )
        if row.equal_length is not None and row.equal_length.extrapolated:
            said.append(
                f"{row.name} ‡: its texts differ more in length from the baselines' than theirs from each other; do "
                "not lean on its rating at equal length."
            )
        said += _censored(row)
    return said


def _on_a_part(section: Section, row: BoardRow) -> bool:
    """Return whether a candidate is rated on some of the prompts alone on which its opponents were frozen."""
    rated = row.role == "candidate" and row.bound != "unrated"
    return rated and section.anchor_prompts is not None and row.prompts < section.anchor_prompts


def rubric_cautions(board: Board) -> list[str]:
    """Return what a reader must know of how scores were asked for, a sentence each."""
    if board.score_files:
        return []
    said = []
    if board.judge.rubric == "official":
        said.append(
            "The official prompt puts nothing around the answers, so an answer can write what looks like the rest of "
            "the prompt, or like the judge's reply; compare with a board by arena-write's words (--judge-prompt none)."
        )
    elif board.writingbench:
        said.append(
            "These are no WritingBench scores: the judge was asked in words of arena-write; --judge-prompt, one "
            "criterion a call, takes the official prompt."
        )
    return said


def rubric_notes(board: Board, section: RubricSection) -> list[str]:
    """Return what a reader of mean scores must know beyond them, a sentence each."""
    lowest, highest = score_ends(board)
    said = []
    for row in section.rows:
        if row.reason and row.planned:
            said.append(f"{row.name}: {row.reason}.")
        if row.if_excluded is not None:
            said.append(
                f"{row.name}: {_no_answers(row, 'score')} as 1 on every criterion; "
                f"{row.if_excluded:.2f} if they are left out."
            )
        if row.worst_case is not None and row.best_case is not None:
            missing = row.invalid + row.open + row.no_output
            said.append(
                f"{row.name}: {_missing(missing, row.planned, 'score')}; {row.worst_case:.2f} if all were {lowest}, "
                f"{row.best_case:.2f} if all were {highest}."
            )
        said += _censored(row)
    return said


def excluded(board: Board) -> list[str]:
    """Return which prompts left a board, and why, where any did."""
    if not board.excluded:
        return []
    names = ", ".join(board.excluded[:5]) + (", ..." if len(board.excluded) > 5 else "")
    return [
        f"{counted(len(board.excluded), 'prompt')} left the board for every entrant, because the judge cannot read "
        f"their texts whole: {names}."
    ]


def _censored(row: BoardRow | RubricRow) -> list[str]:
    if not row.censored:
        return []
    return [
        f"{row.name}† is censored: {row.texts.truncated} of {counted(row.texts.answers, 'answer')} "
        f"{'was' if row.texts.truncated == 1 else 'were'} cut by the token limit and judged as "
        f"{'it is' if row.texts.truncated == 1 else 'they are'}."
    ]


def _no_answers(row: BoardRow | RubricRow, what: str) -> str:
    number = row.texts.no_answer
    return f"{counted(number, 'answer')} with nothing to {what} {'counts' if number == 1 else 'count'}"


def _missing(missing: int, planned: int, what: str) -> str:
    return f"{missing} of {counted(planned, what)} {'is' if missing == 1 else 'are'} missing"
