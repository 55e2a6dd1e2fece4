"""Boards rated against frozen baselines: what is recomputed, what is taken as frozen, and what is found."""

import json
import shutil
from dataclasses import asdict, replace
from functools import reduce

import pytest
from verification.folders import SPEC, make_folder
from verification.tampering import differences, list_missed, list_numbers

from arena_write.evaluation.ranking import store_board
from arena_write.reports.board import BOARDS
from arena_write.store import AnchorsRecord, ResultsFolder, StoreError
from arena_write.store.records import anchors_id
from arena_write.verification import explain, verify_board
from arena_write.verification.cells import battle_cells
from arena_write.verification.frozen import recompute_anchors
from arena_write.verification.lengths import Lengths
from arena_write.verification.material import read_material
from arena_write.verification.plans import plan_id
from arena_write.verification.recompute import list_scopes


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
    "texts of other lengths, and none": (
        {"uneven": 40, "prompts": 24, "failing": 0.1, "unasked": 0.03, "few": 12, "candidates": 3, "samples": 2},
        lambda board: all(row.failed and row.equal_length for row in candidates(board)),
    ),
    "texts much longer than those of baselines": (
        {"uneven": 40, "longer": 90, "prompts": 15},
        lambda board: all(row.equal_length.extrapolated for row in candidates(board)),
    ),
    "a slope from many prompts": (
        {"uneven": 40, "prompts": 105, "candidates": 1, "baselines": 2, "orders": "one", "criteria": 0, "spread": 0.3},
        lambda board: candidates(board)[0].equal_length is not None and board.sections[0].method == "CR1",
    ),
    "no slope in one language": (
        {"uneven": 40, "prompts": 5, "ties": 0.5},
        lambda board: any(row.equal_length for section in board.sections for row in section.rows),
    ),
    "results that go in circles": (
        {"prompts": 40, "baselines": 4, "circles": True},
        lambda board: all(row.misfit < 0.01 for row in candidates(board)),
    ),
    "pairings that are not tested": (
        {"prompts": 20, "baselines": 5, "spread": 2.0},
        lambda board: any(row.misfit is not None for row in candidates(board)),
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
    return make_folder(tmp_path_factory.mktemp("made"), seed=4, anchored=True, prompts=24, uneven=40)


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
    *path, last = field.split(", ")
    reduce(lambda inner, key: inner[key], path, row)[last] += 3
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
        ("candidate", "misfit"),
        ("candidate", "equal_length, elo"),
        ("candidate", "equal_length, low"),
        ("candidate", "equal_length, length"),
        ("baseline", "equal_length, elo"),
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
    assert done.anchors == "the anchors were taken as frozen: 0 of the 144 battles behind them are in the folder"


@pytest.mark.parametrize("kept", [143, 72, 1])
def test_battles_that_are_missing_behind_frozen_ratings_are_a_difference(folder, kept):
    benchmark, board = folder
    baselines = {entry.entrant for entry in board.anchors().plan.entries}
    texts = {(row.prompt, row.text_id) for row in benchmark.outputs() if row.entrant in baselines}
    rows = list(board.battles.read())
    behind = [row for row in rows if {(row.prompt, row.first), (row.prompt, row.second)} <= texts]
    board.battles.path.unlink()
    with board.battles.append() as stored:
        for row in [*behind[:kept], *(row for row in rows if row not in behind)]:
            stored.write(row)
    done = verify_board(benchmark, board)
    assert [difference.where for difference in done.differences] == ["anchors.json, battles"]
    assert done.anchors == f"{144 - kept} of the 144 battles behind the anchors are missing from the folder"


def test_a_change_of_any_number_that_was_frozen_is_found_where_it_is(made):
    """Those that only the frozen ratings hold, slopes and fit, as well as those that the board repeats."""
    record = made.board.anchors()
    material = read_material(made.benchmark, made.board)
    cells = [cell for cell in battle_cells(replace(material, plan=record.plan)) if cell.score is not None]
    expected = recompute_anchors(cells, record.scopes["all"].names, Lengths(material), list_scopes(material))
    stored = json.loads(made.board.anchors_path.read_bytes())["scopes"]
    assert [*stored] == [*expected] == ["all", "en", "zh"]
    assert len(list_numbers(stored)) > 120
    assert differences(stored, expected) == []
    assert list_missed(stored, expected) == []


def test_a_candidate_on_few_prompts_leaves_the_others_as_they_are_at_equal_length(tmp_path):
    """Its own interval is a jackknife; that of the others, from 33 prompts, is not because of it."""
    maker = make_folder(tmp_path, seed=5, anchored=True, prompts=33, few=9, candidates=3, uneven=40)
    (plan,) = maker.board.plans.read()
    few = maker.candidates[-1]
    kept = replace(plan, entries=tuple(entry for entry in plan.entries if entry.entrant != few))
    maker.board.plans.path.unlink()
    with maker.board.plans.append() as stored:
        stored.write(replace(kept, id=plan_id(kept)))
    without = store_board(maker.benchmark, maker.board, maker.board.settings())
    for section, other in zip(maker.made.sections, without.sections, strict=True):
        assert any(row.entrant == few and row.equal_length for row in section.rows)
        for row in other.rows:
            (same,) = (one for one in section.rows if one.entrant == row.entrant)
            assert row.equal_length == same.equal_length is not None
    assert not maker.verify().differences


def test_baselines_that_met_on_other_prompts_have_intervals_of_their_own(tmp_path):
    maker = make_folder(tmp_path, seed=7, anchored=True, prompts=20, unasked=0.3, min_coverage=0.5, orders="one")
    frozen = maker.board.anchors().scopes["all"]
    assert frozen.own_prompts
    assert min(frozen.own_prompts) < frozen.prompts
    done = maker.verify()
    assert [*map(str, done.differences)] == []


def test_anchors_of_the_same_prompts_for_all_do_not_say_so(made):
    assert not made.board.anchors().scopes["all"].own_prompts
    assert b"own_prompts" not in made.board.anchors_path.read_bytes()
