"""What a judge is asked of a rubric: one text on one criterion, or on all criteria of its prompt at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from arena_write.judging import Kind, Outcome, Row
from arena_write.store import ScoreRecord
from arena_write.store.keys import score_key
from judges import Criterion, JointRubricJudge, JointScoring, Judge, RubricJudge, Score, Scoring, Usage


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
    cells: ClassVar[int] = 1

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
        return texts[self.prompt], texts[self.text], *_words(self.criterion)

    async def ask(self, judge: Judge, texts: Mapping[str, str]) -> Scoring:
        """Score the text, once.

        Raises:
            TypeError: The judge only compares; who plans scores has checked that.
        """
        if not isinstance(judge, RubricJudge):
            raise TypeError(f"{judge.spec.name} compares texts and scores none")
        return await judge.score(texts[self.prompt], texts[self.text], self.criterion, repeat=self.repeat)

    def rows(self, outcome: Outcome, common: Mapping[str, Any]) -> list[Row]:
        """Return the row of an attempt."""
        row = ScoreRecord(
            prompt=self.prompt,
            text=self.text,
            criterion=self.criterion.id,
            criterion_name=self.criterion.name,
            repeat=self.repeat,
            score=outcome.value if isinstance(outcome, Score) else None,
            reason=outcome.reason if isinstance(outcome, Score) else "",
            **common,
        )
        return [row]


@dataclass(frozen=True, slots=True)
class JointCell:
    """One criterion of a joint question.

    Args:
        criterion: The criterion.
        attempts: Attempts made before.
        is_open: Whether a score is still wanted.
    """

    criterion: Criterion
    attempts: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class JointScoreQuestion:
    """A text to score on all criteria of its prompt in one call; see `arena_write.judging.Question`.

    All criteria are always asked, also where some of them are settled: a run that was killed between two rows of one
    reply asks the same question again. Rows are left at open keys alone. The call is borne by the last row of a reply,
    so that a reply of which not all rows are there counts as one that left none, and a board says the same of a run
    that was killed and of one that was not.

    Args:
        prompt: Text id of the prompt.
        text: Text id of the text.
        repeat: Which repeat.
        criteria: All criteria of the prompt, in its order.
    """

    kind: ClassVar[Kind] = "score"

    prompt: str
    text: str
    repeat: int
    criteria: tuple[JointCell, ...]

    @property
    def attempts(self) -> int:
        """Attempts made before, at the open key with the fewest."""
        return self._bearer.attempts

    @property
    def cells(self) -> int:
        """How many keys are open."""
        return sum(cell.is_open for cell in self.criteria)

    def key(self, judge: str) -> str:
        """Return the key of the row that bears the call."""
        return self._key(self._bearer, judge)

    def material(self, texts: Mapping[str, str]) -> tuple[str, ...]:
        """Return the prompt, the text and what all criteria say."""
        words = (word for cell in self.criteria for word in _words(cell.criterion))
        return texts[self.prompt], texts[self.text], *words

    async def ask(self, judge: Judge, texts: Mapping[str, str]) -> JointScoring:
        """Score the text, once.

        Raises:
            TypeError: The judge does not score jointly; who plans scores has checked that.
        """
        if not isinstance(judge, JointRubricJudge):
            raise TypeError(f"{judge.spec.name} does not score several criteria in one call")
        criteria = [cell.criterion for cell in self.criteria]
        return await judge.score_jointly(texts[self.prompt], texts[self.text], criteria, repeat=self.repeat)

    def rows(self, outcome: Outcome, common: Mapping[str, Any]) -> list[Row]:
        """Return the rows of an attempt at each open key, that which bears the call last."""
        bearer, judge = self._bearer, common["judge"]
        further = common["attempt"] - bearer.attempts
        borne = {"usage": Usage(0, 0, 0, 0), "seconds": None, "price": 0.0, "call": common["key"]}
        rows: list[Row] = []
        for place, cell in enumerate(self.criteria):
            if not cell.is_open:
                continue
            score = outcome[place] if isinstance(outcome, tuple) else None
            own = {
                **common,
                "key": self._key(cell, judge),
                "attempt": cell.attempts + further,
                **({} if cell is bearer else borne),
            }
            row = ScoreRecord(
                prompt=self.prompt,
                text=self.text,
                criterion=cell.criterion.id,
                criterion_name=cell.criterion.name,
                repeat=self.repeat,
                score=score.value if score else None,
                reason=score.reason if score else "",
                **own,
            )
            rows.append(row)
        return sorted(rows, key=lambda row: row.key == common["key"])

    @property
    def _bearer(self) -> JointCell:
        """The last of the open cells with the fewest attempts before, which say how many are left."""
        return min((cell for cell in reversed(self.criteria) if cell.is_open), key=lambda cell: cell.attempts)

    def _key(self, cell: JointCell, judge: str) -> str:
        return score_key(
            judge=judge, prompt=self.prompt, text=self.text, criterion=cell.criterion.id, repeat=self.repeat
        )


def _words(criterion: Criterion) -> tuple[str, ...]:
    return criterion.name, criterion.description, *criterion.bands
