"""What was written or judged elsewhere: read strictly, stored with its origin; judgements on boards of their own.

`tables` reads rows and `invalid` counts those that cannot be used. `battles` says what rows of battles mean, and `run`
stores them and builds their board; `scores` and `score_files` do the same for scores, and `outputs` for answers.
"""

from arena_write.importing.battles import BattleFile, ReadBattle, read_battles
from arena_write.importing.errors import ImportingError, ImportingUsageError
from arena_write.importing.outputs import ImportedOutputs, OutputsRequest, import_outputs
from arena_write.importing.run import Imported, ImportRequest, import_battles
from arena_write.importing.score_files import ImportedScores, ScoresRequest, import_scores
from arena_write.importing.scores import ReadScore, ScoreFile, read_scores

__all__ = [
    "BattleFile",
    "ImportRequest",
    "Imported",
    "ImportedOutputs",
    "ImportedScores",
    "ImportingError",
    "ImportingUsageError",
    "OutputsRequest",
    "ReadBattle",
    "ReadScore",
    "ScoreFile",
    "ScoresRequest",
    "import_battles",
    "import_outputs",
    "import_scores",
    "read_battles",
    "read_scores",
]
