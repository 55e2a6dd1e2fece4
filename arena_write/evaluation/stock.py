"""What is there in a run: the texts by prompt, growing as answers are written."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from arena_write.benchmarks.prompts import Prompt
from arena_write.store import OutputRecord


class Stock:
    """The answers of a benchmark, as stored and as they come.

    Args:
        prompts: The prompts of the run.
        outputs: Stored answers.
    """

    def __init__(self, prompts: Iterable[Prompt], outputs: Iterable[OutputRecord]) -> None:
        self._by_prompt: dict[str, list[OutputRecord]] = defaultdict(list)
        self._texts = {prompt.text_id: prompt.text for prompt in prompts}
        self._keys: set[str] = set()
        for row in outputs:
            self.keep(row)

    @property
    def texts(self) -> Mapping[str, str]:
        """Text of every prompt and answer, by text id; grows."""
        return self._texts

    def keep(self, row: OutputRecord) -> None:
        """Take in an answer."""
        self._by_prompt[row.prompt].append(row)
        self._texts[row.text_id] = row.text
        self._keys.add(row.key)

    def holds(self, key: str) -> bool:
        """Say whether the answer of this key is there."""
        return key in self._keys

    def answers_to(self, prompt: str) -> list[OutputRecord]:
        """Return the answers to a prompt, by its text id."""
        return self._by_prompt[prompt]
