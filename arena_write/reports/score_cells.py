"""The rubric cells of a plan as columns: what sections of a board are cut from and means are made of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from arena_write.benchmarks.prompts import Prompt
from arena_write.judging import State
from arena_write.ratings import TEN, Scores, ScoreScale
from arena_write.scores import ScoreOutcomes


@dataclass(frozen=True)
class ScoreCellColumns:
    """Decided and undecided cells.

    Args:
        entrants: Ids of the entrants; `entrant` is a code into it.
        entrant: Whose answer it is.
        prompt: Prompt, as a code into the board's prompts.
        criteria: Ids of the criteria; `criterion` is a code into it.
        criterion: Criterion, as a code; the same criterion on two prompts has one code.
        sample: Which of the entrant's answers.
        state: State of the cell.
        score: Score; NaN where the cell is undecided.
        scale: What a score can be.
        by_record: Whether `sample` is which record of a file it was instead; see `writingbench.aggregation.Judgement`.
    """

    entrants: tuple[str, ...]
    entrant: npt.NDArray[np.int64]
    prompt: npt.NDArray[np.int64]
    criteria: tuple[str, ...]
    criterion: npt.NDArray[np.int64]
    sample: npt.NDArray[np.int64]
    state: npt.NDArray[np.int8]
    score: npt.NDArray[np.float64]
    scale: ScoreScale = TEN
    by_record: bool = False

    @classmethod
    def of(cls, outcomes: ScoreOutcomes, *, entrants: Sequence[str], prompts: Sequence[Prompt]) -> "ScoreCellColumns":
        """Return the outcomes of a plan as columns."""
        entrant_code = {entrant: code for code, entrant in enumerate(entrants)}
        prompt_code = {prompt.text_id: code for code, prompt in enumerate(prompts)}
        criteria = sorted({cell.criterion.id for cell in outcomes.cells})
        criterion_code = {criterion: code for code, criterion in enumerate(criteria)}
        return cls(
            entrants=tuple(entrants),
            entrant=np.array([entrant_code[cell.entrant] for cell in outcomes.cells], dtype=np.int64),
            prompt=np.array([prompt_code[cell.prompt] for cell in outcomes.cells], dtype=np.int64),
            criteria=tuple(criteria),
            criterion=np.array([criterion_code[cell.criterion.id] for cell in outcomes.cells], dtype=np.int64),
            sample=np.array([cell.sample for cell in outcomes.cells], dtype=np.int64),
            state=outcomes.state,
            score=outcomes.score,
        )

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.score)

    @property
    def decided(self) -> npt.NDArray[np.bool_]:
        """Which cells have a score."""
        return ~np.isnan(self.score)

    def select(self, mask: npt.NDArray[np.bool_]) -> "ScoreCellColumns":
        """Return the cells in `mask`."""
        columns = ("entrant", "prompt", "criterion", "sample", "state", "score")
        return replace(self, **{column: getattr(self, column)[mask] for column in columns})

    def count(self, *states: State) -> int:
        """Count the cells in one of `states`."""
        return int(np.isin(self.state, states).sum())

    def fill_missing(self, score: float) -> "ScoreCellColumns":
        """Return the cells with every undecided one given `score`."""
        return replace(self, score=np.where(self.decided, self.score, score))

    def scores(self) -> Scores:
        """Return the decided cells for averaging, entrants named by id, clustered by prompt.

        Raises:
            ColumnError: No cell is decided.
        """
        decided = self.decided
        return Scores(
            names=self.entrants,
            entrant=self.entrant[decided],
            query=self.prompt[decided],
            criterion=self.criterion[decided],
            sample=self.sample[decided],
            score=self.score[decided],
            scale=self.scale,
        )
