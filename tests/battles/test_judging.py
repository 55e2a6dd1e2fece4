"""Judging: every attempt is a row, every failure to get an answer leaves the cell open, and nothing is judged twice."""

import asyncio
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from arena_write.judging import ServedModelError, State
from arena_write.store import ConflictError, StoreError, WriteError
from arena_write.store.keys import battle_key, reply_key
from judges import Comparison, Completion, Invalid, InvalidReason, TransportError, Usage, Verdict, text_id


@pytest.fixture
def longer(judge_class):
    """A judge that always answers."""
    return judge_class()


@pytest.fixture
def flaky(judge_class):
    """A judge whose server fails on every n-th call, or on all but the first few."""

    class Flaky(judge_class):
        def __init__(self, *, every=None, after=None):
            super().__init__()
            self.every, self.after = every, after

        def decide(self, prompt, first, second):
            calls = len(self.asked)
            if (self.every and calls % self.every == 0) or (self.after is not None and calls > self.after):
                raise TransportError(f"call {calls} got no answer")
            return super().decide(prompt, first, second)

    return Flaky


@pytest.fixture
def mumbling(judge_class):
    """A judge that is invalid the first `times` it is asked about a pair, in words or without."""

    class Mumbling(judge_class):
        def __init__(self, times, *, detail="no [[label]]", words="Hm."):
            super().__init__()
            self.times, self.detail, self.words = times, detail, words

        def decide(self, prompt, first, second):
            if self.asked.count((prompt, first, second, 0)) <= self.times:
                return Comparison(Invalid(InvalidReason.NO_LABEL, self.detail), Completion(self.words))
            return super().decide(prompt, first, second)

    return Mumbling


@pytest.fixture
def switching(judge_class):
    """A judge whose server answers as another model after some calls."""

    class Switching(judge_class):
        def __init__(self, after, before="m-1", then="m-2"):
            super().__init__()
            self.after, self.before, self.then = after, before, then

        def decide(self, prompt, first, second):
            self.served = self.before if len(self.asked) <= self.after else self.then
            return super().decide(prompt, first, second)

    return Switching


def test_every_open_cell_gets_a_row(board, longer):
    report = board.judge(longer)
    cells = list(board.plan.cells(board.prompts))
    assert len(board.rows) == len(cells) == 24
    assert (report.verdicts, report.invalid, report.transport) == (24, 0, 0)
    assert board.progress.ended == [False] * 24
    outcomes = board.join()
    assert (outcomes.state == State.JUDGED).all()
    # The answers of c are longer than those of b, and these than those of a.
    assert [score == 1 for score in outcomes.score] == [cell.first > cell.second for cell in cells]


def test_a_row_holds_what_was_judged_and_how(board, longer):
    board.judge(longer, run="run-7")
    texts = {row.text_id: row.text for row in board.outputs}
    replies = {reply.key: reply for reply in board.replies}
    assert len(replies) == 24
    for row in board.rows:
        key = battle_key(judge=longer.spec.id, prompt=row.prompt, first=row.first, second=row.second, repeat=0)
        assert row.key == key
        assert row.judge == longer.spec.id
        assert row.verdict is (
            Verdict.A_BETTER if len(texts[row.first]) > len(texts[row.second]) else Verdict.B_MUCH_BETTER
        )
        assert (row.attempt, row.invalid, row.detail) == (1, None, "")
        assert (row.usage, row.seconds) == (Usage(10, 5, 3, 1), 0.25)
        assert (row.plan, row.run) == (board.plan.id, "run-7")
        reply = replies[row.reply]
        assert reply.key == reply_key(row=key, run="run-7", attempt=1)
        assert (reply.row, reply.attempt) == (key, 1)
        assert (reply.text, reply.thinking, reply.finish_reason) == (f"[[{row.verdict}]]", "thought", "stop")


def test_the_judge_sees_every_planned_pair_and_calls_that_share_the_first_text_stand_together(board, longer):
    board.judge(longer, connections=1)
    texts = {(row.prompt, row.entrant): row.text for row in board.outputs}
    names = {prompt: f"prompt {n}" for n, prompt in enumerate(board.prompts)}
    assert sorted(longer.asked) == sorted(
        (names[cell.prompt], texts[cell.prompt, cell.first], texts[cell.prompt, cell.second], 0)
        for cell in board.plan.cells(board.prompts)
    )
    begins = [(prompt, first) for prompt, first, _, _ in longer.asked]
    changes = sum(one != other for one, other in pairwise(begins))
    assert changes == len(set(begins)) - 1 == 11
    assert [prompt for prompt, _ in begins] == [name for name in names.values() for _ in range(6)]


