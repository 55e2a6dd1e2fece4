"""Battles in a file that others judged, in the columns of evalica or of Chatbot Arena.

Nothing is guessed: a row that does not say who met whom and how it ended is counted as invalid, with its reason and its
line, and is never a tie.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from arena_write.importing.errors import ImportingError, ImportingUsageError
from arena_write.importing.tables import Table, TableRow, is_text, read_bytes, read_table
from arena_write.names import counted
from arena_write.reports.wording import invalid_rows
from arena_write.store import BattleFormat, InvalidKind, InvalidRows

MAX_NAME = 200
"""Characters of a name: a column of longer ones holds texts, not names."""
MAX_INVALID = 0.05
"""Share of invalid rows past which a file is not imported unasked."""

CLUSTER_COLUMNS = (
    *("question_id", "prompt_id", "instruction_id", "instruction_index", "query_id"),
    *("prompt", "question", "instruction", "query"),
)
"""Columns that say which battles share a prompt; the first of them that a file has is taken."""
JUDGE_COLUMN = "judge"

_NOTHING = frozenset({"", "nan", "NaN", "null", "NULL", "None"})
"""What programs write for no name; a model called so would have to be called otherwise."""
_LINES_KEPT = 5
_NAMES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns and labels of one format.

    Args:
        name: Whose it is.
        columns: Who stood first, who second, and who won.
        scores: Score of the first by label.
    """

    name: BattleFormat
    columns: tuple[str, str, str]
    scores: Mapping[str, float]


SCHEMAS = (
    Schema("evalica", ("left", "right", "winner"), {"left": 1.0, "right": 0.0, "tie": 0.5}),
    Schema(
        "arena",
        ("model_a", "model_b", "winner"),
        {"model_a": 1.0, "model_b": 0.0, "tie": 0.5, "tie (bothbad)": 0.5, "both_bad": 0.5},
    ),
)


