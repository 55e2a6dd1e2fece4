"""From scores given elsewhere to a board of their own: means on the scale of their files, nothing about the texts."""

from collections.abc import Sequence

import numpy as np

from arena_write.battles.plan import Entry
from arena_write.benchmarks.prompts import Prompt
from arena_write.judging import State
from arena_write.reports.board import Board, list_scopes
from arena_write.reports.build import CONFIDENCE, MIN_COVERAGE
from arena_write.reports.labels import EntrantLabel
from arena_write.reports.rubrics import RubricBuilder
from arena_write.reports.score_cells import ScoreCellColumns
from arena_write.store import (
    SCALES,
    BenchmarkFolder,
    BoardFolder,
    ImportedScoreRecord,
    ScoreFileRecord,
    StoreError,
    read_imported_scores,
    read_score_files,
)
from judges import content_id

IMPORTED_SCORES_LABEL = "imported mean score"
NO_JUDGE = "not named"
"""What a judge is called whom nobody named."""


def imported_entrant(name: str) -> str:
    """Return the id of an entrant of which only its name is known."""
    return content_id("imported entrant", name)


def build_score_import_board(folder: BenchmarkFolder, board: BoardFolder) -> Board:
    """Build the board of imported files of scores from their stored rows.

    Args:
        folder: The benchmark's folder.
        board: The folder of the scores.

    Raises:
        StoreError: A file of the folder cannot be read, or scores are missing.
    """
    files = read_score_files(board.score_files)
    if not files:
        raise StoreError(f"{board.score_files.path} does not exist: no scores were imported into this folder")
    rows = read_imported_scores(board.imported_scores, files)
    prompts = folder.prompts()
    builder = RubricBuilder(
        entries=[Entry(imported_entrant(file.entrant), "candidate") for file in files],
        prompts=prompts,
        cells=_cells(rows, files, prompts),
        labels={imported_entrant(file.entrant): EntrantLabel(file.entrant, "imported") for file in files},
        facts=(),
        confidence=CONFIDENCE,
        min_coverage=MIN_COVERAGE,
    )
    return Board(
        benchmark=folder.id,
        title=f"scores imported from {len(files)} {'file' if len(files) == 1 else 'files'}",
        judge=board.judge(),
        scale="",
        confidence=CONFIDENCE,
        min_coverage=MIN_COVERAGE,
        plan=None,
        score_plan=None,
        excluded=(),
        sections=(),
        rubric=tuple(builder.build(scope) for scope in list_scopes(prompts)),
        spending=(),
        score_files=files,
    )


def _cells(
    rows: Sequence[ImportedScoreRecord], files: Sequence[ScoreFileRecord], prompts: Sequence[Prompt]
) -> ScoreCellColumns:
    """Return the rows as columns; a criterion is known by its prompt's, or by its name where the prompt has none."""
    entrants = tuple(imported_entrant(file.entrant) for file in files)
    entrant = {file.entrant: code for code, file in enumerate(files)}
    prompt = {one.text_id: code for code, one in enumerate(prompts)}
    ids = {(one.text_id, criterion.name): criterion.id for one in prompts for criterion in one.criteria}
    criteria = [ids.get((row.prompt, row.criterion), row.criterion) for row in rows]
    code = {known: number for number, known in enumerate(sorted(set(criteria)))}
    state = [State.JUDGED if row.invalid is None else State.INVALID for row in rows]
    return ScoreCellColumns(
        entrants=entrants,
        entrant=np.array([entrant[row.entrant] for row in rows], dtype=np.int64),
        prompt=np.array([prompt[row.prompt] for row in rows], dtype=np.int64),
        criterion=np.array([code[known] for known in criteria], dtype=np.int64),
        sample=np.array([row.record for row in rows], dtype=np.int64),
        state=np.array(state, dtype=np.int8),
        score=np.array([np.nan if row.score is None else row.score for row in rows], dtype=np.float64),
        criteria=tuple(code),
        by_record=True,
        scale=SCALES[files[0].format],
    )
