"""A judge behind a server that stops answering: the run ends, what was said is kept, and the same command goes on."""

import asyncio

import pytest
from battles.conftest import SPEC
from scripted_server import start_server

from arena_write.endpoints import ConnectionLimit, EndpointModel, Patience, RetryPolicy, SilentServerError
from judges import Comparison
from judges.parsing import parse_verdict

PATIENCE = Patience(first_token=1.0, silence=2.0)
RETRY = RetryPolicy(first_wait=0.01, longest_wait=0.05, jitter=0.01)


class WiredJudge:
    """Asks a model behind a server."""

    spec = SPEC

    def __init__(self, model):
        self.model = model

    async def compare(self, prompt, first, second, *, repeat=0):
        completion = await self.model.complete_text(f"{prompt}\n{first}\n{second}\n[[A>B]] or [[B>A]]?")
        return Comparison(parse_verdict(completion.text), completion)


def judge_at(board, server):
    async def judging():
        limit = ConnectionLimit(4)
        async with EndpointModel("m", base_url=server.base_url, limit=limit, patience=PATIENCE, retry=RETRY) as model:
            return await board.judging(WiredJudge(model), connections=4)

    return asyncio.run(judging())


def test_battles_on_which_a_judge_hangs_stay_open_and_the_others_are_judged(board):
    reply = {"name": "fixed", "text": "The first. [[A>B]]"}
    rules = [{"do": "hang", "contains": f"b on 1: {'x' * ord('b')}\n[["}]
    for asked in (22 + 2 * 3, 2 * 3):  # the second time nothing else is left to ask
        with start_server({"reply": reply, "rules": rules}) as server:
            report = judge_at(board, server)
            assert len(server.requests()) == asked
        assert (report.transport, len(board.rows)) == (2, 22)
        assert "in vain for the reply to begin" in report.last_transport_error


def test_a_judge_that_falls_silent_ends_the_run_and_loses_nothing(board):
    reply = {"name": "fixed", "text": "The first. [[A>B]]"}
    with start_server({"reply": reply, "rules": [{"do": "hang", "numbers": list(range(11, 1000))}]}) as server:
        with pytest.raises(SilentServerError) as caught:
            judge_at(board, server)
        assert len(server.requests()) < 40
    assert caught.value.fatal
    assert server.base_url in str(caught.value)
    kept = {row.key for row in board.rows}
    assert len(kept) == len(board.rows) == 10
    with start_server({"reply": reply}) as server:
        judge_at(board, server)
        assert len(server.requests()) == 14
    assert len(board.rows) == len({row.key for row in board.rows}) == 24
    assert kept < {row.key for row in board.rows}
