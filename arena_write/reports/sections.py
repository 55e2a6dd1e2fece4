"""One section of a board: the rated entrants of all prompts, or of those in one language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from arena_write.battles.plan import Plan, Role
from arena_write.benchmarks.prompts import Prompt
from arena_write.judging import MISSING, State
from arena_write.ratings import EntrantRating, RatingError, Ratings, rate
from arena_write.reports.board import BoardRow, Scope, Section, WinRate, rounded
from arena_write.reports.cells import CellColumns
from arena_write.reports.labels import EntrantLabel
from arena_write.reports.texts import TextFacts, summarise

MISSING_SHOWN = 0.01
"""Share of missing cells past which worst and best case are shown."""
EXCLUDED_SHOWN = 5.0
"""Difference in Elo past which the rating without an entrant's own failures is shown."""
CENSORED = 0.05
"""Share of truncated answers past which a row is marked."""

NO_WIDTH = 1e-3
"""Standard error in Elo under which an interval has no width: what rounding alone can make of 0."""
FLAT = "every prompt gave the same result, so nothing says how much prompts vary"


@dataclass(frozen=True, kw_only=True)
class SectionBuilder:
    """Builds the sections of one board; see `arena_write.reports.build.build_board`."""

    plan: Plan
    prompts: Sequence[Prompt]
    cells: CellColumns
    labels: Mapping[str, EntrantLabel]
    facts: Sequence[TextFacts]
    confidence: float
    min_coverage: float

    def build(self, scope: Scope) -> Section:
        """Rate the entrants on the prompts of `scope`."""
        inside = np.array([scope in ("all", prompt.language) for prompt in self.prompts], dtype=bool)
        cells = self.cells.select(inside[self.cells.prompt])
        languages = {prompt.text_id for prompt, kept in zip(self.prompts, inside, strict=True) if kept}
        facts = [fact for fact in self.facts if fact.prompt in languages]
        thin = self._thin(cells)
        ratings, withheld = self._rate(cells, without=thin)
        flat = self._flat(cells.without(thin), ratings) if ratings else []
        if any(cells.entrants[code] in self.plan.baselines for code in flat):
            names = ", ".join(self.labels[cells.entrants[code]].name for code in flat)
            ratings, withheld = None, f"{names}: {FLAT}"
        elif flat:
            thin = [*thin, *flat]
            ratings, withheld = self._rate(cells, without=thin)
        rows = [self._row(cells, code, thin, ratings, withheld, facts) for code in range(len(cells.entrants))]
        return Section(
            scope=scope,
            prompts=len(np.unique(cells.prompt)),
            cells=len(cells),
            decided=int(cells.decided.sum()),
            withheld=withheld,
            method=ratings.method if ratings else "",
            degrees_of_freedom=ratings.df if ratings else None,
            design_effect=rounded(ratings.deff) if ratings else None,
            rows=tuple(sorted(rows, key=board_order)),
        )

    def _thin(self, cells: CellColumns) -> list[int]:
        """Return the entrants with too few decided cells; what a thin candidate lacks counts against nobody else."""
        anchors = [code for code, entrant in enumerate(cells.entrants) if entrant in self.plan.baselines]
        others = [code for code in range(len(cells.entrants)) if code not in anchors]
        thin = [code for code in others if _coverage(cells, code) < self.min_coverage]
        kept = cells.without(thin)
        return thin + [code for code in anchors if _coverage(kept, code) < self.min_coverage]

    def _flat(self, cells: CellColumns, ratings: Ratings) -> list[int]:
        """Return the entrants whose interval has no width although their texts differ from the others'.

        Where every prompt gave the same result, nothing says how much prompts vary: no error bar is not none.
        """
        flat = []
        for code, entrant in enumerate(cells.entrants):
            mine = cells.of_entrant(code)
            anchor = self.plan.baselines == (entrant,)
            if not mine.any() or anchor or cells.count(mine, State.IDENTICAL) == int(cells.decided[mine].sum()):
                continue
            rating = ratings.entrant(entrant)
            if rating.kind == "interval" and (rating.se or 0.0) < NO_WIDTH:
                flat.append(code)
        return flat

    def _rate(self, cells: CellColumns, *, without: Sequence[int] = ()) -> tuple[Ratings | None, str]:
        """Rate everybody but `without`; return the reason instead where there is no scale."""
        baselines = set(self.plan.baselines)
        thin = [self.labels[cells.entrants[code]].name for code in without if cells.entrants[code] in baselines]
        if thin:
            return None, f"fewer than {self.min_coverage:.0%} of the cells of baseline {', '.join(thin)} are decided"
        try:
            return rate(
                cells.without(without).comparisons(), baselines=self.plan.baselines, confidence=self.confidence
            ), ""
        except RatingError as error:
            return None, self._in_names(str(error))

    def _row(
        self,
        cells: CellColumns,
        code: int,
        thin: Sequence[int],
        ratings: Ratings | None,
        withheld: str,
        facts: Sequence[TextFacts],
    ) -> BoardRow:
        entrant = cells.entrants[code]
        strangers = [other for other in thin if other != code and self._role(cells.entrants[other]) == "candidate"]
        cells = cells.without(strangers)
        mine = cells.of_entrant(code)
        coverage = _coverage(cells, code)
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
            reason=self._in_names(rating.reason),
            prompts=len(np.unique(cells.prompt[mine & cells.decided])),
            planned=int(mine.sum()),
            judged=cells.count(mine, State.JUDGED),
            identical=cells.count(mine, State.IDENTICAL),
            failed=cells.count(mine, State.FAILED),
            invalid=cells.count(mine, State.INVALID),
            open=cells.count(mine, State.OPEN),
            no_output=cells.count(mine, State.NO_OUTPUT),
            coverage=round(coverage, 6),
            win_rates=self._win_rates(cells, code),
            if_excluded=self._if_excluded(cells, code, thin, rating),
            worst_case=self._if_missing(cells, code, thin, rating, 0.0),
            best_case=self._if_missing(cells, code, thin, rating, 1.0),
            censored=texts.truncated > CENSORED * texts.answers,
            texts=texts,
        )

    def _role(self, entrant: str) -> Role:
        return "baseline" if entrant in self.plan.baselines else "candidate"

    def _win_rates(self, cells: CellColumns, code: int) -> tuple[WinRate, ...]:
        scores = cells.scores_of(code)
        rates = []
        for other, entrant in enumerate(cells.entrants):
            if other != code and entrant in self.plan.baselines:
                met = cells.of_entrant(code) & cells.of_entrant(other) & cells.decided
                mean = rounded(scores[met].mean()) if met.any() else None
                rates.append(WinRate(baseline=entrant, score=mean, cells=int(met.sum())))
        return tuple(rates)

    def _if_excluded(self, cells: CellColumns, code: int, thin: Sequence[int], rating: EntrantRating) -> float | None:
        """Return the rating without the cells that this entrant's own failures decided."""
        failed = cells.of_entrant(code) & (cells.state == State.FAILED) & self._own_failures(cells, code)
        if rating.elo is None or not failed.any():
            return None
        elo = self._elo(cells.select(~failed), code, thin)
        return elo if elo is not None and abs(elo - rating.elo) > EXCLUDED_SHOWN else None

    def _own_failures(self, cells: CellColumns, code: int) -> npt.NDArray[np.bool_]:
        failed = {fact.prompt for fact in self.facts if fact.entrant == cells.entrants[code] and fact.failed}
        return np.array([self.prompts[prompt].text_id in failed for prompt in cells.prompt], dtype=bool)

    def _if_missing(
        self, cells: CellColumns, code: int, thin: Sequence[int], rating: EntrantRating, score: float
    ) -> float | None:
        """Return the rating if every missing cell of this entrant had scored `score`."""
        mine = cells.of_entrant(code)
        if rating.elo is None or cells.count(mine, *MISSING) <= MISSING_SHOWN * mine.sum():
            return None
        return self._elo(cells.fill_missing(code, score), code, thin)

    def _elo(self, cells: CellColumns, code: int, thin: Sequence[int]) -> float | None:
        ratings, _ = self._rate(cells, without=thin)
        return rounded(ratings.entrant(cells.entrants[code]).elo) if ratings else None

    def _in_names(self, message: str) -> str:
        """Return a message about ids with the names that people know."""
        for entrant, label in self.labels.items():
            message = message.replace(entrant, label.name)
        return message


def _coverage(cells: CellColumns, code: int) -> float:
    mine = cells.of_entrant(code)
    return float(cells.decided[mine].mean()) if mine.any() else 0.0


def board_order(row: BoardRow) -> tuple[bool, float, str, str]:
    """Return what rows are sorted by: the best first, those without any number last."""
    value = next((value for value in (row.elo, row.low, row.high) if value is not None), None)
    return value is None, -(value or 0.0), row.name, row.entrant
