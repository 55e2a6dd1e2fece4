"""The board of one benchmark under one judge: every number shown, and nothing that its rows cannot give back.

`board.json` holds no time and no path: equal rows give equal bytes.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter

from arena_write.battles.plan import Role
from arena_write.store import JudgeRecord, PlanRecord

STRICT = ConfigDict(extra="forbid", strict=True)

Bound = Literal["interval", "at_least", "at_most", "unrated"]
Scope = Literal["all", "en", "zh"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WinRate:
    """How an entrant did against one baseline: mean score over the cells judged, a tie counting half."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    baseline: str
    score: float | None
    cells: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What an entrant's answers are like, without any judge.

    Args:
        answers: Stored answers to the section's prompts.
        no_answer: Of these, answers with nothing to judge: the candidate's own failures.
        truncated: Answers cut by the token limit.
        length_asked: Answers to prompts that ask for a length.
        length_obeyed: Of these, answers within it (`about N` allows 10 %).
        broken_off: Answers that end in mid-sentence.
        median_words: Median length, in words, of the answers to English prompts; none without such.
        median_chars: Median length, in characters, of the answers to Chinese prompts; none without such.
        repeated: Median share of text in repeated passages, in percent.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    answers: int
    no_answer: int
    truncated: int
    length_asked: int
    length_obeyed: int
    broken_off: int
    median_words: float | None
    median_chars: float | None
    repeated: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One entrant in one section of a board.

    Args:
        entrant: Id of the entrant.
        name: Its name, for people.
        bound: What `elo`, `low` and `high` say: an interval, a one-sided bound, or nothing.
        elo: Rating; for a one-sided bound, the bound.
        low: Lower end of the interval.
        high: Upper end of the interval.
        best_rank: Best rank that the data allow, all ranks taken together.
        worst_rank: Worst such rank.
        reason: Why there is no interval, where there is none.
        prompts: Prompts on which at least one cell was decided.
        planned: Cells of the plan with this entrant, those against entrants with too few decided cells left out.
        judged: Cells decided by a verdict.
        identical: Cells that tied because both texts are the same.
        failed: Cells decided because an entrant gave no text.
        invalid: Cells missing because every attempt to judge them was invalid.
        open: Cells missing because no judge could be reached, or judging was stopped.
        no_output: Cells missing because an answer is not there.
        coverage: Share of the planned cells that were decided.
        win_rates: Results against each baseline.
        if_excluded: Rating without the cells decided by this entrant's own failures, where it differs by more than 5.
        worst_case: Rating if every missing cell were lost, where more than 1 % are missing.
        best_case: Rating if every missing cell were won, likewise.
        censored: Whether more than 5 % of the answers were cut by the token limit.
        texts: What the answers are like.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    entrant: str
    name: str
    role: Role
    origin: str
    bound: Bound
    elo: float | None
    low: float | None
    high: float | None
    best_rank: int | None
    worst_rank: int | None
    reason: str
    prompts: int
    planned: int
    judged: int
    identical: int
    failed: int
    invalid: int
    open: int
    no_output: int
    coverage: float
    win_rates: tuple[WinRate, ...]
    if_excluded: float | None
    worst_case: float | None
    best_case: float | None
    censored: bool
    texts: Texts

    @property
    def half_width(self) -> float | None:
        """Half of the interval, or nothing without one."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The board over all prompts, or over those of one language.

    Args:
        withheld: Why nothing in this section is rated, where that is so.
        method: How the intervals were made: `CR1` or `jackknife`, clustered by prompt.
        degrees_of_freedom: Prompts less one.
        design_effect: How many times wider the variance is than independent battles would have it (median entrant).
        rows: Entrants, best first.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    scope: Scope
    prompts: int
    cells: int
    decided: int
    withheld: str
    method: str
    degrees_of_freedom: float | None
    design_effect: float | None
    rows: tuple[BoardRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A board: all that may be ranked together.

    Args:
        benchmark: Id of the benchmark.
        title: The benchmark's title, with what a reader must know of it.
        judge: Who judged.
        judge_check: Whether the judge has passed known-answer pairs.
        scale: What the Elo scale is anchored to.
        confidence: Level of the intervals.
        min_coverage: Share of decided cells under which no rating is printed.
        plan: The plan whose cells are fitted.
        excluded: Ids of prompts that left the board for every entrant: the judge cannot read their texts whole.
        sections: All prompts, then each language.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    v: Literal[1] = 1
    benchmark: str
    title: str
    judge: JudgeRecord
    judge_check: Literal["unchecked"] = "unchecked"
    scale: str
    confidence: float
    min_coverage: float
    plan: PlanRecord
    excluded: tuple[str, ...]
    sections: tuple[Section, ...]

    def section(self, scope: Scope) -> Section | None:
        """Return the section of `scope`, or nothing where the board has no such prompts."""
        return next((section for section in self.sections if section.scope == scope), None)

    def to_json(self) -> bytes:
        """Return the board as the bytes of `board.json`."""
        return BOARDS.dump_json(self, indent=1) + b"\n"


BOARDS: TypeAdapter[Board] = TypeAdapter(Board)


def rounded(value: Any, digits: int = 6) -> float | None:  # noqa: ANN401 - numpy or plain number
    """Return a number as kept on a board: six decimals, so that the last bits of a machine's arithmetic do not show."""
    return None if value is None else round(float(value), digits) + 0.0
