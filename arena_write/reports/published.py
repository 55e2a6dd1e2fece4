"""Figures that others have published, beside a board and never on its axis: read, matched by name, shown, nothing else.

A figure is a row of a CSV file in `results/published/` with its source. What builds boards imports nothing from here.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from math import isfinite
from pathlib import Path

from arena_write.reports import wording
from arena_write.reports.board import Board
from arena_write.reports.tables import Table

SHIPPED = Path(__file__).resolve().parents[2] / "results" / "published"
"""Where a checkout of the project has its figures."""
FAMILIES = ("arena-write", "writingbench")
HEADLINES = ("elo", "mean", "mean zh", "mean en", "leaderboard")
"""The metrics that are shown, in this order; the files hold more."""
CONFLICT = "conflict"
"""Begins the note of a figure that is not printed alike everywhere."""


class PublishedError(Exception):
    """Published figures are not there, or a file of them is not as it must be; names file and line."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One published figure.

    Args:
        model: The model, as the source calls it.
        params: Its size, where the source says it.
        benchmark: `arena-write`, or `writingbench@VERSION`.
        metric: What was measured.
        value: The figure, as printed.
        source: Where it is printed.
        note: What has to be known of it.
    """

    model: str
    params: str
    benchmark: str
    metric: str
    value: str
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class PublishedBlock:
    """The published figures of one version of a benchmark.

    Args:
        heading: What they are, and what they are not.
        table: The figures, a model a row, with what the board says of an entrant of that name.
        notes: Sources by number, and conflicts.
    """

    heading: str
    table: Table
    notes: tuple[str, ...]


def find_figures(results: Path) -> list[Figure]:
    """Return the figures in `published/` of a results folder, and those of the project's checkout; equal ones once.

    Raises:
        PublishedError: There are none, or a file is not as it must be.
    """
    folders = (results / "published", SHIPPED)
    paths = {path.resolve(): path for folder in reversed(folders) for path in sorted(folder.glob("*.csv"))}
    if not paths:
        raise PublishedError(
            f"there are no published figures in {folders[0]}: copy the CSV files of the project's results/published "
            "there, or write your own with the columns " + ", ".join(_COLUMNS)
        )
    return list(dict.fromkeys(figure for path in paths.values() for figure in read_figures(path)))


def read_figures(path: Path) -> list[Figure]:
    """Read a CSV file of figures.

    Raises:
        PublishedError: It is not as it must be; names the line.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            if tuple(next(reader, ())) != _COLUMNS:
                raise PublishedError(f"{path}:1: expected the columns {', '.join(_COLUMNS)}; mend the first line")
            return [_read(path, reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PublishedError(f"{path}: cannot be read as CSV in UTF-8 ({error}); mend or remove it") from error


def list_published(board: Board, figures: Iterable[Figure]) -> list[PublishedBlock]:
    """Return the published figures of a board's benchmark, a block for each of its versions; none for other benchmarks.

    A model is matched with an entrant by name alone, which says nothing of weights, prompts or settings.
    """
    name = board.benchmark.rpartition("@")[0]
    family = next((one for one in FAMILIES if re.fullmatch(rf"{one}(?:[-_.].*)?", name)), None)
    shown = [one for one in figures if one.benchmark.partition("@")[0] == family and one.metric in HEADLINES]
    versions = dict.fromkeys(one.benchmark for one in shown)
    return [_block(board, version, [one for one in shown if one.benchmark == version]) for version in versions]


_COLUMNS = tuple(field.name for field in fields(Figure))


def _read(path: Path, line: int, row: Sequence[str]) -> Figure:
    if len(row) != len(_COLUMNS):
        raise PublishedError(f"{path}:{line}: expected {len(_COLUMNS)} columns, found {len(row)}; mend the line")
    figure = Figure(*row)
    for column in ("model", "benchmark", "metric", "source"):
        if not getattr(figure, column).strip():
            raise PublishedError(f"{path}:{line}: {column!r} is empty; a figure without it cannot be shown")
    try:
        known = isfinite(float(figure.value))
    except ValueError:
        known = False
    if not known:
        raise PublishedError(f"{path}:{line}: expected 'value' to be a number, found {figure.value!r:.40}; mend it")
    return figure


def _block(board: Board, version: str, figures: Sequence[Figure]) -> PublishedBlock:
    metrics = [metric for metric in HEADLINES if any(one.metric == metric for one in figures)]
    sources = list(dict.fromkeys(one.source for one in figures))
    models: dict[str, list[Figure]] = {}
    for one in figures:
        models.setdefault(_plain(one.model), []).append(one)
    ours = _ours(board, scored=version.startswith("writingbench"))
    rows = []
    for found in sorted(models.values(), key=lambda them: -_best(them, metrics[0])):
        names = {_plain(one.model) for one in found} | {_plain(one.model + one.params) for one in found}
        cited = sorted({sources.index(one.source) + 1 for one in found})
        rows.append(
            (
                found[0].model,
                next((one.params for one in found if one.params), wording.UNKNOWN),
                *(_values([one for one in found if one.metric == metric]) for metric in metrics),
                "; ".join(said for name, said in ours if name in names) or wording.UNKNOWN,
                ", ".join(f"[{number}]" for number in cited),
            )
        )
    conflicts = [
        f"{one.model}, {one.metric} {one.value}: {one.note}" for one in figures if one.note.startswith(CONFLICT)
    ]
    return PublishedBlock(
        heading=(
            f"Published figures for {version}: other judges, prompts or fits. They share no axis with the board, and "
            "nothing in it rests on them"
        ),
        table=Table(
            "Published figures", ("model", "params", *metrics, "here, by that name", "printed in"), tuple(rows)
        ),
        notes=(*(f"[{number}] {source}" for number, source in enumerate(sources, start=1)), *conflicts),
    )


def _ours(board: Board, *, scored: bool) -> list[tuple[str, str]]:
    """Return what the board says of each entrant over all prompts, by its plain name."""
    section, rubric = board.section("all"), board.rubric_section("all")
    if scored:
        return [(_plain(row.name), wording.mean_score(row)) for row in rubric.rows] if rubric else []
    return [(_plain(row.name), wording.rating(row)) for row in section.rows] if section else []


def _values(figures: Sequence[Figure]) -> str:
    """Return the figures of one model and metric; several where they are not printed alike."""
    different = {float(one.value): one.value for one in figures}
    return " or ".join(different.values()) or wording.UNKNOWN


def _best(figures: Sequence[Figure], metric: str) -> float:
    return max((float(one.value) for one in figures if one.metric == metric), default=float("-inf"))


def _plain(name: str) -> str:
    """Return a name without its owner, case, signs and remarks in brackets: `Qwen/QwQ-32B (SFT)` is `qwq32b`."""
    return re.sub(r"\(.*?\)|[\W_]", "", name.rpartition("/")[2].casefold())
