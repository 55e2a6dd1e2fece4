"""Battles and scores of a board as flat rows: what its numbers are made of, decided cells alone.

Battles have the columns of Chatbot Arena and more, so that `arena-write import battles` reads them again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from arena_write.battles.outcomes import join
from arena_write.benchmarks.prompts import Prompt
from arena_write.evaluation.planning import Plans, saved_plans
from arena_write.exporting.stored_rows import Row
from arena_write.judging import State
from arena_write.ratings import TEN, ScoreScale
from arena_write.reports.finding import BoardPlace
from arena_write.reports.labels import EntrantLabel, label_entrants
from arena_write.scores import join_scores
from arena_write.store import (
    SCALES,
    ImportRecord,
    OutputRecord,
    ScoreRecord,
    read_battles,
    read_imported_scores,
    read_score_files,
    read_scores,
)

NO_ANSWER = "There is no answer to judge: the lowest score, without a call to the judge."
"""The reason of scores that no judge gave."""
_WINNER = {1.0: "model_a", 0.0: "model_b", 0.5: "tie"}


@dataclass(frozen=True)
class BoardRows:
    """The rows of one board.

    Args:
        place: Where it lies.
    """

    place: BoardPlace

    @cached_property
    def scale(self) -> ScoreScale:
        """What its scores can be."""
        files = read_score_files(self.place.folder.score_files)
        return SCALES[files[0].format] if files else TEN

    def battles(self) -> list[Row]:
        """Return the decided battles, by prompt and entrants.

        Raises:
            StoreError: A row is not valid.
        """
        about = self.place.folder.imported()
        rows = self._imported_battles(about) if about else self._battles()
        return sorted(rows, key=lambda row: [str(row.get(name)) for name in ("question_id", "model_a", "model_b")])

    def scores(self) -> list[Row]:
        """Return the decided scores, by entrant, prompt in the benchmark's order, criterion and repeat.

        Raises:
            StoreError: A row is not valid.
        """
        files = read_score_files(self.place.folder.score_files)
        rows = list(self._imported_scores() if files else self._scores())
        order = {prompt.id: number for number, prompt in enumerate(self._prompts)}
        return sorted(rows, key=lambda row: (row["entrant"], row["entrant_id"], order[row["prompt_id"]]))

    @cached_property
    def _prompts(self) -> tuple[Prompt, ...]:
        """The prompts on the board."""
        board = self.place.folder
        excluded = board.excluded(context=board.settings().context)
        return tuple(prompt for prompt in self.place.benchmark.prompts() if prompt.text_id not in excluded)

    @cached_property
    def _outputs(self) -> tuple[OutputRecord, ...]:
        return tuple(self.place.benchmark.outputs())

    @cached_property
    def _plans(self) -> Plans:
        return saved_plans(self.place.folder, self.place.benchmark.prompts())

    @cached_property
    def _labels(self) -> Mapping[str, EntrantLabel]:
        known = self.place.folder.settings().labels
        return {one: EntrantLabel(label.name, label.origin) for one, label in known.items()} | label_entrants(
            self._outputs
        )

    def _name(self, entrant: str) -> str:
        return self._labels[entrant].name if entrant in self._labels else entrant[:8]

    def _battles(self) -> Iterator[Row]:
        plan, judge = self._plans.battles, self.place.judge
        if plan is None:
            return
        stored = read_battles(self.place.folder.battles, judge=judge.id)
        ids = {prompt.text_id: prompt.id for prompt in self._prompts}
        outcomes = join(plan, prompts=list(ids), outputs=self._outputs, battles=stored)
        for index, cell in enumerate(outcomes.cells):
            if outcomes.score[index] != outcomes.score[index]:  # NaN: the cell is missing
                continue
            row = int(outcomes.row[index])
            yield {
                "question_id": ids[cell.prompt],
                "model_a": self._name(cell.first),
                "model_b": self._name(cell.second),
                "winner": _WINNER[float(outcomes.score[index])],
                "verdict": str(stored.verdict[row]) if row >= 0 else None,
                "decided_by": State(int(outcomes.state[index])).name.lower(),
                "judge": judge.name,
                "judge_id": judge.id,
                "sample_a": cell.first_sample,
                "sample_b": cell.second_sample,
                "repeat": cell.repeat,
                "text_a": outcomes.first_text[index] or None,
                "text_b": outcomes.second_text[index] or None,
            }

    def _imported_battles(self, about: ImportRecord) -> Iterator[Row]:
        for row in {row.key: row for row in self.place.folder.imports.read()}.values():
            prompt = {"question_id": row.cluster} if about.cluster is not None else {}
            yield prompt | {
                "model_a": row.first,
                "model_b": row.second,
                "winner": _WINNER[row.score],
                "verdict": row.label,
                "decided_by": "imported",
                "judge": row.judge,
                "judge_id": self.place.judge.id,
                "source": row.source,
                "line": row.line,
            }

    def _scores(self) -> Iterator[Row]:
        plan, judge = self._plans.scores, self.place.judge
        if plan is None:
            return
        stored = read_scores(self.place.folder.scores, judge=judge.id)
        ids = {prompt.text_id: prompt.id for prompt in self._prompts}
        outcomes = join_scores(plan, prompts=self._prompts, outputs=self._outputs, scores=stored)
        reasons = _reasons(self.place.folder.scores.read())
        for index, cell in enumerate(outcomes.cells):
            if outcomes.score[index] != outcomes.score[index]:  # NaN: the cell is missing
                continue
            row = int(outcomes.row[index])
            yield {
                "prompt_id": ids[cell.prompt],
                "entrant": self._name(cell.entrant),
                "entrant_id": cell.entrant,
                "criterion": cell.criterion.name,
                "record": cell.sample,
                "repeat": cell.repeat,
                "score": float(outcomes.score[index]),
                "lowest": self.scale.lowest,
                "highest": self.scale.highest,
                "reason": reasons.get(str(stored.key[row]), "") if row >= 0 else NO_ANSWER,
                "decided_by": State(int(outcomes.state[index])).name.lower(),
                "judge": judge.name,
                "judge_id": judge.id,
                "text_hash": outcomes.text[index] or None,
            }

    def _imported_scores(self) -> Iterator[Row]:
        folder, judge = self.place.folder, self.place.judge
        stored = read_imported_scores(folder.imported_scores, read_score_files(folder.score_files))
        for row in sorted(stored, key=lambda row: (row.file, row.line, row.record, row.criterion, row.repeat)):
            if row.score is not None:
                yield {
                    "prompt_id": row.prompt_id,
                    "entrant": row.entrant,
                    "entrant_id": row.file,
                    "criterion": row.criterion,
                    "record": row.record,
                    "repeat": row.repeat,
                    "score": row.score,
                    "lowest": self.scale.lowest,
                    "highest": self.scale.highest,
                    "reason": row.reason,
                    "decided_by": "imported",
                    "judge": judge.name,
                    "judge_id": judge.id,
                    "text_hash": row.text,
                }


def _reasons(rows: Iterator[ScoreRecord]) -> dict[str, str]:
    """Return the reason of the row that counts for each key: the first valid one, by time."""
    chosen: dict[str, tuple[str, str, str, int, str]] = {}
    for row in rows:
        if row.score is not None:
            one = (row.at, str(row.score), row.run, row.attempt, row.reason)
            chosen[row.key] = min(one, chosen.get(row.key, one))
    return {key: one[-1] for key, one in chosen.items()}
