"""One section of a board: the rated entrants of all prompts, or of those in one language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from arena_write.battles.plan import Plan, Role
from arena_write.benchmarks.prompts import Prompt
from arena_write.judging import MISSING, State
from arena_write.ratings import EntrantRating, RatingError, Ratings
from arena_write.ratings.results import FLAT
from arena_write.reports.beside import Beside, judge_habits
from arena_write.reports.board import BoardRow, Scope, Section, WinRate, rounded
from arena_write.reports.cells import CellColumns
from arena_write.reports.labels import EntrantLabel, name_entrants
from arena_write.reports.lengths import LengthColumns
from arena_write.reports.scales import AnchoredScale, JointScale, Scale, Scaled
from arena_write.reports.texts import TextFacts, summarise
from arena_write.store import AnchorsRecord

MISSING_SHOWN = 0.01
"""Share of missing cells past which worst and best case are shown."""
EXCLUDED_SHOWN = 5.0
"""Difference in Elo past which the rating without an entrant's own failures is shown."""
CENSORED = 0.05
"""Share of truncated answers past which a row is marked."""


@dataclass(frozen=True, kw_only=True)
class SectionBuilder:
    """Builds the sections of one board; see `arena_write.reports.build.build_board`."""

    plan: Plan
    prompts: Sequence[Prompt]
    cells: CellColumns
    labels: Mapping[str, EntrantLabel]
    facts: Sequence[TextFacts]
    lengths: LengthColumns
    anchors: AnchorsRecord | None
    confidence: float
    min_coverage: float

    def build(self, scope: Scope) -> Section:
        """Rate the entrants on the prompts of `scope`."""
        cells = self.cells.of_scope(scope, self.prompts)
        inside = {prompt.text_id for prompt in self.prompts if scope in ("all", prompt.language)}
        facts = [fact for fact in self.facts if fact.prompt in inside]
        scale = self._scale(scope)
        thin = self._thin(cells, scale)
        scaled, withheld = self._rate(cells, scale, without=thin)
        flat = self._flat(cells.without(thin), scaled.ratings, scale) if scaled else []
        if any(cells.entrants[code] in self.plan.baselines for code in flat):
            names = ", ".join(self.labels[cells.entrants[code]].name for code in flat)
            scaled, withheld = None, f"{names}: {FLAT}"
        elif flat:
            thin = [*thin, *flat]
            scaled, withheld = self._rate(cells, scale, without=thin)
        ratings = scaled.ratings if scaled else None
        beside = Beside.of(cells.without(thin), scale, scaled, self.lengths)
        rows = [
            self._row(cells, code, thin, ratings, withheld, facts, scale=scale, beside=beside)
            for code in range(len(cells.entrants))
        ]
        return Section(
            scope=scope,
            prompts=len(np.unique(cells.prompt)),
            cells=len(cells),
            decided=int(cells.decided.sum()),
            withheld=withheld,
            method=ratings.method if ratings else "",
            degrees_of_freedom=float(ratings.df) if ratings else None,
            design_effect=rounded(ratings.deff) if ratings else None,
            rows=tuple(sorted(rows, key=board_order)),
            habits=judge_habits(cells, self.plan.baselines, confidence=self.confidence),
            anchor_prompts=self._anchor_prompts(scope),
        )

    def _scale(self, scope: Scope) -> Scale:
        """Return the scale of the prompts of `scope`."""
        if self.anchors is None:
            return JointScale(self.plan.baselines, self.confidence)
        return AnchoredScale(self.anchors.scopes.get(scope), self.anchors.missing.get(scope, ""), self.confidence)

    def _anchor_prompts(self, scope: Scope) -> int | None:
        """Return on how many prompts of `scope` the baselines were frozen."""
        found = self.anchors.scopes.get(scope) if self.anchors else None
        return found.prompts if found else None

    def _thin(self, cells: CellColumns, scale: Scale) -> list[int]:
        """Return the entrants with too few decided cells; what a thin candidate lacks counts against nobody else."""
        others = [code for code, entrant in enumerate(cells.entrants) if entrant not in self.plan.baselines]
        thin = [code for code in others if cells.coverage(code) < self.min_coverage]
        kept = cells.without(thin)
        needed = [code for code, entrant in enumerate(cells.entrants) if entrant in scale.needed]
        return thin + [code for code in needed if kept.coverage(code) < self.min_coverage]

    def _flat(self, cells: CellColumns, ratings: Ratings, scale: Scale) -> list[int]:
        """Return the entrants whose interval has no width although their texts differ from the others'.

        Where an entrant's texts are those that it met, its ties need no judge: its rating stands without an interval.
        """
        flat = []
        for code, entrant in enumerate(cells.entrants):
            mine = cells.of_entrant(code)
            anchor = self.plan.baselines == (entrant,) or entrant in scale.frozen
            if not mine.any() or anchor or cells.count(mine, State.IDENTICAL) == int(cells.decided[mine].sum()):
                continue
            if ratings.entrant(entrant).reason == FLAT:
                flat.append(code)
        return flat

    def _rate(self, cells: CellColumns, scale: Scale, *, without: Sequence[int] = ()) -> tuple[Scaled | None, str]:
        """Rate everybody but `without`; return the reason instead where there is no scale."""
        baselines = set(self.plan.baselines)
        thin = [self.labels[cells.entrants[code]].name for code in without if cells.entrants[code] in baselines]
        if thin:
            return None, f"fewer than {self.min_coverage:.0%} of the cells of baseline {', '.join(thin)} are decided"
        try:
            return scale.rate(cells.without(without).comparisons()), ""
        except RatingError as error:
            return None, name_entrants(str(error), self.labels)

    def _row(
        self,
        cells: CellColumns,
        code: int,
        thin: Sequence[int],
        ratings: Ratings | None,
        withheld: str,
        facts: Sequence[TextFacts],
        *,
        scale: Scale,
        beside: Beside,
    ) -> BoardRow:
        entrant = cells.entrants[code]
        strangers = [other for other in thin if other != code and self._role(cells.entrants[other]) == "candidate"]
        cells = cells.without(strangers)
        mine = cells.of_entrant(code)
        coverage = cells.coverage(code)
        rating = EntrantRating(name=entrant, kind="unrated", reason=withheld)
        if not mine.any():
            rating = EntrantRating(name=entrant, kind="unrated", reason="not planned on these prompts")
        elif code in thin and coverage >= self.min_coverage:
            rating = EntrantRating(name=entrant, kind="unrated", reason=FLAT)
        elif code in thin:
            reason = f"{coverage:.1%} of its cells are decided, {self.min_coverage:.0%} are needed"
            rating = EntrantRating(name=entrant, kind="unrated", reason=reason)
        elif ratings is not None:
            rating = ratings.entrant(entrant)
        texts = summarise([fact for fact in facts if fact.entrant == entrant])
        return BoardRow(
            entrant=entrant,
            name=self.labels[entrant].name if entrant in self.labels else entrant[:8],
            role=self._role(entrant),
            origin=self.labels[entrant].origin if entrant in self.labels else "",
            bound=rating.kind,
            elo=rounded(rating.elo),
            low=rounded(rating.low),
            high=rounded(rating.high),
            best_rank=rating.best_rank,
            worst_rank=rating.worst_rank,
            reason=name_entrants(rating.reason, self.labels),
            prompts=len(np.unique(cells.prompt[mine & cells.decided])),
            planned=int(mine.sum()),
            judged=cells.count(mine, State.JUDGED),
            identical=cells.count(mine, State.IDENTICAL),
            failed=cells.count(mine, State.FAILED),
            invalid=cells.count(mine, State.INVALID),
            open=cells.count(mine, State.OPEN),
            no_output=cells.count(mine, State.NO_OUTPUT),
            coverage=round(coverage, 6),
            win_rates=self._win_rates(cells, code, scale),
            if_excluded=self._if_excluded(cells, code, thin, rating, scale),
            worst_case=self._if_missing(cells, code, thin, rating, scale, 0.0),
            best_case=self._if_missing(cells, code, thin, rating, scale, 1.0),
            censored=texts.truncated > CENSORED * texts.answers,
            texts=texts,
            **beside.fields(entrant),
        )

    def _role(self, entrant: str) -> Role:
        return "baseline" if entrant in self.plan.baselines else "candidate"

    def _win_rates(self, cells: CellColumns, code: int, scale: Scale) -> tuple[WinRate, ...]:
        """Return an entrant's results against each baseline; those of anchors as they were frozen."""
        scores = cells.scores_of(code)
        rates = []
        for other, entrant in enumerate(cells.entrants):
            known = scale.met(cells.entrants[code], entrant)
            if known is not None:
                rates.append(WinRate(baseline=entrant, score=rounded(known[0]), cells=known[1]))
            elif other != code and entrant in self.plan.baselines:
                met = cells.of_entrant(code) & cells.of_entrant(other) & cells.decided
                mean = rounded(scores[met].mean()) if met.any() else None
                rates.append(WinRate(baseline=entrant, score=mean, cells=int(met.sum())))
        return tuple(rates)

    def _if_excluded(
        self, cells: CellColumns, code: int, thin: Sequence[int], rating: EntrantRating, scale: Scale
    ) -> float | None:
        """Return the rating without the cells that this entrant's own failures decided."""
        failed = cells.of_entrant(code) & (cells.state == State.FAILED) & (cells.scores_of(code) < 1.0)
        if rating.elo is None or rating.name in scale.frozen or not failed.any():
            return None
        elo = self._elo(cells.select(~failed), code, thin, scale)
        return elo if elo is not None and abs(elo - rating.elo) > EXCLUDED_SHOWN else None

    def _if_missing(
        self, cells: CellColumns, code: int, thin: Sequence[int], rating: EntrantRating, scale: Scale, score: float
    ) -> float | None:
        """Return the rating if every missing cell of this entrant had scored `score`."""
        mine = cells.of_entrant(code)
        missing = cells.count(mine, *MISSING)
        if rating.elo is None or rating.name in scale.frozen or missing <= MISSING_SHOWN * mine.sum():
            return None
        return self._elo(cells.fill_missing(code, score), code, thin, scale)

    def _elo(self, cells: CellColumns, code: int, thin: Sequence[int], scale: Scale) -> float | None:
        try:
            return rounded(scale.elo(cells.without(thin).comparisons(), cells.entrants[code]))
        except RatingError:
            return None


def board_order(row: BoardRow) -> tuple[bool, float, str, str]:
    """Return what rows are sorted by: the best first, those without any number last."""
    value = next((value for value in (row.elo, row.low, row.high) if value is not None), None)
    return value is None, -(value or 0.0), row.name, row.entrant
