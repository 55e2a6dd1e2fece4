"""Boards in a results folder, and how to name one."""

from pathlib import Path

from arena_write.reports.board import BOARDS, Board
from arena_write.store import ResultsFolder, StoreError, read_json


def list_boards(results: Path) -> list[Board]:
    """Return every stored board, by benchmark and judge.

    Raises:
        RowError: A `board.json` is not valid.
    """
    return [
        read_json(folder.board_path, BOARDS)
        for benchmark in ResultsFolder(results).benchmarks()
        for folder in benchmark.boards()
        if folder.board_path.exists()
    ]


def find_boards(results: Path, *, benchmark: str | None = None, judge: str | None = None) -> list[Board]:
    """Return the boards of one benchmark and one judge, where these are given; of all otherwise.

    Args:
        results: The results folder.
        benchmark: Id of the benchmark, or its name without the version.
        judge: Name, model or start of the id of the judge.

    Raises:
        StoreError: No board matches; names those that there are.
        RowError: A `board.json` is not valid.
    """
    boards = list_boards(results)
    if not boards:
        raise StoreError(f"{results} holds no board. Make one with: arena-write eval --results {results} --model ...")
    found = [
        board
        for board in boards
        if benchmark in (None, board.benchmark, board.benchmark.rpartition("@")[0]) and _judged_by(board, judge)
    ]
    if not found:
        raise StoreError(f"no board matches in {results}; there are: {name_boards(boards)}")
    return found


def name_boards(boards: list[Board]) -> str:
    """Return the options that choose each board."""
    return "; ".join(f"--benchmark {board.benchmark} --judge {board.judge.id[:8]}" for board in boards)


def _judged_by(board: Board, judge: str | None) -> bool:
    if judge is None:
        return True
    return judge in (board.judge.name, board.judge.model) or (len(judge) >= 4 and board.judge.id.startswith(judge))
