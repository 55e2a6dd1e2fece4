"""The results folder: where each file lies, and how it is opened.

    results/
      <benchmark id>/
        prompts.jsonl
        outputs/<entrant>-<id8>.jsonl
        <judge>-<id8>/  judge.json  battles.jsonl  scores.jsonl  replies.jsonl
                         plans.jsonl  score-plans.jsonl  exclusions.jsonl
                         anchors.json  settings.json  board.json
        <judge>-<id8>/  judge.json  score-files.jsonl  imported-scores.jsonl  board.json
      <imported file>@<hash8>/
        <judge>-<id8>/  judge.json  import.json  imports.jsonl  board.json
      runs/<utc>-<rand4>.jsonl

File and folder names are for people: they are made safe from names that anybody may have chosen, and no reader trusts
them. The folder of a benchmark can be copied, committed or sent, and works there.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from arena_write.benchmarks.prompts import Prompt
from arena_write.names import safe_name
from arena_write.store.errors import ConflictError, ReadError, StoreError, WriteError
from arena_write.store.imported_scores import ImportedScoreRecord, ScoreFileRecord
from arena_write.store.imports import ImportedBattleRecord, ImportRecord
from arena_write.store.records import (
    AnchorsRecord,
    BattleRecord,
    ExclusionRecord,
    JudgeRecord,
    OutputRecord,
    PlanRecord,
    ReplyRecord,
    RunEnd,
    RunEvent,
    RunProgress,
    RunStart,
    ScorePlanRecord,
    ScoreRecord,
    SettingsRecord,
)
from arena_write.store.rows import RowFile, row_error
from judges import JudgeSpec

PROMPTS: TypeAdapter[Prompt] = TypeAdapter(Prompt)
OUTPUTS = TypeAdapter(OutputRecord)
BATTLES = TypeAdapter(BattleRecord)
SCORES = TypeAdapter(ScoreRecord)
REPLIES = TypeAdapter(ReplyRecord)
PLANS = TypeAdapter(PlanRecord)
SCORE_PLANS = TypeAdapter(ScorePlanRecord)
ANCHORS = TypeAdapter(AnchorsRecord)
EXCLUSIONS = TypeAdapter(ExclusionRecord)
JUDGES = TypeAdapter(JudgeRecord)
SETTINGS = TypeAdapter(SettingsRecord)
IMPORTS = TypeAdapter(ImportRecord)
IMPORTED_BATTLES = TypeAdapter(ImportedBattleRecord)
SCORE_FILES = TypeAdapter(ScoreFileRecord)
IMPORTED_SCORES = TypeAdapter(ImportedScoreRecord)
RUNS: TypeAdapter[RunStart | RunProgress | RunEnd] = TypeAdapter(RunEvent)

Record = TypeVar("Record")


def replace_file(path: Path, data: bytes) -> None:
    """Write a whole file so that a reader sees the old one or the new one, never a part.

    Raises:
        WriteError: The disk is full or the folder cannot be written; the old file is kept.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as error:
        raise WriteError(path, error) from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


