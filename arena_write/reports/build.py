"""From a results folder to a board: join, rate, average, count.

The only place that turns rows into the numbers of a board; tables, pages and gates read the board.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from arena_write.battles.outcomes import join
from arena_write.battles.plan import Plan
from arena_write.benchmarks.prompts import Prompt
from arena_write.names import counted
from arena_write.reports.board import Board, RubricSection, Section, list_scopes
from arena_write.reports.cells import CellColumns
from arena_write.reports.labels import EntrantLabel, label_entrants
from arena_write.reports.length_scores import LengthSection
from arena_write.reports.lengths import LengthColumns
from arena_write.reports.longbench import LengthBuilder
from arena_write.reports.rubrics import RubricBuilder
from arena_write.reports.score_cells import ScoreCellColumns
from arena_write.reports.sections import SectionBuilder
from arena_write.reports.spending import UsedRows, judging_spending, writing_spending
from arena_write.reports.texts import TextFacts, planned_outputs, text_facts
from arena_write.scores import ScorePlan, join_scores
from arena_write.store import (
    AnchorsRecord,
    BattleColumns,
    BenchmarkFolder,
    BoardFolder,
    OutputRecord,
    ScoreColumns,
    StoreError,
    read_battles,
    read_scores,
)

CONFIDENCE = 0.95
MIN_COVERAGE = 0.95
"""Share of an entrant's cells that must be decided before it is rated."""


def build_board(
    folder: BenchmarkFolder,
    board: BoardFolder,
    *,
    benchmark: str,
    battles: Plan | None,
    scores: ScorePlan | None,
    title: str,
    min_coverage: float = MIN_COVERAGE,
    context: int | None = None,
    writingbench: bool = False,
    labels: Mapping[str, EntrantLabel] | None = None,
) -> Board:
    """Build a board from the stored rows.

    Args:
        folder: The benchmark's folder.
        board: The judge's folder.
        benchmark: Id of the benchmark.
        battles: What the board compares, if anything.
        scores: What the board scores, if anything.
        title: What the board is about, for people.
        min_coverage: Share of an entrant's cells that must be decided before it is rated.
        context: The judge's context window as stated.
        writingbench: Whether the prompts are queries of WritingBench.
        labels: What to call entrants of which no answer is stored.

    Raises:
        StoreError: A file of the folder cannot be read.
    """
    excluded = board.excluded(context=context)
    known = folder.prompts()
    outputs = tuple(folder.outputs())
    judge = board.judge()
    stored = _Stored(
        prompts=tuple(prompt for prompt in known if prompt.text_id not in excluded),
        outputs=outputs,
        labels={**(labels or {}), **label_entrants(outputs)},
        min_coverage=min_coverage,
    )
    anchors = _anchors(board, battles) if battles else None
    sections = stored.rate(battles, read_battles(board.battles, judge=judge.id), anchors) if battles else ()
    rubric = stored.average(scores, read_scores(board.scores, judge=judge.id)) if scores else ()
    return Board(
        benchmark=benchmark,
        title=title,
        judge=judge,
        scale=_describe(anchors),
        confidence=CONFIDENCE,
        min_coverage=min_coverage,
        context=context,
        writingbench=writingbench,
        plan=battles.record() if battles else None,
        score_plan=scores.record() if scores else None,
        excluded=tuple(sorted(prompt.id for prompt in known if prompt.text_id in excluded)),
        sections=sections,
        rubric=rubric,
        lengths=stored.hold_to_lengths(scores or battles),
        spending=(*writing_spending(stored.shown, stored.labels), *judging_spending(judge.name, stored.used)),
    )


