"""What is exported: a board, all boards of a benchmark, or a whole results folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from arena_write.exporting.errors import ExportUsageError
from arena_write.reports.finding import BoardPlace
from arena_write.store import BenchmarkFolder, BoardFolder, ResultsFolder


@dataclass(frozen=True, slots=True)
class Selection:
    """One benchmark and the boards of it that are exported.

    Args:
        benchmark: The benchmark's folder, or that of an imported file.
        places: The boards; none where answers alone are stored.
    """

    benchmark: BenchmarkFolder
    places: tuple[BoardPlace, ...]

    @property
    def name(self) -> str:
        """What the benchmark's files are put under."""
        return self.benchmark.path.name


def select_boards(where: Path, *, benchmark: str | None = None, judge: str | None = None) -> list[Selection]:
    """Return what lies at `where`: the folder of a board or its `board.json`, of a benchmark, or of results.

    Args:
        where: The folder, or the file.
        benchmark: Only this benchmark, by its id or its name without the version.
        judge: Only boards of this judge, by name, model or start of the id.

    Raises:
        ExportUsageError: Nothing is there, or nothing that was asked for.
        StoreError: A `judge.json` is not valid.
    """
    folder = where.parent if where.is_file() else where
    if (folder / "judge.json").exists():
        found = [_select(BenchmarkFolder(folder.resolve().parent), [BoardFolder(folder.resolve())])]
    elif (folder / "prompts.jsonl").exists() or any(folder.glob("*/judge.json")):
        one = BenchmarkFolder(folder.resolve())
        found = [_select(one, one.boards())]
    else:
        found = [_select(one, one.boards()) for one in ResultsFolder(folder).benchmarks()]
    if not found:
        raise ExportUsageError(
            f"{where} holds nothing to export; give a results folder, the folder of a benchmark in it, or that of a "
            "board"
        )
    chosen = [
        Selection(one.benchmark, tuple(place for place in one.places if place.fits(benchmark=None, judge=judge)))
        for one in found
        if benchmark in (None, one.name, one.name.rpartition("@")[0])
    ]
    chosen = [one for one in chosen if one.places or judge is None]
    if not chosen:
        there = ", ".join(f"{one.name} ({_judges(one)})" for one in found)
        raise ExportUsageError(f"nothing in {where} matches; there are: {there}")
    return chosen


def _select(benchmark: BenchmarkFolder, boards: Sequence[BoardFolder]) -> Selection:
    return Selection(benchmark, tuple(BoardPlace(benchmark, board, board.judge()) for board in boards))


def _judges(one: Selection) -> str:
    return ", ".join(f"{place.judge.name} {place.judge.id[:8]}" for place in one.places) or "no judge"
