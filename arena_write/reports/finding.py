"""Boards in a results folder, and how to name one."""

from pathlib import Path

from arena_write.reports.board import BOARDS, Board
from arena_write.store import BoardFolder, ResultsFolder, StoreError, read_json


def list_boards(results: Path) -> list[Board]:
    """Return every stored board, by benchmark and judge.

    Raises:
        RowError: A `board.json` is not valid.
    """
    return [board for _, board in list_board_folders(results)]


def list_board_folders(results: Path) -> list[tuple[BoardFolder, Board]]:
    """Return every stored board with the folder it was built from."""
    return [
        (folder, read_json(folder.board_path, BOARDS))
        for benchmark in ResultsFolder(results).benchmarks()
        for folder in benchmark.boards()
        if folder.board_path.exists()
    ]


def find_board(results: Path, *, benchmark: str | None = None, judge: str | None = None) -> Board:
    """Return the one board that matches.

    Raises:
        StoreError: None matches, or several do; names them.
        RowError: A `board.json` is not valid.
    """
    boards = list_boards(results)
    found = [
        board
        for board in boards
        if benchmark in (None, board.benchmark)
        and (judge in (None, board.judge.name, board.judge.model) or board.judge.id.startswith(judge or ""))
    ]
    if len(found) == 1:
        return found[0]
    names = "; ".join(f"--benchmark {board.benchmark} --judge {board.judge.id[:8]}" for board in found or boards)
    if not boards:
        raise StoreError(f"{results} holds no board. Make one with: arena-write eval --results {results} --model ...")
    raise StoreError(f"{'several boards match' if found else 'no board matches'} in {results}; there are: {names}")
