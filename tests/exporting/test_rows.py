"""Rows as CSV, Parquet and a dataset: whole texts, exact values, no formula, and no file that was there before."""

import csv
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from importing.files import random_battles, write_csv
from verification.folders import make_folder

from arena_write.exporting import TARGETS, ExportRequest, ExportUsageError, export
from arena_write.exporting.tables import to_csv, to_parquet
from arena_write.importing import ImportRequest, import_battles
from arena_write.reports import to_markdown
from arena_write.reports.finding import list_boards
from arena_write.spreadsheets import guard_cell, unguard_cell

SIGNS = st.text(alphabet="'=+-@ \t\r\n＝ab\u2028", max_size=8)


@given(SIGNS | st.text(max_size=12))
def test_a_text_comes_back_from_a_cell_as_it_was(text):
    assert unguard_cell(guard_cell(text)) == text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "＝1", "\t=1", "\rx", "'=1", "''=1", "\n=1"])
def test_no_cell_begins_a_formula(text):
    assert guard_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=b", "word - word", "'quoted'", "'", "1-2", "a\t="])
def test_other_texts_are_left_alone(text):
    assert guard_cell(text) == text


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Results with every kind of cell, and a file of imported battles."""
    folder = tmp_path_factory.mktemp("made") / "results"
    make_folder(folder, seed=4, fields=True, failing=0.1, invalid=0.3, min_coverage=0.5)
    names = ["=cmd|' /C calc'!A0", "+plus", "plain", '"quoted", and\nmore']
    path = write_csv(folder.parent / "votes.csv", *random_battles(1, names=names, battles=200))
    import_battles(ImportRequest(path=path, results=folder, baselines=("plain",)))
    return folder


def write(results, to, out, **options):
    done = export(ExportRequest(where=results, to=to, out=out, **options))
    return {path.relative_to(out).as_posix(): path for path, _ in done.files}


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_and_parquet_hold_the_same_rows(results, tmp_path):
    tables = write(results, "csv", tmp_path / "csv")
    frames = write(results, "parquet", tmp_path / "parquet")
    assert {name.removesuffix(".csv") for name in tables} == {name.removesuffix(".parquet") for name in frames}
    assert sum(name.startswith("made@1/") for name in tables) == 5
    for name, path in tables.items():
        rows, frame = read_csv(path), pd.read_parquet(frames[f"{name.removesuffix('.csv')}.parquet"])
        assert len(rows) == len(frame) > 0
        assert list(rows[0]) == list(frame.columns)
        for column in set(rows[0]) & {"text", "name", "model_a", "prompt_id", "reason", "entrant"}:
            exact = ["" if value is None or value is pd.NA else str(value) for value in frame[column]]
            assert [unguard_cell(row[column]) for row in rows] == exact, (name, column)


def test_cells_that_are_decided_are_there_and_no_others(results, tmp_path):
    tables = write(results, "csv", tmp_path)
    (board,) = (board for board in list_boards(results) if not board.imported)
    battles = next(read_csv(path) for name, path in tables.items() if name.endswith("battles.csv") and "made" in name)
    scores = next(read_csv(path) for name, path in tables.items() if name.endswith("scores.csv"))
    assert len(battles) == board.sections[0].decided < board.sections[0].cells
    assert len(scores) == board.rubric[0].decided < board.rubric[0].cells
    assert {row["decided_by"] for row in battles} >= {"judged", "failed"}
    assert {row["winner"] for row in battles} == {"model_a", "model_b", "tie"}
    assert {row["verdict"] for row in battles if row["decided_by"] == "failed"} == {""}


def test_no_cell_of_any_csv_is_a_formula(results, tmp_path):
    for path in write(results, "csv", tmp_path).values():
        for row in read_csv(path):
            for value in row.values():
                number = value.lstrip("-").replace(".", "", 1).replace("e", "", 1).isdigit()
                assert number or not value.lstrip().startswith(tuple("=+-@＝＋－＠")), value


def ratings(board):
    return {row.name: (row.bound, row.elo, row.low, row.high, row.judged) for row in board.sections[0].rows}


def require_same(board, other):
    assert set(ratings(board)) == set(ratings(other))
    for name, (bound, *values) in ratings(other).items():
        assert ratings(board)[name][0] == bound
        assert ratings(board)[name][1:] == pytest.approx(values, abs=1e-5)


def test_imported_battles_come_back_with_the_same_names_and_numbers(results, tmp_path):
    tables = write(results, "csv", tmp_path)
    (path,) = (path for name, path in tables.items() if name.startswith("votes@") and name.endswith("battles.csv"))
    again = import_battles(ImportRequest(path=path, results=tmp_path / "again", baselines=("plain",))).board
    (board,) = (board for board in list_boards(results) if board.imported)
    require_same(again, board)
    assert again.imported.cluster == board.imported.cluster is None


def test_battles_with_prompts_and_judges_come_back_likewise(tmp_path):
    rows = [(*row, f"q{n % 40}", "gpt" if n % 2 else "") for n, row in
            enumerate(random_battles(2, names=["a", "b", "c"], battles=200))]  # fmt: skip
    path = write_csv(tmp_path / "v.csv", *rows, columns=("left", "right", "winner", "prompt_id", "judge"))
    board = import_battles(ImportRequest(path=path, results=tmp_path / "results")).board
    tables = write(tmp_path / "results", "csv", tmp_path / "out")
    (path,) = (path for name, path in tables.items() if name.endswith("battles.csv"))
    again = import_battles(ImportRequest(path=path, results=tmp_path / "again")).board
    assert (again.sections[0].prompts, again.imported.judges) == (40, 2)
    require_same(again, board)


def test_battles_judged_here_come_to_the_same_ratings_elsewhere(tmp_path):
    maker = make_folder(tmp_path / "results", seed=4, prompts=33, criteria=0)
    tables = write(tmp_path / "results", "csv", tmp_path / "out")
    baselines = tuple(row.name for row in maker.made.sections[0].rows if row.role == "baseline")
    (path,) = (path for name, path in tables.items() if name.endswith("battles.csv"))
    again = import_battles(ImportRequest(path=path, results=tmp_path / "again", baselines=baselines)).board
    for row in maker.made.sections[0].rows:
        other = next(one for one in again.sections[0].rows if one.name == row.name)
        assert (other.elo, other.low, other.high) == pytest.approx((row.elo, row.low, row.high), abs=1e-3)


def test_a_dataset_loads_and_its_card_says_what_it_is(results, tmp_path):
    from datasets import load_dataset

    files = write(results, "dataset", tmp_path / "set", benchmark="made")
    assert set(files) == {f"data/{name}.parquet" for name in ("prompts", "outputs", "battles", "scores", "board")} | {
        "README.md"
    }
    card = files["README.md"].read_text("utf-8")
    assert card.startswith('---\nlicense: unknown\npretty_name: "made@1"\nlanguage:\n- en\n- zh\n')
    assert "**Licence: not chosen yet.**" in card
    (board,) = (board for board in list_boards(results) if not board.imported)
    assert to_markdown(board).split("\n", 1)[1].strip() in card
    loaded = load_dataset(str(tmp_path / "set"), "battles", split="train", cache_dir=str(tmp_path / "cache"))
    assert len(loaded) == board.sections[0].decided
    assert {"model_a", "model_b", "winner", "question_id"} <= set(loaded.column_names)


def test_a_dataset_is_one_benchmark(results, tmp_path):
    with pytest.raises(ExportUsageError, match=r"a dataset is one benchmark, and there are made@1, votes@"):
        write(results, "dataset", tmp_path / "set")


def test_tables_of_boards_are_those_that_report_prints(results, tmp_path):
    files = write(results, "markdown", tmp_path / "md", benchmark="made")
    (board,) = (board for board in list_boards(results) if not board.imported)
    (path,) = files.values()
    assert path.read_text("utf-8") == to_markdown(board)
    (path,) = write(results, "latex", tmp_path / "tex", benchmark="made").values()
    assert r"\begin{tabular}" in path.read_text("utf-8")


@pytest.mark.parametrize("to", [name for name in TARGETS if name != "dataset"])
def test_nothing_is_overwritten_unasked(results, tmp_path, to):
    first = write(results, to, tmp_path)
    path = sorted(first.values())[0]
    path.write_text("mine", "utf-8")
    others = [one for one in first.values() if one != path]
    for one in others:
        one.unlink()
    with pytest.raises(ExportUsageError, match="is there already, so nothing was written; give another --out, or"):
        write(results, to, tmp_path)
    assert path.read_text("utf-8") == "mine"
    assert not any(one.exists() for one in others)
    assert write(results, to, tmp_path, overwrite=True) == first
    assert path.read_bytes() != b"mine"


def test_a_file_is_no_folder_to_write_to(results, tmp_path):
    (tmp_path / "f").write_text("", "utf-8")
    with pytest.raises(ExportUsageError, match="is a file; --out wants a folder"):
        write(results, "csv", tmp_path / "f")


def test_what_is_stored_stays_as_it_is(results, tmp_path):
    before = {path: path.read_bytes() for path in results.rglob("*") if path.is_file()}
    for to in TARGETS:
        write(results, to, tmp_path / to, benchmark="made")
    assert before == {path: path.read_bytes() for path in results.rglob("*") if path.is_file()}


def test_texts_are_whole_in_csv(tmp_path):
    text = 'One\r\ntwo,"three"\u2028four\x00five\n'
    rows = [{"a": text, "b": 1.5, "c": None, "d": True}]
    (row,) = csv.DictReader(io.StringIO(to_csv(rows).decode(), newline=""))
    assert row == {"a": text, "b": "1.5", "c": "", "d": "true"}
    assert pd.read_parquet(io.BytesIO(to_parquet(rows)))["a"][0] == text
