"""One text and one criterion: what a judge is asked of a rubric."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from arena_write.judging import Kind
from arena_write.store import ScoreRecord
from arena_write.store.keys import score_key
from judges import Criterion, Invalid, Judge, RubricJudge, Score, Scoring, Verdict


@dataclass(frozen=True, slots=True)
class ScoreQuestion:
    """A text to score on a criterion; see `arena_write.judging.Question`.

    Args:
        prompt: Text id of the prompt.
        text: Text id of the text.
        criterion: The criterion.
        repeat: Which repeat.
        attempts: Attempts made before.
    """

    kind: ClassVar[Kind] = "score"

    prompt: str
    text: str
    criterion: Criterion
    repeat: int
    attempts: int

    def key(self, judge: str) -> str:
        """Return the key of its rows."""
        return score_key(
            judge=judge, prompt=self.prompt, text=self.text, criterion=self.criterion.id, repeat=self.repeat
        )

    def material(self, texts: Mapping[str, str]) -> tuple[str, ...]:
        """Return the prompt, the text and what the criterion says."""
        criterion = self.criterion
        return texts[self.prompt], texts[self.text], criterion.name, criterion.description, *criterion.bands

    async def ask(self, judge: Judge, texts: Mapping[str, str]) -> Scoring:
        """Score the text, once.

        Raises:
            TypeError: The judge only compares; who plans scores has checked that.
        """
        if not isinstance(judge, RubricJudge):
            raise TypeError(f"{judge.spec.name} compares texts and scores none")
        return await judge.score(texts[self.prompt], texts[self.text], self.criterion, repeat=self.repeat)

    def row(self, outcome: Verdict | Score | Invalid, common: Mapping[str, Any]) -> ScoreRecord:
        """Return the row of an attempt."""
        return ScoreRecord(
            prompt=self.prompt,
            text=self.text,
            criterion=self.criterion.id,
            criterion_name=self.criterion.name,
            repeat=self.repeat,
            score=outcome.value if isinstance(outcome, Score) else None,
            reason=outcome.reason if isinstance(outcome, Score) else "",
            **common,
        )
