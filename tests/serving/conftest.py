import asyncio

import pytest
from checkpoints.folders import make_folder
from stand_in_vllm import StandIn

from arena_write.endpoints.limit import Connections
from arena_write.endpoints.settings import RequestSettings
from arena_write.serving import ServedModel, Servers, ServingOptions
from judges import Message


@pytest.fixture
def folder(tmp_path):
    return make_folder(tmp_path / "writer")


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Make a stand-in for vLLM that does what a script says, on a machine with so many GPUs."""
    made = []

    def make(script=None, *, gpus=0):
        stand_in = StandIn(tmp_path / "stand-in", script or {})
        monkeypatch.setenv("ARENA_WRITE_VLLM", stand_in.command)
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", ",".join(map(str, range(gpus))))
        made.append(stand_in)
        return stand_in

    yield make
    assert [process for stand_in in made for process in stand_in.left()] == []


@pytest.fixture
def ask(tmp_path, folder):
    """Ask a served model some questions, all at a time; return its answers, or what went wrong."""

    def call(questions, *, folder=folder, options=None, said=None, connections=16):
        async def gather():
            say = (lambda line: None) if said is None else said.append
            servers = Servers(options=options or ServingOptions(), logs=tmp_path / "logs", say=say)
            settings = RequestSettings(max_tokens=50)
            async with ServedModel(servers.open(str(folder)), settings, connections=Connections(connections)) as model:
                calls = (model.complete([Message("user", question)]) for question in questions)
                return await asyncio.gather(*calls, return_exceptions=True)

        return asyncio.run(gather())

    return call
