"""What a judge can be asked: anything that has keys, shows texts and leaves rows for every attempt."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Protocol

from arena_write.store import BattleRecord, ScoreRecord
from judges import Comparison, Invalid, JointScoring, Judge, Score, Scoring, Verdict

Kind = Literal["battle", "score"]
Row = BattleRecord | ScoreRecord
Answer = Comparison | Scoring | JointScoring
Outcome = Verdict | Score | tuple[Score, ...] | Invalid


class Question(Protocol):
    """One call to a judge; implemented by battles, by rubric scores, and by scores on several criteria at once."""

    kind: ClassVar[Kind]
    """Into which file its rows go."""

    @property
    def prompt(self) -> str:
        """Text id of the prompt."""
        ...

    @property
    def attempts(self) -> int:
        """Attempts made before; of several keys, at the one with the fewest."""
        ...

    @property
    def cells(self) -> int:
        """How many keys it settles."""
        ...

    def key(self, judge: str) -> str:
        """Return the key of its rows; of several keys, that of the row which bears the call."""
        ...

    def material(self, texts: Mapping[str, str]) -> tuple[str, ...]:
        """Return all that the judge is shown besides its template, whole."""
        ...

    async def ask(self, judge: Judge, texts: Mapping[str, str]) -> Answer:
        """Ask, once.

        Raises:
            TransportError: No answer could be had.
        """
        ...

    def rows(self, outcome: Outcome, common: Mapping[str, Any]) -> list[Row]:
        """Return the rows of an attempt: one, or one for each key, that which bears the call last.

        Args:
            outcome: What was said.
            common: The fields that all rows share, by name, those of the row which bears the call.
        """
        ...
