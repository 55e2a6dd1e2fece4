"""By how much one text is longer than another: the only thing of a text that ratings at equal length look at."""

from arena_write.textstats.lengths import measure
from arena_write.verification.cells import Cell
from arena_write.verification.material import Answer, Material


class Lengths:
    """The answers of a board, each measured once: in characters where the prompt is Chinese, else in words."""

    def __init__(self, material: Material) -> None:
        self._answers = material.answers
        self._languages = {prompt.text_id: prompt.language for prompt in material.prompts}
        self._known: dict[Answer, int] = {}

    def language(self, cell: Cell) -> str:
        """Return the language of a cell's prompt."""
        return self._languages[cell.prompt]

    def lead(self, cell: Cell, entrant: str) -> float:
        """Return `(L - M) / (L + M)`, L the length of the entrant's text and M of the other's; 0 if both are empty."""
        first = self._length((cell.prompt, cell.first, cell.first_sample))
        second = self._length((cell.prompt, cell.second, cell.second_sample))
        lead = (first - second) / (first + second) if first + second else 0.0
        return lead if entrant == cell.first else -lead

    def _length(self, answer: Answer) -> int:
        if answer not in self._known:
            row = self._answers[answer]
            chinese = self._languages[answer[0]] == "zh"
            self._known[answer] = 0 if row.failure else measure(row.text, "chars" if chinese else "words")
        return self._known[answer]
