"""Rubric scores: what is planned, what became of it, and what a judge is asked."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from arena_write.battles.plan import Entry, PlanError
from arena_write.benchmarks.prompts import Prompt
from arena_write.judging import JudgingReport, State, ask_stream
from arena_write.scores import ScorePlan, join_scores
from arena_write.store import OutputRecord, ResultsFolder, read_scores
from arena_write.store.keys import output_key, score_key
from judges import Completion, Criterion, Invalid, InvalidReason, JudgeSpec, Score, Scoring, Usage, text_id

SPEC = JudgeSpec("judge", "m", "t")
A, C = "a" * 32, "c" * 32
BANDS = ("1", "2", "3", "4", "5")
CLEAR, FULL = Criterion("Clear", "is it clear", BANDS), Criterion("Full", "is it full", BANDS)
PROMPTS = (
    Prompt("p", "prompt p", "en", criteria=(CLEAR, FULL)),
    Prompt("q", "prompt q", "zh", criteria=(FULL,)),
    Prompt("r", "prompt r", "en"),
)
P, Q, R = (prompt.text_id for prompt in PROMPTS)
PLAN = ScorePlan("b@1", (Entry(A, "baseline"), Entry(C, "candidate", samples=2)))


def output(prompt, who, text, *, sample=0, failure=None):
    return OutputRecord(
        key=output_key(prompt=prompt, entrant=who, sample=sample), prompt=prompt, prompt_id="x", entrant=who,
        entrant_name=who[0], model="m", profile="0" * 32, settings={}, sample=sample, text=text, text_id=text_id(text),
        thinking=None, failure=failure, finish_reason="stop", served_model=None, usage=Usage(), seed=None,
        backend="recorded", origin="recorded", source=None, seconds=None, price=None, plan="p", run="r",
        at="2026-01-02T03:04:05.000006+00:00",
    )  # fmt: skip


class Judge:
    """Scores by the length of the text, and remembers what it was asked."""

    spec = SPEC

    def __init__(self, *, invalid=0):
        self.asked, self.invalid = [], invalid

    async def compare(self, prompt, first, second, *, repeat=0):
        raise AssertionError("nothing is to be compared")

    async def aclose(self):
        pass

    async def score(self, prompt, text, criterion, *, repeat=0):
        self.asked.append((prompt, text, criterion.name, repeat))
        said = Completion("words", "thought", "stop", "m-1", Usage(10, 5, 3, 1), 0.25, 0.5)
        if self.asked.count(self.asked[-1]) <= self.invalid:
            return Scoring(Invalid(InvalidReason.OUT_OF_RANGE, "score is 11"), said)
        return Scoring(Score(len(text), "because"), said)


@pytest.fixture
def board(tmp_path):
    return ResultsFolder(tmp_path).benchmark("b@1").board(SPEC)


@pytest.fixture
def outputs():
    return [
        output(P, A, "1234"),
        output(Q, A, "12345"),
        output(P, C, "12"),
        output(P, C, "123", sample=1),
        output(Q, C, "", failure="empty"),
        output(Q, C, "12345", sample=1),
    ]


def joined(board, outputs, *, plan=PLAN, **options):
    return join_scores(
        plan, prompts=PROMPTS, outputs=outputs, scores=read_scores(board.scores, judge=SPEC.id), **options
    )


def ask(board, outputs, judge, *, run="run-1", **options):
    outcomes, report = joined(board, outputs, **options), JudgingReport()

    async def produce(put):
        for question in outcomes.questions():
            await put(question)

    class Progress:
        def advance(self, *, failed):
            pass

    texts = {prompt.text_id: prompt.text for prompt in PROMPTS} | {row.text_id: row.text for row in outputs}
    stage = ask_stream(
        produce, judge=judge, board=board, texts=texts, plan=PLAN.id, run=run, at_once=2, progress=Progress(),
        report=report,
    )  # fmt: skip
    asyncio.run(stage)
    return report


class TestPlan:
    """A pure function that enumerates the cells of a board."""

    def test_every_answer_is_scored_on_every_criterion_of_its_prompt(self):
        cells = [(cell.prompt, cell.entrant, cell.sample, cell.criterion.name) for cell in PLAN.cells(PROMPTS)]
        assert cells == [
            (P, A, 0, "Clear"), (P, A, 0, "Full"), (P, C, 0, "Clear"), (P, C, 0, "Full"), (P, C, 1, "Clear"),
            (P, C, 1, "Full"), (Q, A, 0, "Full"), (Q, C, 0, "Full"), (Q, C, 1, "Full"),
        ]  # fmt: skip

    def test_its_id_is_for_good(self):
        assert PLAN.id == "c5f04e25a586222e5cf0002123b295b2"

    def test_it_only_grows(self):
        some = ScorePlan("b@1", (Entry(C, "candidate", prompts=(P,)),))
        more = some.merge(ScorePlan("b@1", (Entry(C, "candidate", prompts=(Q, R)), Entry(A, "candidate"))))
        assert more.spread([P, Q, R]).entries == (Entry(A, "candidate"), Entry(C, "candidate"))
        assert {cell.prompt for cell in some.cells(PROMPTS)} == {P}

    def test_it_survives_the_way_through_a_row(self):
        assert ScorePlan.of_record(PLAN.record()) == PLAN

    @pytest.mark.parametrize(
        ("plan", "message"),
        [
            (lambda: ScorePlan("b@1", (Entry(A, "candidate"), Entry(A, "candidate"))), "twice"),
            (lambda: ScorePlan("b@1", (), repeats=0), "at least once"),
            (lambda: PLAN.merge(ScorePlan("c@1", ())), "benchmark"),
            (lambda: PLAN.merge(ScorePlan("b@1", (), repeats=2)), "repeats"),
            (lambda: PLAN.merge(ScorePlan("b@1", (Entry(A, "candidate"),))), "cannot be a candidate"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, plan, message):
        with pytest.raises(PlanError, match=message):
            plan()


class TestAsking:
    """Every attempt is a row; every failure to measure leaves the cell missing."""

    def test_each_text_is_asked_for_once_a_criterion_whoever_wrote_it(self, board, outputs):
        judge = Judge()
        report = ask(board, outputs, judge)
        assert report.scores == len(judge.asked) == 7  # two entrants wrote "12345" to q
        assert judge.asked[:2] == [("prompt p", "1234", "Clear", 0), ("prompt p", "1234", "Full", 0)]
        outcomes = joined(board, outputs)
        assert [*outcomes.score] == [4, 4, 2, 2, 3, 3, 5, 1, 5]
        assert [*outcomes.state] == [State.JUDGED] * 7 + [State.FAILED, State.JUDGED]
        again = Judge()
        ask(board, outputs, again, run="run-2")
        assert again.asked == []

    def test_a_row_holds_what_was_scored_and_how(self, board, outputs):
        ask(board, outputs, Judge())
        rows, replies = [*board.scores.read()], {reply.key: reply for reply in board.replies.read()}
        for row in rows:
            key = score_key(judge=SPEC.id, prompt=row.prompt, text=row.text, criterion=row.criterion, repeat=0)
            assert row.key == key
            assert (row.reason, row.invalid, row.attempt, row.price) == ("because", None, 1, 0.5)
            assert replies[row.reply].row == key
        assert {row.criterion_name for row in rows} == {"Clear", "Full"}
        assert not board.battles.path.exists()

    def test_an_own_failure_is_the_lowest_score_without_a_call_and_a_missing_answer_is_missing(self, board):
        judge = Judge()
        few = [output(P, A, "1234"), output(P, C, "", failure="no_answer"), output(P, C, "", sample=1, failure="empty")]
        ask(board, few, judge)
        outcomes = joined(board, few)
        assert {text for _, text, *_ in judge.asked} == {"1234"}
        assert [*outcomes.score[2:6]] == [1, 1, 1, 1]
        assert [*outcomes.state[6:]] == [State.NO_OUTPUT] * 3
        assert np.isnan(outcomes.score[6:]).all()

    def test_three_invalid_attempts_settle_a_cell_and_never_become_a_score(self, board, outputs):
        report = ask(board, outputs, Judge(invalid=9))
        assert (report.scores, report.invalid) == (0, 21)
        outcomes = joined(board, outputs)
        assert {*outcomes.state} == {State.INVALID, State.FAILED}
        assert np.isnan(outcomes.score[outcomes.state == State.INVALID]).all()
        assert joined(board, outputs).questions() == []
        assert len(joined(board, outputs, retry_invalid=True).questions()) == 7
        ask(board, outputs, Judge(), run="run-2", retry_invalid=True)
        assert {row.attempt for row in board.scores.read() if row.run == "run-2"} == {4}
        assert State.INVALID not in joined(board, outputs).state

    def test_what_all_attempts_took_is_added_up(self, board, outputs):
        ask(board, outputs, Judge(invalid=1))
        spent = read_scores(board.scores, judge=SPEC.id).spent
        assert [*spent.attempts] == [2] * 7
        assert [*spent.prompt_tokens] == [20] * 7
        assert [*spent.price] == [1.0] * 7

    def test_a_changed_row_is_refused(self, board, outputs):
        ask(board, outputs, Judge())
        row = next(iter(board.scores.read()))
        with pytest.raises(ValueError, match="key is not the hash"):
            replace(row, text=text_id("another"))