class ResultsFolder:
    """A results folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def benchmark(self, benchmark_id: str) -> "BenchmarkFolder":
        """Return the folder of a benchmark, which need not exist yet."""
        name, _, version = benchmark_id.rpartition("@")
        return BenchmarkFolder(self.root / f"{safe_name(name)}@{safe_name(version)}")

    def benchmarks(self) -> list["BenchmarkFolder"]:
        """Return the folders of benchmarks that hold prompts, and those of imported files, sorted by name."""
        asked = {path.parent for path in self.root.glob("*@*/prompts.jsonl")}
        imported = {path.parent.parent for path in self.root.glob("*@*/*/import.json")}
        return [BenchmarkFolder(path) for path in sorted(asked | imported)]

    @property
    def runs(self) -> Path:
        """Where the events of runs are, and the logs of servers that they started."""
        return self.root / "runs"

    def run(self, name: str) -> RowFile[RunStart | RunProgress | RunEnd]:
        """Return the event file of a run named `<utc>-<rand4>`."""
        return RowFile(self.runs / f"{safe_name(name)}.jsonl", RUNS)


class BenchmarkFolder:
    """What is stored about one benchmark."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.prompts_file: RowFile[Prompt] = RowFile(path / "prompts.jsonl", PROMPTS)

    @property
    def id(self) -> str:
        """The benchmark's id."""
        return self.path.name

    def keep_prompts(self, prompts: tuple[Prompt, ...]) -> None:
        """Store the prompts; a benchmark's texts never change under one id.

        Raises:
            ConflictError: Other prompts are stored under this id.
        """
        known = {prompt.id: prompt.text_id for prompt in self.prompts_file.read()}
        given = {prompt.id: prompt.text_id for prompt in prompts}
        if known and known != given:
            changed = sorted(key for key in known | given if known.get(key) != given.get(key))
            raise ConflictError(
                f"{self.prompts_file.path} holds other texts for {self.id} (prompt {changed[0]!r} differs). "
                "Give a fresh folder with --results."
            )
        data = b"".join(PROMPTS.dump_json(prompt) + b"\n" for prompt in prompts)
        if not (self.prompts_file.path.exists() and self.prompts_file.path.read_bytes() == data):
            replace_file(self.prompts_file.path, data)

    def prompts(self) -> tuple[Prompt, ...]:
        """Return every stored prompt once, in file order: of several rows of one text the first counts.

        Folders that were merged line by line hold rows several times.

        Raises:
            RowError: A complete line is not a valid row.
        """
        chosen: dict[str, Prompt] = {}
        for prompt in self.prompts_file.read():
            chosen.setdefault(prompt.text_id, prompt)
        return tuple(chosen.values())

    def outputs_file(self, *, name: str, entrant: str) -> RowFile[OutputRecord]:
        """Return the file to which answers of an entrant are appended."""
        return RowFile(self.path / "outputs" / f"{safe_name(name)}-{entrant[:8]}.jsonl", OUTPUTS)

    def outputs(self) -> Iterator[OutputRecord]:
        """Yield every stored answer once: of several rows of one key the earliest counts.

        Raises:
            RowError: A complete line is not a valid row.
        """
        chosen: dict[str, OutputRecord] = {}
        for path in sorted((self.path / "outputs").glob("*.jsonl")):
            for row in RowFile(path, OUTPUTS).read():
                other = chosen.get(row.key)
                if other is None or (row.at, row.text_id) < (other.at, other.text_id):
                    chosen[row.key] = row
        yield from (chosen[key] for key in sorted(chosen))

    def board(self, spec: JudgeSpec) -> "BoardFolder":
        """Return the folder of a judge, which need not exist yet; one kept under another name of the judge is its own.

        Raises:
            RowError: The `judge.json` of a folder that may be this judge's is not valid.
        """
        for path in sorted(self.path.glob(f"*-{spec.id[:8]}/judge.json")):
            if read_json(path, JUDGES).id == spec.id:
                return BoardFolder(path.parent)
        return BoardFolder(self.path / f"{safe_name(spec.name)}-{spec.id[:8]}")

    def boards(self) -> list["BoardFolder"]:
        """Return the folders of judges, sorted by name."""
        return [BoardFolder(path.parent) for path in sorted(self.path.glob("*/judge.json"))]


