"""Imported battles as columns: the same whatever their order, and never some of them."""

from dataclasses import replace

import pytest

from arena_write.store import ConflictError, ImportRecord, read_imports
from arena_write.store.folder import IMPORTED_BATTLES
from arena_write.store.rows import RowFile

ABOUT = ImportRecord(
    file="a" * 64, source="votes.csv", format="evalica", cluster="q", judges=0, battles=3, invalid=(), baselines=()
)


@pytest.fixture
def read(tmp_path):
    def call(rows, about=ABOUT):
        path = tmp_path / "imports.jsonl"
        path.unlink(missing_ok=True)
        file = RowFile(path, IMPORTED_BATTLES)
        with file.append() as writer:
            for row in rows:
                writer.write(row)
        return read_imports(file, about)

    return call


@pytest.fixture
def rows(imported):
    return [
        imported(line=2, first="b", second="a", score=1.0, cluster="q2"),
        imported(line=3, first="a", second="c", score=0.0, cluster="q10"),
        imported(line=4, first="a", second="c", score=0.5, cluster="q2"),
    ]


def facts(columns):
    named = [
        (columns.names[first], columns.names[second], score, prompt)
        for first, second, score, prompt in zip(
            columns.first, columns.second, columns.score, columns.cluster, strict=True
        )
    ]
    return sorted(named)


def test_names_and_prompts_are_sorted_codes(read, rows):
    columns = read(rows)
    assert len(columns) == 3
    assert columns.names == ("a", "b", "c")
    assert facts(columns) == [("a", "c", 0.0, 0), ("a", "c", 0.5, 1), ("b", "a", 1.0, 1)]  # q10, q2


def test_order_and_repetition_change_nothing(read, rows):
    one, other = read(rows), read([*rows[::-1], rows[1]])
    for column in ("first", "second", "score", "cluster"):
        assert getattr(one, column).tolist() == getattr(other, column).tolist()


def test_without_a_column_every_battle_has_a_prompt_of_its_own(read, imported):
    rows = [imported(line=line, cluster=None) for line in (2, 3, 4)]
    assert sorted(read(rows, replace(ABOUT, cluster=None)).cluster) == [0, 1, 2]


@pytest.mark.parametrize("kept", [0, 2])
def test_missing_battles_are_no_board(read, rows, kept):
    with pytest.raises(ConflictError, match=rf"holds {kept} battles of 3; import votes\.csv again"):
        read(rows[:kept])


def test_a_row_of_another_file_is_named(read, rows, imported):
    with pytest.raises(ConflictError, match=r"imports\.jsonl:2: this row was read from votes\.csv \(bbbbbbbb\)"):
        read([rows[0], imported(file="b" * 64)])
