"""What a judge can be asked: anything that has a key, shows texts and leaves a row for every attempt."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Protocol

from arena_write.store import BattleRecord, ScoreRecord
from judges import Comparison, Invalid, Judge, Score, Scoring, Verdict

Kind = Literal["battle", "score"]
Row = BattleRecord | ScoreRecord


class Question(Protocol):
    """One thing to ask a judge; implemented by battles and by rubric scores."""

    kind: ClassVar[Kind]
    """Into which file its rows go."""

    @property
    def prompt(self) -> str:
        """Text id of the prompt."""
        ...

    @property
    def attempts(self) -> int:
        """Attempts made before."""
        ...

    def key(self, judge: str) -> str:
        """Return the key of its rows."""
        ...

    def material(self, texts: Mapping[str, str]) -> tuple[str, ...]:
        """Return all that the judge is shown besides its template, whole."""
        ...

    async def ask(self, judge: Judge, texts: Mapping[str, str]) -> Comparison | Scoring:
        """Ask, once.

        Raises:
            TransportError: No answer could be had.
        """
        ...

    def row(self, outcome: Verdict | Score | Invalid, common: Mapping[str, Any]) -> Row:
        """Return the row of an attempt.

        Args:
            outcome: What was said.
            common: The fields that all rows share, by name.
        """
        ...
