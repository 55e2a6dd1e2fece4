"""Servers on Ray, one by one: what their actors say arrives as it was said, and what cannot be is said at once."""

import asyncio
import os
import signal

import pytest

from arena_write.checkpoints.finding import Finder
from arena_write.endpoints import BadRequestError, ContextOverflowError, RateLimitedError
from arena_write.endpoints.limit import Connections
from arena_write.endpoints.settings import RequestSettings
from arena_write.serving import ServedModel, ServerFailedError, Servers, ServingOptions, ServingUsageError, ray_executor
from arena_write.serving.host import Host, wait_for_end
from judges import Message


@pytest.fixture
def on_ray(tmp_path, folder):
    """Ask a model on Ray some questions; return its answers, or what went wrong."""

    def call(questions, *, said=None, replicas=1):
        say = (lambda line: None) if said is None else said.append
        servers = Servers(options=ServingOptions(executor="ray", replicas=replicas), logs=tmp_path / "logs", say=say)

        async def gather(fleet):
            settings = RequestSettings(max_tokens=50)
            async with ServedModel(fleet, settings, connections=Connections()) as model:
                calls = (model.complete([Message("user", question)]) for question in questions)
                return await asyncio.gather(*calls, return_exceptions=True)

        fleet = servers.open(str(folder))
        try:
            servers.arrange([fleet.id])
            return asyncio.run(gather(fleet))
        finally:
            servers.close()

    return call


@pytest.mark.ray
class TestOnRay:
    def test_errors_of_a_call_arrive_as_what_they_are(self, on_ray, stand_in, folder):
        vllm = stand_in(
            {
                "rules": [
                    {"contains": "one", "do": "error", "status": 400, "message": "no such thing"},
                    {"contains": "two", "do": "rate_limited"},
                    {"contains": "three", "do": "overflow"},
                ]
            }
        )
        bad, limited, long, answer = on_ray(["one", "two", "three", "four"])
        assert type(bad) is BadRequestError
        assert (bad.status, bad.attempts) == (400, 1)
        assert type(limited) is RateLimitedError
        assert limited.attempts == 4  # asked again from here, as a server without Ray is
        assert type(long) is ContextOverflowError
        assert answer.text
        assert {request["key"] for request in vllm.requests()[0]} == {vllm.starts()[0]["key"]}

    def test_a_start_that_fails_says_where_and_why(self, on_ray, stand_in):
        vllm = stand_in({"refuse": "ValueError: no such architecture"})
        said = []
        errors = on_ray(["one", "two"], said=said, replicas=2)
        assert {type(error) for error in errors} == {ServerFailedError}
        assert "ValueError: no such architecture" in str(errors[0])
        assert len(vllm.starts()) == 2

    def test_a_server_that_dies_is_started_once_more_and_its_calls_are_asked_again(self, on_ray, stand_in, tmp_path):
        vllm = stand_in({"starts": [{"rules": [{"numbers": [5], "do": "die"}]}, {}]})
        said = []
        answers = on_ray([f"Question {number}." for number in range(12)], said=said)
        assert all(answer.text for answer in answers), answers
        assert any(line.startswith(f"server 1 of writer died ({tmp_path}/logs/vllm-") for line in said), said
        assert len(vllm.starts()) == 2


class TestHosts:
    """What runs on a machine of the cluster, without Ray."""

    def start(self, folder, tmp_path, *, gone=False, **environment):
        found = Finder().find(str(folder))
        if gone:
            folder.rename(tmp_path / "elsewhere")
        host = Host(found, ServingOptions(), log=tmp_path / "log", environment=environment)

        async def start_and_stop():
            try:
                return await host.start()
            finally:
                await host.stop()

        return asyncio.run(start_and_stop())

    def test_a_checkpoint_that_is_not_there(self, tmp_path, stand_in, folder):
        stand_in()
        with pytest.raises(ServerFailedError, match="a folder that all machines of the cluster have"):
            self.start(folder, tmp_path, gone=True)

    def test_no_vllm(self, tmp_path, stand_in, folder, monkeypatch):
        stand_in()
        with pytest.raises(ServerFailedError, match="names '/nowhere/vllm'"):
            self.start(folder, tmp_path, ARENA_WRITE_VLLM="/nowhere/vllm")
        assert os.environ["ARENA_WRITE_VLLM"] == "/nowhere/vllm"

    def test_what_a_killed_host_had_is_waited_for(self, tmp_path, stand_in, folder):
        stand_in()
        started = self.start(folder, tmp_path)
        wait_for_end(started.process, 20)
        with pytest.raises(ProcessLookupError):
            os.killpg(started.process, signal.SIGTERM)


class TestRefusals:
    """What is wrong is said before anything is started."""

    def open(self, folder, tmp_path, **options):
        return Servers(options=ServingOptions(executor="ray", **options), logs=tmp_path).open(str(folder))

    def test_no_ray(self, stand_in, folder, tmp_path, monkeypatch):
        stand_in()
        monkeypatch.setattr(ray_executor, "find_spec", lambda name: None)
        with pytest.raises(ServingUsageError, match=r"pip install 'arena-write\[ray\]'"):
            self.open(folder, tmp_path)

    @pytest.mark.ray
    @pytest.mark.parametrize(
        ("address", "options", "words"),
        [
            ("ray://head:10001", {}, "Ray's client is not enough"),
            ("head:6379", {"gpus": ("0",)}, "give --replicas for fewer"),
            ("", {"replicas": 3, "tensor_parallel_size": 2}, "needs 6 GPUs, and there are 4"),
            ("local", {"gpus": ("7",)}, "--gpus names 7"),
        ],
    )
    def test_what_a_cluster_cannot_do(self, stand_in, folder, tmp_path, monkeypatch, address, options, words):
        stand_in(gpus=4)
        monkeypatch.setenv("RAY_ADDRESS", address)
        with pytest.raises(ServingUsageError, match=words):
            self.open(folder, tmp_path, **options)

    @pytest.mark.ray
    def test_nobody_at_the_address(self, stand_in, folder, tmp_path, monkeypatch):
        stand_in()
        monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
        servers = Servers(options=ServingOptions(executor="ray"), logs=tmp_path)
        fleet = servers.open(str(folder))
        with pytest.raises(ServingUsageError, match="Ray could not join RAY_ADDRESS=127"):
            servers.arrange([fleet.id])
