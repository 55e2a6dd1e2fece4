"""Boards of imported battles: the numbers of evalica and choix, from stored rows alone; nothing unknown is said."""

import csv
import json
import math
import random

import choix
import evalica
import numpy as np
import pytest
from command import REPOSITORY
from importing.files import random_battles, write_csv

from arena_write.importing import ImportingUsageError, ImportRequest, import_battles
from arena_write.reports import BOARDS, build_imported_board, to_markdown
from arena_write.reports.finding import list_boards
from arena_write.store import ConflictError, ResultsFolder, RowError, StoreError

DATA = REPOSITORY.parent / "shared" / "data" / "battles"
NAMES = ["m one", "m two", "m three", "m four", "m five"]


@pytest.fixture
def imported(tmp_path):
    """Import a file into ./results and return what came of it."""

    def call(path, **options):
        return import_battles(ImportRequest(path=path, results=tmp_path / "results", **options))

    return call


@pytest.fixture
def votes(tmp_path):
    return write_csv(tmp_path / "votes.csv", *random_battles(1, names=NAMES, battles=300))


def place(results):
    (benchmark,) = ResultsFolder(results).benchmarks()
    (board,) = benchmark.boards()
    return benchmark, board


def shares(board):
    """Return softmax of the strengths, by name: what evalica calls scores."""
    worth = {row.name: math.exp(row.elo * math.log(10) / 400) for row in board.sections[0].rows}
    return {name: value / sum(worth.values()) for name, value in worth.items()}


def rows_of(board):
    return {row.name: row for row in board.sections[0].rows}


@pytest.mark.skipif(not DATA.is_dir(), reason="needs evalica's battles in ../shared/data/battles")
@pytest.mark.parametrize(
    ("file", "published"),
    [
        ("simple", dict(zip("01234", [0.05079967, 0.13115069, 0.13168568, 0.33688868, 0.34947527], strict=True))),
        (
            "food",
            {
                "Burger": 0.14797666,
                "Pasta": 0.12815341,
                "Pizza": 0.09897983,
                "Sushi": 0.19060028,
                "Tacos": 0.43428983,
            },
        ),
    ],
)
def test_the_golden_scores_of_evalica(imported, file, published):
    found = shares(imported(DATA / f"evalica_{file}.csv").board)
    assert found == pytest.approx(published, abs=1e-8)
    with (DATA / f"evalica_{file}-golden.csv").open(encoding="utf-8") as golden:
        theirs = {
            row["item"]: float(row["score"]) for row in csv.DictReader(golden) if row["algorithm"] == "bradley_terry"
        }
    assert found == pytest.approx(theirs, abs=2e-8)


@pytest.mark.parametrize("seed", range(3))
def test_the_scores_of_evalica_and_the_strengths_of_choix(imported, tmp_path, seed):
    rows = random_battles(seed, names=NAMES, battles=200)
    found = shares(imported(write_csv(tmp_path / "small.csv", *rows)).board)
    winner = {"left": evalica.Winner.X, "right": evalica.Winner.Y, "tie": evalica.Winner.Draw}
    lefts, rights, winners = zip(*rows, strict=True)
    theirs = evalica.bradley_terry(
        list(lefts), list(rights), [winner[label] for label in winners], tolerance=1e-14, limit=200_000
    )
    total = sum(theirs.scores)
    assert found == pytest.approx({name: theirs.scores[name] / total for name in NAMES}, abs=1e-7)
    decided = []
    for left, right, label in rows:
        pair = (NAMES.index(left), NAMES.index(right))
        decided += {"left": [pair, pair], "right": [pair[::-1]] * 2, "tie": [pair, pair[::-1]]}[label]
    strengths = np.exp(choix.opt_pairwise(len(NAMES), decided, alpha=1e-12, method="Newton-CG", tol=1e-12))
    assert [found[name] for name in NAMES] == pytest.approx(strengths / strengths.sum(), abs=1e-5)


def test_csv_and_json_lines_of_both_formats_are_the_same_board_but_for_their_names(imported, tmp_path, votes):
    rows = random_battles(1, names=NAMES, battles=300)
    label = {"left": "model_a", "right": "model_b", "tie": "tie (bothbad)"}
    lines = tmp_path / "lines.jsonl"
    lines.write_text(
        "".join(json.dumps({"winner": label[w], "model_b": b, "model_a": a}) + "\n" for a, b, w in rows),
        encoding="utf-8",
    )
    one, other = imported(votes).board, imported(lines).board
    assert one.sections == other.sections
    assert one.benchmark != other.benchmark
    assert one.judge.id != other.judge.id