class ReadBattle(NamedTuple):
    """One battle of a file; see `arena_write.store.ImportedBattleRecord`."""

    line: int
    first: str
    second: str
    score: float
    cluster: str | None
    judge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BattleFile:
    """A file of battles, read.

    Args:
        path: The file.
        digest: SHA-256 of what it holds.
        format: Whose columns and labels it has.
        cluster: The column that says which battles share a prompt, if any.
        battles: Its valid rows.
        invalid: The others, by kind.
    """

    path: Path
    digest: str
    format: BattleFormat
    cluster: str | None
    battles: tuple[ReadBattle, ...]
    invalid: tuple[InvalidRows, ...]

    @property
    def judges(self) -> tuple[str, ...]:
        """Names of the judges in the file, sorted; where some have none, these count as one whose name is empty."""
        names = {battle.judge for battle in self.battles}
        return () if names == {""} else tuple(sorted(names))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the entrants, sorted."""
        return tuple(sorted({name for battle in self.battles for name in (battle.first, battle.second)}))


class _InvalidError(Exception):
    """A row is no battle."""

    def __init__(self, kind: InvalidKind, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


def read_battles(
    path: Path, *, format: BattleFormat | None = None, cluster: str | None = None, allow_invalid: bool = False
) -> BattleFile:
    """Read a file of battles.

    Args:
        path: A CSV file with a header, or JSON Lines of the same fields. The order of columns does not matter; further
            ones are ignored.
        format: Whose columns and labels it has; found by the columns where not given.
        cluster: The column that says which battles share a prompt; the first of `CLUSTER_COLUMNS` where not given.
        allow_invalid: Read it although more than 5 % of its rows are no battles.

    Raises:
        ImportingUsageError: There is no such file, or no such column.
        ImportingError: It has no known columns, broken quotes, too many invalid rows, or no battle.
    """
    data = read_bytes(path)
    table = read_table(data, path)
    schema = _find_schema(table, format)
    cluster = _find_cluster(table, cluster)
    _require_single(table, [*schema.columns, JUDGE_COLUMN, *([cluster] if cluster else [])])
    battles, invalid = [], defaultdict(list)
    for row in table.rows:
        try:
            battles.append(_read_row(row, schema, cluster))
        except _InvalidError as error:
            invalid[error.kind].append((row.line, error.detail))
    kinds = tuple(
        InvalidRows(
            kind=kind,
            rows=len(found),
            lines=tuple(line for line, _ in found[:_LINES_KEPT]),
            detail=found[0][1],
        )
        for kind, found in sorted(invalid.items())
    )
    _require_valid(path, len(battles), kinds, allow_invalid=allow_invalid)
    return BattleFile(
        path=path,
        digest=sha256(data).hexdigest(),
        format=schema.name,
        cluster=cluster,
        battles=tuple(battles),
        invalid=kinds,
    )


def listed(names: Sequence[str]) -> str:
    """Join names for a message, the first ten and a count of the rest."""
    shown = ", ".join(_short(name) for name in names[:_NAMES_SHOWN])
    return shown + (f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else "")


def _find_schema(table: Table, format: BattleFormat | None) -> Schema:
    wanted = [schema for schema in SCHEMAS if format in (None, schema.name)]
    found = [schema for schema in wanted if set(schema.columns) <= set(table.columns)]
    if len(found) == 1:
        return found[0]
    columns = " and ".join(f"{', '.join(schema.columns)} ({schema.name})" for schema in wanted)
    if found:
        raise ImportingUsageError(
            f"the file has the columns of several formats, {columns}; say --from", path=table.path
        )
    raise ImportingError(
        f"the file has the columns {listed(table.columns)}; wanted are {columns.replace(' and ', ', or ')}. Give its "
        "columns such names",
        path=table.path,
    )


def _find_cluster(table: Table, named: str | None) -> str | None:
    if named is None:
        return next((column for column in CLUSTER_COLUMNS if column in table.columns), None)
    if named not in table.columns:
        message = f"there is no column {_short(named)} for --cluster; the columns are {listed(table.columns)}"
        raise ImportingUsageError(message, path=table.path)
    return named


def _require_single(table: Table, wanted: Sequence[str]) -> None:
    for column in wanted:
        if table.columns.count(column) > 1:
            raise ImportingError(f"the file has several columns {_short(column)}; rename the others", path=table.path)


def _read_row(row: TableRow, schema: Schema, cluster: str | None) -> ReadBattle:
    if row.invalid:
        raise _InvalidError(row.invalid, row.detail)
    ahead, behind, winner = schema.columns
    first, second = _read_name(row, ahead), _read_name(row, behind)
    label = _read_text(row, winner)
    if label not in schema.scores:
        known = ", ".join(schema.scores)
        raise _InvalidError("unknown label", f"{winner} is {_short(label)}, known are {known}")
    if first == second:
        raise _InvalidError("self-battle", f"{_short(first)} met itself")
    prompt = None if cluster is None else _read_text(row, cluster)
    if prompt == "":
        raise _InvalidError("missing field", f"{_short(cluster or '')} is empty")
    return ReadBattle(row.line, first, second, schema.scores[label], prompt, _read_judge(row))


def _read_judge(row: TableRow) -> str:
    """Return who judged; nothing where the file does not say it in a word."""
    judge: Any = row.fields.get(JUDGE_COLUMN)
    if not isinstance(judge, str) or not is_text(judge) or len(judge) > MAX_NAME or judge.strip() in _NOTHING:
        return ""
    return judge.strip()


def _read_name(row: TableRow, column: str) -> str:
    name = _read_text(row, column)
    if name in _NOTHING:
        raise _InvalidError("empty name", f"{column} is {_short(name)}")
    if len(name) > MAX_NAME:
        raise _InvalidError("long name", f"{column} has {len(name)} characters: is it a text? A name has {MAX_NAME}")
    return name


def _read_text(row: TableRow, column: str) -> str:
    """Return a field without the blanks around it; whole numbers in JSON Lines are taken as their digits."""
    value: Any = row.fields.get(column)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        what = "missing" if value is None else f"a {type(value).__name__}, not a string"
        raise _InvalidError("missing field", f"{_short(column)} is {what}")
    if not is_text(value):
        raise _InvalidError("not UTF-8", f"{_short(column)} holds half a character")
    return value.strip()


def _require_valid(path: Path, battles: int, kinds: Sequence[InvalidRows], *, allow_invalid: bool) -> None:
    bad = sum(kind.rows for kind in kinds)
    rows = battles + bad
    if not rows:
        raise ImportingError("the file has a header and no battles", path=path)
    if not battles:
        raise ImportingError(f"none of {counted(rows, 'row')} is a battle. {invalid_rows(kinds)}", path=path)
    if bad > MAX_INVALID * rows and not allow_invalid:
        raise ImportingError(
            f"{bad} of {counted(rows, 'row')} {'is no battle' if bad == 1 else 'are no battles'}, more than "
            f"{MAX_INVALID:.0%}. {invalid_rows(kinds)}. Mend {'it' if bad == 1 else 'them'}, or leave out what is none "
            "with --allow-invalid",
            path=path,
        )


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:60] + "...")
