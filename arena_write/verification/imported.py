"""The board of an imported file, recomputed from its rows: nothing is known but who met whom and how it ended."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from arena_write.names import printable
from arena_write.store import BenchmarkFolder, BoardFolder, ConflictError, ImportRecord
from arena_write.verification.answers import sum_up
from arena_write.verification.cells import Cell
from arena_write.verification.ratings import UNRATED, Rated, rate
from arena_write.verification.rules import CONFIDENCE, MIN_COVERAGE, NO_WIDTH
from arena_write.verification.strengths import NoScaleError
from arena_write.verification.tree import RankedRows, Said, Tree, rounded
from judges import content_id


def read_imported(board: BoardFolder, about: ImportRecord) -> list[Cell]:
    """Return the stored battles of a file, each once; one that names no prompt has a prompt of its own.

    Raises:
        StoreError: A row is not valid, or of another file.
    """
    cells: dict[str, Cell] = {}
    for row in board.imports.read():
        if row.file != about.file:
            raise ConflictError(f"{board.imports.path}: a row of file {row.file} lies among those of {about.file}")
        prompt = row.key if about.cluster is None else row.cluster or ""
        cells[row.key] = Cell(prompt, row.first, row.second, "judged", row.score)
    return list(cells.values())


def recompute_imported(folder: BenchmarkFolder, board: BoardFolder, about: ImportRecord, cells: Sequence[Cell]) -> Tree:
    """Return what `board.json` should say.

    Args:
        folder: The folder of the file.
        board: The folder of its battles.
        about: What is known of the file.
        cells: Its battles.
    """
    return {
        "v": 1,
        "benchmark": folder.id,
        "title": f"imported from {about.source}",
        "judge": asdict(board.judge()),
        "judge_check": Said(True),
        "scale": Said(True),
        "confidence": CONFIDENCE,
        "min_coverage": MIN_COVERAGE,
        "context": None,
        "writingbench": False,
        "plan": None,
        "score_plan": None,
        "excluded": [],
        "sections": [_Imported(about, cells).recompute()],
        "rubric": [],
        "imported": asdict(about),
        "lengths": [],
        "score_files": [],
        "spending": [],
    }


@dataclass(frozen=True)
class _Imported:
    """Recomputes the one section.

    Args:
        about: What is known of the file.
        cells: Its battles.
    """

    about: ImportRecord
    cells: Sequence[Cell]

    @property
    def names(self) -> list[str]:
        return sorted({name for cell in self.cells for name in (cell.first, cell.second)})

    def recompute(self) -> Tree:
        names, anchors = self.names, self.about.baselines or self.names
        rated, flat = self._rate(anchors, set()), set()
        if rated:
            flat = {name for name in names if list(anchors) != [name] and _is_flat(rated, name)}
        if flat:
            rated = None if flat & set(anchors) or len(names) - len(flat) < 2 else self._rate(anchors, flat)
        shown = _tell_apart(names)
        rows = [self._row(name, shown[name], rated, flat) for name in names]
        ids = {name: _id(name) for name in names if rated and name not in flat and rated.of(name).bound != "unrated"}
        return {
            "scope": "all",
            "prompts": len({cell.prompt for cell in self.cells}),
            "cells": len(self.cells) + sum(kind.rows for kind in self.about.invalid),
            "decided": len(self.cells),
            "withheld": Said(rated is None),
            "method": rated.method if rated else "",
            "degrees_of_freedom": rated.df if rated else None,
            "design_effect": rounded(rated.design_effect) if rated else None,
            "rows": RankedRows(
                rows,
                [{ids[name]: rank for name, rank in ranks.items() if name in ids} for ranks in rated.ranks]
                if rated
                else [{}],
                ("elo", "low", "high"),
            ),
            "habits": None,
            "anchor_prompts": None,
        }

    def _rate(self, baselines: Sequence[str], without: set[str]) -> Rated | None:
        cells = [cell for cell in self.cells if cell.first not in without and cell.second not in without]
        try:
            return rate(cells, baselines) if cells else None
        except NoScaleError:
            return None

    def _row(self, name: str, shown: str, rated: Rated | None, flat: set[str]) -> Tree:
        mine = [cell for cell in self.cells if cell.has(name)]
        rating = UNRATED if rated is None or name in flat else rated.of(name)
        return {
            "entrant": _id(name),
            "name": shown,
            "role": "baseline" if name in self.about.baselines else "candidate",
            "origin": "imported",
            "bound": rating.bound,
            "elo": rounded(rating.elo),
            "low": rounded(rating.low),
            "high": rounded(rating.high),
            "reason": Said(rating.is_explained),
            "prompts": len({cell.prompt for cell in mine}),
            "planned": len(mine),
            "judged": len(mine),
            **dict.fromkeys(("identical", "failed", "invalid", "open", "no_output"), 0),
            "coverage": 1.0,
            "win_rates": _win_rates(name, mine),
            **dict.fromkeys(("if_excluded", "worst_case", "best_case")),
            "censored": False,
            "texts": sum_up([]),
            **dict.fromkeys(("low_with_anchors", "high_with_anchors", "misfit", "equal_length")),
        }


def _is_flat(rated: Rated, name: str) -> bool:
    """Say whether every battle gave the same, so that nothing says how much that varies."""
    return rated.of(name).bound == "interval" and rated.of(name).error < NO_WIDTH


def _win_rates(name: str, mine: Sequence[Cell]) -> list[Tree]:
    got: dict[str, list[float]] = {}
    for cell in mine:
        got.setdefault(cell.second if cell.first == name else cell.first, []).append(cell.of(name) or 0.0)
    return [
        {"baseline": _id(other), "score": rounded(sum(some) / len(some)), "cells": len(some)}
        for other, some in sorted(got.items())
    ]


def _id(name: str) -> str:
    return content_id("imported entrant", name)


def _tell_apart(names: Sequence[str]) -> Mapping[str, str]:
    """Return what names are shown as: of those that look the same, each has the start of its id behind it."""
    looks = Counter(map(printable, names))
    return {name: f"{name} ({_id(name)[:8]})" if looks[printable(name)] > 1 else name for name in names}
