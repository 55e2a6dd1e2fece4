"""Scores that were given elsewhere: nothing that is no score becomes one, and each scale stands by itself."""

import json
from hashlib import sha256
from statistics import fmean

import pytest
from importing.score_files import hellobench_rows, write_checklists, write_queries, writingbench_rows
from writing import write_jsonl

from arena_write.evaluation.ranking import rank_boards
from arena_write.importing import ImportingError, ImportingUsageError, ScoresRequest, import_scores
from arena_write.reports import to_markdown
from arena_write.reports.finding import find_places, list_boards
from arena_write.store import ConflictError, ResultsFolder
from judges import text_id


@pytest.fixture
def bring(tmp_path):
    """Import rows, written to a file, into ./results."""
    queries = write_queries(tmp_path / "queries.jsonl")
    checklists = write_checklists(tmp_path / "checklists.jsonl")

    def call(rows, *, file="mine.jsonl", **options):
        path = tmp_path / file
        if isinstance(rows, bytes):
            path.write_bytes(rows)
        else:
            write_jsonl(path, rows)
        is_hellobench = isinstance(rows, list) and any("checklist_wise_evaluation" in row for row in rows)
        options = {"benchmark": str(checklists if is_hellobench else queries), **options}
        return import_scores(ScoresRequest(path=path, results=tmp_path / "results", **options))

    return call


def stored(tmp_path):
    return [
        row
        for benchmark in ResultsFolder(tmp_path / "results").benchmarks()
        for board in benchmark.boards()
        for row in board.imported_scores.read()
    ]


def row_of(board, name="mine"):
    (row,) = (row for row in board.rubric[0].rows if row.name == name)
    return row


def values(rows):
    return [one["score"] for row in rows for some in row["scores"].values() for one in some]


def kinds(done):
    return {kind.kind: kind.rows for kind in done.file.invalid}


def test_writingbench_scores_are_averaged_on_their_scale(bring, tmp_path):
    rows = writingbench_rows(1, repeats=2)
    done = bring(rows)
    row = row_of(done.board)
    assert row.mean == pytest.approx(fmean(values(rows)), abs=1e-6)
    assert (row.judged, row.planned, row.prompts, row.invalid, row.coverage) == (240, 240, 24, 0, 1.0)
    assert row.low < row.mean < row.high
    assert [section.scope for section in done.board.rubric] == ["all", "en", "zh"]
    assert {row.reason for row in stored(tmp_path)} == {f"Because {number}." for number in range(5)}
    assert "imported mean, 1 to 10 (WritingBench score file)" in to_markdown(done.board)


def test_hellobench_scores_stay_between_0_and_1(bring, tmp_path):
    rows = hellobench_rows(1)
    done = bring(rows)
    said = [one["evaluation_score"] for row in rows for one in json.loads(row["checklist_wise_evaluation"])]
    row = row_of(done.board)
    assert row.mean == pytest.approx(fmean(said), abs=1e-6)
    assert row.saturation == pytest.approx(said.count(1.0) / len(said), abs=1e-6)
    assert 0 <= row.low < row.mean < row.high <= 1
    assert {row.text for row in stored(tmp_path)} == {text_id(row["response"]) for row in rows}
    assert "imported mean, 0 to 1 (HelloBench checklist)" in to_markdown(done.board)


def test_files_of_one_judge_come_to_one_board_and_scales_never_mix(bring, tmp_path):
    bring(writingbench_rows(1), file="one.jsonl", judge="claude")
    both = bring(writingbench_rows(2), file="two.jsonl", judge="claude").board
    assert {row.name for row in both.rubric[0].rows} == {"one", "two"}
    assert both.rubric[0].detectable is not None
    alone = bring(writingbench_rows(3), file="three.jsonl", judge="critic").board
    assert {row.name for row in alone.rubric[0].rows} == {"three"}
    bring(hellobench_rows(1), file="four.jsonl", judge="claude")
    boards = {frozenset(row.name for row in board.rubric[0].rows) for board in list_boards(tmp_path / "results")}
    assert boards == {frozenset({"one", "two"}), frozenset({"three"}), frozenset({"four"})}


def test_who_judged_is_what_the_user_says(bring):
    assert "judge claude, imported" in to_markdown(bring(writingbench_rows(1), file="a.jsonl", judge="claude").board)
    unnamed = bring(writingbench_rows(1), file="b.jsonl").board
    assert "a judge whom nobody named" in to_markdown(unnamed)
    assert "they compare only if one judge" not in to_markdown(unnamed)
    assert "they compare only if one judge" in to_markdown(bring(writingbench_rows(2), file="c.jsonl").board)