def test_a_board_says_that_it_is_imported_and_what_is_not_known(imported, votes):
    done = imported(votes)
    board, section = done.board, done.board.sections[0]
    assert done.added == 300
    assert board.benchmark.startswith("votes@")
    assert board.title == "imported from votes.csv"
    assert board.judge.name == "imported from votes.csv"
    assert (board.judge.label, board.judge.reply_format) == ("imported rating", "none")
    assert (section.cells, section.decided, section.prompts) == (300, 300, 300)
    assert {row.origin for row in section.rows} == {"imported"}
    assert {row.texts.answers for row in section.rows} == {0}
    assert board.plan is board.score_plan is None
    assert board.rubric == board.spending == board.excluded == ()
    page = to_markdown(board)
    assert "the intervals assume independent battles and are too narrow where judgements share prompts" in page
    assert "clustered by prompt" not in page
    for unknown in ("length obeyed", "no answer", "truncated", "coverage"):
        assert unknown not in page


def test_everybody_anchors_the_scale_unless_somebody_is_named(imported, votes):
    board = imported(votes).board
    assert board.scale == "provisional, all entrants' mean = 1000"
    assert np.mean([row.elo for row in board.sections[0].rows]) == pytest.approx(1000, abs=1e-5)
    assert {row.role for row in board.sections[0].rows} == {"candidate"}
    named = imported(votes, baselines=("m two", "m one", "m two")).board
    assert named.scale == "provisional, baselines' mean = 1000"
    rows = rows_of(named)
    assert rows["m one"].elo + rows["m two"].elo == pytest.approx(2000, abs=1e-5)
    assert {name for name, row in rows.items() if row.role == "baseline"} == {"m one", "m two"}
    assert rows["m five"].elo - rows["m one"].elo == pytest.approx(
        rows_of(board)["m five"].elo - rows_of(board)["m one"].elo, abs=1e-5
    )


def test_results_against_everybody_met_are_kept(imported, tmp_path):
    rows = [("a", "b", "left")] * 3 + [("b", "a", "left"), ("b", "c", "tie"), ("c", "a", "left"), ("a", "c", "left")]
    found = rows_of(imported(write_csv(tmp_path / "f.csv", *rows)).board)
    by_id = {row.entrant: name for name, row in found.items()}
    met = {by_id[rate.baseline]: (rate.score, rate.cells) for rate in found["a"].win_rates}
    assert met == {"b": (0.75, 4), "c": (0.5, 2)}
    assert (found["a"].judged, found["b"].judged, found["c"].judged) == (6, 5, 3)


def test_intervals_count_prompts_where_the_file_names_them(imported, tmp_path):
    once = [(*row, f"q{number}") for number, row in enumerate(random_battles(3, names=["a", "b", "c"], battles=90))]
    four = [row for row in once for _ in range(4)]
    columns = ("left", "right", "winner", "question_id")
    half_widths = {}
    for name, rows, width in (("once", once, 4), ("four", four, 4), ("blind", [row[:3] for row in four], 3)):
        board = imported(write_csv(tmp_path / f"{name}.csv", *rows, columns=columns[:width])).board
        half_widths[name] = rows_of(board)["a"].half_width
        assert board.sections[0].prompts == (360 if name == "blind" else 90)
    assert half_widths["four"] == pytest.approx(half_widths["once"], rel=1e-6)
    assert half_widths["blind"] == pytest.approx(half_widths["once"] / 2, rel=0.05)
    page = to_markdown(next(board for board in list_boards(tmp_path / "results") if board.benchmark.startswith("four")))
    assert "90 prompts, 360 of 360 battles decided" in page
    assert "clustered by prompt" in page
    assert "What shares a prompt is read from the column question\\_id" in page
    assert "assume independent battles" not in page


def test_a_column_can_be_named_and_the_other_reading_is_another_board(imported, tmp_path):
    rows = [(*row, f"q{n}", f"t{n % 20}") for n, row in enumerate(random_battles(4, names=["a", "b", "c"], battles=80))]
    path = write_csv(tmp_path / "f.csv", *rows, columns=("left", "right", "winner", "question_id", "topic"))
    assert imported(path).board.sections[0].prompts == 80
    topics = imported(path, cluster="topic")
    assert topics.board.sections[0].prompts == 20
    assert topics.added == 80
    boards = list_boards(tmp_path / "results")
    assert len({board.benchmark for board in boards}) == 1
    assert len({board.judge.id for board in boards}) == 2
    assert {row.elo for row in boards[0].sections[0].rows} == {row.elo for row in boards[1].sections[0].rows}


