"""From a results folder to a board: join, rate, count.

The only place that turns rows into the numbers of a board; tables, pages and gates read the board.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from arena_write.battles.outcomes import join
from arena_write.battles.plan import Plan
from arena_write.benchmarks.prompts import Prompt
from arena_write.reports.board import Board, Scope
from arena_write.reports.cells import CellColumns
from arena_write.reports.sections import SectionBuilder
from arena_write.reports.texts import text_facts
from arena_write.store import BenchmarkFolder, BoardFolder, OutputRecord, read_battles

CONFIDENCE = 0.95
MIN_COVERAGE = 0.95
"""Share of an entrant's cells that must be decided before it is rated."""


@dataclass(frozen=True, slots=True)
class EntrantLabel:
    """What people call an entrant, and where its texts come from."""

    name: str
    origin: str


def build_board(
    folder: BenchmarkFolder,
    board: BoardFolder,
    *,
    plan: Plan,
    title: str,
    min_coverage: float = MIN_COVERAGE,
    context: int | None = None,
    labels: Mapping[str, EntrantLabel] | None = None,
) -> Board:
    """Build the board of `plan` from the stored rows.

    Args:
        folder: The benchmark's folder.
        board: The judge's folder.
        plan: What the board compares.
        title: What the board is about, for people.
        min_coverage: Share of an entrant's cells that must be decided before it is rated.
        context: The judge's context window as stated.
        labels: What to call entrants of which no answer is stored.

    Raises:
        StoreError: A file of the folder cannot be read.
    """
    excluded = board.excluded(context=context)
    known = tuple(folder.prompts_file.read())
    prompts = tuple(prompt for prompt in known if prompt.text_id not in excluded)
    outputs = tuple(folder.outputs())
    judge = board.judge()
    outcomes = join(
        plan,
        prompts=[prompt.text_id for prompt in prompts],
        outputs=outputs,
        battles=read_battles(board.battles, judge=judge.id),
    )
    builder = SectionBuilder(
        plan=plan,
        prompts=prompts,
        cells=CellColumns.of(outcomes, entrants=[entry.entrant for entry in plan.entries], prompts=prompts),
        labels={**(labels or {}), **label_entrants(outputs)},
        facts=[text_facts(row, prompt) for row, prompt in planned_outputs(plan, prompts, outputs)],
        confidence=CONFIDENCE,
        min_coverage=min_coverage,
    )
    return Board(
        benchmark=plan.benchmark,
        title=title,
        judge=judge,
        scale="provisional, baselines' mean = 1000",
        confidence=CONFIDENCE,
        min_coverage=min_coverage,
        plan=plan.record(),
        excluded=tuple(sorted(prompt.id for prompt in known if prompt.text_id in excluded)),
        sections=tuple(builder.build(scope) for scope in _scopes(prompts)),
    )


def planned_outputs(
    plan: Plan, prompts: Sequence[Prompt], outputs: Iterable[OutputRecord]
) -> list[tuple[OutputRecord, Prompt]]:
    """Return the stored answers that the plan compares, each with its prompt."""
    by_text = {prompt.text_id: prompt for prompt in prompts}
    entries = {entry.entrant: entry for entry in plan.entries}
    planned = []
    for row in outputs:
        entry, prompt = entries.get(row.entrant), by_text.get(row.prompt)
        if entry is None or prompt is None or row.sample >= entry.samples:
            continue
        if entry.prompts is None or row.prompt in entry.prompts:
            planned.append((row, prompt))
    return planned


def label_entrants(outputs: Iterable[OutputRecord]) -> dict[str, EntrantLabel]:
    """Return the label of every entrant; two entrants of one name are told apart by the start of their ids."""
    labels: dict[str, EntrantLabel] = {}
    for row in outputs:
        labels.setdefault(row.entrant, EntrantLabel(row.entrant_name, row.origin))
    names = [label.name for label in labels.values()]
    return {
        entrant: EntrantLabel(f"{label.name} ({entrant[:8]})", label.origin) if names.count(label.name) > 1 else label
        for entrant, label in labels.items()
    }


def _scopes(prompts: Sequence[Prompt]) -> list[Scope]:
    languages = {prompt.language for prompt in prompts}
    named: list[Scope] = ["en", "zh"]
    return ["all", *(scope for scope in named if scope in languages and len(languages) > 1)]
