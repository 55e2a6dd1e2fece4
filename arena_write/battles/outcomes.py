"""What became of each planned comparison: the join of plan, outputs and battles.

This is where whose text it was meets what was said of it. Three outcomes need no judge: identical texts tie; a
candidate's own failure loses to a text; two failures tie. A measurement failure leaves the cell missing: never a tie, a
loss or a score.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from arena_write.battles.plan import Cell, Plan
from arena_write.battles.questions import BattleQuestion
from arena_write.judging.states import State, state_of
from arena_write.store import BattleColumns, OutputRecord


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
        row: Where the cell stands in the stored battles; -1 where it does not.
        served_models: Names under which the judge's server answered in the stored battles, of the plan or not.
    """

    cells: tuple[Cell, ...]
    first_text: tuple[str, ...]
    second_text: tuple[str, ...]
    state: npt.NDArray[np.int8]
    score: npt.NDArray[np.float64]
    attempts: npt.NDArray[np.int64]
    row: npt.NDArray[np.int64]
    served_models: frozenset[str] = frozenset()

    def open(self) -> list[int]:
        """Return the indices of the cells still to be judged, one for each text pair, order and repeat."""
        seen: dict[tuple[str, str, str, int], int] = {}
        for index in np.flatnonzero(self.state == State.OPEN):
            cell = self.cells[index]
            seen.setdefault((cell.prompt, self.first_text[index], self.second_text[index], cell.repeat), int(index))
        return list(seen.values())

    def questions(self) -> list[BattleQuestion]:
        """Return what is still to be judged, one for each text pair, order and repeat.

        Those of one prompt that show the same text first stand together: their calls share all up to its end.
        """
        found = [
            BattleQuestion(
                self.cells[index].prompt,
                self.first_text[index],
                self.second_text[index],
                self.cells[index].repeat,
                int(self.attempts[index]),
            )
            for index in self.open()
        ]
        place: dict[tuple[str, str], int] = {}
        for question in found:
            place.setdefault((question.prompt, question.first), len(place))
        return sorted(found, key=lambda question: place[question.prompt, question.first])


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
    rows = np.full(len(cells), -1)
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
            rows[index], attempts[index], score[index] = row, battles.attempts[row], battles.score[row]
            state[index] = state_of(battles, row, retry_invalid=retry_invalid)
    return Outcomes(cells, tuple(first_text), tuple(second_text), state, score, attempts, rows, battles.served_models)
