"""What became of each planned comparison."""

from dataclasses import replace

import numpy as np
import pytest

from arena_write.battles.outcomes import join
from arena_write.battles.plan import Entry, Plan
from arena_write.judging import State
from arena_write.store import BattleColumns
from arena_write.store.columns import SpentColumns
from arena_write.store.keys import battle_key
from judges import Verdict, text_id

A, B, C = (letter * 32 for letter in "abc")
P, Q = text_id("prompt 0"), text_id("prompt 1")
PLAN = Plan("b@1", (Entry(A, "baseline"), Entry(C, "candidate")))


def spent(attempts):
    """What attempts took that used nothing."""
    nothing = np.zeros(len(attempts), np.int64)
    made = np.array(attempts, np.int64)
    return SpentColumns(made, made, nothing, nothing, nothing, nothing, nothing.astype(np.float64))


def columns(*rows, served=()):
    """Columns of (prompt, first, second, repeat, label or None, attempts)."""
    return BattleColumns(
        key=np.array([battle_key(judge="j", prompt=r[0], first=r[1], second=r[2], repeat=r[3]) for r in rows], object),
        prompt=np.array([row[0] for row in rows], object),
        first=np.array([row[1] for row in rows], object),
        second=np.array([row[2] for row in rows], object),
        repeat=np.array([row[3] for row in rows], np.int64),
        score=np.array([np.nan if row[4] is None else Verdict(row[4]).score for row in rows], np.float64),
        verdict=np.array([row[4] or "" for row in rows], object),
        spent=spent([row[5] for row in rows]),
        served_models=frozenset(served),
    )


def look(outputs, *rows, plan=PLAN, prompts=(P,), **options):
    return join(plan, prompts=prompts, outputs=outputs, battles=columns(*rows), **options)


@pytest.fixture
def two(output):
    """One answer of the candidate and one of the baseline; the candidate's cell comes first."""
    return [output(P, A, "baseline's"), output(P, C, "candidate's")]


FIRST, SECOND = text_id("candidate's"), text_id("baseline's")


def test_nothing_judged_is_open(two):
    outcomes = look(two)
    assert list(outcomes.state) == [State.OPEN, State.OPEN]
    assert list(outcomes.attempts) == [0, 0]
    assert np.isnan(outcomes.score).all()
    assert np.isnan(outcomes.score).all()
    assert outcomes.open() == [0, 1]
    assert outcomes.first_text == (FIRST, SECOND)
    assert outcomes.second_text == (SECOND, FIRST)


@pytest.mark.parametrize("label", list(Verdict))
def test_a_verdict_scores_the_cell_it_is_of_and_no_other(two, label):
    outcomes = look(two, (P, FIRST, SECOND, 0, label, 2))
    assert list(outcomes.state) == [State.JUDGED, State.OPEN]
    assert outcomes.score[0] == label.score
    assert np.isnan(outcomes.score[1])
    assert list(outcomes.attempts) == [2, 0]
    assert list(np.isnan(outcomes.score)) == [False, True]
    assert outcomes.open() == [1]


@pytest.mark.parametrize(
    "row",
    [(Q, FIRST, SECOND, 0), (P, FIRST, SECOND, 1), (P, FIRST, text_id("other"), 0), (P, text_id("other"), SECOND, 0)],
)
def test_a_verdict_on_other_texts_decides_nothing(two, row):
    assert list(look(two, (*row, "A>B", 1)).state) == [State.OPEN, State.OPEN]


@pytest.mark.parametrize(
    ("attempts", "retry", "state"),
    [
        (1, False, State.OPEN),
        (2, False, State.OPEN),
        (3, False, State.INVALID),
        (4, False, State.INVALID),
        (2, True, State.OPEN),
        (3, True, State.OPEN),
        (9, True, State.OPEN),
    ],
)
def test_three_invalid_attempts_settle_a_cell_unless_reopened(two, attempts, retry, state):
    outcomes = look(two, (P, FIRST, SECOND, 0, None, attempts), retry_invalid=retry)
    assert outcomes.state[0] == state
    assert outcomes.attempts[0] == attempts
    assert np.isnan(outcomes.score[0])
    assert (0 in outcomes.open()) == (state == State.OPEN)


def test_a_verdict_is_not_reopened(two):
    assert look(two, (P, FIRST, SECOND, 0, "A>B", 5), retry_invalid=True).state[0] == State.JUDGED


def test_the_candidates_failure_is_a_loss_in_both_orders(output):
    outcomes = look([output(P, A, "text"), output(P, C, "", failure="empty")])
    assert list(outcomes.state) == [State.FAILED, State.FAILED]
    assert [(cell.first, score) for cell, score in zip(outcomes.cells, outcomes.score, strict=True)] == [
        (C, 0.0),
        (A, 1.0),
    ]
    assert outcomes.open() == []


