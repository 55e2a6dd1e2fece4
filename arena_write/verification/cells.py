"""What became of each planned comparison and score: the plan meets the answers, and what was said of their texts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from arena_write.verification.material import Asked, Material, Question
from arena_write.verification.plans import chosen_prompts, list_meetings
from arena_write.verification.rules import LOWEST, SETTLING_ATTEMPTS

State = Literal["judged", "identical", "failed", "invalid", "open", "no_output"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A planned comparison.

    Args:
        prompt: Text id of the prompt.
        first: Entrant shown first.
        second: Entrant shown second.
        state: What became of it.
        score: What the first got; nothing where the cell is missing.
        question: What the judge was asked, where it was.
        first_sample: Which answer of the first.
        second_sample: Which answer of the second.
    """

    prompt: str
    first: str
    second: str
    state: State
    score: float | None
    question: Question | None = None
    first_sample: int = 0
    second_sample: int = 0

    def has(self, entrant: str) -> bool:
        """Say whether an entrant takes part."""
        return entrant in (self.first, self.second)

    def of(self, entrant: str) -> float | None:
        """Return what an entrant that takes part got; nothing where the cell is missing."""
        return self.score if self.score is None or entrant == self.first else 1.0 - self.score


@dataclass(frozen=True, slots=True)
class ScoreCell:
    """A planned score: one answer on one criterion.

    Args:
        prompt: Text id of the prompt.
        entrant: Whose answer.
        sample: Which answer.
        criterion: Id of the criterion.
        state: What became of it.
        score: From 1 to 10; nothing where the cell is missing.
        question: What the judge was asked, where it was.
    """

    prompt: str
    entrant: str
    sample: int
    criterion: str
    state: State
    score: float | None
    question: Question | None = None


def battle_cells(material: Material) -> Iterator[Cell]:
    """Yield what became of every planned comparison on the board's prompts."""
    if material.plan is None:
        return
    for meeting in list_meetings(material.plan, [prompt.text_id for prompt in material.prompts]):
        prompt, first, second = meeting.prompt, meeting.first, meeting.second
        samples = meeting.first_sample, meeting.second_sample
        one = material.answers.get((prompt, first, meeting.first_sample))
        other = material.answers.get((prompt, second, meeting.second_sample))
        if one is None or other is None:
            yield Cell(prompt, first, second, "no_output", None, None, *samples)
        elif one.failure or other.failure:
            both = bool(one.failure) and bool(other.failure)
            got = 0.5 if both else 0.0 if one.failure else 1.0
            yield Cell(prompt, first, second, "failed", got, None, *samples)
        elif one.text_id == other.text_id:
            yield Cell(prompt, first, second, "identical", 0.5, None, *samples)
        else:
            question = (prompt, one.text_id, other.text_id, meeting.repeat)
            state, said = _outcome(material.verdicts.get(question))
            asked = question if question in material.verdicts else None
            yield Cell(prompt, first, second, state, said, asked, *samples)


def score_cells(material: Material) -> Iterator[ScoreCell]:
    """Yield what became of every planned score on the board's prompts."""
    plan = material.score_plan
    if plan is None:
        return
    chosen = chosen_prompts(plan, [prompt.text_id for prompt in material.prompts])
    for prompt in material.prompts:
        for entry in plan.entries:
            if prompt.text_id not in chosen[entry.entrant]:
                continue
            for sample in range(entry.samples):
                answer = material.answers.get((prompt.text_id, entry.entrant, sample))
                for criterion in prompt.criteria:
                    for repeat in range(plan.repeats):
                        place = (prompt.text_id, entry.entrant, sample, criterion.id)
                        if answer is None:
                            yield ScoreCell(*place, "no_output", None)
                        elif answer.failure:
                            yield ScoreCell(*place, "failed", LOWEST)
                        else:
                            question = (prompt.text_id, answer.text_id, criterion.id, repeat)
                            state, said = _outcome(material.scores.get(question))
                            yield ScoreCell(*place, state, said, question if question in material.scores else None)


def _outcome(asked: Asked | None) -> tuple[State, float | None]:
    if asked is None:
        return "open", None
    if asked.said is not None:
        return "judged", asked.said
    return ("invalid" if asked.attempts >= SETTLING_ATTEMPTS else "open"), None
