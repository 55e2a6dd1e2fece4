"""What became of each planned rubric score: the join of plan, outputs and stored scores.

An entrant's own failure (no answer, an unterminated thought, an empty text) is the lowest score on every criterion,
decided from the outputs without a call. A failure to measure leaves the cell missing: never a low score.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from arena_write.benchmarks.prompts import Prompt
from arena_write.judging import State, state_of
from arena_write.scores.plan import ScoreCell, ScorePlan
from arena_write.scores.questions import JointCell, JointScoreQuestion, ScoreQuestion
from arena_write.store import OutputRecord, ScoreColumns

LOWEST = 1.0
"""What an answer with nothing to score gets on every criterion."""


@dataclass(frozen=True)
class ScoreOutcomes:
    """Every cell of a plan and what became of it, in the plan's order.

    Args:
        cells: The planned scores.
        text: Text ids scored; empty where there is none.
        state: State of each cell.
        score: Score, 1 to 10; NaN where the cell is open or missing.
        attempts: Attempts made to score the cell.
        row: Where the cell stands in the stored scores; -1 where it does not.
    """

    cells: tuple[ScoreCell, ...]
    text: tuple[str, ...]
    state: npt.NDArray[np.int8]
    score: npt.NDArray[np.float64]
    attempts: npt.NDArray[np.int64]
    row: npt.NDArray[np.int64]

    def questions(self) -> list[ScoreQuestion]:
        """Return what is still to be scored, one for each text, criterion and repeat."""
        seen: dict[tuple[str, str, str, int], ScoreQuestion] = {}
        for index in np.flatnonzero(self.state == State.OPEN):
            cell, text = self.cells[index], self.text[index]
            key = (cell.prompt, text, cell.criterion.id, cell.repeat)
            question = ScoreQuestion(cell.prompt, text, cell.criterion, cell.repeat, int(self.attempts[index]))
            seen.setdefault(key, question)
        return list(seen.values())

    def joint_questions(self) -> list[JointScoreQuestion]:
        """Return what is still to be scored, one for each text and repeat: all criteria of its prompt in one call.

        A score is wanted of every criterion that has none as long as one of them has attempts left: that of a reply cut
        short by a kill may have fewer than the others, and all are to come out as without.
        """
        together: dict[tuple[str, str, int], dict[str, JointCell]] = defaultdict(dict)
        wanted: dict[tuple[str, str, int], None] = {}
        for cell, text, state, attempts in zip(self.cells, self.text, self.state, self.attempts, strict=True):
            if text:
                subject = (cell.prompt, text, cell.repeat)
                one = JointCell(cell.criterion, int(attempts), is_open=bool(state != State.JUDGED))
                together[subject].setdefault(cell.criterion.id, one)
                if state == State.OPEN:
                    wanted[subject] = None
        return [JointScoreQuestion(*subject, tuple(together[subject].values())) for subject in wanted]

    def count_waiting(self, *, jointly: bool) -> int:
        """Return how many calls wait for an answer to be written: one a criterion, or one for all of an answer's."""
        waiting = [self.cells[index] for index in np.flatnonzero(self.state == State.NO_OUTPUT)]
        if not jointly:
            return len(waiting)
        return len({(cell.prompt, cell.entrant, cell.sample, cell.repeat) for cell in waiting})


def join_scores(
    plan: ScorePlan,
    *,
    prompts: Sequence[Prompt],
    outputs: Iterable[OutputRecord],
    scores: ScoreColumns,
    retry_invalid: bool = False,
) -> ScoreOutcomes:
    """Say what became of each cell of `plan`.

    Args:
        plan: The board's plan.
        prompts: The benchmark's prompts, in its order.
        outputs: Stored answers.
        scores: Stored scores of the board's judge.
        retry_invalid: Count cells with too many invalid attempts as open again.
    """
    texts = {(row.prompt, row.entrant, row.sample): None if row.failure else row.text_id for row in outputs}
    cells = tuple(plan.cells(prompts))
    state = np.empty(len(cells), np.int8)
    score = np.full(len(cells), np.nan)
    attempts = np.zeros(len(cells), np.int64)
    rows = np.full(len(cells), -1)
    shown = []
    for index, cell in enumerate(cells):
        answer = (cell.prompt, cell.entrant, cell.sample)
        text = texts.get(answer)
        shown.append(text or "")
        if answer not in texts:
            state[index] = State.NO_OUTPUT
        elif text is None:
            state[index], score[index] = State.FAILED, LOWEST
        else:
            row = scores.index.get((cell.prompt, text, cell.criterion.id, cell.repeat))
            if row is None:
                state[index] = State.OPEN
                continue
            rows[index], attempts[index], score[index] = row, scores.attempts[row], scores.score[row]
            state[index] = state_of(scores, row, retry_invalid=retry_invalid)
    return ScoreOutcomes(cells, tuple(shown), state, score, attempts, rows)
