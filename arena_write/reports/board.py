"""The board of one benchmark under one judge: every number shown, and nothing that its rows cannot give back.

`board.json` holds no time and no path: equal rows give equal bytes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter

from arena_write.battles.plan import Role
from arena_write.benchmarks.prompts import Prompt
from arena_write.reports.length_scores import LengthSection
from arena_write.reports.query_scores import DifferenceRow, QueryScores
from arena_write.store import ImportRecord, JudgeRecord, PlanRecord, ScoreFileRecord, ScorePlanRecord

STRICT = ConfigDict(extra="forbid", strict=True, defer_build=True)

Bound = Literal["interval", "at_least", "at_most", "unrated"]
Scope = Literal["all", "en", "zh"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WinRate:
    """How an entrant did against one baseline: mean score over the cells judged, a tie counting half.

    On a board of imported battles `baseline` is whoever it met.
    """

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
        length_ratio: Median of ln(length / length asked), over `length_asked`; an answer with nothing to judge counts
            as one unit long.
        length_reward: Mean length reward of LongWriter-Zero, 0 to 1, over the same; 0 for an answer with nothing to
            judge. A diagnostic.
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
    length_ratio: float | None = None
    length_reward: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualLength:
    """A rating as it would be if all texts were equally long: a diagnostic, by slopes frozen with the anchors.

    Args:
        elo: The rating; none where it cannot be said.
        low: Lower end of its interval, the slopes' own error included.
        high: Upper end.
        length: How much longer this entrant's texts are than its opponents', in standard differences of the baselines.
        extrapolated: Further from its opponents than the baselines are from each other: do not lean on it.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    elo: float | None
    low: float | None
    high: float | None
    length: float | None
    extrapolated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeHabits:
    """What battles in both orders say about the judge.

    Args:
        pairs: Pairs of texts judged in both orders.
        consistency: Share of pairs with the same verdict in both.
        hard_flips: Share of pairs whose winner changes with the order.
        ties: Share of battles that are ties.
        slot: What a text's mean score gains by standing first.
        slot_low: Lower end of its interval, clustered by prompt.
        slot_high: Upper end.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    pairs: int
    consistency: float
    hard_flips: float
    ties: float
    slot: float | None
    slot_low: float | None
    slot_high: float | None


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
        prompts: Prompts on which at least one cell was decided; where an imported file names none, its battles.
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
        low_with_anchors: Lower end of the interval with the anchors' own error, of a candidate on an anchored board.
        high_with_anchors: Upper end.
        equal_length: The rating at equal length, where the anchors have slopes.
        misfit: The chance of a candidate's results against the anchors if one strength explained them; under 0.01 it
            does not, and the win rates say more than the rating.
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
    low_with_anchors: float | None = None
    high_with_anchors: float | None = None
    equal_length: EqualLength | None = None
    misfit: float | None = None

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
        design_effect: How many times wider the variance is than independent battles would have it, over all rated.
        rows: Entrants, best first.
        habits: What the battles say about the judge, where pairs were judged in both orders.
        anchor_prompts: Prompts on which the baselines were frozen; nothing where they were not.
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
    habits: JudgeHabits | None = None
    anchor_prompts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricRow:
    """One entrant in one section of a rubric: its mean score, 1 to 10.

    Args:
        entrant: Id of the entrant.
        name: Its name, for people.
        mean: Mean of all its scores; none where too few could be had.
        low: Lower end of the interval.
        high: Upper end of the interval.
        best_rank: Best rank that the data allow, all ranks taken together.
        worst_rank: Worst such rank.
        reason: Why there is no mean, or no interval.
        prompts: Prompts with at least one score.
        planned: Cells of the plan: one for each answer, criterion and repeat.
        judged: Cells with a score by the judge.
        failed: Cells that got the lowest score because the entrant gave no text.
        invalid: Cells missing because every attempt to score them was invalid.
        open: Cells missing because no judge could be reached, or judging was stopped.
        no_output: Cells missing because an answer is not there.
        coverage: Share of the planned cells that were decided.
        saturation: Share of scores of 9 and 10.
        design_effect: How many times wider the variance is than independent scores would have it.
        if_excluded: Mean without the cells decided by this entrant's own failures, where there are any.
        worst_case: Mean if every missing cell had the lowest score, where more than 1 % are missing.
        best_case: Mean if every missing cell had the highest score, likewise.
        censored: Whether more than 5 % of the answers were cut by the token limit.
        texts: What the answers are like.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    entrant: str
    name: str
    role: Role
    origin: str
    mean: float | None
    low: float | None
    high: float | None
    best_rank: int | None
    worst_rank: int | None
    reason: str
    prompts: int
    planned: int
    judged: int
    failed: int
    invalid: int
    open: int
    no_output: int
    coverage: float
    saturation: float | None
    design_effect: float | None
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
class RubricSection:
    """The rubric scores over all prompts, or over those of one language.

    Args:
        detectable: Difference of two means that so many prompts would show, in 80 % of studies.
        rows: Entrants, best first.
        aggregates: What each scored by domain and requirement, by entrant id; none where prompts have neither.
        differences: Every two entrants on the queries that both were scored on, by entrant ids.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    scope: Scope
    prompts: int
    cells: int
    decided: int
    detectable: float | None
    rows: tuple[RubricRow, ...]
    aggregates: tuple[QueryScores, ...] = ()
    differences: tuple[DifferenceRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What stored rows of the board took; calls that left no row are in the events of their run alone.

    Args:
        what: Writing answers, or judging.
        name: Whose answers were written; who judged.
        calls: Calls that left a row; a reply on several criteria is one.
        prompt_tokens: Tokens sent, as far as servers said; likewise the next three.
        cached_tokens: Of these, tokens that came from a cache.
        completion_tokens: Tokens that came back, thinking included.
        thinking_tokens: Of these, tokens of thinking.
        price: US dollars, failed attempts within a call included; none where a price is not known.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    what: Literal["writing", "judging"]
    name: str
    calls: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    thinking_tokens: int
    price: float | None


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
        context: The judge's context window as stated; none where it was not.
        writingbench: Whether the prompts are queries of WritingBench.
        plan: The plan whose battles are fitted; none where nothing was compared here.
        score_plan: The plan whose scores are averaged; none where nothing was scored.
        excluded: Ids of prompts that left the board for every entrant: the judge cannot read their texts whole.
        sections: Ratings over all prompts, then over those of each language; none where nothing was compared.
        rubric: Mean scores, likewise; none where nothing was scored.
        spending: What the rows took: a line for each entrant whose answers were written, and one for the judge.
        imported: The file of the battles, where they were judged elsewhere; none on a board judged here.
        lengths: What LongBench-Write says of lengths, over all prompts, then by language; none on other benchmarks.
        score_files: The files of the scores, where they were given elsewhere; none on a board judged here.
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
    context: int | None = None
    writingbench: bool = False
    plan: PlanRecord | None
    score_plan: ScorePlanRecord | None
    excluded: tuple[str, ...]
    sections: tuple[Section, ...]
    rubric: tuple[RubricSection, ...]
    spending: tuple[Spending, ...]
    imported: ImportRecord | None = None
    lengths: tuple[LengthSection, ...] = ()
    score_files: tuple[ScoreFileRecord, ...] = ()

    def section(self, scope: Scope) -> Section | None:
        """Return the section of `scope`, or nothing where the board has no such prompts."""
        return next((section for section in self.sections if section.scope == scope), None)

    def rubric_section(self, scope: Scope) -> RubricSection | None:
        """Return the rubric scores of `scope`, or nothing where the board has none."""
        return next((section for section in self.rubric if section.scope == scope), None)

    def length_section(self, scope: Scope) -> LengthSection | None:
        """Return what is said of the lengths of `scope`, or nothing where the board says nothing of them."""
        return next((section for section in self.lengths if section.scope == scope), None)

    def rating_row(self, entrant: str) -> BoardRow | None:
        """Return an entrant's row over all prompts, or nothing where it was not compared."""
        return next((row for section in self.sections[:1] for row in section.rows if row.entrant == entrant), None)

    def rubric_row(self, entrant: str) -> RubricRow | None:
        """Return an entrant's mean scores over all prompts, or nothing where it was not scored."""
        return next((row for section in self.rubric[:1] for row in section.rows if row.entrant == entrant), None)

    def withheld(self, entrant: str) -> str:
        """Return why an entrant has no rating, or no mean score, where that is so."""
        rating, rubric = self.rating_row(entrant), self.rubric_row(entrant)
        if rating is not None and rating.bound == "unrated":
            return rating.reason
        return rubric.reason if rubric is not None and rubric.mean is None else ""

    def to_json(self) -> bytes:
        """Return the board as the bytes of `board.json`."""
        return BOARDS.dump_json(self, indent=1) + b"\n"


BOARDS: TypeAdapter[Board] = TypeAdapter(Board)


def list_scopes(prompts: Iterable[Prompt]) -> list[Scope]:
    """Return the scopes that a board over these prompts has: all, and English and Chinese where there are several."""
    languages = {prompt.language for prompt in prompts}
    named: list[Scope] = ["en", "zh"]
    return ["all", *(scope for scope in named if scope in languages and len(languages) > 1)]


def rounded(value: Any, digits: int = 6) -> float | None:  # noqa: ANN401 - numpy or plain number
    """Return a number as kept on a board: six decimals, so that the last bits of a machine's arithmetic do not show."""
    return None if value is None else round(float(value), digits) + 0.0