def test_repeats_are_asked_for_as_such(make_board, longer):
    board = make_board(prompts=1, repeats=3)
    board.judge(longer)
    assert sorted(repeat for *_, repeat in longer.asked) == [0] * 6 + [1] * 6 + [2] * 6
    assert sorted(row.repeat for row in board.rows) == [0] * 6 + [1] * 6 + [2] * 6


def test_a_judge_without_words_leaves_no_reply(board, longer):
    longer.say = lambda label, words=None: Comparison(Verdict(label))
    board.judge(longer)
    assert {(row.reply, row.served_model, row.usage) for row in board.rows} == {(None, None, Usage())}
    assert board.replies == []


def test_judging_again_judges_nothing(board, longer, judge_class):
    board.judge(longer)
    again = judge_class()
    report = board.judge(again, run="run-2")
    assert again.asked == []
    assert report.verdicts == 0
    assert len(board.rows) == 24


def test_calls_without_an_answer_leave_their_cells_open(board, flaky):
    judge = flaky(every=3)
    report = board.judge(judge)
    assert (report.verdicts, report.transport, report.invalid) == (16, 8, 0)
    assert report.last_transport_error == "call 24 got no answer"
    assert len(board.rows) == len(board.replies) == 16
    assert sorted(board.progress.ended) == [False] * 16 + [True] * 8
    outcomes = board.join()
    assert len(outcomes.open()) == 8
    assert list(outcomes.attempts[outcomes.open()]) == [0] * 8


def test_running_again_judges_exactly_the_rest(board, flaky, judge_class):
    first = flaky(after=10)
    board.judge(first, connections=1)
    done = {(row.prompt, row.first, row.second) for row in board.rows}
    assert len(done) == 10
    second = judge_class()
    board.judge(second, run="run-2")
    asked = {(text_id(prompt), text_id(one), text_id(other)) for prompt, one, other, _ in second.asked}
    assert len(second.asked) == 14
    assert not asked & done
    assert len({row.key for row in board.rows}) == len(board.rows) == 24


@pytest.mark.parametrize("times", [1, 2])
def test_an_invalid_reply_is_a_row_and_the_judge_is_asked_again(board, mumbling, times):
    report = board.judge(mumbling(times))
    assert (report.verdicts, report.invalid) == (24, 24 * times)
    rows = {key: [row for row in board.rows if row.key == key] for key in {row.key for row in board.rows}}
    assert len(rows) == 24
    for attempts in rows.values():
        assert [row.attempt for row in attempts] == list(range(1, times + 2))
        assert [row.invalid for row in attempts] == [InvalidReason.NO_LABEL] * times + [None]
        assert attempts[0].detail == "no [[label]]"
    assert len({reply.key for reply in board.replies}) == 24 * (times + 1)
    assert (board.join().state == State.JUDGED).all()


def test_three_invalid_attempts_settle_a_cell(board, mumbling):
    report = board.judge(mumbling(99))
    assert (report.verdicts, report.invalid) == (0, 72)
    assert board.progress.ended == [True] * 24
    assert (board.join().state == State.INVALID).all()
    judge = mumbling(99)
    board.judge(judge, run="run-2")
    assert judge.asked == []


def test_reopened_cells_get_one_more_attempt_each(board, mumbling):
    board.judge(mumbling(99))
    judge = mumbling(99)
    board.judge(judge, run="run-2", retry_invalid=True)
    assert len(judge.asked) == 24
    assert {row.attempt for row in board.rows if row.run == "run-2"} == {4}
    assert (board.join().state == State.INVALID).all()
    board.judge(mumbling(0), run="run-3", retry_invalid=True)
    assert {row.attempt for row in board.rows if row.run == "run-3"} == {5}
    assert (board.join().state == State.JUDGED).all()


def test_attempts_are_numbered_on_across_runs(make_board, mumbling):
    board = make_board(prompts=1)

    class Dying(mumbling):
        """Invalid once for each pair, then its server is gone."""

        def decide(self, prompt, first, second):
            if self.asked.count((prompt, first, second, 0)) > 1:
                raise TransportError("gone")
            return super().decide(prompt, first, second)

    board.judge(Dying(1))
    assert [row.attempt for row in board.rows] == [1] * 6
    board.judge(mumbling(99), run="run-2")
    assert sorted(row.attempt for row in board.rows) == [1] * 6 + [2] * 6 + [3] * 6
    assert (board.join().state == State.INVALID).all()


