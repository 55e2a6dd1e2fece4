"""All criteria of a text in one call: one reply, a row for each criterion, the settled rule for each key."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from arena_write.battles.plan import Entry
from arena_write.benchmarks.prompts import Prompt
from arena_write.judging import JudgingReport, State, ask_stream
from arena_write.reports.spending import UsedRows, judging_spending
from arena_write.scores import ScorePlan, join_scores
from arena_write.store import OutputRecord, ResultsFolder, read_scores
from arena_write.store.keys import output_key, score_key
from judges import Completion, Criterion, Invalid, InvalidReason, JointScoring, JudgeSpec, Score, Usage, text_id

SPEC = JudgeSpec("judge", "m", "t", rubric="joint")
A, C = "a" * 32, "c" * 32
BANDS = ("1", "2", "3", "4", "5")
CRITERIA = tuple(Criterion(name, f"is it {name}", BANDS) for name in ("clear", "full", "warm"))
PROMPTS = (Prompt("p", "prompt p", "en", criteria=CRITERIA), Prompt("q", "prompt q", "en", criteria=CRITERIA[:1]))
P, Q = (prompt.text_id for prompt in PROMPTS)
PLAN = ScorePlan("b@1", (Entry(A, "baseline"), Entry(C, "candidate")))
INVALID = Invalid(InvalidReason.WRONG_SHAPE, "fields are ['1']")


def output(prompt, who, text, *, failure=None):
    return OutputRecord(
        key=output_key(prompt=prompt, entrant=who, sample=0), prompt=prompt, prompt_id="x", entrant=who,
        entrant_name=who[0], model="m", profile="0" * 32, settings={}, sample=0, text=text, text_id=text_id(text),
        thinking=None, failure=failure, finish_reason="stop", served_model=None, usage=Usage(), seed=None,
        backend="recorded", origin="recorded", source=None, seconds=None, price=None, plan="p", run="r",
        at="2026-01-02T03:04:05.000006+00:00",
    )  # fmt: skip


OUTPUTS = [output(P, A, "1234"), output(P, C, "12"), output(Q, A, "same"), output(Q, C, "same")]


class Judge:
    """Scores by the length of the text and the place of the criterion, after so many replies that are none."""

    spec = SPEC

    def __init__(self, *, invalid=0, price=0.5):
        self.asked, self.invalid, self.price = [], invalid, price

    async def score_jointly(self, prompt, text, criteria, *, repeat=0):
        self.asked.append((prompt, text, [criterion.name for criterion in criteria], repeat))
        said = Completion("words", None, "stop", "m-1", Usage(10, 5, 3, 1), 0.25, self.price)
        if self.asked.count(self.asked[-1]) <= self.invalid:
            return JointScoring(INVALID, said)
        return JointScoring(
            tuple(Score(len(text) + place, f"on {one.name}") for place, one in enumerate(criteria)), said
        )

    async def compare(self, prompt, first, second, *, repeat=0):
        raise AssertionError("nothing is to be compared")

    async def aclose(self):
        pass


@pytest.fixture
def board(tmp_path):
    return ResultsFolder(tmp_path).benchmark("b@1").board(SPEC)


def joined(board, **options):
    return join_scores(
        PLAN, prompts=PROMPTS, outputs=OUTPUTS, scores=read_scores(board.scores, judge=SPEC.id), **options
    )


def ask(board, judge, *, run="run-1", **options):
    outcomes, report, ended = joined(board, **options), JudgingReport(), []

    async def produce(put):
        for question in outcomes.joint_questions():
            await put(question)

    class Progress:
        def advance(self, *, failed):
            ended.append(failed)

    texts = {prompt.text_id: prompt.text for prompt in PROMPTS} | {row.text_id: row.text for row in OUTPUTS}
    stage = ask_stream(
        produce, judge=judge, board=board, texts=texts, plan=PLAN.id, run=run, at_once=1, progress=Progress(),
        report=report,
    )  # fmt: skip
    asyncio.run(stage)
    return report, ended


def spending(board):
    stored = read_scores(board.scores, judge=SPEC.id)
    (line,) = judging_spending("judge", [UsedRows(stored.spent, joined(board).row)])
    return line.calls, line.prompt_tokens, line.completion_tokens, line.price


def lose(board, rows):
    """Leave so many rows of scores, as a kill between two of them does."""
    lines = board.scores.path.read_bytes().splitlines(keepends=True)
    board.scores.path.write_bytes(b"".join(lines[:rows]))


def test_one_call_scores_a_text_on_all_criteria_whoever_wrote_it(board):
    judge = Judge()
    report, ended = ask(board, judge)
    assert judge.asked == [
        ("prompt p", "1234", ["clear", "full", "warm"], 0),
        ("prompt p", "12", ["clear", "full", "warm"], 0),
        ("prompt q", "same", ["clear"], 0),
    ]
    assert (report.scores, ended) == (7, [False] * 7)
    assert [*joined(board).score] == [4, 5, 6, 2, 3, 4, 4, 4]
    again = Judge()
    ask(board, again, run="run-2")
    assert again.asked == []


def test_one_reply_is_stored_once_and_borne_by_one_of_its_rows(board):
    ask(board, Judge())
    rows, replies = [*board.scores.read()], [*board.replies.read()]
    assert len(rows) == 7
    assert len(replies) == len({row.reply for row in rows}) == 3
    for reply in replies:
        mine = [row for row in rows if row.reply == reply.key]
        bearer = mine[-1]
        assert (bearer.call, bearer.key, bearer.usage, bearer.price) == (None, reply.row, Usage(10, 5, 3, 1), 0.5)
        for row in mine[:-1]:
            assert (row.call, row.usage, row.price, row.seconds) == (bearer.key, Usage(0, 0, 0, 0), 0.0, None)
    for row in rows:
        assert row.key == score_key(
            judge=SPEC.id, prompt=row.prompt, text=row.text, criterion=row.criterion, repeat=row.repeat
        )
        assert row.reason == f"on {row.criterion_name}"
    assert spending(board) == (3, 30, 9, 1.5)


def test_a_price_that_is_not_known_stays_unknown(board):
    ask(board, Judge(price=None))
    assert spending(board) == (3, 30, 9, None)


def test_an_invalid_reply_is_invalid_for_every_criterion_and_three_of_them_settle_all(board):
    report, ended = ask(board, Judge(invalid=9))
    assert (report.scores, report.invalid, ended) == (0, 21, [True] * 7)
    outcomes = joined(board)
    assert {*outcomes.state} == {State.INVALID}
    assert np.isnan(outcomes.score).all()
    assert outcomes.joint_questions() == []
    assert spending(board) == (9, 90, 27, 4.5)
    judge = Judge()
    ask(board, judge, run="run-2", retry_invalid=True)
    assert len(judge.asked) == 3
    assert {row.attempt for row in board.scores.read() if row.run == "run-2"} == {4}
    assert [*joined(board).score] == [4, 5, 6, 2, 3, 4, 4, 4]


@pytest.mark.parametrize("kept", range(7))
@pytest.mark.parametrize("invalid", [0, 1, 2, 9])
def test_killed_between_two_rows_of_a_reply_the_same_is_asked_again_and_the_board_is_the_same(
    board, tmp_path, kept, invalid
):
    ask(board, Judge(invalid=invalid))
    whole = joined(board), spending(board)
    lose(board, kept)
    judge = Judge(invalid=invalid)
    replies = [(PROMPTS[0].text, "1234", ["clear", "full", "warm"], 0)] * (kept // 3)
    judge.asked += replies  # of which all rows are there: its server goes on where it was
    ask(board, judge, run="run-2")
    outcomes = joined(board)
    assert [*outcomes.state] == [*whole[0].state]
    assert np.array_equal(outcomes.score, whole[0].score, equal_nan=True)
    assert spending(board) == whole[1]
    assert all(names == [one.name for one in CRITERIA[: len(names)]] for _, _, names, _ in judge.asked)
    assert len({(row.key, row.attempt) for row in board.scores.read()}) == len([*board.scores.read()])


def test_what_waits_for_an_answer_is_counted_in_calls_and_in_scores(board):
    outcomes = join_scores(PLAN, prompts=PROMPTS, outputs=OUTPUTS[:1], scores=read_scores(board.scores, judge=SPEC.id))
    assert (outcomes.count_waiting(jointly=False), outcomes.count_waiting(jointly=True)) == (5, 3)


def test_a_judge_that_scores_one_at_a_time_is_not_asked(board):
    (question, *_) = joined(board).joint_questions()
    with pytest.raises(TypeError, match="several criteria in one call"):
        asyncio.run(question.ask(type("Compares", (), {"spec": SPEC})(), {}))


def test_an_entrants_own_failure_takes_no_call(board):
    rows = [replace(OUTPUTS[0]), output(P, C, "", failure="empty")]
    outcomes = join_scores(PLAN, prompts=PROMPTS, outputs=rows, scores=read_scores(board.scores, judge=SPEC.id))
    assert [question.text for question in outcomes.joint_questions()] == [text_id("1234")]
