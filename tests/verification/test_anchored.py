"""Boards rated against frozen baselines: what is recomputed, what is taken as frozen, and what is found."""

import json
import shutil
from dataclasses import asdict, replace

import pytest
from verification.folders import SPEC, make_folder

from arena_write.evaluation.ranking import store_board
from arena_write.reports.board import BOARDS
from arena_write.store import AnchorsRecord, ResultsFolder, StoreError
from arena_write.store.records import anchors_id
from arena_write.verification import explain, verify_board
from arena_write.verification.plans import plan_id


def rows(board, scope=0):
    return {row.name: row for row in board.sections[scope].rows}


def candidates(board):
    return [row for row in board.sections[0].rows if row.role == "candidate"]


DESIGNS = {
    "plain": ({}, lambda board: all(row.low_with_anchors < row.low for row in candidates(board))),
    "missing": (
        {"unasked": 0.04, "invalid": 0.4, "min_coverage": 0.6},
        lambda board: any(row.worst_case is not None for row in candidates(board)),
    ),
    "failures": (
        {"failing": 0.2, "prompts": 15},
        lambda board: any(row.if_excluded is not None for row in candidates(board)),
    ),
    "samples and repeats": (
        {"samples": 2, "repeats": 2, "prompts": 6},
        lambda board: candidates(board)[0].planned > 36,
    ),
    "one order": ({"orders": "one", "prompts": 15}, lambda board: board.sections[0].habits is None),
    "a winner of everything": (
        {"steady": {0: 1}, "prompts": 14},
        lambda board: {row.bound for row in candidates(board)} == {"at_least", "interval"},
    ),
    "nobody between": (
        {"steady": {0: 0, 1: 1}, "prompts": 12},
        lambda board: board.sections[0].method == "none" and not board.sections[0].withheld,
    ),
    "always the same": (
        {"baselines": 2, "steady": {0: 0.5}, "spread": 0.0, "ties": 0.5},
        lambda board: all(row.elo is not None for row in board.sections[0].rows if row.role == "baseline"),
    ),
    "thin candidates": (
        {"candidates": 4, "unanswered": 0.08, "prompts": 12},
        lambda board: {"interval", "unrated"} == {row.bound for row in candidates(board)},
    ),
    "CR1": ({"prompts": 33}, lambda board: board.sections[0].method == "CR1"),
    "CR1 for all but one": (
        {"prompts": 33, "few": 10, "candidates": 3},
        lambda board: board.sections[0].method == "jackknife",
    ),
    "prompts that left": ({"unread": 2, "context": 1_500, "prompts": 12}, lambda board: len(board.excluded) == 2),
    "a scope without a scale": (
        {"prompts": 3, "ties": 0.4},
        lambda board: bool(board.sections[2].withheld) and not board.sections[0].withheld,
    ),
    "nothing judged": (
        {"unanswered": 1.0},
        lambda board: all(section.withheld for section in board.sections),
    ),
    "texts of other lengths": (
        {"uneven": 40, "prompts": 15},
        lambda board: any(row.equal_length is not None for row in candidates(board)),
    ),
    "many candidates": ({"candidates": 6, "prompts": 18, "spread": 0.5}, lambda board: len(candidates(board)) == 6),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_every_number_of_an_anchored_board_is_recomputed(tmp_path, name):
    changes, has_what_its_name_says = DESIGNS[name]
    maker = make_folder(tmp_path, seed=7, anchored=True, **changes)
    assert has_what_its_name_says(maker.made)
    done = maker.verify()
    assert [*map(str, done.differences)] == []
    assert done.numbers > 200
    assert "derived again from the" in done.anchors


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two candidates and three frozen baselines, on prompts of two languages."""
    return make_folder(tmp_path_factory.mktemp("made"), seed=4, anchored=True, prompts=15, uneven=40)


@pytest.fixture
def folder(made, tmp_path):
    """A copy of the folder, to be changed."""
    shutil.copytree(made.benchmark.path.parent, tmp_path / "results")
    benchmark = ResultsFolder(tmp_path / "results").benchmark("made@1")
    return benchmark, benchmark.board(SPEC)


def test_the_board_is_anchored_in_both_languages(made):
    assert [section.scope for section in made.made.sections] == ["all", "en", "zh"]
    assert all(rows(made.made, scope)["e3"].low_with_anchors is not None for scope in range(3))


def edit(board, role, field, scope=0):
    """Add 3 to a number of a row of the board; return where."""
    tree = json.loads(board.board_path.read_bytes())
    row = next(row for row in tree["sections"][scope]["rows"] if row["role"] == role)
    row[field] += 3
    board.board_path.write_bytes(BOARDS.dump_json(BOARDS.validate_python(tree, strict=False), indent=1) + b"\n")
    return f"sections, {tree['sections'][scope]['scope']}, rows, {row['name']}, {field}"


@pytest.mark.parametrize("scope", [0, 1, 2])
@pytest.mark.parametrize(
    ("role", "field"),
    [
        ("candidate", "elo"),
        ("candidate", "low"),
        ("candidate", "low_with_anchors"),
        ("candidate", "high_with_anchors"),
        ("candidate", "best_rank"),
        ("baseline", "elo"),
        ("baseline", "high"),
        ("baseline", "worst_rank"),
    ],
)
def test_an_edited_number_is_found_where_it_is(folder, role, field, scope):
    benchmark, board = folder
    where = edit(board, role, field, scope)
    assert where in {difference.where for difference in verify_board(benchmark, board).differences}


def test_habits_of_the_judge_that_were_edited_are_found(folder):
    benchmark, board = folder
    tree = json.loads(board.board_path.read_bytes())
    names = ["pairs", "consistency", "hard_flips", "ties", "slot", "slot_low", "slot_high"]
    for name in names:
        tree["sections"][0]["habits"][name] += 1
    board.board_path.write_bytes(BOARDS.dump_json(BOARDS.validate_python(tree, strict=False), indent=1) + b"\n")
    found = verify_board(benchmark, board).differences
    assert [difference.where for difference in found] == [f"sections, all, habits, {name}" for name in names]


def moved(record, step=5.0):
    """Frozen ratings with the first baseline higher, the id that belongs to them included."""
    one = record.scopes["all"]
    scopes = {**record.scopes, "all": replace(one, elo=(one.elo[0] + step, *one.elo[1:]))}
    plain = {**asdict(record), "scopes": {name: asdict(scope) for name, scope in scopes.items()}}
    return AnchorsRecord(
        **{name: getattr(record, name) for name in ("benchmark", "judge", "plan", "texts", "missing")},
        scopes=scopes,
        id=anchors_id(plain),
    )


def rebuild(benchmark, board, record):
    """Store a board against other frozen ratings, with the plan that names them."""
    (plan,) = board.plans.read()
    plan = replace(plan, anchors=record.id)
    board.plans.path.unlink()
    with board.plans.append() as stored:
        stored.write(replace(plan, id=plan_id(plan)))
    board.keep_anchors(record)
    store_board(benchmark, board, board.settings())


def test_frozen_ratings_that_were_edited_are_refused(folder):
    benchmark, board = folder
    tree = json.loads(board.anchors_path.read_bytes())
    tree["scopes"]["all"]["elo"][0] += 5.0
    board.anchors_path.write_text(json.dumps(tree), "utf-8")
    with pytest.raises(StoreError, match="id is not the hash of the anchors"):
        verify_board(benchmark, board)


def test_frozen_ratings_that_the_plan_does_not_name_are_refused(folder):
    benchmark, board = folder
    board.keep_anchors(moved(board.anchors()))
    with pytest.raises(StoreError, match=r"anchors\.json holds others"):
        verify_board(benchmark, board)
    board.anchors_path.unlink()
    with pytest.raises(StoreError, match=r"anchors\.json is not there"):
        verify_board(benchmark, board)


def test_frozen_ratings_that_their_battles_do_not_give_are_found(folder):
    """Ids, plan and board all fit the forged ratings; only the battles behind them do not."""
    benchmark, board = folder
    rebuild(benchmark, board, moved(board.anchors()))
    found = verify_board(benchmark, board).differences
    assert [difference.where for difference in found] == ["anchors.json, all, elo, number 1"]
    assert "battles among the baselines" in explain(found)


def test_frozen_ratings_without_their_battles_are_taken_and_it_is_said(folder):
    benchmark, board = folder
    baselines = {entry.entrant for entry in board.anchors().plan.entries}
    texts = {(row.prompt, row.text_id) for row in benchmark.outputs() if row.entrant in baselines}
    kept = [row for row in board.battles.read() if not {(row.prompt, row.first), (row.prompt, row.second)} <= texts]
    board.battles.path.unlink()
    with board.battles.append() as stored:
        for row in kept:
            stored.write(row)
    done = verify_board(benchmark, board)
    assert not done.differences
    assert done.anchors == "the anchors were taken as frozen: 0 of the 90 battles behind them are in the folder"


def test_numbers_that_are_not_recomputed_are_counted_by_name(made):
    """Never silently: a reader must know which numbers nobody checked."""
    sections = json.loads(made.board.board_path.read_bytes())["sections"]
    stored = [row for section in sections for row in section["rows"]]
    lengths = [value for row in stored if row["equal_length"] for value in row["equal_length"].values()]
    assert made.verify().unchecked == {
        "equal_length": sum(isinstance(value, float) for value in lengths),
        "misfit": sum(row["misfit"] is not None for row in stored),
    }
