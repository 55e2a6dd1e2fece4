"""Whatever is changed by hand, on the board or in its rows, is found."""

import json
import shutil
from dataclasses import replace

import pytest
from pydantic import ValidationError
from verification.folders import SPEC, make_folder
from verification.tampering import changed, differences, is_number, leaves, list_missed, list_numbers

from arena_write.evaluation.ranking import make_board
from arena_write.reports.board import BOARDS
from arena_write.store import ResultsFolder, RowError, StoreError
from arena_write.verification import compare_words, explain, verify_board
from arena_write.verification.comparing import Comparison
from arena_write.verification.material import read_material
from arena_write.verification.plans import plan_id
from arena_write.verification.recompute import recompute


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A small board on which every kind of number stands, in a folder that is not changed."""
    return make_folder(
        tmp_path_factory.mktemp("made"), seed=4, candidates=4, prompts=8, samples=2, few=5, unread=1, context=1_500,
        failing=0.15, truncated=0.2, unanswered=0.03, copied=0.1, unasked=0.03, invalid=0.35, min_coverage=0.6,
        steady={2: 1}, required=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def stored(made):
    return json.loads(made.board.board_path.read_bytes())


@pytest.fixture(scope="module")
def expected(made):
    return recompute(read_material(made.benchmark, made.board))


@pytest.fixture
def folder(made, tmp_path):
    """A copy of the folder, to be changed."""
    shutil.copytree(made.benchmark.path.parent, tmp_path / "results")
    benchmark = ResultsFolder(tmp_path / "results").benchmark("made@1")
    return benchmark, benchmark.board(SPEC)


def test_the_board_holds_every_kind_of_number(stored):
    """So that the tests below do change one of each."""
    names = {path[-1] for path, value in leaves(stored) if is_number(value)}
    kinds = {"elo", "low", "high", "best_rank", "worst_rank", "if_excluded", "worst_case", "best_case", "mean"}
    kinds |= {"design_effect", "degrees_of_freedom", "coverage", "saturation", "detectable", "score", "cells", "price"}
    kinds |= {"difference", "queries"}
    kinds |= {"invalid", "open", "no_output", "failed", "identical", "median_words", "median_chars", "context"}
    kinds |= {"length_ratio", "length_reward", "total", "answers"}
    assert kinds <= names
    assert {"at_least", "interval"} <= {value for _, value in leaves(stored)}


def test_a_change_of_any_number_is_found_where_it_is(stored, expected):
    assert differences(stored, expected) == []
    assert len(list_numbers(stored)) > 800
    assert list_missed(stored, expected) == []


def test_a_change_of_any_number_of_an_anchored_board_is_found_where_it_is(tmp_path):
    made = make_folder(tmp_path, seed=4, anchored=True, prompts=15, uneven=40, criteria=0)
    stored = json.loads(made.board.board_path.read_bytes())
    names = {path[-1] for path, _ in list_numbers(stored)}
    assert {"misfit", "low_with_anchors", "length", "slot_high"} <= names
    expected = recompute(read_material(made.benchmark, made.board))
    assert differences(stored, expected) == []
    assert list_missed(stored, expected) == []


def test_a_change_of_any_number_of_a_domain_or_requirement_is_found_where_it_is(tmp_path):
    made = make_folder(
        tmp_path, seed=4, baselines=1, candidates=1, prompts=8, fields=True, unasked=0.2, min_coverage=0.5
    )
    stored = json.loads(made.board.board_path.read_bytes())["rubric"]
    names = {path[-1] for path, _ in list_numbers(stored)}
    assert {"overall", "macro", "r", "c", "pairs", "unscored", "difference", "queries"} <= names
    expected = recompute(read_material(made.benchmark, made.board))["rubric"]
    assert differences(stored, expected) == []
    assert list_missed(stored, expected) == []


def test_a_change_of_any_other_value_is_found(made, stored, expected):
    missed = []
    for path, value in leaves(stored):
        if is_number(value):
            continue
        other = 1 if value is None else not value if isinstance(value, bool) else f"{value}x"
        with changed(stored, path, other) as tree:
            if differences(tree, expected):
                continue
            try:
                board = BOARDS.validate_json(json.dumps(tree), strict=True)
            except ValidationError:
                continue
        if not compare_words(board, made.made):
            missed.append((path, value))
    assert missed == []


def test_one_token_in_a_billion_is_found():
    comparison = Comparison()
    comparison.compare({"tokens": 1_000_000_001}, {"tokens": 1_000_000_000})
    assert [difference.field for difference in comparison.differences] == ["tokens"]


SHAPES = {
    "a row is gone": lambda board: board["sections"][0]["rows"].pop(),
    "a row stands twice": lambda board: board["sections"][0]["rows"].append(board["sections"][0]["rows"][0]),
    "rows in another order": lambda board: board["sections"][0]["rows"].reverse(),
    "mean scores in another order": lambda board: board["rubric"][0]["rows"].reverse(),
    "a win rate is gone": lambda board: board["sections"][0]["rows"][0]["win_rates"].pop(),
    "a section is gone": lambda board: board["sections"].pop(),
    "the rubric is gone": lambda board: board.update(rubric=[]),
    "a line of spending is gone": lambda board: board["spending"].pop(),
    "an excluded prompt is gone": lambda board: board.update(excluded=[]),
    "the plan is gone": lambda board: board.update(plan=None),
    "an entrant of the plan is gone": lambda board: board["plan"]["entries"].pop(),
    "an entrant of another name": lambda board: board["sections"][1]["rows"][0].update(entrant="0" * 32),
    "a field is gone": lambda board: board.pop("context"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_board_of_another_shape_is_found(folder, name):
    benchmark, board = folder
    tree = json.loads(board.board_path.read_bytes())
    SHAPES[name](tree)
    board.board_path.write_bytes(BOARDS.dump_json(BOARDS.validate_python(tree, strict=False), indent=1) + b"\n")
    found = verify_board(benchmark, board).differences
    if name == "a field is gone":  # it has a default, and is back
        assert "context" in {difference.field for difference in found}
    assert found


def test_the_same_board_in_another_form_is_found(folder):
    benchmark, board = folder
    board.board_path.write_bytes(board.board_path.read_bytes().replace(b"\n", b"\n "))
    (found,) = verify_board(benchmark, board).differences
    assert found.of_form


@pytest.mark.parametrize("value", ["NaN", "1e999", "-Infinity"])
def test_a_number_that_is_none_is_found(folder, value):
    benchmark, board = folder
    data = board.board_path.read_text("utf-8")
    board.board_path.write_text(data.replace('"design_effect": ', f'"design_effect": {value}, "x": ', 1), "utf-8")
    try:
        found = verify_board(benchmark, board).differences
    except StoreError as error:
        assert str(board.board_path) in str(error)
    else:
        assert found


def rewrite(path, change):
    """Change the rows of a file: `change` gets all of them and gives those that are to be there."""
    if path.suffix == ".json":
        path.write_text(json.dumps(*change([json.loads(path.read_bytes())])), "utf-8")
        return
    rows = [json.loads(line) for line in path.read_bytes().split(b"\n") if line]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in change(rows)), "utf-8")


def flip(rows):
    place = next(place for place, row in enumerate(rows) if row["verdict"] in ("A>B", "A>>B"))
    rows[place]["verdict"] = "B>A"
    return rows


def bump(field, step=1):
    def change(rows):
        row = next(row for row in rows if row[field] is not None)
        row[field] += step
        return rows

    return change


def lower(rows):
    row = next(row for row in rows if row["score"] and row["score"] > 1)
    row["score"] -= 1
    return rows


def spend(rows):
    rows[0]["usage"]["completion_tokens"] += 1
    return rows


def with_field(field, value):
    return lambda rows: [rows[0] | {field: value}, *rows[1:]]


ROWS = {
    "a verdict is flipped": ("battles.jsonl", flip, "win_rates"),
    "a verdict is gone": ("battles.jsonl", lambda rows: [row for row in rows if row != settled(rows)], "judged"),
    "all verdicts are gone": ("battles.jsonl", lambda rows: [], "coverage"),
    "an attempt that failed is gone": (
        "battles.jsonl",
        lambda rows: [row for row in rows if row is not next(row for row in rows if row["invalid"])],
        "calls",
    ),
    "a battle cost more": ("battles.jsonl", bump("price"), "price"),
    "a score is lower": ("scores.jsonl", lower, "mean"),
    "a score is gone": ("scores.jsonl", lambda rows: [row for row in rows if row != settled(rows)], "judged"),
    "a call took more": ("scores.jsonl", spend, "completion_tokens"),
    "an answer is gone": ("../outputs/e0-*.jsonl", lambda rows: rows[1:], "no_output"),
    "an answer was cut": (
        "../outputs/e1-*.jsonl",
        lambda rows: [row | {"finish_reason": "length"} for row in rows],
        "truncated",
    ),
    "an answer was none": ("../outputs/e1-*.jsonl", with_field("failure", "no_answer"), "failed"),
    "an entrant is called otherwise": (
        "../outputs/e1-*.jsonl",
        lambda rows: [row | {"entrant_name": "=other"} for row in rows],
        "name",
    ),
    "a prompt is in another language": ("../prompts.jsonl", with_field("language", "zh"), "sections, en, prompts"),
    "a prompt reads otherwise": ("../prompts.jsonl", with_field("text", "Write else."), "no_output"),
    "a prompt asks for no length": (
        "../prompts.jsonl",
        lambda rows: [row | {"length": None} for row in rows],
        "length_asked",
    ),
    "a prompt is back": ("exclusions.jsonl", lambda rows: [], "excluded"),
    "another judge's name": ("judge.json", with_field("name", "other"), "judge, name"),
    "a prompt of the plan is gone": ("plans.jsonl", lambda rows: replan(rows), "plan, entries"),
    "a plan of scores has more repeats": ("score-plans.jsonl", lambda rows: replan(rows, repeats=2), "score_plan"),
    "the plan is gone": ("plans.jsonl", lambda rows: [], "plan"),
    "another context": ("settings.json", with_field("context", 1_501), "context"),
    "another coverage": ("settings.json", with_field("min_coverage", 0.61), "min_coverage"),
    "another title": ("settings.json", with_field("title", "made down"), "title"),
}


def settled(rows):
    """The first row with a valid answer to a question that was asked once."""
    keys = [row["key"] for row in rows]
    return next(row for row in rows if row["invalid"] is None and keys.count(row["key"]) == 1)


def replan(rows, **changes):
    """Plans with other content, and the id that belongs to it."""
    from pydantic import TypeAdapter

    from arena_write.store import PlanRecord, ScorePlanRecord

    kind = PlanRecord if "orders" in rows[0] else ScorePlanRecord
    plan = TypeAdapter(kind).validate_json(json.dumps(rows[0] | changes), strict=True)
    if not changes:
        few = [entry for entry in plan.entries if entry.prompts]
        kept = tuple(replace(entry, prompts=entry.prompts[1:]) if entry is few[0] else entry for entry in plan.entries)
        plan = replace(plan, entries=kept)
    return [json.loads(TypeAdapter(kind).dump_json(replace(plan, id=plan_id(plan))))]


@pytest.mark.parametrize("name", ROWS)
def test_a_board_that_does_not_belong_to_its_rows_is_found(folder, name):
    benchmark, board = folder
    pattern, change, where = ROWS[name]
    (path,) = board.path.glob(pattern) if ".." not in pattern else benchmark.path.glob(pattern.removeprefix("../"))
    rewrite(path, change)
    found = verify_board(benchmark, board).differences
    assert any(where in difference.where for difference in found), [*map(str, found)]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a verdict is flipped", "rows were added, removed or changed"),
        ("a verdict is gone", "rows were added, removed or changed"),
        ("a prompt of the plan is gone", "another plan"),
        ("another coverage", "other settings"),
    ],
)
def test_it_is_said_why_a_board_may_differ(folder, name, said):
    benchmark, board = folder
    pattern, change, _ = ROWS[name]
    rewrite(board.path / pattern, change)
    assert said in explain(verify_board(benchmark, board).differences)


def test_an_estimate_that_was_edited_is_told_from_rows_that_changed(stored, expected):
    with changed(stored, ("sections", 0, "rows", 1, "elo"), 1_234.5) as tree:
        found = differences(tree, expected)
    assert "the board was edited" in explain(found)
    assert "what is counted from the rows agrees" in explain(found)


def test_a_plan_whose_id_is_not_its_own_is_refused_by_line(folder):
    benchmark, board = folder
    rewrite(board.plans.path, lambda rows: [rows[0] | {"repeats": 2}])
    with pytest.raises(RowError, match=r"plans\.jsonl:1: id is not the hash of the plan"):
        verify_board(benchmark, board)


def test_a_row_whose_key_is_not_its_own_is_refused_by_line(folder):
    benchmark, board = folder
    rewrite(board.battles.path, lambda rows: [*rows[:2], rows[2] | {"repeat": 7}, *rows[3:]])
    with pytest.raises(RowError, match=r"battles\.jsonl:3: "):
        verify_board(benchmark, board)


def test_rows_of_another_judge_are_refused(folder):
    benchmark, board = folder
    data = board.judge_path.read_text("utf-8")
    board.judge_path.write_text(data.replace(SPEC.id, "0" * 32), "utf-8")
    with pytest.raises(StoreError, match="judge"):
        verify_board(benchmark, type(board)(board.path))


def test_rows_in_another_order_and_twice_are_the_same_rows(folder):
    benchmark, board = folder
    for path in (board.battles.path, board.scores.path, *benchmark.path.glob("outputs/*.jsonl")):
        rewrite(path, lambda rows: [*reversed(rows), *rows[:5]])
    assert not verify_board(benchmark, board).differences
    assert make_board(benchmark, board, board.settings()).to_json() == board.board_path.read_bytes()


def test_words_are_those_of_the_board_built_anew(made):
    board = made.made
    assert compare_words(board, board) == ()
    section = replace(board.sections[0], withheld="no reason at all")
    (found,) = compare_words(replace(board, sections=(section, *board.sections[1:])), board)
    assert found.where == "sections, all, withheld"
    assert "no reason at all" in found.stored
