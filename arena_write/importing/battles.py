"""Battles in a file that others judged: in the columns of evalica or of Chatbot Arena, or as judgements of Arena-Hard.

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
from arena_write.importing.invalid import InvalidError, gather, listed, require_valid, short
from arena_write.importing.tables import Table, TableRow, is_text, read_bytes, read_table
from arena_write.store import BattleFormat, InvalidKind, InvalidRows
from judges import Verdict

MAX_NAME = 200
"""Characters of a name: a column of longer ones holds texts, not names."""

CLUSTER_COLUMNS = (
    *("question_id", "prompt_id", "instruction_id", "instruction_index", "query_id"),
    *("prompt", "question", "instruction", "query"),
)
"""Columns that say which battles share a prompt; the first of them that a file has is taken."""
JUDGE_COLUMN = "judge"

_NOTHING = frozenset({"", "nan", "NaN", "null", "NULL", "None"})
"""What programs write for no name; a model called so would have to be called otherwise."""


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
    Schema("arena-hard", ("baseline", "model", "games"), {label.value: label.score for label in Verdict}),
)
_GAMES = 2
"""Arena-Hard judges each pair twice: first the baseline is A, then the model."""


class ReadBattle(NamedTuple):
    """One battle of a file; see `arena_write.store.ImportedBattleRecord`."""

    line: int
    first: str
    second: str
    score: float
    cluster: str | None
    judge: str
    label: str | None = None


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
    cluster = _find_cluster(table, cluster, schema)
    _require_single(table, [*schema.columns, JUDGE_COLUMN, *([cluster] if cluster else [])])
    battles: list[ReadBattle] = []
    invalid: dict[InvalidKind, list[tuple[int, str]]] = defaultdict(list)
    for row in table.rows:
        for number in range(_GAMES if schema.name == "arena-hard" and not row.invalid else 1):
            try:
                battles.append(_read_row(row, schema, cluster, game=number))
            except InvalidError as error:
                invalid[error.kind].append((row.line, error.detail))
    kinds = gather(invalid)
    require_valid(path, len(battles), kinds, allow_invalid=allow_invalid, one="battle", many="battles")
    return BattleFile(
        path=path,
        digest=sha256(data).hexdigest(),
        format=schema.name,
        cluster=cluster,
        battles=tuple(battles),
        invalid=kinds,
    )


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


def _find_cluster(table: Table, named: str | None, schema: Schema) -> str | None:
    if named is None:
        known = (*(("uid",) if schema.name == "arena-hard" else ()), *CLUSTER_COLUMNS)
        return next((column for column in known if column in table.columns), None)
    if named not in table.columns:
        message = f"there is no column {short(named)} for --cluster; the columns are {listed(table.columns)}"
        raise ImportingUsageError(message, path=table.path)
    return named


def _require_single(table: Table, wanted: Sequence[str]) -> None:
    for column in wanted:
        if table.columns.count(column) > 1:
            raise ImportingError(f"the file has several columns {short(column)}; rename the others", path=table.path)


def _read_row(row: TableRow, schema: Schema, cluster: str | None, *, game: int) -> ReadBattle:
    if row.invalid:
        raise InvalidError(row.invalid, row.detail)
    ahead, behind, winner = schema.columns
    first, second = _read_name(row, ahead), _read_name(row, behind)
    played = schema.name == "arena-hard"
    label = _read_game(row, winner, game) if played else _read_text(row, winner)
    if label not in schema.scores:
        known = ", ".join(schema.scores)
        raise InvalidError("unknown label", f"{winner} is {short(label)}, known are {known}")
    if first == second:
        raise InvalidError("self-battle", f"{short(first)} met itself")
    prompt = None if cluster is None else _read_text(row, cluster)
    if prompt == "":
        raise InvalidError("missing field", f"{short(cluster or '')} is empty")
    if played and game:
        first, second = second, first
    kept = label if played else None
    return ReadBattle(row.line, first, second, schema.scores[label], prompt, _read_judge(row), kept)


def _read_game(row: TableRow, column: str, number: int) -> str:
    """Return the label of one of two games, of which any may be null: a judge's call that failed."""
    games = row.fields.get(column)
    if not isinstance(games, list) or len(games) != _GAMES:
        raise InvalidError("missing field", f"{column} is {games!r:.60}, not a list of {_GAMES} games")
    game = games[number]
    label = game.get("score") if isinstance(game, dict) else None
    if label is None:
        raise InvalidError("no score", f"game {number + 1} holds no verdict")
    if not isinstance(label, str):
        raise InvalidError("unknown label", f"the score of game {number + 1} is {label!r:.60}")
    return label


def _read_judge(row: TableRow) -> str:
    """Return who judged; nothing where the file does not say it in a word."""
    judge: Any = row.fields.get(JUDGE_COLUMN)
    if not isinstance(judge, str) or not is_text(judge) or len(judge) > MAX_NAME or judge.strip() in _NOTHING:
        return ""
    return judge.strip()


def _read_name(row: TableRow, column: str) -> str:
    name = _read_text(row, column)
    if name in _NOTHING:
        raise InvalidError("empty name", f"{column} is {short(name)}")
    if len(name) > MAX_NAME:
        raise InvalidError("long name", f"{column} has {len(name)} characters: is it a text? A name has {MAX_NAME}")
    return name


def _read_text(row: TableRow, column: str) -> str:
    """Return a field without the blanks around it; whole numbers in JSON Lines are taken as their digits."""
    value: Any = row.fields.get(column)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        what = "missing" if value is None else f"a {type(value).__name__}, not a string"
        raise InvalidError("missing field", f"{short(column)} is {what}")
    if not is_text(value):
        raise InvalidError("not UTF-8", f"{short(column)} holds half a character")
    return value.strip()
