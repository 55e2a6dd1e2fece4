"""From stored rows to a board, without any call: the last step of every evaluation, and a step of its own.

Nothing but the benchmark's folder is read: prompts, answers, plans, verdicts and the board's settings are in it.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from arena_write.evaluation.planning import saved_plans
from arena_write.reports.board import Board
from arena_write.reports.build import build_board
from arena_write.reports.finding import BoardPlace
from arena_write.reports.imported import build_imported_board
from arena_write.reports.imported_scores import build_score_import_board
from arena_write.reports.labels import EntrantLabel
from arena_write.store import BenchmarkFolder, BoardFolder, SettingsRecord, StoreError, lock_for_writing, replace_file


def rank_boards(
    results: Path, places: Sequence[BoardPlace], *, min_coverage: float | None = None, command: str
) -> list[Board]:
    """Build boards anew from their stored rows, and store them.

    Args:
        results: The results folder.
        places: Where in it the boards lie.
        min_coverage: Share of an entrant's cells that must be decided before it is rated; as before where `None`.
        command: What holds the writer's lock, for the message that a second writer prints.

    Raises:
        StoreError: A file cannot be read or written, or another process writes to the folder.
        PlanError: The plans cannot stand on one board: folders of different boards were merged.
    """
    with lock_for_writing(results, command=command):
        boards = []
        for place in places:
            if place.folder.is_imported:
                boards.append(build_anew(place))
                replace_file(place.folder.board_path, boards[-1].to_json())
                continue
            settings = place.folder.settings()
            if min_coverage is not None:
                settings = replace(settings, min_coverage=min_coverage)
            boards.append(store_board(place.benchmark, place.folder, settings))
    return boards


def build_anew(place: BoardPlace) -> Board:
    """Build a board from its stored rows and settings, whoever judged; nothing is written.

    Raises:
        StoreError: A file cannot be read, or no plan says what the board consists of.
        PlanError: The plans cannot stand on one board.
    """
    if place.folder.score_files.path.exists():
        return build_score_import_board(place.benchmark, place.folder)
    if place.folder.is_imported:
        return build_imported_board(place.benchmark, place.folder)
    return make_board(place.benchmark, place.folder, place.folder.settings())


def store_board(folder: BenchmarkFolder, board: BoardFolder, settings: SettingsRecord) -> Board:
    """Build a board from its stored rows and write it with its settings; the caller holds the writer's lock.

    Raises:
        StoreError: A file cannot be read or written.
        PlanError: The plans cannot stand on one board.
    """
    built = make_board(folder, board, settings)
    board.keep_settings(settings)
    replace_file(board.board_path, built.to_json())
    return built


def make_board(folder: BenchmarkFolder, board: BoardFolder, settings: SettingsRecord) -> Board:
    """Build a board from its stored rows; nothing is written.

    Raises:
        StoreError: A file cannot be read, or no plan says what the board consists of.
        PlanError: The plans cannot stand on one board.
    """
    plans = saved_plans(board, folder.prompts())
    plan = plans.battles or plans.scores
    if plan is None:
        raise StoreError(
            f"{board.path} holds no plan, so nothing says what its board consists of: no evaluation has come to its "
            "end there. Run arena-write eval again."
        )
    return build_board(
        folder,
        board,
        benchmark=plan.benchmark,
        battles=plans.battles,
        scores=plans.scores,
        title=settings.title,
        min_coverage=settings.min_coverage,
        context=settings.context,
        writingbench=settings.writingbench,
        labels={entrant: EntrantLabel(label.name, label.origin) for entrant, label in settings.labels.items()},
    )