def test_a_folder_joined_with_its_copy_has_no_more_attempts(make_board, mumbling):
    board = make_board(prompts=1)

    class Once(mumbling):
        def decide(self, prompt, first, second):
            if self.asked.count((prompt, first, second, 0)) > 1:
                raise TransportError("gone")
            return super().decide(prompt, first, second)

    board.judge(Once(99))
    path = board.folder.battles.path
    path.write_bytes(path.read_bytes() * 3)
    assert (board.join().state == State.OPEN).all()
    judge = mumbling(0)
    board.judge(judge, run="run-2")
    assert {row.attempt for row in board.rows if row.run == "run-2"} == {2}


@pytest.mark.parametrize(("connections", "most"), [(1, 1), (3, 3), (24, 24), (1000, 24), (0, 1), (-5, 1)])
def test_no_more_calls_at_a_time_than_allowed_and_no_fewer(board, longer, connections, most):
    board.judge(longer, connections=connections)
    assert longer.most_running == most
    assert len(longer.asked) == 24


def test_a_slow_call_holds_up_no_other(board, judge_class):
    class Slow(judge_class):
        async def compare(self, prompt, first, second, *, repeat=0):
            if not self.asked:
                self.asked.append(None)
                while len(self.asked) < 24:
                    await asyncio.sleep(0)
            return await super().compare(prompt, first, second, repeat=repeat)

    report = board.judge(Slow(), connections=2)
    assert report.verdicts == 24


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 5, 8])
def test_cancelling_leaves_whole_rows_and_the_rest_open(board, longer, judge_class, steps):
    async def cancel():
        task = asyncio.create_task(board.judging(longer, connections=3))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert longer.running == 0

    asyncio.run(cancel())
    done = len(board.rows)
    assert done < 24
    replies = {reply.key for reply in board.replies}
    assert {row.reply for row in board.rows} <= replies
    rest = judge_class()
    board.judge(rest, run="run-2")
    assert len(rest.asked) == 24 - done
    assert (board.join().state == State.JUDGED).all()


def test_cancelling_midway_keeps_what_was_judged(board, judge_class):
    class Stopping(judge_class):
        def decide(self, prompt, first, second):
            if len(self.asked) == 10:
                self.task.cancel()
            return super().decide(prompt, first, second)

    async def run():
        judge = Stopping()
        judge.task = asyncio.create_task(board.judging(judge, connections=2))
        with pytest.raises(asyncio.CancelledError):
            await judge.task

    asyncio.run(run())
    assert 8 <= len(board.rows) <= 12


def test_replies_are_written_before_the_rows_that_refer_to_them(board, longer, monkeypatch):
    from arena_write.store.rows import RowWriter

    written = []
    plain = RowWriter.write

    def write(self, row):
        plain(self, row)
        written.append(row)

    monkeypatch.setattr(RowWriter, "write", write)
    board.judge(longer)
    assert len(written) == 48
    known = set()
    for row in written:
        if hasattr(row, "verdict"):
            assert row.reply in known
        else:
            known.add(row.key)


def test_another_served_model_stops_the_run_and_names_both(board, switching):
    with pytest.raises(ServedModelError, match=r"'m-1' before and as 'm-2' now"):
        board.judge(switching(10), connections=1)
    assert len(board.rows) == 10
    assert {row.served_model for row in board.rows} == {"m-1"}


def test_another_served_model_than_in_an_earlier_run_stops_the_run(board, switching, flaky):
    first = flaky(after=5)
    first.served = "m-1"
    board.judge(first)
    with pytest.raises(ServedModelError, match=r"'m-1' before and as 'm-2' now"):
        board.judge(switching(0), run="run-2")
    assert {row.served_model for row in board.rows} == {"m-1"}
    second = switching(99)
    board.judge(second, run="run-3")
    assert (board.join().state == State.JUDGED).all()


def test_several_workers_that_meet_the_same_trouble_raise_one_error(board, judge_class):
    gate = []

    class Together(judge_class):
        """All calls end in one step of the loop, each with a model of its own."""

        async def compare(self, prompt, first, second, *, repeat=0):
            gate.append(None)
            while len(gate) < 6:
                await asyncio.sleep(0)
            self.served = f"m-{len(self.asked)}"
            self.asked.append(None)
            return self.decide(prompt, first, second)

    with pytest.raises(ServedModelError):
        board.judge(Together(), connections=6)
    assert len(board.rows) == 1


def test_a_server_that_does_not_say_its_model_is_no_other_model(board, switching):
    board.judge(switching(5, before=None, then="m-1"))
    assert {row.served_model for row in board.rows} == {None, "m-1"}


