"""The results folder: records in, columns out.

`records` holds the rows and `keys` their identities; both are for good. `rows` appends and reads JSONL, `columns` reads
battles for the fits, `imports` those judged elsewhere, `folder` says where everything lies, `locking` admits one writer
at a time.
"""

from arena_write.store.columns import (
    MAX_ATTEMPTS,
    BattleColumns,
    ScoreColumns,
    SettledColumns,
    read_battles,
    read_scores,
)
from arena_write.store.errors import ConflictError, LockedError, RowError, StoreError, VersionError, WriteError
from arena_write.store.folder import BenchmarkFolder, BoardFolder, ResultsFolder, read_anchors, read_json, replace_file
from arena_write.store.imported_scores import (
    SCALES,
    ImportedScoreRecord,
    ScoreFileRecord,
    ScoreFormat,
    read_imported_scores,
    read_score_files,
)
from arena_write.store.imports import (
    BattleFormat,
    ImportedBattleRecord,
    ImportedColumns,
    ImportRecord,
    InvalidKind,
    InvalidRows,
    read_imports,
)
from arena_write.store.locking import lock_for_writing
from arena_write.store.records import (
    AnchorsRecord,
    BattleRecord,
    ExclusionRecord,
    JudgeRecord,
    LabelRecord,
    OutputRecord,
    PlanEntry,
    PlanRecord,
    ReplyRecord,
    RunEnd,
    RunProgress,
    RunStart,
    ScorePlanRecord,
    ScoreRecord,
    SettingsRecord,
)

__all__ = [
    "MAX_ATTEMPTS",
    "SCALES",
    "AnchorsRecord",
    "BattleColumns",
    "BattleFormat",
    "BattleRecord",
    "BenchmarkFolder",
    "BoardFolder",
    "ConflictError",
    "ExclusionRecord",
    "ImportRecord",
    "ImportedBattleRecord",
    "ImportedColumns",
    "ImportedScoreRecord",
    "InvalidKind",
    "InvalidRows",
    "JudgeRecord",
    "LabelRecord",
    "LockedError",
    "OutputRecord",
    "PlanEntry",
    "PlanRecord",
    "ReplyRecord",
    "ResultsFolder",
    "RowError",
    "RunEnd",
    "RunProgress",
    "RunStart",
    "ScoreColumns",
    "ScoreFileRecord",
    "ScoreFormat",
    "ScorePlanRecord",
    "ScoreRecord",
    "SettingsRecord",
    "SettledColumns",
    "StoreError",
    "VersionError",
    "WriteError",
    "lock_for_writing",
    "read_anchors",
    "read_battles",
    "read_imported_scores",
    "read_imports",
    "read_json",
    "read_score_files",
    "read_scores",
    "replace_file",
]
