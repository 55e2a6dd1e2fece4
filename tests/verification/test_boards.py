"""Boards of every kind are what an independent recomputation gives."""

import pytest
from verification.folders import make_folder

from arena_write.evaluation.ranking import store_board


def rows(board):
    return board.sections[0].rows


def bounds(board):
    return {row.bound for row in rows(board)}


DESIGNS = {
    "plain": ({}, lambda board: bounds(board) == {"interval"} and len(board.sections) == len(board.rubric) == 3),
    "missing": (
        {"unasked": 0.03, "invalid": 0.4, "min_coverage": 0.7},
        lambda board: (
            any(row.worst_case is not None for row in (*rows(board), *board.rubric[0].rows))
            and any(row.invalid for row in rows(board))
            and any(row.open for row in rows(board))
        ),
    ),
    "failures": (
        {"failing": 0.2, "prompts": 15},
        lambda board: (
            any(row.if_excluded is not None for row in rows(board))
            and any(row.if_excluded is not None for row in board.rubric[0].rows)
        ),
    ),
    "samples and repeats": ({"samples": 2, "repeats": 2, "prompts": 5}, lambda board: rows(board)[0].planned > 5 * 12),
    "one order": ({"orders": "one", "prompts": 12}, lambda board: board.sections[0].cells == 12 * (3 + 2 * 3)),
    "a winner of everything": ({"steady": {0: 1}, "prompts": 14}, lambda board: "at_least" in bounds(board)),
    "bounds on both sides": (
        {"steady": {0: 0, 1: 1}},
        lambda board: bounds(board) == {"interval", "at_least", "at_most"},
    ),
    "one baseline": ({"baselines": 1, "candidates": 3}, lambda board: bounds(board) == {"interval"}),
    "an anchor alone": (
        {"baselines": 1, "candidates": 1, "steady": {0: 1}},
        lambda board: board.sections[0].method == "none",
    ),
    "baselines apart": (
        {"baselines": 2, "spread": 40, "prompts": 4, "ties": 0},
        lambda board: bool(board.sections[0].withheld),
    ),
    "always the same": (
        {"baselines": 1, "candidates": 2, "steady": {0: 0.5}},
        lambda board: any("every prompt gave the same result" in row.reason for row in rows(board)),
    ),
    "nothing but ties": ({"ties": 1.0}, lambda board: "every prompt gave the same" in board.sections[0].withheld),
    "prompts that left": (
        {"unread": 3, "context": 1_500},
        lambda board: board.excluded == ("p6", "p7", "p8") and board.context == 1_500,
    ),
    "a context that is wide enough": (
        {"unread": 3, "context": 3_000},
        lambda board: board.excluded == ("p6", "p8"),
    ),
    "a candidate on few prompts": (
        {"few": 4},
        lambda board: len({row.planned for row in rows(board) if row.role == "candidate"}) == 2,
    ),
    "copied texts": (
        {"copied": 0.5, "truncated": 0.2},
        lambda board: any(row.identical for row in rows(board)) and any(row.censored for row in rows(board)),
    ),
    "nothing but copies": ({"copied": 1.0}, lambda board: len({row.elo for row in rows(board)}) < len(rows(board))),
    "a copy of the only baseline": (
        {"baselines": 1, "candidates": 1, "copied": 1.0},
        lambda board: (
            [(row.elo, row.low, bool(row.reason)) for row in rows(board) if row.role == "candidate"]
            == [(1000.0, None, True)]
        ),
    ),
    "thin candidates": (
        {"candidates": 4, "unanswered": 0.08, "prompts": 12},
        lambda board: {"interval", "unrated"} == bounds(board),
    ),
    "domains and requirements": (
        {"fields": True, "prompts": 24, "samples": 2, "repeats": 2, "failing": 0.1},
        lambda board: (
            [group.name for group in board.rubric[0].aggregates[0].domains]
            == ["Academic & Engineering", "Education", "Aeronautics"]
            and [row.name for row in board.rubric[0].aggregates[0].requirements]
            == ["style", "format", "length", "citations"]
            and board.rubric[0].aggregates[0].requirements[1].r is None
            and len(board.rubric[0].differences) == 5 * 4 / 2
        ),
    ),
    "domains where scores are missing": (
        {"fields": True, "prompts": 16, "criteria": 3, "unasked": 0.25, "invalid": 0.1, "min_coverage": 0.7},
        lambda board: (
            any(row.requirements[2].unscored for row in board.rubric[0].aggregates)
            and any(row.overall is None for row in board.rubric[0].aggregates)
            and 0 < len(board.rubric[0].differences) < 5 * 4 / 2
        ),
    ),
    "CR1": ({"prompts": 33}, lambda board: board.sections[0].method == "CR1"),
    "CR1 for all but one": (
        {"prompts": 33, "few": 10},
        lambda board: (
            board.sections[0].method == "jackknife" and {row.prompts for row in board.rubric[0].rows} == {33, 10}
        ),
    ),
    "battles alone, no prices": ({"criteria": 0, "priced": False}, lambda board: not board.rubric),
    "scores alone": (
        {"baselines": 0, "candidates": 3},
        lambda board: bool(board.sections[0].withheld) and board.rubric[0].rows[0].mean is not None,
    ),
    "one prompt": ({"prompts": 1}, lambda board: bool(board.sections[0].withheld) and not board.rubric[0].rows[0].low),
    "two prompts": ({"prompts": 2, "ties": 0.5}, lambda board: board.sections[0].degrees_of_freedom == 1),
    "failures alone": (
        {"failing": 1.0, "candidates": 1, "baselines": 2},
        lambda board: rows(board)[0].failed == rows(board)[0].planned,
    ),
    "nothing judged": ({"unasked": 1.0}, lambda board: bounds(board) == {"unrated"}),
    "close to separation": (
        {"prompts": 6, "spread": 3, "ties": 0, "candidates": 3, "baselines": 2},
        lambda board: any(row.high and row.high - row.low > 1_000 for row in rows(board)),
    ),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_every_number_of_a_board_is_recomputed(tmp_path, name):
    changes, has_what_its_name_says = DESIGNS[name]
    maker = make_folder(tmp_path, seed=7, required=True, **changes)
    assert has_what_its_name_says(maker.made)
    done = maker.verify()
    assert [*map(str, done.differences)] == []
    assert done.numbers > 200


def test_a_failure_of_a_baseline_is_not_left_out_with_the_candidates_own(tmp_path):
    """With two answers a prompt, the one that is there lost nothing to the failure of the other."""
    maker = make_folder(tmp_path, seed=2, samples=2, failing=0.3, prompts=15, candidates=1)
    answers = {(row.prompt, row.entrant, row.sample): row.failure for row in maker.benchmark.outputs()}
    candidate = maker.candidates[0]
    assert any(
        answers[prompt.text_id, baseline, 0]
        and answers[prompt.text_id, candidate, 0]
        and not answers[prompt.text_id, candidate, 1]
        for prompt in maker.prompts
        for baseline in maker.baselines
    )
    (row,) = (row for row in maker.made.sections[0].rows if row.entrant == candidate)
    assert row.if_excluded is not None
    assert not maker.verify().differences


def test_a_prompt_that_is_stored_twice_counts_once(tmp_path):
    """Folders that were merged with cat: no number moves, and verification does not need the same fault to agree."""
    maker = make_folder(tmp_path, seed=3)
    before = maker.made
    path = maker.benchmark.prompts_file.path
    path.write_bytes(path.read_bytes() * 2)
    assert maker.verify().differences == ()
    assert store_board(maker.benchmark, maker.board, maker.board.settings()) == before