@dataclass
class _Stored:
    """What a board is made of.

    Args:
        prompts: Prompts on the board.
        outputs: Stored answers.
        labels: What people call the entrants.
        min_coverage: Share of an entrant's cells that must be decided before it is rated.
        shown: Gains the answers that the board is about, by key.
        used: Gains the rows of the judge that it is made from.
        scored: Becomes the scores, where there are any.
    """

    prompts: Sequence[Prompt]
    outputs: Sequence[OutputRecord]
    labels: Mapping[str, EntrantLabel]
    min_coverage: float
    shown: dict[str, OutputRecord] = field(default_factory=dict)
    used: list[UsedRows] = field(default_factory=list)
    scored: ScoreCellColumns | None = None
    _facts: dict[str, TextFacts] = field(default_factory=dict)

    def rate(self, plan: Plan, stored: BattleColumns, anchors: AnchorsRecord | None) -> tuple[Section, ...]:
        """Return the ratings, over all prompts and by language."""
        texts = [prompt.text_id for prompt in self.prompts]
        outcomes = join(plan, prompts=texts, outputs=self.outputs, battles=stored)
        self.used.append(UsedRows(stored.spent, outcomes.row))
        builder = SectionBuilder(
            plan=plan,
            prompts=self.prompts,
            cells=CellColumns.of(outcomes, entrants=[entry.entrant for entry in plan.entries], prompts=self.prompts),
            labels=self.labels,
            facts=self._measure(plan),
            lengths=LengthColumns(self.prompts, self.outputs),
            anchors=anchors,
            confidence=CONFIDENCE,
            min_coverage=self.min_coverage,
        )
        return tuple(builder.build(scope) for scope in list_scopes(self.prompts))

    def average(self, plan: ScorePlan, stored: ScoreColumns) -> tuple[RubricSection, ...]:
        """Return the mean scores, over all prompts and by language."""
        outcomes = join_scores(plan, prompts=self.prompts, outputs=self.outputs, scores=stored)
        self.used.append(UsedRows(stored.spent, outcomes.row))
        self.scored = ScoreCellColumns.of(
            outcomes, entrants=[entry.entrant for entry in plan.entries], prompts=self.prompts
        )
        builder = RubricBuilder(
            entries=plan.entries,
            prompts=self.prompts,
            cells=self.scored,
            labels=self.labels,
            facts=self._measure(plan),
            confidence=CONFIDENCE,
            min_coverage=self.min_coverage,
        )
        return tuple(builder.build(scope) for scope in list_scopes(self.prompts))

    def hold_to_lengths(self, plan: Plan | ScorePlan | None) -> tuple[LengthSection, ...]:
        """Return LongBench-Write's own figures of a plan, the scores by now averaged; nothing of other benchmarks."""
        if plan is None or not any(prompt.required_length for prompt in self.prompts):
            return ()
        builder = LengthBuilder(
            entries=plan.entries,
            prompts=self.prompts,
            cells=self.scored,
            labels=self.labels,
            facts=self._measure(plan),
            confidence=CONFIDENCE,
            min_coverage=self.min_coverage,
        )
        found = [builder.build(scope) for scope in list_scopes(self.prompts)]
        return tuple(section for section in found if section is not None)

    def _measure(self, plan: Plan | ScorePlan) -> list[TextFacts]:
        """Return what the answers of a plan are like, each measured once."""
        facts = []
        for row, prompt in planned_outputs(plan.entries, self.prompts, self.outputs):
            if row.key not in self.shown:
                self.shown[row.key], self._facts[row.key] = row, text_facts(row, prompt)
            facts.append(self._facts[row.key])
        return facts


def _anchors(board: BoardFolder, plan: Plan) -> AnchorsRecord | None:
    """Return the anchors that a plan names.

    Raises:
        StoreError: They are not there.
    """
    if plan.anchors is None:
        return None
    found = board.anchors()
    if found is None or found.id != plan.anchors:
        raise StoreError(
            f"the board in {board.path} is rated against anchors {plan.anchors[:8]}, and {board.anchors_path.name} "
            f"{'is not there' if found is None else f'holds others, {found.id[:8]}'}: restore it from a copy"
        )
    return found


def _describe(anchors: AnchorsRecord | None) -> str:
    if anchors is None:
        return "provisional, baselines' mean = 1000"
    prompts = counted(anchors.scopes["all"].prompts, "prompt")
    return f"anchored: baselines frozen, mean = 1000 (anchors {anchors.id[:8]}, {prompts})"
