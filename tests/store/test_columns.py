"""Battles as columns: the same rows give the same columns, whatever their order."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena_write.store import ConflictError, RowError, VersionError, read_battles
from arena_write.store.folder import BATTLES
from arena_write.store.keys import battle_key
from arena_write.store.rows import RowFile
from judges import InvalidReason, Verdict, text_id

JUDGE = "4" * 32


@pytest.fixture
def file(tmp_path):
    return RowFile(tmp_path / "battles.jsonl", BATTLES)


def line(row):
    return BATTLES.dump_json(row) + b"\n"


def put(file, *rows):
    file.path.write_bytes(b"".join(map(line, rows)))
    return read_battles(file, judge=JUDGE)


def at(second):
    return f"2026-01-02T03:04:{second:02}.000000+00:00"


def same(one, other):
    assert one.served_models == other.served_models
    for name in ("key", "prompt", "first", "second", "repeat", "score", "verdict", "attempts"):
        left, right = getattr(one, name), getattr(other, name)
        assert left.dtype == right.dtype
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("content", [None, b"", b'{"v":1,"key":"torn'])
def test_no_row_gives_empty_columns_of_the_right_types(file, battle, content):
    if content is not None:
        file.path.write_bytes(content)
    empty = read_battles(file, judge=JUDGE)
    assert len(empty) == 0
    full = put(file, battle())
    for name in ("key", "prompt", "first", "second", "repeat", "score", "verdict", "attempts"):
        assert getattr(empty, name).shape == (0,)
        assert getattr(empty, name).dtype == getattr(full, name).dtype


def test_columns_hold_what_the_rows_say(file, battle):
    rows = [battle(label, says=label, repeat=number) for number, label in enumerate(Verdict)]
    columns = put(file, *rows)
    assert list(columns.key) == sorted(row.key for row in rows)
    for row in rows:
        (index,) = np.flatnonzero(columns.key == row.key)
        assert columns.prompt[index] == row.prompt
        assert columns.first[index] == row.first
        assert columns.second[index] == row.second
        assert columns.repeat[index] == row.repeat
        assert columns.verdict[index] == row.verdict.value
        assert type(columns.verdict[index]) is str
        assert columns.score[index] == row.verdict.score
        assert columns.attempts[index] == 1


def test_the_earliest_valid_row_counts(file, battle):
    columns = put(
        file,
        battle(says="B>A", at=at(9), attempt=4),
        battle(says="no_label", at=at(1)),
        battle(says="A=B", at=at(3), attempt=3),
        battle(says="cut", at=at(2), attempt=2),
    )
    assert list(columns.verdict) == ["A=B"]
    assert list(columns.score) == [0.5]
    assert list(columns.attempts) == [4]


def test_without_a_valid_row_the_score_is_missing_and_attempts_are_counted(file, battle):
    columns = put(file, *(battle(says="no_label", at=at(n), attempt=n) for n in (1, 2, 3)), battle("b"))
    index = list(columns.key).index(battle().key)
    assert np.isnan(columns.score[index])
    assert columns.verdict[index] == ""
    assert columns.attempts[index] == 3


def test_a_row_that_is_there_twice_is_one_attempt(file, battle):
    # A folder merged with a copy of itself must not settle a cell that has attempts left.
    once = [battle(says="no_label", at=at(1)), battle(says="cut", at=at(2), attempt=2), battle("b")]
    same(put(file, *once * 3), put(file, *once))
    assert max(put(file, *once * 3).attempts) == 2


def test_attempts_of_two_runs_at_one_key_are_two(file, battle):
    columns = put(file, battle(says="cut", run="one"), battle(says="cut", run="other"))
    assert list(columns.attempts) == [2]


def test_two_verdicts_of_one_time_are_chosen_by_content_not_by_place(file, battle):
    rows = [battle(says="B>A", run="one"), battle(says="A>B", run="other")]
    same(put(file, *rows), put(file, *reversed(rows)))
    rows = [battle(says="B>A"), battle(says="A>B")]
    same(put(file, *rows), put(file, *reversed(rows)))


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_rows_in_any_order_and_any_of_them_twice_give_equal_columns(data, battle, tmp_path_factory):
    rows = data.draw(
        st.lists(
            st.builds(
                lambda name, says, second, attempt, run, served: battle(
                    name, says=says, at=at(second), attempt=attempt, run=run, served_model=served
                ),
                st.sampled_from("abc"),
                st.sampled_from([*Verdict, *InvalidReason]),
                st.integers(0, 2),
                st.integers(1, 2),
                st.sampled_from(["one", "other"]),
                st.sampled_from([None, "m1", "m2"]),
            ),
            max_size=12,
        )
    )
    file = RowFile(tmp_path_factory.mktemp("columns") / "battles.jsonl", BATTLES)
    columns = put(file, *rows)
    shuffled = data.draw(st.permutations(rows))
    doubled = data.draw(st.lists(st.sampled_from(rows), max_size=4)) if rows else []
    same(put(file, *shuffled, *doubled), columns)
    assert set(columns.key) == {row.key for row in rows}
    for index, key in enumerate(columns.key):
        valid = [row for row in rows if row.key == key and row.verdict]
        assert bool(valid) != bool(np.isnan(columns.score[index]))
        if valid:
            assert columns.verdict[index] in {row.verdict for row in valid if row.at == min(row.at for row in valid)}


def test_served_models_are_told_once_each(file, battle):
    rows = [battle(str(n), served_model=name) for n, name in enumerate(["m-1", None, "m-1", "m-2"])]
    assert put(file, *rows).served_models == {"m-1", "m-2"}
    assert put(file, battle()).served_models == frozenset()


def test_another_judges_row_is_refused_with_its_line(file, battle):
    with pytest.raises(ConflictError) as caught:
        put(file, battle("a"), battle("b", judge="9" * 32))
    assert str(caught.value).startswith(f"{file.path}:2: ")
    assert "9" * 32 in str(caught.value)
    assert JUDGE in str(caught.value)


def test_a_torn_last_line_is_forgiven(file, battle):
    file.path.write_bytes(line(battle("a")) + line(battle("b"))[:-10])
    assert list(read_battles(file, judge=JUDGE).key) == [battle("a").key]


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lambda row: row[:-20] + b"\n", "not a JSON object"),
        (lambda row: b"\0" * 100 + b"\n", "not a JSON object"),
        (lambda row: b"\n", "not a JSON object"),
        (lambda row: row[:-1] + row, "not a JSON object"),
        (lambda row: row.replace(b'"at":"2', b'"at":"\xff2'), "not a JSON object"),
        (lambda row: row.replace(b'"detail":""', b'"detail":"\xff"'), "not a JSON object"),
        (lambda row: row.replace(b'"repeat":0', b'"repeat":0.0'), "repeat"),
        (lambda row: row.replace(b'"attempt":1', b'"attempt":0'), "attempt"),
        (lambda row: row.replace(b'"detail":"",', b""), "detail"),
        (lambda row: row.replace(b'"verdict":"A>B",', b""), "verdict"),
        (lambda row: row.replace(b'"A>B"', b'"A wins"'), "verdict"),
        (lambda row: row.replace(b'"invalid":null', b'"invalid":"cut"'), "either"),
        (lambda row: row.replace(b'"v":1', b'"v":1,"note":""'), "note"),
    ],
)
def test_a_corrupt_line_in_the_middle_is_named(file, battle, spoil, what):
    file.path.write_bytes(line(battle("a")) + spoil(line(battle("b"))) + line(battle("c")))
    with pytest.raises(RowError, match=what) as caught:
        read_battles(file, judge=JUDGE)
    assert str(caught.value).startswith(f"{file.path}:2: ")


def test_a_row_of_another_format_is_named(file, battle):
    file.path.write_bytes(line(battle("a")) + line(battle("b")).replace(b'"v":1', b'"v":2'))
    with pytest.raises(VersionError) as caught:
        read_battles(file, judge=JUDGE)
    assert str(caught.value).startswith(f"{file.path}:2: ")


@pytest.mark.parametrize("size", [1 << 20, 3_000_000])
def test_a_row_of_any_length_is_read(file, battle, size):
    columns = put(file, battle("a"), battle("b", detail="长" * size), battle("c"))
    assert len(columns) == 3


def test_separators_within_a_row_do_not_split_it(file, battle):
    rows = [
        battle(str(n), detail=f"a{mark}b", run=mark) for n, mark in enumerate("\u2028\u2029\u0085\x0b\x0c\x1c\x1d\r")
    ]
    assert len(put(file, *rows)) == len(rows)


@pytest.mark.slow
def test_200_000_rows_are_read(file, battle):
    template = line(battle()).decode()
    row = battle()
    with file.path.open("w", encoding="utf-8") as out:
        for number in random.Random(0).sample(range(10**6), 200_000):
            text = text_id(str(number))
            key = battle_key(judge=row.judge, prompt=row.prompt, first=text, second=row.second, repeat=row.repeat)
            out.write(template.replace(row.key, key).replace(row.first, text))
    columns = read_battles(file, judge=JUDGE)
    assert len(columns) == 200_000
    assert columns.score.sum() == 200_000