def test_importing_again_adds_nothing_and_changes_no_byte(bring, tmp_path):
    rows = writingbench_rows(1)
    assert bring(rows).added == 120
    (path,) = (tmp_path / "results").glob("*@*/*/board.json")
    before = path.read_bytes()
    assert bring(rows).added == 0
    assert path.read_bytes() == before
    rank_boards(tmp_path / "results", find_places(tmp_path / "results"), command="rank")
    assert path.read_bytes() == before


def test_an_import_that_was_cut_off_is_completed(bring, tmp_path):
    rows = writingbench_rows(1)
    board = bring(rows).board
    (place,) = (tmp_path / "results").glob("*@*/*/")
    (place / "score-files.jsonl").unlink()
    lines = (place / "imported-scores.jsonl").read_bytes().splitlines(keepends=True)
    (place / "imported-scores.jsonl").write_bytes(b"".join(lines[:50]) + lines[50][:20])
    done = bring(rows)
    assert done.added == 70
    assert done.board == board


def test_rows_that_are_gone_are_no_board(bring, tmp_path):
    bring(writingbench_rows(1))
    (path,) = (tmp_path / "results").glob("*@*/*/imported-scores.jsonl")
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))
    with pytest.raises(ConflictError, match=r"holds 119 rows of mine\.jsonl and should hold 120; import it again"):
        rank_boards(tmp_path / "results", find_places(tmp_path / "results"), command="rank")


def test_the_origin_is_on_the_board(bring, tmp_path):
    done = bring(writingbench_rows(1))
    digest = sha256((tmp_path / "mine.jsonl").read_bytes()).hexdigest()
    (file,) = done.board.score_files
    assert (file.file, file.source, file.entrant) == (digest, "mine.jsonl", "mine")
    assert f"mine.jsonl, SHA-256 {digest[:12]}" in to_markdown(done.board)


NOT_SCORES = {
    "a string": ("8", "not a score", "score is '8', expected a number from 1 to 10 in steps of 1"),
    "zero": (0, "not a score", "score is 0"),
    "eleven": (11, "not a score", "score is 11"),
    "true": (True, "not a score", "score is True"),
    "a half": (7.5, "not a score", "score is 7.5"),
    "minus one": (-1, "not a score", "score is -1"),
    "huge": (10**400, "not a score", "score is 1000"),
    "a list": ([8], "not a score", r"score is [8]"),
    "null": (None, "no score", "score is null or not there"),
}


@pytest.mark.parametrize("name", NOT_SCORES)
def test_what_is_no_score_is_missing_and_named(bring, name, tmp_path):
    value, kind, said = NOT_SCORES[name]
    rows = writingbench_rows(1)
    rows[3]["scores"]["C2"][0]["score"] = value
    done = bring(rows)
    assert kinds(done) == {kind: 1}
    assert done.file.invalid[0].lines == (4,)
    assert said in done.file.invalid[0].detail
    row = row_of(done.board)
    assert (row.judged, row.invalid, row.planned) == (119, 1, 120)
    del rows[3]["scores"]["C2"]
    assert row.mean == pytest.approx(fmean(values(rows)), abs=1e-6)


def test_a_float_that_is_a_whole_number_is_that_number(bring):
    rows = writingbench_rows(1)
    rows[0]["scores"]["C0"][0]["score"] = 7.0
    assert kinds(bring(rows)) == {}


@pytest.mark.parametrize("value", [0.3, "1", True, -0.25, 1.25, None])
def test_what_is_no_quarter_is_no_check(bring, value):
    rows = hellobench_rows(1)
    checks = json.loads(rows[0]["checklist_wise_evaluation"])
    checks[1]["evaluation_score"] = value
    rows[0]["checklist_wise_evaluation"] = json.dumps(checks)
    done = bring(rows)
    assert sum(kinds(done).values()) == row_of(done.board).invalid == 1


def test_criteria_missing_unknown_and_empty(bring):
    rows = writingbench_rows(1)
    del rows[0]["scores"]["C1"]
    rows[1]["scores"]["C1"] = []
    rows[2]["scores"]["Wit"] = [{"score": 9, "reason": ""}]
    rows[4]["scores"]["C3"] = {"score": 9}
    done = bring(rows)
    assert kinds(done) == {"missing criterion": 2, "unknown criterion": 1, "not a score": 1}
    assert (row_of(done.board).planned, row_of(done.board).invalid) == (120, 3)
    assert "missing criterion: 2 (lines 1, 2: 'C1': no score stands there)" in to_markdown(done.board).replace("\\", "")


@pytest.mark.parametrize(
    ("checks", "kind"),
    [
        ("[{]", "missing field"),
        ("[]", "missing field"),
        ('"none"', "missing field"),
        (None, "missing field"),
        ("[" * 100_000, "missing field"),
        ('[{"checklist_id": 1, "evaluation_score": 1}]', "missing criterion"),
        ('[{"checklist_id": 0, "evaluation_score": NaN}]', "not a score"),
        ('[{"checklist_id": 1000000000, "evaluation_score": 1}]', "unknown criterion"),
        ('[{"checklist_id": true, "evaluation_score": 1}]', "unknown criterion"),
        ('[{"checklist_id": "0", "evaluation_score": 1}]', "unknown criterion"),
        ("[7]", "unknown criterion"),
    ],
)
def test_checklists_that_are_none(bring, checks, kind):
    rows = hellobench_rows(1)
    rows[2]["checklist_wise_evaluation"] = checks
    assert kinds(bring(rows, allow_invalid=True)) == {kind: 1}


