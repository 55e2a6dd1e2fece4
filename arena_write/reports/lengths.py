"""Lengths of the texts in each cell: the column of a length adjustment."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from arena_write.benchmarks.prompts import Prompt
from arena_write.ratings import length_difference
from arena_write.reports.cells import CellColumns
from arena_write.store import OutputRecord
from arena_write.textstats.lengths import measure
from arena_write.textstats.requests import Unit


class LengthColumns:
    """The lengths of answers: in characters for Chinese prompts, else in words.

    Args:
        prompts: The board's prompts.
        outputs: Stored answers.
    """

    def __init__(self, prompts: Sequence[Prompt], outputs: Iterable[OutputRecord]) -> None:
        self._prompts = prompts
        self._languages = {prompt.text_id: prompt.language for prompt in prompts}
        self._rows = {(row.prompt, row.entrant, row.sample): row for row in outputs if row.prompt in self._languages}
        self._lengths: dict[tuple[str, str, int], int] = {}

    def difference(self, cells: CellColumns) -> npt.NDArray[np.float64]:
        """Return (N,) the relative length difference in each cell, first minus second, in [-1, 1]."""
        first = [self._length(*key) for key in self._keys(cells, cells.first, cells.first_sample)]
        second = [self._length(*key) for key in self._keys(cells, cells.second, cells.second_sample)]
        return np.asarray(length_difference(first, second), dtype=np.float64)

    def language(self, cells: CellColumns) -> list[str]:
        """Return (N,) the language of each cell's prompt."""
        return [self._prompts[prompt].language for prompt in cells.prompt]

    def _keys(
        self, cells: CellColumns, entrant: npt.NDArray[np.int64], sample: npt.NDArray[np.int64]
    ) -> list[tuple[str, str, int]]:
        return [
            (self._prompts[prompt].text_id, cells.entrants[code], int(number))
            for prompt, code, number in zip(cells.prompt, entrant, sample, strict=True)
        ]

    def _length(self, prompt: str, entrant: str, sample: int) -> int:
        key = (prompt, entrant, sample)
        if key not in self._lengths:
            row = self._rows.get(key)
            unit: Unit = "chars" if self._languages[prompt] == "zh" else "words"
            self._lengths[key] = 0 if row is None or row.failure else measure(row.text, unit)
        return self._lengths[key]
