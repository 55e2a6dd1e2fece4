"""One import of scores from start to end: read the file, append its rows, build the board on which it stands.

Where imports of battles make a board a file, files of scores come together: they name no opponents, so one model's
scores alone say little. One board holds what one judge, as the user names it, is said to have scored on one scale.
"""

from dataclasses import dataclass
from pathlib import Path

from arena_write.benchmarks.loading import load_benchmark
from arena_write.importing.battles import MAX_NAME
from arena_write.importing.errors import ImportingUsageError
from arena_write.importing.invalid import readable
from arena_write.importing.scores import ScoreFile, read_scores
from arena_write.importing.tables import is_text
from arena_write.reports.board import Board
from arena_write.reports.imported_scores import IMPORTED_SCORES_LABEL, NO_JUDGE, build_score_import_board
from arena_write.store import (
    BoardFolder,
    ImportedScoreRecord,
    ResultsFolder,
    ScoreFileRecord,
    ScoreFormat,
    lock_for_writing,
    read_score_files,
    replace_file,
)
from arena_write.store.keys import imported_score_key
from arena_write.store.runs import RunLog, now
from judges import JudgeSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoresRequest:
    """What `arena-write import scores` was asked for.

    Args:
        path: The file.
        results: The results folder.
        benchmark: Whose prompts were answered: a name or a path.
        format: Whose fields and scale the file has; found by the fields where not given.
        name: Whose answers were scored; after the file where not given.
        judge: Who scored, as the user says, for the files do not.
        allow_invalid: Import it although more than 5 % of its rows, or of its scores, cannot be used.
        command: The command line, for the log.
    """

    path: Path
    results: Path
    benchmark: str
    format: ScoreFormat | None = None
    name: str | None = None
    judge: str | None = None
    allow_invalid: bool = False
    command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportedScores:
    """An imported file of scores.

    Args:
        board: The board on which it stands.
        file: What was read.
        added: Rows that were not stored before.
    """

    board: Board
    file: ScoreFile
    added: int


def import_scores(request: ScoresRequest) -> ImportedScores:
    """Import a file of scores that were given elsewhere. Importing it again adds nothing.

    Raises:
        ImportingUsageError: There is no such file, or its name is another file's on the board.
        ImportingError: The file is not as it must be.
        BenchmarkError: The benchmark cannot be loaded.
        StoreError: The results folder cannot be read or written.
    """
    entrant = _entrant_name(request)
    benchmark = load_benchmark(request.benchmark)
    file = read_scores(request.path, benchmark.prompts, format=request.format, allow_invalid=request.allow_invalid)
    spec = judge_spec(file.format, request.judge)
    results = ResultsFolder(request.results)
    with lock_for_writing(request.results, command=" ".join(request.command)):
        folder = results.benchmark(benchmark.id)
        place = folder.board(spec)
        known = _find_stored(place, file, entrant, request)
        folder.keep_prompts(benchmark.prompts)
        place.keep_judge(spec)
        log = RunLog(results)
        plan = {"import": file.digest, "file": readable(request.path.name), "format": file.format}
        log.start(command=request.command, benchmark=folder.id, judge=spec.id, plan=plan, seed=0)
        source = known.source if known else readable(request.path.name)
        added = _append(place, file, entrant=entrant, source=source, run=log.id)
        if known is None:
            _append_file(place, file, entrant=entrant, source=source)
        board = build_score_import_board(folder, place)
        replace_file(place.board_path, board.to_json())
        invalid = sum(kind.rows for kind in file.invalid)
        log.end("done", message="", rows={"scores": added, "invalid": invalid})
    return ImportedScores(board, file, added)


def judge_spec(format: ScoreFormat, judge: str | None) -> JudgeSpec:
    """Return who scored: nobody of ours, so its id is that of the scale and of the name that the user gave."""
    return JudgeSpec(
        name=judge or NO_JUDGE,
        model="imported",
        template=format,
        decoding={"judge": judge},
        reply_format="none",
        label=IMPORTED_SCORES_LABEL,
    )


def _entrant_name(request: ScoresRequest) -> str:
    name = (request.name if request.name is not None else readable(request.path.stem)).strip()
    if not name or not is_text(name) or len(name) > MAX_NAME:
        raise ImportingUsageError(
            f"a model's name has 1 to {MAX_NAME} characters; give one with --name", path=request.path
        )
    return name


def _find_stored(place: BoardFolder, file: ScoreFile, entrant: str, request: ScoresRequest) -> ScoreFileRecord | None:
    """Return what is stored of the file already; refuse its name where another file has it, and another name for it."""
    found = None
    for record in read_score_files(place.score_files):
        if record.file == file.digest:
            if record.entrant != entrant:
                raise ImportingUsageError(
                    f"this file is on the board as {record.entrant!r} already; give it that name, or another results "
                    "folder with --results",
                    path=request.path,
                )
            found = record
        elif record.entrant == entrant:
            raise ImportingUsageError(
                f"{entrant!r} is the name of the scores from {record.source} on this board; give these another with "
                "--name",
                path=request.path,
            )
    return found


def _append(place: BoardFolder, file: ScoreFile, *, entrant: str, source: str, run: str) -> int:
    """Append the scores that are not stored yet; return how many."""
    known = {row.key for row in place.imported_scores.read()}
    added, at = 0, now()
    with place.imported_scores.append() as writer:
        for one in file.scores:
            key = imported_score_key(
                file=file.digest,
                line=one.line,
                entrant=entrant,
                prompt=one.prompt,
                criterion=one.criterion,
                record=one.record,
                repeat=one.repeat,
                score=one.score,
                text=one.text,
            )
            if key not in known:
                writer.write(
                    ImportedScoreRecord(
                        key=key, file=file.digest, entrant=entrant, source=source, run=run, at=at, **one._asdict()
                    )
                )
                added += 1
    return added


def _append_file(place: BoardFolder, file: ScoreFile, *, entrant: str, source: str) -> None:
    record = ScoreFileRecord(
        file=file.digest,
        source=source,
        entrant=entrant,
        format=file.format,
        scores=len(file.scores),
        invalid=file.invalid,
        doubled=file.doubled,
    )
    with place.score_files.append() as writer:
        writer.write(record)