class BoardFolder:
    """What one judge said about one benchmark's texts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.judge_path = path / "judge.json"
        self.settings_path = path / "settings.json"
        self.board_path = path / "board.json"
        self.anchors_path = path / "anchors.json"
        self.battles = RowFile(path / "battles.jsonl", BATTLES)
        self.scores = RowFile(path / "scores.jsonl", SCORES)
        self.replies = RowFile(path / "replies.jsonl", REPLIES)
        self.exclusions = RowFile(path / "exclusions.jsonl", EXCLUSIONS)
        self.plans = RowFile(path / "plans.jsonl", PLANS)
        self.score_plans = RowFile(path / "score-plans.jsonl", SCORE_PLANS)
        self.import_path = path / "import.json"
        self.imports = RowFile(path / "imports.jsonl", IMPORTED_BATTLES)
        self.score_files = RowFile(path / "score-files.jsonl", SCORE_FILES)
        self.imported_scores = RowFile(path / "imported-scores.jsonl", IMPORTED_SCORES)

    def excluded(self, *, context: int | None) -> frozenset[str]:
        """Return the text ids of the prompts that left the board, because the judge cannot read their texts whole.

        What did not fit a stated context is out only while a context is stated that it does not fit; what the judge's
        server refused is out.

        Args:
            context: The judge's context window as stated now.

        Raises:
            RowError: A complete line is not a valid row.
        """
        return frozenset(
            row.prompt
            for row in self.exclusions.read()
            if row.context is None or (context is not None and row.tokens > context)
        )

    def anchors(self) -> AnchorsRecord | None:
        """Return the frozen ratings of the baselines, where there are any.

        Raises:
            RowError: `anchors.json` is not valid, or was changed.
        """
        return read_anchors(self.anchors_path) if self.anchors_path.exists() else None

    def keep_anchors(self, record: AnchorsRecord) -> None:
        """Store frozen ratings of the baselines.

        Raises:
            WriteError: They could not be written.
        """
        common = {str(scope): {"own_prompts"} for scope, anchors in record.scopes.items() if not anchors.own_prompts}
        replace_file(self.anchors_path, ANCHORS.dump_json(record, indent=1, exclude={"scopes": common}) + b"\n")

    def keep_judge(self, spec: JudgeSpec) -> None:
        """Store who judges here.

        Raises:
            ConflictError: The folder belongs to another judge.
        """
        record = JudgeRecord(
            id=spec.id,
            name=spec.name,
            model=spec.model,
            template=spec.template,
            decoding=dict(spec.decoding),
            reply_format=spec.reply_format,
            label=spec.label,
            rubric=spec.rubric,
        )
        if self.judge_path.exists():
            if self.judge().id != spec.id:
                raise ConflictError(f"{self.judge_path} names another judge. Give a fresh folder with --results.")
            return
        replace_file(self.judge_path, JUDGES.dump_json(record, indent=2) + b"\n")

    def keep_import(self, record: ImportRecord) -> None:
        """Store what is known of the file whose battles stand here; who its baselines are may change."""
        data = IMPORTS.dump_json(record, indent=2) + b"\n"
        if not (self.import_path.exists() and self.import_path.read_bytes() == data):
            replace_file(self.import_path, data)

    @property
    def is_imported(self) -> bool:
        """Whether what lies here was judged elsewhere: battles of a file, or scores of files."""
        return self.import_path.exists() or self.score_files.path.exists()

    def imported(self) -> ImportRecord | None:
        """Read what is known of the imported file; nothing where battles were judged here.

        Raises:
            RowError: `import.json` is not valid.
        """
        return read_json(self.import_path, IMPORTS) if self.import_path.exists() else None

    def judge(self) -> JudgeRecord:
        """Read who judges here.

        Raises:
            RowError: `judge.json` is not valid.
        """
        return read_json(self.judge_path, JUDGES)

    def keep_settings(self, settings: SettingsRecord) -> None:
        """Store what the board depends on beside its rows, where it is not what is stored.

        Raises:
            WriteError: It could not be written.
        """
        data = SETTINGS.dump_json(settings, indent=2) + b"\n"
        if not (self.settings_path.exists() and self.settings_path.read_bytes() == data):
            replace_file(self.settings_path, data)

    def settings(self) -> SettingsRecord:
        """Read what the board depends on beside its rows; defaults where no run has said.

        Raises:
            RowError: `settings.json` is not valid.
        """
        return read_json(self.settings_path, SETTINGS) if self.settings_path.exists() else SettingsRecord()


def read_anchors(path: Path) -> AnchorsRecord:
    """Read a file of frozen ratings.

    Raises:
        RowError: It is not valid, or was changed.
    """
    return read_json(path, ANCHORS)


def read_json(path: Path, kind: TypeAdapter[Record]) -> Record:
    """Read a JSON file of one record.

    Raises:
        StoreError: The file does not exist, or cannot be read.
        RowError: The file is not valid; names the field.
        VersionError: The file has another format.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise StoreError(f"{path} does not exist. Is this a results folder of arena-write?") from None
    except OSError as error:
        raise ReadError(path, error) from error
    try:
        return kind.validate_json(data, strict=True)
    except ValidationError as error:
        raise row_error(path, 1, data, error, remedy="restore the file from a copy") from None