def test_rows_that_cannot_be_joined(bring):
    rows = writingbench_rows(1)
    bad = [{"index": 99, "scores": {}}, {"index": None, "scores": {}}, {"index": 3}, {"index": 4, "scores": [8]}]
    done = bring([*rows, *bad], allow_invalid=True)
    assert kinds(done) == {"unknown prompt": 1, "missing field": 3}
    other = [*hellobench_rows(1), hellobench_rows(1)[0] | {"instruction": "Another."}]
    assert kinds(bring(other, file="h.jsonl", allow_invalid=True)) == {"other prompt text": 1}


def test_a_half_written_file_keeps_its_whole_rows(bring):
    data = b"".join(json.dumps(row).encode() + b"\n" for row in writingbench_rows(1))
    done = bring(data[:-30])
    assert kinds(done) == {"not an object": 1}
    assert done.file.invalid[0].lines == (24,)
    assert row_of(done.board).prompts == 23


def test_line_separators_within_a_reason_stay_in_it(bring, tmp_path):
    rows = writingbench_rows(1)
    reason = "One\u2028two\u2029three\u0085four"
    rows[0]["scores"]["C0"][0]["reason"] = reason
    bring("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode())
    assert reason in {row.reason for row in stored(tmp_path)}
    assert len(stored(tmp_path)) == 120


def test_a_row_that_stands_twice_counts_twice_and_is_named(bring):
    """As the resume of WritingBench's own script leaves it, and as its calculator counts it in Overall."""
    rows = writingbench_rows(1)
    doubled = [*rows, rows[5]]
    done = bring(doubled)
    assert done.file.doubled == ("5",)
    assert row_of(done.board).mean == pytest.approx(fmean(values(doubled)), abs=1e-6)
    assert "mine: 1 prompt in several rows (5), each of which counts" in to_markdown(done.board)


def test_too_much_that_cannot_be_used_is_refused(bring, tmp_path):
    rows = writingbench_rows(1)
    with pytest.raises(ImportingError, match="2 of 24 rows are no rows of scores on a prompt of the benchmark, more"):
        bring([*rows[:22], {"index": 98, "scores": {}}, {"index": 99, "scores": {}}])
    for row in rows[:2]:
        for some in row["scores"].values():
            some[0]["score"] = "8"
    with pytest.raises(
        ImportingError, match=r"10 of 120 scores are no valid scores, more than 5%\. not a score: 10 \(lines 1"
    ):
        bring(rows)
    assert not (tmp_path / "results").exists()
    done = bring(rows, allow_invalid=True)
    assert row_of(done.board).mean is None, "coverage is under 95 %"
    assert "needed" in row_of(done.board).reason


@pytest.mark.parametrize(
    ("rows", "error", "said"),
    [
        (b"", ImportingError, "the file is empty"),
        (b"left,right,winner\na,b,left\n", ImportingError, "no line is a JSON object"),
        ([{"id": 1, "response": "x"}], ImportingError, "wanted are index and scores"),
        ([{"index": 1, "scores": {}}], ImportingError, "none of 5 scores is a valid score"),
        ([{"index": 99, "scores": {}}], ImportingError, "none of 1 row is a row of scores on a prompt"),
    ],
)
def test_files_that_hold_no_scores(bring, rows, error, said):
    with pytest.raises(error, match=said):
        bring(rows, allow_invalid=True)


def test_two_files_with_one_name_are_told_apart_or_refused(bring):
    bring(writingbench_rows(1), name="m")
    with pytest.raises(
        ImportingUsageError, match=r"'m' is the name of the scores from mine\.jsonl on this board; give"
    ):
        bring(writingbench_rows(2), file="other.jsonl", name="m")
    with pytest.raises(ImportingUsageError, match=r"this file is on the board as 'm' already"):
        bring(writingbench_rows(1), name="n")
    assert len(bring(writingbench_rows(2), file="other.jsonl", name="n").board.score_files) == 2


@pytest.mark.parametrize("name", ["", " ", "x" * 201])
def test_names_that_are_none(bring, name):
    with pytest.raises(ImportingUsageError, match="give one with --name"):
        bring(writingbench_rows(1), name=name)


def test_the_wrong_format_is_named(bring):
    with pytest.raises(ImportingUsageError, match="--from hellobench wants rows with id and checklist_wise_evaluation"):
        bring(writingbench_rows(1), format="hellobench")
