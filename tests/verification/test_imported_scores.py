"""Boards of imported scores: every number is recomputed by other code, and whatever is changed by hand is found."""

import json
from dataclasses import replace

import pytest
from importing.score_files import hellobench_rows, write_checklists, write_queries, writingbench_rows
from verification.tampering import differences, list_missed, list_numbers
from writing import write_jsonl

from arena_write.importing import ScoresRequest, import_scores
from arena_write.store import ConflictError, ResultsFolder, RowError
from arena_write.store.keys import imported_score_key
from arena_write.verification import explain, verify_board
from arena_write.verification.imported_scores import read_files, read_rows, recompute_imported_scores


def bring(path, files, *, benchmark, **options):
    """Import files of rows; return the folders of their board."""
    for name, rows in files.items():
        file = write_jsonl(path / f"{name}.jsonl", rows)
        import_scores(ScoresRequest(path=file, results=path / "results", benchmark=str(benchmark), **options))
    (folder,) = ResultsFolder(path / "results").benchmarks()
    (board,) = folder.boards()
    return folder, board


def without(rows, *, every):
    """Take away every so-many-th score."""
    number = 0
    for row in rows:
        for some in row["scores"].values():
            number += 1
            if number % every == 0:
                some[0]["score"] = None
    return rows


def writingbench(path, files, *, queries=24, criteria=5, **options):
    benchmark = write_queries(path / "queries.jsonl", queries=queries, criteria=criteria)
    return bring(path, files, benchmark=benchmark, **options)


DESIGNS = {
    "one file": lambda path: writingbench(path, {"a": writingbench_rows(1)}),
    "three files": lambda path: writingbench(
        path, {name: writingbench_rows(seed) for seed, name in enumerate("abc")}, judge="claude"
    ),
    "many queries": lambda path: writingbench(
        path,
        {name: writingbench_rows(seed, queries=45, criteria=2) for seed, name in enumerate("ab")},
        queries=45,
        criteria=2,
    ),
    "repeats": lambda path: writingbench(path, {"a": writingbench_rows(1, repeats=3), "b": writingbench_rows(2)}),
    "different queries": lambda path: writingbench(
        path, {"a": writingbench_rows(1)[:15], "b": writingbench_rows(2)[9:]}
    ),
    "doubled rows": lambda path: writingbench(
        path,
        {
            "a": [*writingbench_rows(1), *writingbench_rows(3)[:4]],
            "b": [*writingbench_rows(2), writingbench_rows(4)[2]],
        },
    ),
    "some missing": lambda path: writingbench(path, {"a": without(writingbench_rows(1), every=40)}),
    "too many missing": lambda path: writingbench(
        path, {"a": without(writingbench_rows(1), every=7), "b": writingbench_rows(2)}, allow_invalid=True
    ),
    "one query": lambda path: writingbench(path, {"a": writingbench_rows(1)[:1]}),
    "checklists": lambda path: bring(
        path,
        {name: hellobench_rows(seed) for seed, name in enumerate("abc")},
        benchmark=write_checklists(path / "prompts.jsonl"),
    ),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_every_number_of_a_board_of_imported_scores_is_recomputed(tmp_path, name):
    folder, board = DESIGNS[name](tmp_path)
    done = verify_board(folder, board)
    assert [*map(str, done.differences)] == []
    assert done.numbers > 20
    assert done.basis.endswith(" imported scores")


@pytest.mark.parametrize("name", ["some missing", "checklists"])
def test_a_change_of_any_number_is_found_where_it_is(tmp_path, name):
    folder, board = DESIGNS[name](tmp_path)
    stored = json.loads(board.board_path.read_bytes())
    files = read_files(board)
    expected = recompute_imported_scores(folder, board, files, read_rows(board, files))
    assert len(list_numbers(stored)) > 50
    assert differences(stored, expected) == []
    assert list_missed(stored, expected) == []


@pytest.fixture
def place(tmp_path):
    return writingbench(tmp_path, {"a": writingbench_rows(1), "b": writingbench_rows(2)})


def rewrite(board, change):
    """Change the first stored row."""
    first, *rest = board.imported_scores.read()
    board.imported_scores.path.unlink()
    with board.imported_scores.append() as writer:
        for row in (change(first), *rest):
            writer.write(row)


def keyed(row, **changes):
    row_key = {"file", "line", "entrant", "prompt", "criterion", "record", "repeat", "score", "text"}
    fields = {name: changes.get(name, getattr(row, name)) for name in row_key}
    return replace(row, key=imported_score_key(**fields), **changes)


def test_a_score_that_was_changed_with_its_key_is_found(place):
    folder, board = place
    rewrite(board, lambda row: keyed(row, score=1.0 if row.score > 5 else 10.0))
    done = verify_board(folder, board)
    assert {"mean"} <= {difference.field for difference in done.differences}
    assert "rows were added, removed or changed" in explain(done.differences)


def test_a_score_that_was_changed_without_its_key_is_refused(place):
    folder, board = place
    text = board.imported_scores.path.read_text("utf-8")
    board.imported_scores.path.write_text(text.replace('"score":8.0', '"score":9.0', 1), "utf-8", newline="\n")
    with pytest.raises(RowError, match="key is not the hash"):
        verify_board(folder, board)


def test_a_row_that_is_gone_and_one_of_another_entrant_are_found(place):
    folder, board = place
    lines = board.imported_scores.path.read_bytes().splitlines(keepends=True)
    board.imported_scores.path.write_bytes(b"".join(lines[1:]))
    assert "judged" in {difference.field for difference in verify_board(folder, board).differences}
    rewrite(board, lambda row: keyed(row, entrant="b" if row.entrant == "a" else "a"))
    with pytest.raises(ConflictError, match="lies among another's"):
        verify_board(folder, board)
