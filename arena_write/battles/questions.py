"""Two texts to compare: what a judge is asked of a battle."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from arena_write.judging import Kind, Outcome, Row
from arena_write.store import BattleRecord
from arena_write.store.keys import battle_key
from judges import Comparison, Judge, Verdict


@dataclass(frozen=True, slots=True)
class BattleQuestion:
    """Two texts to compare; see `arena_write.judging.Question`.

    Args:
        prompt: Text id of the prompt.
        first: Text id of the text shown first.
        second: Text id of the text shown second.
        repeat: Which repeat.
        attempts: Attempts made before.
    """

    kind: ClassVar[Kind] = "battle"
    cells: ClassVar[int] = 1

    prompt: str
    first: str
    second: str
    repeat: int
    attempts: int

    def key(self, judge: str) -> str:
        """Return the key of its rows."""
        return battle_key(judge=judge, prompt=self.prompt, first=self.first, second=self.second, repeat=self.repeat)

    def material(self, texts: Mapping[str, str]) -> tuple[str, ...]:
        """Return the prompt and both texts."""
        return texts[self.prompt], texts[self.first], texts[self.second]

    async def ask(self, judge: Judge, texts: Mapping[str, str]) -> Comparison:
        """Compare the texts, once."""
        return await judge.compare(*self.material(texts), repeat=self.repeat)

    def rows(self, outcome: Outcome, common: Mapping[str, Any]) -> list[Row]:
        """Return the row of an attempt."""
        row = BattleRecord(
            prompt=self.prompt,
            first=self.first,
            second=self.second,
            repeat=self.repeat,
            verdict=outcome if isinstance(outcome, Verdict) else None,
            **common,
        )
        return [row]