def test_one_judge_gives_the_name_and_several_are_counted(imported, tmp_path):
    columns = ("left", "right", "winner", "judge")
    rows = random_battles(5, names=["a", "b"], battles=40)
    one = imported(write_csv(tmp_path / "one.csv", *((*row, "gpt-4") for row in rows), columns=columns)).board
    assert one.judge.name == "gpt-4"
    assert "imported rating by judge gpt-4, imported from one.csv" in to_markdown(one)
    many = [(*row, f"voter {number % 7}") for number, row in enumerate(rows)]
    several = imported(write_csv(tmp_path / "many.csv", *many, columns=columns)).board
    assert several.judge.name == "imported from many.csv"
    assert "imported rating by 7 judges, imported from many.csv" in to_markdown(several)
    assert "The judgements of 7 judges stand together." in to_markdown(several)


def test_invalid_rows_are_on_the_board(imported, tmp_path):
    rows = random_battles(6, names=["a", "b"], battles=60)
    path = write_csv(tmp_path / "f.csv", *rows, ("a", "a", "tie"), ("a", "b", "?"))
    board = imported(path).board
    assert (board.sections[0].cells, board.sections[0].decided) == (62, 60)
    page = to_markdown(board)
    assert "60 of 62 battles decided" in page
    assert "2 of 62 rows are no battles. self-battle: 1 (line 62: 'a' met itself); unknown label: 1 (line 63:" in page


def test_importing_again_adds_nothing(imported, votes, tmp_path):
    imported(votes)
    _, board = place(tmp_path / "results")
    before = {path: path.read_bytes() for path in (board.imports.path, board.import_path, board.board_path)}
    again = imported(votes)
    assert again.added == 0
    assert {path: path.read_bytes() for path in before} == before
    copy = tmp_path / "elsewhere" / "votes.csv"
    copy.parent.mkdir()
    copy.write_bytes(votes.read_bytes())
    assert imported(copy).added == 0
    assert {path: path.read_bytes() for path in before} == before


def test_other_baselines_move_the_scale_and_no_row(imported, votes, tmp_path):
    imported(votes)
    _, board = place(tmp_path / "results")
    rows = board.imports.path.read_bytes()
    named = imported(votes, baselines=("m one",))
    assert named.added == 0
    assert board.imports.path.read_bytes() == rows
    assert rows_of(named.board)["m one"].elo == 1000.0
    assert imported(votes).board == named.board  # those already on the board


def test_the_board_comes_back_from_its_rows_in_any_order_and_any_of_them_twice(imported, votes, tmp_path):
    imported(votes, baselines=("m one",))
    benchmark, board = place(tmp_path / "results")
    stored = board.board_path.read_bytes()
    assert BOARDS.validate_json(stored, strict=True).to_json() == stored
    lines = board.imports.path.read_bytes().splitlines(keepends=True)
    random.Random(1).shuffle(lines)
    board.imports.path.write_bytes(b"".join(lines + lines[:50]))
    assert build_imported_board(benchmark, board).to_json() == stored


def test_an_import_that_was_killed_goes_on(imported, votes, tmp_path):
    imported(votes)
    benchmark, board = place(tmp_path / "results")
    whole = board.board_path.read_bytes()
    board.board_path.unlink()
    board.imports.path.write_bytes(board.imports.path.read_bytes()[:20_000])
    assert list_boards(tmp_path / "results") == []
    with pytest.raises(ConflictError, match=r"battles of 300; import votes\.csv again"):
        build_imported_board(benchmark, board)
    assert 0 < imported(votes).added < 300
    assert board.board_path.read_bytes() == whole


@pytest.mark.parametrize(
    "change",
    [{"score": 0.5}, {"first": "somebody"}, {"second": "m nine"}, {"line": 7}, {"cluster": "p"}, {"judge": "x"}],
)
def test_a_row_that_was_changed_by_hand_is_refused_by_line(imported, votes, tmp_path, change):
    imported(votes)
    benchmark, board = place(tmp_path / "results")
    lines = board.imports.path.read_text("utf-8").split("\n")
    row = json.loads(lines[2])
    assert {name: row[name] for name in change} != change
    lines[2] = json.dumps(row | change)
    board.imports.path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(RowError, match=r"imports\.jsonl:3: .*changed"):
        build_imported_board(benchmark, board)


