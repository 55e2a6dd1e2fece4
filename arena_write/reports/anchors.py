"""Frozen ratings of baselines: made once from their own battles, and then the scale of every candidate.

Anchors belong to a judge and to texts. With other texts, even of the same models, they are void.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from arena_write.battles.outcomes import join
from arena_write.battles.plan import Plan
from arena_write.benchmarks.prompts import Prompt
from arena_write.ratings import Anchors, RatingError, make_anchors
from arena_write.reports.board import Scope, list_scopes, rounded
from arena_write.reports.cells import CellColumns
from arena_write.reports.labels import EntrantLabel, name_entrants
from arena_write.reports.lengths import LengthColumns
from arena_write.store import AnchorsRecord, BoardFolder, OutputRecord, read_battles
from arena_write.store.records import anchors_id
from judges import content_id


class AnchorsError(Exception):
    """The baselines' battles give no anchors."""


@dataclass(frozen=True, slots=True)
class AnchorSource:
    """What anchors are made from.

    Args:
        plan: The battles among the baselines.
        prompts: The benchmark's prompts, those left out that the judge cannot read whole.
        outputs: Stored answers.
        labels: What people call the baselines.
        min_coverage: Share of the battles that must be decided.
        mend: What has to change before more can be decided, where something has.
    """

    plan: Plan
    prompts: Sequence[Prompt]
    outputs: Sequence[OutputRecord]
    labels: Mapping[str, EntrantLabel]
    min_coverage: float
    mend: str = ""


def freeze(board: BoardFolder, source: AnchorSource) -> AnchorsRecord:
    """Make anchors from the stored battles of a plan.

    Raises:
        AnchorsError: Too few battles are decided, or they give no scale; says why.
        StoreError: A file of the folder cannot be read.
    """
    judge, plan = board.judge(), source.plan
    outcomes = join(
        plan,
        prompts=[prompt.text_id for prompt in source.prompts],
        outputs=source.outputs,
        battles=read_battles(board.battles, judge=judge.id),
    )
    cells = CellColumns.of(outcomes, entrants=[entry.entrant for entry in plan.entries], prompts=source.prompts)
    for code, entrant in enumerate(cells.entrants):
        coverage = cells.coverage(code)
        if coverage < source.min_coverage:
            name = source.labels[entrant].name
            again = "run the same command again, with --retry-invalid where replies could not be read"
            raise AnchorsError(
                f"{coverage:.1%} of the battles of baseline {name} are decided, {source.min_coverage:.0%} are needed: "
                f"{source.mend or again}"
            )
    lengths = LengthColumns(source.prompts, source.outputs)
    scopes: dict[Scope, Anchors] = {}
    missing: dict[Scope, str] = {}
    for scope in list_scopes(source.prompts):
        try:
            scopes[scope] = _freeze(cells.of_scope(scope, source.prompts), plan, lengths)
        except RatingError as error:
            reason = name_entrants(str(error), source.labels)
            if scope == "all":
                raise AnchorsError(f"the battles of the baselines give no scale: {reason}") from error
            missing[scope] = reason
    fields: dict[str, Any] = {
        "benchmark": plan.benchmark,
        "judge": judge.id,
        "plan": plan.record(),
        "texts": hash_texts(source.outputs, plan),
        "scopes": scopes,
        "missing": missing,
    }
    plain = {**fields, "plan": asdict(plan.record()), "scopes": {name: asdict(one) for name, one in scopes.items()}}
    return AnchorsRecord(id=anchors_id(plain), **fields)


def hash_texts(outputs: Iterable[OutputRecord], plan: Plan) -> str:
    """Return the hash of the baselines' answers that a plan compares."""
    chosen = {entry.entrant: None if entry.prompts is None else set(entry.prompts) for entry in plan.entries}
    return content_id(
        "anchor-texts",
        sorted(
            [row.entrant, row.prompt, "" if row.failure else row.text_id]
            for row in outputs
            if row.entrant in chosen
            and row.sample == 0
            and (chosen[row.entrant] is None or row.prompt in (chosen[row.entrant] or ()))
        ),
    )


def _freeze(cells: CellColumns, plan: Plan, lengths: LengthColumns) -> Anchors:
    decided = cells.select(cells.decided)
    if not len(decided):
        raise RatingError("no battle is decided")
    found = make_anchors(
        decided.comparisons(),
        baselines=plan.baselines,
        difference=lengths.difference(decided),
        language=lengths.language(decided),
    )
    return _rounded(found)


def _rounded(anchors: Anchors) -> Anchors:
    """Return anchors as they are stored: numbers to six decimals, so that the last bits of a machine do not show."""

    def trim(values: Iterable[float]) -> tuple[float, ...]:
        return tuple(rounded(value) or 0.0 for value in values)

    return replace(
        anchors,
        elo=trim(anchors.elo),
        covariance=tuple(trim(line) for line in anchors.covariance),
        elo_at_equal_length=trim(anchors.elo_at_equal_length),
        slopes=tuple(
            replace(slope, gamma=rounded(slope.gamma), se=rounded(slope.se), scale=rounded(slope.scale))
            for slope in anchors.slopes
        ),
        goodness=replace(
            anchors.goodness,
            residuals=tuple(
                replace(
                    one,
                    observed=rounded(one.observed) or 0.0,
                    expected=rounded(one.expected) or 0.0,
                    residual=rounded(one.residual) or 0.0,
                    se=rounded(one.se),
                )
                for one in anchors.goodness.residuals
            ),
            chi2=rounded(anchors.goodness.chi2),
            p=rounded(anchors.goodness.p),
        ),
    )