@pytest.mark.parametrize("error", [ValueError("a fault in the judge"), ExceptionGroup("several", [ValueError("one")])])
def test_any_other_error_of_the_judge_comes_out_as_itself(board, judge_class, error):
    cause = OSError("the cause")

    class Broken(judge_class):
        def decide(self, prompt, first, second):
            if len(self.asked) == 5:
                raise error from cause
            return super().decide(prompt, first, second)

    with pytest.raises(type(error)) as caught:
        board.judge(Broken(), connections=1)
    assert caught.value is error
    assert caught.value.__cause__ is cause
    assert len(board.rows) == 4


def test_other_calls_are_cancelled_when_one_fails(board, judge_class):
    class Broken(judge_class):
        cancelled = 0

        async def compare(self, prompt, first, second, *, repeat=0):
            if not self.asked:
                self.asked.append(None)
                await asyncio.sleep(0.01)
                raise ValueError("a fault in the judge")
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                self.cancelled += 1
                raise

    judge = Broken()
    with pytest.raises(ValueError, match="a fault"):
        board.judge(judge, connections=4)
    assert judge.cancelled == 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("full", ["battles", "replies"])
def test_a_full_disk_comes_out_as_itself(board, longer, full):
    board.folder.path.mkdir(parents=True)
    outcomes = board.join()
    board.join = lambda **options: outcomes  # nobody can read /dev/full to its end
    file = getattr(board.folder, full)
    file.path.symlink_to("/dev/full")
    with pytest.raises(WriteError, match="No space left") as caught:
        board.judge(longer)
    assert str(file.path) in str(caught.value)
    assert isinstance(caught.value.__cause__, OSError)
    if full == "battles":
        assert 1 <= len(board.replies) <= 4  # words that no row refers to do no harm
    else:
        assert board.rows == []


def test_words_that_cannot_be_stored_are_stored_with_a_mark_in_place(board, mumbling, longer):
    # A server may cut an emoji in two; the run goes on.
    board.judge(mumbling(1, detail="last label is [[\ud83d]]", words="Half \ud83d"))
    assert {row.detail for row in board.rows if row.invalid} == {"last label is [[\ufffd]]"}
    assert {reply.text for reply in board.replies if reply.attempt == 1} == {"Half \ufffd"}


def test_a_long_detail_is_kept_short(board, mumbling):
    board.judge(mumbling(1, detail="长" * 10_000))
    assert {len(row.detail) for row in board.rows if row.invalid} == {500}


def test_a_row_that_could_not_be_read_again_ends_the_run_and_spoils_nothing(board, judge_class):
    class Odd(judge_class):
        def decide(self, prompt, first, second):
            found = super().decide(prompt, first, second)
            if len(self.asked) < 5:
                return found
            return Comparison(found.outcome, Completion("x", usage=Usage(prompt_tokens="many")))

    with pytest.raises(StoreError, match=r"usage\.prompt_tokens"):
        board.judge(Odd(), connections=1)
    assert len(board.rows) == 4


def test_nothing_open_asks_nothing(make_board, longer):
    board = make_board(prompts=0)
    report = board.judge(longer)
    assert (report.verdicts, report.invalid, report.transport) == (0, 0, 0)
    assert longer.asked == []


def test_failures_and_identical_texts_are_never_judged(make_board, longer, output):
    board = make_board(prompts=1)
    (prompt,) = board.prompts
    board.outputs = [
        output(prompt, "a" * 32, "same"),
        output(prompt, "b" * 32, "same"),
        output(prompt, "c" * 32, "", failure="empty"),
    ]
    board.judge(longer)
    assert longer.asked == []
    assert board.rows == []


def test_one_verdict_serves_all_who_wrote_the_text(make_board, longer, output):
    board = make_board(prompts=1)
    (prompt,) = board.prompts
    board.outputs = [
        output(prompt, "a" * 32, "same"),
        output(prompt, "b" * 32, "same"),
        output(prompt, "c" * 32, "something else"),
    ]
    board.judge(longer)
    assert len(longer.asked) == 2
    outcomes = board.join()
    assert sorted(outcomes.state) == [State.JUDGED] * 4 + [State.IDENTICAL] * 2


def test_rows_of_another_judge_are_refused(board, longer):
    board.judge(longer)
    row = board.rows[0]
    key = battle_key(judge="9" * 32, prompt=row.prompt, first=row.first, second=row.second, repeat=row.repeat)
    with board.folder.battles.append() as file:
        file.write(replace(row, judge="9" * 32, key=key))
    with pytest.raises(ConflictError):
        board.judge(longer)