def test_a_row_of_another_file_is_refused(imported, votes, tmp_path):
    other = write_csv(tmp_path / "other.csv", *random_battles(2, names=NAMES, battles=50))
    imported(votes)
    benchmark, board = place(tmp_path / "results")
    import_battles(ImportRequest(path=other, results=tmp_path / "others"))
    _, there = place(tmp_path / "others")
    with board.imports.path.open("ab") as file:
        file.write(there.imports.path.read_bytes())
    with pytest.raises(ConflictError, match=r"imports\.jsonl:301: this row was read from other\.csv"):
        build_imported_board(benchmark, board)


def test_a_folder_of_other_rows_is_no_import(tmp_path, imported, votes):
    imported(votes)
    benchmark, board = place(tmp_path / "results")
    board.import_path.unlink()
    with pytest.raises(StoreError, match="nothing was imported"):
        build_imported_board(benchmark, board)


def test_a_baseline_that_took_part_in_nothing_is_refused_before_anything_is_stored(imported, votes, tmp_path):
    with pytest.raises(
        ImportingUsageError, match="--baseline 'm six' took part in no battle; the entrants are 'm five'"
    ):
        imported(votes, baselines=("m one", "m six"))
    assert not (tmp_path / "results").exists()


def test_an_undefeated_entrant_leaves_no_common_scale_and_a_named_baseline_gives_it_a_bound(imported, tmp_path):
    rows = [("best", name, "left") for name in NAMES] + random_battles(7, names=NAMES, battles=200)
    path = write_csv(tmp_path / "f.csv", *rows)
    board = imported(path).board
    assert "best won all of its 5 battles against" in board.sections[0].withheld
    assert {row.bound for row in board.sections[0].rows} == {"unrated"}
    bounded = rows_of(imported(path, baselines=tuple(NAMES)).board)
    assert (bounded["best"].bound, bounded["best"].elo) == ("at_least", None)
    assert bounded["best"].low is not None
    assert bounded["m one"].bound == "interval"


def test_groups_that_never_met_are_named(imported, tmp_path):
    rows = random_battles(8, names=["a", "b"], battles=40) + random_battles(9, names=["c", "d"], battles=30)
    path = write_csv(tmp_path / "f.csv", *rows)
    assert "c, d met nobody else: no common scale" in imported(path).board.sections[0].withheld
    rows = rows_of(imported(path, baselines=("a",)).board)
    assert rows["b"].bound == "interval"
    assert rows["c"].reason == "c never met a rated entrant"


def test_all_ties_are_no_interval_of_no_width(imported, tmp_path):
    board = imported(
        write_csv(tmp_path / "f.csv", *[("a", "b", "tie"), ("b", "c", "tie"), ("c", "a", "tie")] * 40)
    ).board
    assert "says how much prompts vary" in board.sections[0].withheld
    assert "± 0" not in to_markdown(board)


def test_who_only_tied_with_the_anchor_is_withheld_alone(imported, tmp_path):
    rows = random_battles(10, names=["a", "b"], battles=60) + [("a", "c", "tie")] * 5
    found = rows_of(imported(write_csv(tmp_path / "f.csv", *rows), baselines=("a",)).board)
    assert (found["a"].elo, found["b"].bound) == (1000.0, "interval")
    assert (found["c"].bound, found["c"].elo) == ("unrated", None)
    alone = imported(write_csv(tmp_path / "two.csv", *rows[60:]), baselines=("a",)).board
    assert "says how much prompts vary" in alone.sections[0].withheld


def test_a_single_battle_is_no_rating(imported, tmp_path):
    board = imported(write_csv(tmp_path / "f.csv", ("a", "b", "left"))).board
    assert "a won all of its 1 battle" in board.sections[0].withheld or "lost all" in board.sections[0].withheld


def test_names_that_look_the_same_are_told_apart(imported, tmp_path):
    rows = random_battles(11, names=["line\nbreak", "line break", "c"], battles=60)
    found = imported(write_csv(tmp_path / "f.csv", *rows)).board.sections[0].rows
    shown = {row.name.replace("\n", " ") for row in found}
    assert len(shown) == 3
    assert "c" in shown


def test_the_folder_is_named_safely(imported, tmp_path):
    rows = random_battles(12, names=["../../x", "b"], battles=30)
    path = write_csv(
        tmp_path / "f.csv", *((*row, "../../judge\n") for row in rows), columns=("left", "right", "winner", "judge")
    )
    board = imported(path, name="../../up").board
    assert board.benchmark.startswith("up@")
    assert board.judge.name == "../../judge"
    assert all((tmp_path / "results") in path.parents or path.parent == tmp_path for path in tmp_path.rglob("*.json*"))
