"""The board of scores that were given elsewhere, recomputed from their rows."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Literal

from arena_write.store import (
    BenchmarkFolder,
    BoardFolder,
    ConflictError,
    ImportedScoreRecord,
    PlanEntry,
    ScoreFileRecord,
    ScorePlanRecord,
    SettingsRecord,
)
from arena_write.verification.answers import Answers
from arena_write.verification.cells import ScoreCell
from arena_write.verification.material import Material, read_prompts
from arena_write.verification.recompute import list_scopes
from arena_write.verification.rubrics import ScoreSections
from arena_write.verification.rules import CONFIDENCE, IMPORTED_SCALES, MIN_COVERAGE
from arena_write.verification.tree import Said, Tree
from judges import content_id


def read_files(board: BoardFolder) -> list[ScoreFileRecord]:
    """Return the imported files of a board, each once, by entrant; none where it is another board.

    Raises:
        StoreError: A row is not valid.
    """
    return sorted({row.file: row for row in board.score_files.read()}.values(), key=lambda row: row.entrant)


def read_rows(board: BoardFolder, files: Sequence[ScoreFileRecord]) -> list[ImportedScoreRecord]:
    """Return the rows of these files, each once.

    Raises:
        StoreError: A row is not valid, or is not of its file's entrant.
    """
    whose = {row.file: row.entrant for row in files}
    rows = {}
    for row in board.imported_scores.read():
        if whose.get(row.file, row.entrant) != row.entrant:
            raise ConflictError(f"{board.imported_scores.path}: a row of {row.entrant!r} lies among another's")
        if row.file in whose:
            rows[row.key] = row
    return list(rows.values())


def recompute_imported_scores(
    folder: BenchmarkFolder, board: BoardFolder, files: Sequence[ScoreFileRecord], rows: Sequence[ImportedScoreRecord]
) -> Tree:
    """Return what `board.json` should say.

    Args:
        folder: The benchmark's folder.
        board: The folder of the scores.
        files: What is known of each file.
        rows: Their scores.
    """
    judge, prompts = board.judge(), tuple(read_prompts(folder))
    entries = tuple(PlanEntry(entrant=_id(file.entrant), role="candidate", samples=1, prompts=None) for file in files)
    plan = ScorePlanRecord(id="0" * 32, benchmark=folder.id, entries=entries, repeats=1)
    material = Material(
        judge=judge,
        settings=SettingsRecord(min_coverage=MIN_COVERAGE),
        prompts=prompts,
        excluded=(),
        plan=None,
        score_plan=plan,
        answers={},
        verdicts={},
        scores={},
        names={_id(file.entrant): (file.entrant, "imported") for file in files},
    )
    criteria = {(prompt.text_id, one.name): one.id for prompt in prompts for one in prompt.criteria}
    cells = [_cell(row, criteria.get((row.prompt, row.criterion), row.criterion)) for row in rows]
    sections = ScoreSections(material, plan, cells, Answers(material), IMPORTED_SCALES[files[0].format], by_record=True)
    many = "file" if len(files) == 1 else "files"
    return {
        "v": 1,
        "benchmark": folder.id,
        "title": f"scores imported from {len(files)} {many}",
        "judge": asdict(judge),
        "judge_check": Said(True),
        "scale": Said(False),
        "confidence": CONFIDENCE,
        "min_coverage": MIN_COVERAGE,
        "context": None,
        "writingbench": False,
        "plan": None,
        "score_plan": None,
        "excluded": [],
        "sections": [],
        "rubric": [sections.recompute(scope, inside) for scope, inside in list_scopes(material).items()],
        "imported": None,
        "score_files": [_file(file, rows) for file in files],
        "spending": [],
    }


def _cell(row: ImportedScoreRecord, criterion: str) -> ScoreCell:
    state: Literal["judged", "invalid"] = "judged" if row.invalid is None else "invalid"
    return ScoreCell(row.prompt, _id(row.entrant), row.record, criterion, state, row.score)


def _file(file: ScoreFileRecord, rows: Sequence[ImportedScoreRecord]) -> Tree:
    """Return what is known of a file, its rows counted anew, and the prompts that stand in it several times."""
    mine = [row for row in rows if row.file == file.file]
    doubled = sorted({row.prompt_id for row in mine if row.record > 0})
    return asdict(file) | {"scores": len(mine), "doubled": doubled}


def _id(name: str) -> str:
    return content_id("imported entrant", name)
