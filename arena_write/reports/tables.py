"""The tables of a board as plain strings: what the terminal draws and Markdown writes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from arena_write.ratings import Anchors
from arena_write.reports import wording
from arena_write.reports.answers import AnswersReport
from arena_write.reports.board import Board, BoardRow, RubricRow, RubricSection, Section, Texts
from arena_write.reports.import_wording import top_label
from arena_write.store import AnchorsRecord

LEFT = frozenset({"rank", "entrant", "above", "figure", "prompt", "repeats", "length asked", "model", "source"})
"""Columns of words; all others are numbers, and stand to the right."""


BEHIND = "Behind them"


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table of strings; every row has one string a column."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def heading(self) -> tuple[str, ...]:
        """The line above it, where it is not the one that every part has behind its numbers."""
        return () if self.title == BEHIND else (f"{self.title}:",)


def rating_table(board: Board, shown: Section) -> Table:
    """Return the ratings of a section; those over all prompts with each language's beside them."""
    others = board.sections[1:] if shown.scope == "all" else ()
    beside = [{row.entrant: row for row in other.rows} for other in others]
    if board.imported:
        return _imported_ratings(board, shown)
    anchored = any(row.low_with_anchors is not None for row in shown.rows)
    at_length = any(row.equal_length is not None for row in shown.rows)
    extra: list[tuple[str, Callable[[BoardRow], str]]] = []
    if anchored:
        extra.append(("with anchors' error", wording.with_anchors))
    if at_length:
        extra.append(("at equal length (diagnostic)", wording.equal_length))
    return Table(
        title="Ratings",
        columns=(
            *("rank", "entrant", board.judge.label),
            *(title for title, _ in extra),
            *(other.scope for other in others),
            *("prompts", "coverage"),
        ),
        rows=tuple(
            (
                wording.ranks(row),
                wording.name(row),
                wording.rating(row),
                *(say(row) for _, say in extra),
                *(wording.rating(rows.get(row.entrant)) for rows in beside),
                str(row.prompts),
                wording.percent(row.coverage),
            )
            for row in shown.rows
        ),
    )


def _imported_ratings(board: Board, shown: Section) -> Table:
    """Return the ratings of battles judged elsewhere: all of them are decided, and prompts may not be known."""
    prompts = ("prompts",) if board.imported and board.imported.cluster is not None else ()
    return Table(
        title="Ratings",
        columns=("rank", "entrant", board.judge.label, "battles", *prompts),
        rows=tuple(
            (
                wording.ranks(row),
                wording.name(row),
                wording.rating(row),
                str(row.judged),
                *(str(row.prompts) for _ in prompts),
            )
            for row in shown.rows
        ),
    )


def rubric_table(board: Board, shown: RubricSection) -> Table:
    """Return the mean scores of a section; those over all prompts with each language's beside them."""
    others = board.rubric[1:] if shown.scope == "all" else ()
    beside = [{row.entrant: row for row in other.rows} for other in others]
    scopes = (other.scope for other in others)
    return Table(
        title="Rubric",
        columns=("rank", "entrant", wording.rubric_label(board), *scopes, top_label(board), "prompts", "coverage"),
        rows=tuple(
            (
                wording.ranks(row),
                wording.name(row),
                wording.mean_score(row),
                *(wording.mean_score(rows.get(row.entrant)) for rows in beside),
                wording.percent(row.saturation),
                str(row.prompts),
                wording.percent(row.coverage),
            )
            for row in shown.rows
        ),
    )


def rubric_evidence_table(board: Board, section: RubricSection) -> Table:
    """Return what lies behind mean scores: what the answers are like, where they are known, and what is missing."""
    if board.score_files:
        return Table(
            title=BEHIND,
            columns=("entrant", "scores", "no score"),
            rows=tuple((wording.name(row), str(row.judged), str(row.invalid)) for row in section.rows),
        )
    return Table(
        title=BEHIND,
        columns=("entrant", *_ANSWERS),
        rows=tuple((wording.name(row), *_answers(row)) for row in section.rows),
    )


