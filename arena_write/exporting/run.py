"""One export from start to end: choose, make every file, refuse to overwrite any, write."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from arena_write.exporting.board_rows import BoardRows
from arena_write.exporting.dataset import dataset_files
from arena_write.exporting.errors import ExportUsageError
from arena_write.exporting.selection import Selection, select_boards
from arena_write.exporting.stored_rows import Row, output_rows, prompt_rows
from arena_write.exporting.tables import to_csv, to_parquet
from arena_write.exporting.writingbench import writingbench_files
from arena_write.reports.board import Board
from arena_write.reports.latex import to_latex
from arena_write.reports.markdown import to_markdown
from arena_write.reports.spreadsheet import list_rows
from arena_write.store import replace_file

Target = Literal["writingbench", "csv", "parquet", "dataset", "latex", "markdown"]
Files = Iterator[tuple[str, bytes]]
"""Paths within the folder of a benchmark, and contents."""

_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """What `arena-write export` was asked for.

    Args:
        where: A results folder, the folder of a benchmark, or that of a board.
        to: Whose files to write.
        out: The folder to write them to; made where it is not there.
        benchmark: Only this benchmark.
        judge: Only boards of this judge.
        overwrite: Replace files that are there.
    """

    where: Path
    to: Target
    out: Path
    benchmark: str | None = None
    judge: str | None = None
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: paths and sizes in bytes."""

    files: tuple[tuple[Path, int], ...]


def export(request: ExportRequest) -> Exported:
    """Write what is stored in the files of others. Where one would be overwritten, none is written.

    Raises:
        ExportUsageError: There is nothing to export, or a file is there already.
        StoreError: A row is not valid, or a file cannot be written.
    """
    selected = select_boards(request.where, benchmark=request.benchmark, judge=request.judge)
    if request.to == "dataset" and len(selected) > 1:
        raise ExportUsageError(
            f"a dataset is one benchmark, and there are {', '.join(one.name for one in selected)}; choose one with "
            "--benchmark"
        )
    make = TARGETS[request.to]
    made = {
        (request.out if request.to == "dataset" else request.out / one.name) / name: data
        for one in selected
        for name, data in make(one)
    }
    if not made:
        raise ExportUsageError(f"{request.where} holds nothing that --to {request.to} could write")
    _require_free(request, made)
    for path, data in made.items():
        replace_file(path, data)
    return Exported(tuple((path, len(data)) for path, data in made.items()))


def _require_free(request: ExportRequest, made: Iterable[Path]) -> None:
    if request.out.exists() and not request.out.is_dir():
        raise ExportUsageError(f"{request.out} is a file; --out wants a folder")
    there = [str(path) for path in made if path.exists()]
    if there and not request.overwrite:
        more = ", ..." if len(there) > _SHOWN else ""
        raise ExportUsageError(
            f"{', '.join(there[:_SHOWN])}{more} {'is' if len(there) == 1 else 'are'} there already, so nothing was "
            "written; give another --out, or --overwrite"
        )


def _row_files(selected: Selection, write: Callable[[Sequence[Row]], bytes], suffix: str) -> Files:
    """Yield prompts and answers of a benchmark, and battles, scores and numbers of each board; no empty file."""
    tables: list[tuple[str, Sequence[Row]]] = [
        ("prompts", list(prompt_rows(selected.benchmark))),
        ("outputs", list(output_rows(selected.benchmark))),
    ]
    for place in selected.places:
        rows, folder = BoardRows(place), place.folder.path.name
        tables += [(f"{folder}/battles", rows.battles()), (f"{folder}/scores", rows.scores())]
        tables += [(f"{folder}/board", list(list_rows([place.read()])))] if place.has_board else []
    yield from ((f"{name}.{suffix}", write(rows)) for name, rows in tables if rows)


def _board_files(selected: Selection, write: Callable[[Board], str], suffix: str) -> Files:
    """Yield the tables of each board that was built."""
    for place in selected.places:
        if place.has_board:
            yield f"{place.folder.path.name}.{suffix}", write(place.read()).encode("utf-8")


TARGETS: Mapping[Target, Callable[[Selection], Files]] = {
    "writingbench": writingbench_files,
    "csv": lambda selected: _row_files(selected, to_csv, "csv"),
    "parquet": lambda selected: _row_files(selected, to_parquet, "parquet"),
    "dataset": dataset_files,
    "latex": lambda selected: _board_files(selected, to_latex, "tex"),
    "markdown": lambda selected: _board_files(selected, to_markdown, "md"),
}
"""What makes the files of each target."""
