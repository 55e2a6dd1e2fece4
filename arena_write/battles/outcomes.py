"""What became of each planned comparison: the join of plan, outputs and battles.

This is where whose text it was meets what was said of it. Three outcomes need no judge: identical texts tie; a
candidate's own failure loses to a text; two failures tie. A measurement failure leaves the cell missing: never a tie, a
loss or a score.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from arena_write.battles.plan import Cell, Plan
from arena_write.store import MAX_ATTEMPTS, BattleColumns, OutputRecord


class State(IntEnum):
    """How a cell stands."""

    JUDGED = 0
    """A judge gave a valid verdict."""
    IDENTICAL = 1
    """Both texts are the same: a tie without a call."""
    FAILED = 2
    """One or both entrants gave no text to judge: decided from the outputs."""
    OPEN = 3
    """Not judged yet, or not validly, with attempts left."""
    INVALID = 4
    """Missing: every attempt to judge it was invalid."""
    NO_OUTPUT = 5
    """Missing: an output is not there, for want of an answer from the model's server."""


class OpenCell(NamedTuple):
    """A cell to judge, with the ids of its texts and the attempts already made."""

    cell: Cell
    first: str
    second: str
    attempts: int


@dataclass(frozen=True)
class Outcomes:
    """Every cell of a plan and what became of it, in the plan's order.

    Args:
        cells: The planned comparisons.
        first_text: Text ids shown first; empty where there is no output.
        second_text: Text ids shown second.
        state: State of each cell.
        score: Score of the first (1, 0.5, 0); NaN where the cell is open or missing.
        attempts: Attempts made to judge the cell.
        served_models: Names under which the judge's server answered in the stored battles, of the plan or not.
    """

    cells: tuple[Cell, ...]
    first_text: tuple[str, ...]
    second_text: tuple[str, ...]
    state: npt.NDArray[np.int8]
    score: npt.NDArray[np.float64]
    attempts: npt.NDArray[np.int64]
    served_models: frozenset[str] = frozenset()

    def open(self) -> list[int]:
        """Return the indices of the cells still to be judged, one for each text pair, order and repeat."""
        seen: dict[tuple[str, str, str, int], int] = {}
        for index in np.flatnonzero(self.state == State.OPEN):
            cell = self.cells[index]
            seen.setdefault((cell.prompt, self.first_text[index], self.second_text[index], cell.repeat), int(index))
        return list(seen.values())

    def open_cells(self) -> list[OpenCell]:
        """Return the cells still to be judged, one for each text pair, order and repeat."""
        return [
            OpenCell(self.cells[index], self.first_text[index], self.second_text[index], int(self.attempts[index]))
            for index in self.open()
        ]


def join(
    plan: Plan,
    *,
    prompts: Sequence[str],
    outputs: Iterable[OutputRecord],
    battles: BattleColumns,
    retry_invalid: bool = False,
) -> Outcomes:
    """Say what became of each cell of `plan`.

    Args:
        plan: The board's plan.
        prompts: Text ids of the benchmark's prompts, in its order.
        outputs: Stored answers.
        battles: Stored battles of the board's judge.
        retry_invalid: Count cells with too many invalid attempts as open again.
    """
    texts = {(row.prompt, row.entrant, row.sample): None if row.failure else row.text_id for row in outputs}
    cells = tuple(plan.cells(prompts))
    state = np.empty(len(cells), np.int8)
    score = np.full(len(cells), np.nan)
    attempts = np.zeros(len(cells), np.int64)
    first_text, second_text = [], []
    for index, cell in enumerate(cells):
        there = (cell.prompt, cell.first, cell.first_sample)
        other = (cell.prompt, cell.second, cell.second_sample)
        first, second = texts.get(there), texts.get(other)
        first_text.append(first or "")
        second_text.append(second or "")
        if there not in texts or other not in texts:
            state[index] = State.NO_OUTPUT
        elif first is None or second is None:
            state[index], score[index] = State.FAILED, 0.5 + 0.5 * ((second is None) - (first is None))
        elif first == second:
            state[index], score[index] = State.IDENTICAL, 0.5
        else:
            row = battles.index.get((cell.prompt, first, second, cell.repeat))
            if row is None:
                state[index] = State.OPEN
                continue
            attempts[index], score[index] = battles.attempts[row], battles.score[row]
            if not np.isnan(score[index]):
                state[index] = State.JUDGED
            else:
                spent = attempts[index] >= MAX_ATTEMPTS and not retry_invalid
                state[index] = State.INVALID if spent else State.OPEN
    return Outcomes(cells, tuple(first_text), tuple(second_text), state, score, attempts, battles.served_models)
