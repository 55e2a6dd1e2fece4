"""The cells of a plan as columns: what sections of a board are cut from and fits are made of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from arena_write.battles.outcomes import Outcomes
from arena_write.benchmarks.prompts import Prompt
from arena_write.judging import State
from arena_write.ratings import Comparisons
from arena_write.reports.board import Scope


@dataclass(frozen=True)
class CellColumns:
    """Decided and undecided cells.

    Args:
        entrants: Ids of the entrants; `first` and `second` are codes into it.
        first: Entrant shown first.
        second: Entrant shown second.
        first_sample: Which of its answers.
        second_sample: Which of its answers.
        prompt: Prompt, as a code into the benchmark's prompts.
        state: State of the cell.
        score: Score of the first; NaN where the cell is undecided.
    """

    entrants: tuple[str, ...]
    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    first_sample: npt.NDArray[np.int64]
    second_sample: npt.NDArray[np.int64]
    prompt: npt.NDArray[np.int64]
    state: npt.NDArray[np.int8]
    score: npt.NDArray[np.float64]

    @classmethod
    def of(cls, outcomes: Outcomes, *, entrants: Sequence[str], prompts: Sequence[Prompt]) -> "CellColumns":
        """Return the outcomes of a plan as columns."""
        entrant_code = {entrant: code for code, entrant in enumerate(entrants)}
        prompt_code = {prompt.text_id: code for code, prompt in enumerate(prompts)}
        return cls(
            entrants=tuple(entrants),
            first=np.array([entrant_code[cell.first] for cell in outcomes.cells], dtype=np.int64),
            second=np.array([entrant_code[cell.second] for cell in outcomes.cells], dtype=np.int64),
            first_sample=np.array([cell.first_sample for cell in outcomes.cells], dtype=np.int64),
            second_sample=np.array([cell.second_sample for cell in outcomes.cells], dtype=np.int64),
            prompt=np.array([prompt_code[cell.prompt] for cell in outcomes.cells], dtype=np.int64),
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

    def select(self, mask: npt.NDArray[np.bool_]) -> "CellColumns":
        """Return the cells in `mask`."""
        columns = ("first", "second", "first_sample", "second_sample", "prompt", "state", "score")
        return replace(self, **{column: getattr(self, column)[mask] for column in columns})

    def of_scope(self, scope: Scope, prompts: Sequence[Prompt]) -> "CellColumns":
        """Return the cells on the prompts of a language, or on all."""
        inside = np.array([scope in ("all", prompt.language) for prompt in prompts], dtype=bool)
        return self.select(inside[self.prompt])

    def coverage(self, code: int) -> float:
        """Return the share of an entrant's cells that are decided; 0 where it has none."""
        mine = self.of_entrant(code)
        return float(self.decided[mine].mean()) if mine.any() else 0.0

    def judged(self) -> "CellColumns":
        """Return the cells that a judge decided."""
        return self.select(self.state == State.JUDGED)

    def pair_of_samples(self) -> npt.NDArray[np.int64]:
        """Return (N,) a number for which answers of the two entrants met: the same in both orders."""
        turned = self.first > self.second
        low = np.where(turned, self.second_sample, self.first_sample)
        high = np.where(turned, self.first_sample, self.second_sample)
        pair: npt.NDArray[np.int64] = low * (1 + high.max(initial=0)) + high
        return pair

    def of_entrant(self, code: int) -> npt.NDArray[np.bool_]:
        """Return which cells an entrant takes part in."""
        mine: npt.NDArray[np.bool_] = (self.first == code) | (self.second == code)
        return mine

    def without(self, codes: Sequence[int]) -> "CellColumns":
        """Return the cells in which none of these entrants takes part."""
        return self.select(~(np.isin(self.first, codes) | np.isin(self.second, codes)))

    def count(self, mask: npt.NDArray[np.bool_], *states: State) -> int:
        """Count the cells in `mask` that are in one of `states`."""
        return int(np.isin(self.state[mask], states).sum())

    def scores_of(self, code: int) -> npt.NDArray[np.float64]:
        """Return the score of an entrant in every cell: of the first where it is first, else of the second."""
        return np.where(self.first == code, self.score, 1.0 - self.score)

    def fill_missing(self, code: int, score: float) -> "CellColumns":
        """Return the cells with every undecided one of an entrant decided with `score` for it."""
        missing = self.of_entrant(code) & ~self.decided
        filled = np.where(missing, np.where(self.first == code, score, 1.0 - score), self.score)
        return replace(self, score=filled)

    def comparisons(self) -> Comparisons:
        """Return the decided cells for a fit, entrants named by id, clustered by prompt.

        Raises:
            ColumnError: No cell is decided.
        """
        decided = self.decided
        return Comparisons(
            names=self.entrants,
            first=self.first[decided],
            second=self.second[decided],
            score=self.score[decided],
            cluster=self.prompt[decided],
        )