@pytest.mark.parametrize("failure", ["no_answer", "unterminated_thought", "empty"])
def test_a_baselines_failure_is_a_loss_too(output, failure):
    outcomes = look([output(P, A, "cut", failure=failure), output(P, C, "text")])
    assert list(outcomes.score) == [1.0, 0.0]


def test_two_failures_tie(output):
    outcomes = look([output(P, A, "", failure="empty"), output(P, C, "", failure="no_answer")])
    assert list(outcomes.state) == [State.FAILED, State.FAILED]
    assert list(outcomes.score) == [0.5, 0.5]


def test_a_failure_is_no_text_whatever_was_judged(output):
    # A stored verdict on the same words, from a time when they counted as an answer, decides nothing now.
    rows = [output(P, A, "text"), output(P, C, "<think>", failure="unterminated_thought")]
    judged = (P, text_id("<think>"), text_id("text"), 0, "A>B", 1)
    assert list(look(rows, judged).score) == [0.0, 1.0]


def test_identical_texts_tie_without_a_call(output):
    outcomes = look([output(P, A, "same"), output(P, C, "same")])
    assert list(outcomes.state) == [State.IDENTICAL, State.IDENTICAL]
    assert list(outcomes.score) == [0.5, 0.5]
    assert outcomes.open() == []


@pytest.mark.parametrize("missing", [[A], [C], [A, C]])
def test_a_missing_output_is_missing_and_no_loss(two, missing):
    outcomes = look([row for row in two if row.entrant not in missing])
    assert list(outcomes.state) == [State.NO_OUTPUT, State.NO_OUTPUT]
    assert np.isnan(outcomes.score).all()
    assert outcomes.open() == []


def test_a_missing_output_is_missing_even_against_a_failure(output):
    assert list(look([output(P, C, "", failure="empty")]).state) == [State.NO_OUTPUT, State.NO_OUTPUT]


def test_an_output_of_another_sample_or_prompt_is_not_there(output):
    rows = [output(P, A, "x"), output(P, C, "y", sample=1), output(Q, C, "y")]
    assert list(look(rows).state) == [State.NO_OUTPUT, State.NO_OUTPUT]


def test_texts_that_several_entrants_share_are_judged_once(output):
    plan = Plan("b@1", (Entry(A, "baseline"), Entry(B, "candidate"), Entry(C, "candidate", samples=2)))
    rows = [output(P, A, "anchor"), output(P, B, "shared"), output(P, C, "shared"), output(P, C, "shared", sample=1)]
    outcomes = look(rows, plan=plan)
    assert len(outcomes.cells) == 6
    assert outcomes.open() == [0, 1]
    shared, anchor = text_id("shared"), text_id("anchor")
    judged = look(rows, (P, shared, anchor, 0, "A>B", 1), (P, anchor, shared, 0, "B>A", 1), plan=plan)
    assert (judged.state == State.JUDGED).all()
    assert [bool(score) for score in judged.score] == [cell.second == A for cell in judged.cells]


def test_texts_shared_between_prompts_or_repeats_are_judged_apart(output):
    rows = [output(prompt, who, who[0]) for prompt in (P, Q) for who in (A, C)]
    assert len(look(rows, prompts=(P, Q)).open()) == 4
    assert len(look(rows, prompts=(P, Q), plan=replace(PLAN, repeats=3)).open()) == 12


def test_a_verdict_serves_a_text_whoever_wrote_it(two, output):
    # C's verdict is B's, once B has written the same.
    swapped = Plan("b@1", (Entry(A, "baseline"), Entry(B, "candidate")))
    outcomes = look([*two, output(P, B, "candidate's")], (P, FIRST, SECOND, 0, "A>>B", 1), plan=swapped)
    assert list(outcomes.state) == [State.JUDGED, State.OPEN]


def test_the_order_of_outputs_does_not_matter(two):
    one, other = look(two), look(two[::-1])
    assert one.cells == other.cells
    assert one.first_text == other.first_text


def test_battles_outside_the_plan_change_nothing(two):
    rows = [(P, text_id(f"{n}"), text_id("x"), 0, "A>B", 1) for n in range(5)]
    assert list(look(two, *rows).state) == [State.OPEN, State.OPEN]


def test_a_plan_without_cells_is_no_error():
    outcomes = look([], plan=Plan("b@1", (Entry(C, "candidate"),)))
    assert outcomes.cells == ()
    assert outcomes.open() == []
    assert outcomes.score.shape == (0,)


def test_served_models_are_passed_on(two):
    found = join(PLAN, prompts=(P,), outputs=two, battles=columns(served=["m-1"]))
    assert found.served_models == {"m-1"}
