"""One section of a board's rubric: the mean scores on all prompts, or on those in one language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from arena_write.battles.plan import Entry
from arena_write.benchmarks.prompts import Prompt
from arena_write.judging import MISSING, State
from arena_write.ratings import EntrantScores, RubricRatings, rate_scores
from arena_write.reports.board import RubricRow, RubricSection, Scope, rounded
from arena_write.reports.labels import EntrantLabel
from arena_write.reports.query_sections import aggregate_entrants, compare_entrants
from arena_write.reports.score_cells import ScoreCellColumns
from arena_write.reports.sections import CENSORED, MISSING_SHOWN
from arena_write.reports.texts import TextFacts, summarise


@dataclass(frozen=True, kw_only=True)
class RubricBuilder:
    """Builds the rubric sections of one board; see `arena_write.reports.build.build_board`.

    A mean needs no opponent: an entrant with too few scores is withheld, and nobody else is touched.
    """

    entries: Sequence[Entry]
    prompts: Sequence[Prompt]
    cells: ScoreCellColumns
    labels: Mapping[str, EntrantLabel]
    facts: Sequence[TextFacts]
    confidence: float
    min_coverage: float

    def build(self, scope: Scope) -> RubricSection:
        """Average the scores on the prompts of `scope`."""
        inside = np.array([scope in ("all", prompt.language) for prompt in self.prompts], dtype=bool)
        cells = self.cells.select(inside[self.cells.prompt])
        texts = {prompt.text_id for prompt, kept in zip(self.prompts, inside, strict=True) if kept}
        facts = [fact for fact in self.facts if fact.prompt in texts]
        mine = {code: cells.select(cells.entrant == code) for code in range(len(cells.entrants))}
        told = [code for code, own in mine.items() if _coverage(own) >= self.min_coverage]
        ratings = self._average(cells.select(np.isin(cells.entrant, told)))
        rows = [self._row(own, code, ratings, facts) for code, own in mine.items()]
        means = [code for code in told if mine[code].decided.any()]
        return RubricSection(
            scope=scope,
            prompts=len(np.unique(cells.prompt)),
            cells=len(cells),
            decided=int(cells.decided.sum()),
            detectable=rounded(ratings.detectable) if ratings else None,
            rows=tuple(sorted(rows, key=_board_order)),
            aggregates=aggregate_entrants(
                cells,
                prompts=self.prompts,
                told=means,
                names={entrant: label.name for entrant, label in self.labels.items()},
            ),
            differences=compare_entrants(cells, told=means, confidence=self.confidence),
        )

    def _average(self, cells: ScoreCellColumns) -> RubricRatings | None:
        return rate_scores(cells.scores(), confidence=self.confidence) if cells.decided.any() else None

    def _mean(self, own: ScoreCellColumns) -> float | None:
        return rounded(own.score[own.decided].mean()) if own.decided.any() else None

    def _row(
        self, own: ScoreCellColumns, code: int, ratings: RubricRatings | None, facts: Sequence[TextFacts]
    ) -> RubricRow:
        entrant = own.entrants[code]
        coverage = _coverage(own)
        if not len(own):
            rating = EntrantScores(name=entrant, reason="not planned on these prompts")
        elif ratings is None or coverage < self.min_coverage:
            reason = f"{coverage:.1%} of its scores are there, {self.min_coverage:.0%} are needed"
            rating = EntrantScores(name=entrant, reason=reason)
        else:
            rating = ratings.entrant(entrant)
        missing = own.count(*MISSING)
        shown = rating.mean is not None and missing > MISSING_SHOWN * len(own)
        failed = own.state == State.FAILED
        texts = summarise([fact for fact in facts if fact.entrant == entrant])
        return RubricRow(
            entrant=entrant,
            name=self.labels[entrant].name if entrant in self.labels else entrant[:8],
            role=next(entry.role for entry in self.entries if entry.entrant == entrant),
            origin=self.labels[entrant].origin if entrant in self.labels else "",
            mean=rounded(rating.mean),
            low=rounded(rating.low),
            high=rounded(rating.high),
            best_rank=rating.best_rank,
            worst_rank=rating.worst_rank,
            reason=rating.reason.replace(entrant, self.labels[entrant].name)
            if entrant in self.labels
            else rating.reason,
            prompts=len(np.unique(own.prompt[own.decided])),
            planned=len(own),
            judged=own.count(State.JUDGED),
            failed=int(failed.sum()),
            invalid=own.count(State.INVALID),
            open=own.count(State.OPEN),
            no_output=own.count(State.NO_OUTPUT),
            coverage=round(coverage, 6),
            saturation=rounded(rating.saturation),
            design_effect=rounded(rating.deff),
            if_excluded=self._mean(own.select(~failed)) if rating.mean is not None and failed.any() else None,
            worst_case=self._mean(own.fill_missing(own.scale.lowest)) if shown else None,
            best_case=self._mean(own.fill_missing(own.scale.highest)) if shown else None,
            censored=texts.truncated > CENSORED * texts.answers,
            texts=texts,
        )


def _coverage(own: ScoreCellColumns) -> float:
    return float(own.decided.mean()) if len(own) else 0.0


def _board_order(row: RubricRow) -> tuple[bool, float, str, str]:
    return row.mean is None, -(row.mean or 0.0), row.name, row.entrant
