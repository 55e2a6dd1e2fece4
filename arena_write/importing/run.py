"""One import from start to end: read the file, append its rows, build its board."""

from dataclasses import dataclass
from pathlib import Path

from arena_write.importing.battles import BattleFile, read_battles
from arena_write.importing.errors import ImportingUsageError
from arena_write.importing.invalid import listed, readable
from arena_write.names import safe_name
from arena_write.reports.board import Board
from arena_write.reports.imported import IMPORTED_LABEL, build_imported_board
from arena_write.store import (
    BattleFormat,
    BoardFolder,
    ImportedBattleRecord,
    ImportRecord,
    ResultsFolder,
    lock_for_writing,
    replace_file,
)
from arena_write.store.keys import imported_battle_key
from arena_write.store.runs import RunLog, now
from judges import JudgeSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """What `arena-write import battles` was asked for.

    Args:
        path: The file.
        results: The results folder.
        format: Whose columns and labels the file has; found by the columns where not given.
        name: What the board is called; after the file where not given.
        baselines: Names whose mean is 1000; where there are none, those already on the board, else everybody.
        cluster: The column that says which battles share a prompt; a known one where not given.
        allow_invalid: Import it although more than 5 % of its rows are no battles.
        command: The command line, for the log.
    """

    path: Path
    results: Path
    format: BattleFormat | None = None
    name: str | None = None
    baselines: tuple[str, ...] = ()
    cluster: str | None = None
    allow_invalid: bool = False
    command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """An imported file.

    Args:
        board: Its board.
        added: Battles that were not stored before.
    """

    board: Board
    added: int


def import_battles(request: ImportRequest) -> Imported:
    """Import a file of battles that others judged; they get a board of their own. Importing it again adds nothing.

    Raises:
        ImportingUsageError: There is no such file, column or baseline.
        ImportingError: The file is not as it must be.
        StoreError: The results folder cannot be read or written.
    """
    file = read_battles(
        request.path, format=request.format, cluster=request.cluster, allow_invalid=request.allow_invalid
    )
    source = readable(request.path.name)
    baselines = _known_baselines(request, file)
    spec = _judge_spec(file, source)
    results = ResultsFolder(request.results)
    with lock_for_writing(request.results, command=" ".join(request.command)):
        folder = results.benchmark(f"{safe_name(request.name or request.path.stem)}@{file.digest[:8]}")
        place = folder.board(spec)
        place.keep_judge(spec)
        stored = place.imported()
        about = ImportRecord(
            file=file.digest,
            source=stored.source if stored else source,
            format=file.format,
            cluster=file.cluster,
            judges=len(file.judges),
            battles=len(file.battles),
            invalid=file.invalid,
            baselines=baselines or (stored.baselines if stored else ()),
        )
        place.keep_import(about)
        log = RunLog(results)
        log.start(command=request.command, benchmark=folder.id, judge=spec.id, plan={"import": file.digest}, seed=0)
        added = _append(place, file, source=about.source, run=log.id)
        board = build_imported_board(folder, place)
        replace_file(place.board_path, board.to_json())
        invalid = about.rows - about.battles
        withheld = board.sections[0].withheld
        log.end(
            "withheld" if withheld else "done", message=withheld[:1000], rows={"battles": added, "invalid": invalid}
        )
    return Imported(board, added)


def _known_baselines(request: ImportRequest, file: BattleFile) -> tuple[str, ...]:
    """Return the baselines that were named, each once."""
    named = tuple(sorted(set(request.baselines)))
    for name in named:
        if name not in file.names:
            raise ImportingUsageError(
                f"--baseline {name!r} took part in no battle; the entrants are {listed(file.names)}", path=request.path
            )
    return named


def _judge_spec(file: BattleFile, source: str) -> JudgeSpec:
    """Return who judged: nobody of ours, so its id is that of the file and of how it was read."""
    (name,) = file.judges if len(file.judges) == 1 else (f"imported from {source}",)
    return JudgeSpec(
        name=name,
        model="imported",
        template=file.format,
        decoding={"file": file.digest, "cluster": file.cluster},
        reply_format="none",
        label=IMPORTED_LABEL,
    )


def _append(place: BoardFolder, file: BattleFile, *, source: str, run: str) -> int:
    """Append the battles that are not stored yet; return how many."""
    known = {row.key for row in place.imports.read()}
    added, at = 0, now()
    with place.imports.append() as writer:
        for battle in file.battles:
            key = imported_battle_key(
                file=file.digest,
                line=battle.line,
                first=battle.first,
                second=battle.second,
                score=battle.score,
                cluster=battle.cluster,
                judge=battle.judge,
                label=battle.label,
            )
            if key not in known:
                writer.write(
                    ImportedBattleRecord(key=key, file=file.digest, source=source, run=run, at=at, **battle._asdict())
                )
                added += 1
    return added
