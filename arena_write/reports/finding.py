"""Boards in a results folder, and how to name one."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from arena_write.reports.board import BOARDS, Board
from arena_write.store import BenchmarkFolder, BoardFolder, JudgeRecord, ResultsFolder, StoreError, read_json


@dataclass(frozen=True, slots=True)
class BoardPlace:
    """Where the rows of a board lie, and the board itself where one was built.

    Args:
        benchmark: The benchmark's folder.
        folder: The judge's folder in it.
        judge: Who judges there.
    """

    benchmark: BenchmarkFolder
    folder: BoardFolder
    judge: JudgeRecord

    @property
    def options(self) -> str:
        """The options of a command that choose this board."""
        return f"--benchmark {self.benchmark.id} --judge {self.judge.id[:8]}"

    @property
    def has_board(self) -> bool:
        """Whether a board was built."""
        return self.folder.board_path.exists()

    @property
    def has_plan(self) -> bool:
        """Whether a board can be built: an evaluation came to its end here, or a file was imported."""
        folder = self.folder
        files = (folder.plans.path, folder.score_plans.path, folder.import_path, folder.score_files.path)
        return any(path.exists() for path in files)

    def read(self) -> Board:
        """Read the board.

        Raises:
            StoreError: There is none, or it cannot be read.
            RowError: `board.json` is not valid.
        """
        return read_json(self.folder.board_path, BOARDS)

    def fits(self, *, benchmark: str | None, judge: str | None) -> bool:
        """Say whether the place is of this benchmark and this judge, where these are given."""
        mine, one = self.benchmark.id, self.judge
        named = judge is None or judge in (one.name, one.model) or (len(judge) >= 4 and one.id.startswith(judge))
        return named and benchmark in (None, mine, mine.rpartition("@")[0])


def list_places(results: Path) -> list[BoardPlace]:
    """Return where boards lie or may be built, by benchmark and judge.

    Raises:
        RowError: A `judge.json` is not valid.
    """
    return [
        BoardPlace(benchmark, folder, folder.judge())
        for benchmark in ResultsFolder(results).benchmarks()
        for folder in benchmark.boards()
    ]


def list_boards(results: Path) -> list[Board]:
    """Return every stored board, by benchmark and judge.

    Raises:
        RowError: A `board.json` is not valid.
    """
    return [place.read() for place in list_places(results) if place.has_board]


def find_places(
    results: Path, *, benchmark: str | None = None, judge: str | None = None, built: bool = False
) -> list[BoardPlace]:
    """Return the places of one benchmark and one judge, where these are given; all otherwise.

    Args:
        results: The results folder.
        benchmark: Id of the benchmark, or its name without the version.
        judge: Name, model or start of the id of the judge.
        built: Only places with a board; otherwise all where one can be built.

    Raises:
        StoreError: No place fits; names those that there are.
        RowError: A `judge.json` is not valid.
    """
    places = [place for place in list_places(results) if (place.has_board if built else place.has_plan)]
    if not places:
        raise StoreError(f"{results} holds no board. Make one with: arena-write eval --results {results} --model ...")
    found = [place for place in places if place.fits(benchmark=benchmark, judge=judge)]
    if not found:
        raise StoreError(f"no board matches in {results}; there are: {name_places(places)}")
    return found


def name_places(places: Sequence[BoardPlace]) -> str:
    """Return the options that choose each place."""
    return "; ".join(place.options for place in places)
