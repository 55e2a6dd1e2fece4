"""Boards of imported battles: every number is recomputed by other code, and whatever is changed by hand is found."""

import json
from dataclasses import replace

import pytest
from importing.files import random_battles, write_csv
from verification.tampering import differences, list_missed, list_numbers

from arena_write.importing import ImportRequest, import_battles
from arena_write.names import counted
from arena_write.reports import BOARDS
from arena_write.store import ConflictError, ResultsFolder, RowError
from arena_write.store.keys import imported_battle_key
from arena_write.verification import explain, verify_board
from arena_write.verification.imported import read_imported, recompute_imported

NAMES = ["a", "b", "c", "d"]
WITH_PROMPTS = ("left", "right", "winner", "question_id")


def bring(path, rows, *, columns=("left", "right", "winner"), **options):
    """Import rows; return the folders of their board."""
    file = write_csv(path / "votes.csv", *rows, columns=columns)
    import_battles(ImportRequest(path=file, results=path / "results", **options))
    (benchmark,) = ResultsFolder(path / "results").benchmarks()
    (board,) = benchmark.boards()
    return benchmark, board


def on_prompts(rows, prompts):
    return [(*row, f"q{number % prompts}") for number, row in enumerate(rows)]


def votes(battles=120, names=NAMES, seed=1):
    return random_battles(seed, names=names, battles=battles)


def bounds(board):
    return {row.bound for row in board.sections[0].rows}