def answers_table(report: AnswersReport) -> Table:
    """Return what answers are like without any judge."""
    columns = (
        *("entrant", "answers", *_LENGTHS, "words (en)", "characters (zh)", "repeated"),
        *("broken off", "truncated", "no answer"),
    )
    return Table(
        title="Answers",
        columns=columns,
        rows=tuple(
            (
                row.name,
                f"{row.texts.answers}",
                *_lengths(row.texts),
                wording.count(row.texts.median_words),
                wording.count(row.texts.median_chars),
                wording.percent(None if row.texts.repeated is None else row.texts.repeated / 100),
                str(row.texts.broken_off),
                str(row.texts.truncated),
                str(row.texts.no_answer),
            )
            for row in report.rows
        ),
    )


def anchors_table(record: AnchorsRecord, names: Mapping[str, str]) -> Table:
    """Return frozen ratings, over all prompts and by language, best first."""
    every = record.scopes["all"]
    order = sorted(every.names, key=lambda name: -every.offsets[name])
    beside = [(scope, anchors) for scope, anchors in record.scopes.items() if scope != "all"]

    def rating(anchors: Anchors, name: str) -> str:
        low, high = anchors.interval(name)
        return f"{anchors.offsets[name]:.0f} ± {(high - low) / 2:.0f}"

    return Table(
        title="Anchors",
        columns=("baseline", "rating", *(scope for scope, _ in beside), "prompts"),
        rows=tuple(
            (
                names.get(name, name[:8]),
                rating(every, name),
                *(rating(one, name) for _, one in beside),
                f"{every.prompts}",
            )
            for name in order
        ),
    )


MANY_BASELINES = 4
"""With more baselines than this, columns name them by number."""


def evidence_table(board: Board, section: Section) -> Table:
    """Return what lies behind the ratings: results against each baseline, and what the answers are like."""
    baselines = [row for row in section.rows if row.role == "baseline"]
    numbered = len(baselines) > MANY_BASELINES
    numbers = {row.entrant: f"{number} " for number, row in enumerate(baselines, start=1)} if numbered else {}
    columns, describe = (_IMPORTED, _opponents) if board.imported else (_ANSWERS, _answers)
    return Table(
        title=BEHIND,
        columns=(
            "entrant",
            *(f"vs {numbers[row.entrant].strip() if numbered else row.name}" for row in baselines),
            *columns,
        ),
        rows=tuple(
            (
                numbers.get(row.entrant, "") + wording.name(row),
                *(_against(row, baseline) for baseline in baselines),
                *describe(row),
            )
            for row in section.rows
        ),
    )


_LENGTHS = ("length obeyed", "× asked", "band reward")
_ANSWERS = (*_LENGTHS, "no answer", "truncated", "invalid", "missing")
_IMPORTED = ("score", "opponents")
"""What can be said where the answers are not known."""


def _lengths(texts: Texts) -> tuple[str, ...]:
    return wording.length_obeyed(texts), wording.times_asked(texts), wording.length_reward(texts)


def _answers(row: BoardRow | RubricRow) -> tuple[str, ...]:
    return (
        *_lengths(row.texts),
        str(row.texts.no_answer),
        str(row.texts.truncated),
        str(row.invalid),
        str(row.open + row.no_output),
    )


def _opponents(row: BoardRow) -> tuple[str, ...]:
    return wording.percent(overall_score(row)), str(len(row.win_rates))


def overall_score(row: BoardRow) -> float | None:
    """Return the mean score over all battles of an imported entrant, a tie counting half."""
    cells = sum(rate.cells for rate in row.win_rates)
    return sum((rate.score or 0.0) * rate.cells for rate in row.win_rates) / cells if cells else None


def _against(row: BoardRow, baseline: BoardRow) -> str:
    if row.entrant == baseline.entrant:
        return ""
    return wording.win_rate(next((rate for rate in row.win_rates if rate.baseline == baseline.entrant), None))
