"""LongBench-Write's own figures of a board: S_L, the quality beside it, and both by the length required."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from arena_write.battles.plan import Entry
from arena_write.benchmarks.longbench_write import BUCKETS, Bucket, bucket
from arena_write.benchmarks.prompts import Prompt
from arena_write.ratings import TEN, cluster_mean
from arena_write.reports.board import Scope, rounded
from arena_write.reports.labels import EntrantLabel
from arena_write.reports.length_scores import BucketScores, DimensionMean, Estimate, LengthRow, LengthSection
from arena_write.reports.score_cells import ScoreCellColumns
from arena_write.reports.texts import TextFacts


@dataclass(frozen=True, kw_only=True)
class LengthBuilder:
    """Builds the sections of LongBench-Write of one board; see `arena_write.reports.build.build_board`.

    Args:
        entries: Whose answers.
        prompts: The board's prompts.
        cells: Rubric cells on these prompts, whose entrants are those of `entries`; none where nothing was scored.
        labels: What people call the entrants.
        facts: Their answers, measured.
        confidence: Level of intervals.
        min_coverage: Share of answers, or of scores, that must be there before a mean is said.
    """

    entries: Sequence[Entry]
    prompts: Sequence[Prompt]
    cells: ScoreCellColumns | None
    labels: Mapping[str, EntrantLabel]
    facts: Sequence[TextFacts]
    confidence: float
    min_coverage: float

    def build(self, scope: Scope) -> LengthSection | None:
        """Return the section of `scope`; nothing where none of its prompts requires a length."""
        required = {
            prompt.text_id: prompt.required_length
            for prompt in self.prompts
            if prompt.required_length and scope in ("all", prompt.language)
        }
        if not required:
            return None
        inside: dict[Bucket | Literal["all"], set[str]] = {"all": set(required)}
        for name in BUCKETS:
            if mine := {text for text, length in required.items() if bucket(length) == name}:
                inside[name] = mine
        rows = [self._row(code, inside) for code in range(len(self.entries))]
        return LengthSection(scope=scope, prompts=len(required), rows=tuple(sorted(rows, key=_board_order)))

    def _row(self, code: int, inside: Mapping[Bucket | Literal["all"], set[str]]) -> LengthRow:
        entry = self.entries[code]
        known = self.labels.get(entry.entrant)
        scores = self._scores(code, inside["all"])
        return LengthRow(
            entrant=entry.entrant,
            name=known.name if known else entry.entrant[:8],
            role=entry.role,
            buckets=tuple(self._bucket(entry, name, scores, texts=texts) for name, texts in inside.items()),
            dimensions=self._dimensions(scores) if scores is not None else (),
        )

    def _bucket(
        self, entry: Entry, name: Bucket | Literal["all"], scores: ScoreCellColumns | None, *, texts: set[str]
    ) -> BucketScores:
        facts = [fact for fact in self.facts if fact.entrant == entry.entrant and fact.prompt in texts]
        planned = entry.samples * len(texts if entry.prompts is None else texts & set(entry.prompts))
        length = quality = None
        if facts and len(facts) >= self.min_coverage * planned:
            length = self._estimate(
                np.array([fact.length_score for fact in facts], dtype=np.float64),
                np.unique([fact.prompt for fact in facts], return_inverse=True)[1],
            )
        if scores is not None:
            quality = self._estimate_scores(scores.select(self._on(texts)[scores.prompt]))
        return BucketScores(
            bucket=name,
            planned=planned,
            answers=len(facts),
            length=length,
            quality=quality,
            total=rounded((length.mean + quality.mean) / 2) if length and quality else None,
        )

    def _scores(self, code: int, texts: set[str]) -> ScoreCellColumns | None:
        """Return an entrant's cells on the prompts `texts`; nothing where no mean can be said of them."""
        if self.cells is None:
            return None
        mine = self.cells.select((self.cells.entrant == code) & self._on(texts)[self.cells.prompt])
        return mine if self._enough(mine) else None

    def _on(self, texts: set[str]) -> npt.NDArray[np.bool_]:
        """Return which of the board's prompts are among `texts`."""
        return np.array([prompt.text_id in texts for prompt in self.prompts], dtype=bool)

    def _enough(self, scores: ScoreCellColumns) -> bool:
        return bool(scores.decided.any()) and float(scores.decided.mean()) >= self.min_coverage

    def _estimate_scores(self, scores: ScoreCellColumns) -> Estimate | None:
        """Return the mean of scores, from 0 to 100; nothing where too few are there."""
        if not self._enough(scores):
            return None
        decided = scores.decided
        values = (scores.score[decided] - TEN.lowest) / (TEN.highest - TEN.lowest) * 100.0
        return self._estimate(values, scores.prompt[decided])

    def _estimate(self, values: npt.NDArray[np.float64], prompts: npt.NDArray[np.int64]) -> Estimate:
        found = cluster_mean(values, prompts, confidence=self.confidence)
        return Estimate(
            mean=round(found.mean, 6) + 0.0,
            low=rounded(None if found.low is None else max(0.0, found.low)),
            high=rounded(None if found.high is None else min(100.0, found.high)),
        )

    def _dimensions(self, scores: ScoreCellColumns) -> tuple[DimensionMean, ...]:
        """Return the mean score by name of criterion: the same dimension has other words in another language."""
        asked = [criterion for code in np.unique(scores.prompt) for criterion in self.prompts[code].criteria]
        names = {criterion.id: criterion.name for criterion in asked}
        found = []
        for name in dict.fromkeys(names.values()):
            mine = scores.select(
                np.array([names.get(one) == name for one in scores.criteria], dtype=bool)[scores.criterion]
            )
            mean = rounded(mine.score[mine.decided].mean()) if self._enough(mine) else None
            found.append(DimensionMean(name=name, mean=mean))
        return tuple(found)


def _board_order(row: LengthRow) -> tuple[bool, float, str, str]:
    first = row.buckets[0].length
    return first is None, -(first.mean if first else 0.0), row.name, row.entrant