BEST = [("best", name, "left") for name in NAMES] * 3
TIES = [("a", "b", "tie"), ("b", "c", "tie"), ("c", "a", "tie")] * 12
DESIGNS = {
    "battles alone": (votes(), {}, lambda board: board.sections[0].prompts == 120),
    "battles on prompts": (
        on_prompts(votes(400), 50),
        {"columns": WITH_PROMPTS},
        lambda board: (board.sections[0].prompts, board.sections[0].method) == (50, "CR1"),
    ),
    "few prompts": (
        on_prompts(votes(200), 12),
        {"columns": WITH_PROMPTS},
        lambda board: (board.sections[0].prompts, board.sections[0].method) == (12, "jackknife"),
    ),
    "many battles": (votes(1_500), {}, lambda board: board.sections[0].method == "CR1"),
    "a baseline": (votes(), {"baselines": ("b",)}, lambda board: "b" in board.imported.baselines),
    "two baselines": (votes(), {"baselines": ("b", "d")}, lambda board: bounds(board) == {"interval"}),
    "a winner of everything": (
        votes() + BEST,
        {"baselines": ("a", "b")},
        lambda board: bounds(board) == {"interval", "at_least"},
    ),
    "a winner of everything, and no baseline": (
        votes() + BEST,
        {},
        lambda board: bool(board.sections[0].withheld),
    ),
    "groups that never met": (
        votes(60, ["a", "b"]) + votes(40, ["c", "d"]),
        {"baselines": ("a",)},
        lambda board: bounds(board) == {"interval", "unrated"},
    ),
    "nothing but ties": (TIES, {}, lambda board: bool(board.sections[0].withheld)),
    "ties with the baseline alone": (
        votes(60, ["a", "b"]) + [("a", "c", "tie")] * 5,
        {"baselines": ("a",)},
        lambda board: bounds(board) == {"interval", "unrated"} and not board.sections[0].withheld,
    ),
    "ties of two, and who met only them": (
        [("a", "b", "tie"), ("a", "c", "tie")] * 5 + [("b", "d", "left"), ("d", "b", "left")] * 5,
        {"baselines": ("a",)},
        lambda board: "unrated" in bounds(board),
    ),
    "rows that are no battles": (
        [*votes(), ("a", "a", "tie"), ("a", "b", "?")],
        {},
        lambda board: board.sections[0].cells == board.sections[0].decided + 2,
    ),
    "names that look the same": (
        votes(90, ["line\nbreak", "line break", "c"]),
        {},
        lambda board: sum("(" in row.name for row in board.sections[0].rows) == 2,
    ),
    "one battle": ([("a", "b", "left")], {}, lambda board: bounds(board) == {"unrated"}),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_every_number_of_an_imported_board_is_recomputed(tmp_path, name):
    rows, options, has_what_its_name_says = DESIGNS[name]
    benchmark, board = bring(tmp_path, rows, **options)
    stored = BOARDS.validate_json(board.board_path.read_bytes(), strict=True)
    assert has_what_its_name_says(stored)
    done = verify_board(benchmark, board)
    assert [*map(str, done.differences)] == []
    assert done.numbers > 40
    assert done.basis == counted(stored.sections[0].decided, "imported battle")


@pytest.mark.parametrize("name", ["few prompts", "a winner of everything", "rows that are no battles"])
def test_a_change_of_any_number_is_found_where_it_is(tmp_path, name):
    rows, options, _ = DESIGNS[name]
    benchmark, board = bring(tmp_path, rows, **options)
    stored = json.loads(board.board_path.read_bytes())
    about = board.imported()
    expected = recompute_imported(benchmark, board, about, read_imported(board, about))
    assert len(list_numbers(stored)) > 100
    assert differences(stored, expected) == []
    assert list_missed(stored, expected) == []


@pytest.fixture
def folder(tmp_path):
    return bring(tmp_path, votes())


def test_a_battle_that_is_gone_is_found(folder):
    benchmark, board = folder
    lines = board.imports.path.read_bytes().splitlines(keepends=True)
    board.imports.path.write_bytes(b"".join(lines[1:]))
    found = verify_board(benchmark, board).differences
    assert {"decided", "judged", "elo"} <= {difference.field for difference in found}
    assert "rows were added, removed or changed" in explain(found)


def test_battles_in_another_order_and_twice_are_the_same(folder):
    benchmark, board = folder
    lines = board.imports.path.read_bytes().splitlines(keepends=True)
    board.imports.path.write_bytes(b"".join([*reversed(lines), *lines[:9]]))
    assert not verify_board(benchmark, board).differences


def test_a_result_that_was_turned_with_its_key_is_found(folder):
    benchmark, board = folder
    first, *rows = board.imports.read()
    turned = replace_with_key(first, score=0.0 if first.score else 1.0)
    board.imports.path.unlink()
    with board.imports.append() as stored:
        for row in (turned, *rows):
            stored.write(row)
    found = verify_board(benchmark, board).differences
    assert {"score", "elo"} <= {difference.field for difference in found}


def replace_with_key(row, **changes):
    fields = ("file", "line", "first", "second", "score", "cluster", "judge")
    key = imported_battle_key(**({name: getattr(row, name) for name in fields} | changes))
    return replace(row, key=key, **changes)


def test_a_result_that_was_turned_alone_is_refused_by_line(folder):
    benchmark, board = folder
    lines = board.imports.path.read_text("utf-8").split("\n")
    row = json.loads(lines[2])
    lines[2] = json.dumps(row | {"score": 0.0 if row["score"] else 1.0})
    board.imports.path.write_text("\n".join(lines), "utf-8")
    with pytest.raises(RowError, match=r"imports\.jsonl:3: .*changed"):
        verify_board(benchmark, board)


def test_battles_of_another_file_are_refused(folder, tmp_path):
    benchmark, board = folder
    (tmp_path / "other").mkdir()
    _, other = bring(tmp_path / "other", votes(seed=2))
    with board.imports.path.open("ab") as file:
        file.write(other.imports.path.read_bytes())
    with pytest.raises(ConflictError, match="lies among those of"):
        verify_board(benchmark, board)


def test_other_baselines_than_those_of_the_board_are_found(folder):
    benchmark, board = folder
    board.keep_import(replace(board.imported(), baselines=("a",)))
    found = verify_board(benchmark, board).differences
    assert {"elo", "role"} <= {difference.field for difference in found}
    assert "another import.json" in explain(found)
