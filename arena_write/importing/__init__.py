"""Judgements that were made elsewhere: read strictly, stored with their origin, on boards of their own.

`tables` reads rows, `battles` says what they mean, `run` stores them and builds their board.
"""

from arena_write.importing.battles import BattleFile, ReadBattle, read_battles
from arena_write.importing.errors import ImportingError, ImportingUsageError
from arena_write.importing.run import Imported, ImportRequest, import_battles

__all__ = [
    "BattleFile",
    "ImportRequest",
    "Imported",
    "ImportingError",
    "ImportingUsageError",
    "ReadBattle",
    "import_battles",
    "read_battles",
]
