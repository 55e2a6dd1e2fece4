"""Servers of our own: started, shared, replaced, and never left behind."""

import asyncio
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from checkpoints.folders import make_adapter, make_folder, safetensors
from stand_in_vllm import is_running

from arena_write.checkpoints import checkpoint_id
from arena_write.checkpoints.finding import Finder
from arena_write.endpoints import StalledError
from arena_write.endpoints.limit import Connections
from arena_write.endpoints.settings import RequestSettings
from arena_write.serving import ServedModel, ServerFailedError, Servers, ServingOptions, ServingUsageError
from arena_write.serving.command import count_replicas
from arena_write.serving.turns import Turns
from judges import Message

QUESTIONS = [f"Question {number}." for number in range(12)]


def test_it_is_served_under_its_id_on_loopback_behind_a_key_of_its_own(ask, stand_in, folder, monkeypatch, tmp_path):
    vllm = stand_in()
    monkeypatch.setenv("OPENAI_API_KEY", "sk-precious")
    said = []
    answers = ask(QUESTIONS, said=said)
    assert {answer.served_model for answer in answers} == {checkpoint_id(folder)}
    (start,) = vllm.starts()
    arguments = start["arguments"]
    assert arguments[:2] == ["serve", str(folder)]
    assert arguments[arguments.index("--host") + 1] == "127.0.0.1"
    assert arguments[arguments.index("--generation-config") + 1] == "vllm"
    assert start["secrets"] == []
    assert {request["key"] for request in vllm.requests()[0]} == {start["key"]}
    assert len(start["key"]) == 32
    assert any("vLLM starts writer on CPU" in line for line in said)
    (log,) = (tmp_path / "logs").glob("*.log")
    assert log.read_text("utf-8").startswith("loading ")


def test_options_become_arguments_and_the_users_come_last(ask, stand_in):
    vllm = stand_in(gpus=4)
    options = ServingOptions(
        gpus=("1", "3"), tensor_parallel_size=2, max_model_len=4096, gpu_memory_utilization=0.5, args=("--seed", "7")
    )
    ask(QUESTIONS[:1], options=options)
    (start,) = vllm.starts()
    text = " ".join(start["arguments"])
    assert "--tensor-parallel-size 2 --max-model-len 4096 --gpu-memory-utilization 0.5" in text
    assert text.endswith("--seed 7")
    assert start["gpus"] == "1,3"


def test_calls_go_to_the_replica_with_the_least_to_do(ask, stand_in):
    vllm = stand_in({"latency": 0.2}, gpus=3)
    long = "word " * 4_000
    answers = ask([long, *QUESTIONS])
    assert all(answer.text for answer in answers)
    assert sorted(start["gpus"] for start in vllm.starts()) == ["0", "1", "2"]
    busy = next(log for log in vllm.requests() if any(long in str(request["body"]) for request in log))
    assert sorted(map(len, vllm.requests())) == [1, 6, 6]
    assert len(busy) == 1


class TestFailures:
    @pytest.mark.parametrize("words", ["ValueError: no such architecture", "Killed"])
    def test_a_start_that_is_refused_ends_the_run_with_what_its_log_says(self, ask, stand_in, words):
        vllm = stand_in({"refuse": words})
        errors = ask(QUESTIONS)
        assert {type(error) for error in errors} == {ServerFailedError}
        assert all(error.fatal for error in errors)
        assert words in str(errors[0])
        assert "exit code 1" in str(errors[0])
        (start,) = vllm.starts()
        assert start["key"] not in str(errors[0])
        assert ("with key ***" in str(errors[0])) == (words == "Killed")

    def test_of_a_long_traceback_the_errors_are_shown_and_nothing_of_an_earlier_run(self, ask, stand_in, tmp_path):
        frames = "".join(f'(EngineCore pid=7) File "/x/{n}.py", line {n}, in f\n    raise it\n' for n in range(900))
        words = f"Traceback (most recent call last):\n{frames}(EngineCore pid=7) ValueError: Free memory is less\n"
        stand_in({"starts": [{"refuse": "RuntimeError: of yesterday"}, {"refuse": words + frames}]})
        ask(QUESTIONS[:1])
        (error,) = ask(QUESTIONS[:1])
        assert "    ValueError: Free memory is less" in str(error)
        assert "yesterday" not in str(error)
        assert len(str(error).split("\n")) < 5
        (log,) = (tmp_path / "logs").glob("*.log")
        assert "of yesterday" in log.read_text("utf-8")

    @pytest.mark.parametrize(
        ("lines", "told"),
        [
            (  # as vLLM 0.32 says that it does not know an architecture
                "(APIServer pid=7) WARNING 11-25 09:26:38 [utils.py:255] Errors like `OSError: [Errno 24] Too many`.\n"
                '  File "/x/dataclasses.py", line 121, in __init__\n    s.validate(self)\n    ^^^^^^^^^^^^^^^^\n'
                "pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig\n"
                "  Value error, The checkpoint has model type `nosuch` but\n\nYou can update it.\n"
                "    For further information visit https://errors.example\n",
                ["pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig",
                 "  Value error, The checkpoint has model type `nosuch` but"],
            ),
            (  # each process says it again
                "(Worker pid=8) ERROR 11-25 09:29:45 [core.py:953] RuntimeError: Size a (128) must match b (64)\n"
                "(EngineCore pid=7) RuntimeError: Size a (128) must match b (64)\nAssertionError\n",
                ["RuntimeError: Size a (128) must match b (64)", "AssertionError"],
            ),
            (  # arguments that it does not know
                "usage: vllm [-h]\n            ...\nvllm: error: unrecognized arguments: --foo 3\n",
                ["usage: vllm [-h]", "            ...", "vllm: error: unrecognized arguments: --foo 3"],
            ),
        ],
    )  # fmt: skip
    def test_what_vllm_said_is_told_in_a_few_lines(self, tmp_path, lines, told):
        from arena_write.serving.server import Server

        (tmp_path / "log").write_text(lines, encoding="utf-8")
        assert Server(None, log=tmp_path / "log").tail().split("\n") == [f"    {line}" for line in told]

    def test_a_port_that_somebody_takes_is_given_up_for_another(self, ask, stand_in, monkeypatch):
        from arena_write.serving import server

        vllm, free = stand_in({"models": {"another": None}}), server._free_port
        with strange_server() as taken:
            ports = iter([taken, taken])
            monkeypatch.setattr(server, "_free_port", lambda: next(ports, None) or free())
            (answer,) = ask(QUESTIONS[:1])
        assert answer.text
        assert len(vllm.starts()) == 3

    def test_where_every_port_is_taken_the_run_ends(self, ask, stand_in, monkeypatch):
        from arena_write.serving import server

        vllm = stand_in()
        with strange_server() as taken:
            monkeypatch.setattr(server, "_free_port", lambda: taken)
            (error,) = ask(QUESTIONS[:1])
        assert isinstance(error, ServerFailedError)
        assert "address already in use" in str(error)
        assert len(vllm.starts()) == 3

    def test_a_log_that_cannot_be_written(self, ask, stand_in, tmp_path):
        vllm = stand_in()
        (tmp_path / "logs").write_text("a file where the folder should be", encoding="utf-8")
        (error,) = ask(QUESTIONS[:1])
        assert isinstance(error, ServerFailedError)
        assert "cannot be written: " in str(error)
        assert vllm.starts() == []

    def test_one_that_falls_silent_is_ended_and_replaced(self, ask, stand_in, monkeypatch):
        from arena_write.endpoints import model
        from arena_write.endpoints.deadlines import Patience

        monkeypatch.setattr(model, "Patience", lambda: Patience(silence=1.5, first_token=1.0))
        vllm = stand_in({"deaf": True, "starts": [{"rules": [{"numbers": list(range(1, 90)), "do": "hang"}]}, {}]})
        said = []
        answers = ask(QUESTIONS[:3], said=said)
        assert all(answer.text for answer in answers), answers
        assert any("fell silent" in line for line in said)
        assert len(vllm.starts()) == 2

    def test_one_that_hangs_on_a_prompt_and_answers_others_is_kept(self, ask, stand_in, monkeypatch):
        from arena_write.endpoints import model
        from arena_write.endpoints.deadlines import Patience

        monkeypatch.setattr(model, "Patience", lambda: Patience(silence=60.0, first_token=1.0))
        vllm = stand_in({"rules": [{"contains": QUESTIONS[0], "do": "hang"}]})
        hangs, *others = ask(QUESTIONS[:4], connections=4)
        assert isinstance(hangs, StalledError)
        assert all(answer.text for answer in others)
        assert len(vllm.starts()) == 1

    def test_one_that_hangs_on_the_only_prompt_is_replaced_once_and_no_more(self, ask, stand_in, monkeypatch):
        from arena_write.endpoints import model
        from arena_write.endpoints.deadlines import Patience

        monkeypatch.setattr(model, "Patience", lambda: Patience(silence=60.0, first_token=0.3))
        vllm = stand_in({"deaf": True, "rules": [{"do": "hang"}]})
        (hangs,) = ask(QUESTIONS[:1])
        assert isinstance(hangs, StalledError)
        assert len(vllm.starts()) == 2

    def test_a_server_that_dies_is_started_once_more_and_its_calls_are_asked_again(self, ask, stand_in):
        vllm = stand_in({"starts": [{"rules": [{"numbers": [5], "do": "die"}]}, {}]})
        said = []
        answers = ask(QUESTIONS, said=said, connections=3)
        assert all(answer.text for answer in answers), answers
        first, second = vllm.requests()
        assert len(first) >= 5
        asked = Counter(request["digest"] for request in first + second)
        assert len(asked) == 12
        assert len(second) >= 12 - 4
        assert any("died" in line for line in said)
        assert vllm.starts()[0]["key"] != vllm.starts()[1]["key"]

    def test_one_that_dies_twice_ends_the_run(self, ask, stand_in):
        vllm = stand_in({"rules": [{"numbers": [3], "do": "die"}]})
        results = ask(QUESTIONS, connections=1)
        assert len(vllm.starts()) == 2
        errors = [result for result in results if isinstance(result, Exception)]
        assert {type(error) for error in errors} == {ServerFailedError}
        assert len(errors) == 12 - 4

    def test_a_call_that_comes_while_the_only_server_is_replaced_waits_for_the_next(self, stand_in, folder, tmp_path):
        stand_in({"starts": [{"rules": [{"numbers": [1], "do": "die"}]}, {"seconds": 1}]})

        async def play():
            died = asyncio.Event()
            servers = Servers(logs=tmp_path, say=lambda line: died.set() if "died" in line else None)
            connections, settings = Connections(), RequestSettings(max_tokens=50)
            async with ServedModel(servers.open(str(folder)), settings, connections=connections) as model:
                first = asyncio.create_task(model.complete([Message("user", "first")]))
                await died.wait()
                await asyncio.sleep(0.5)  # the dead one is away, and the next not yet there
                return await model.complete([Message("user", "second")]), await first

        assert all(answer.text for answer in asyncio.run(play()))

    def test_where_others_are_left_nobody_waits(self, stand_in, ask):
        slow = [{"rules": [{"numbers": [1], "do": "die"}]}, {}, {"seconds": 600}]
        stand_in({"starts": slow}, gpus=2)
        answers = ask(QUESTIONS)  # ends long before the third start does, and ends that too
        assert all(answer.text for answer in answers)

    def test_where_others_are_left_they_take_over(self, ask, stand_in):
        dying = {"rules": [{"numbers": [2], "do": "die"}]}
        vllm = stand_in({"starts": [dying, {}, dying, {}]}, gpus=2)
        answers = ask(QUESTIONS * 2, connections=2)
        assert all(answer.text for answer in answers), answers
        assert len(vllm.starts()) in (3, 4)

    def test_faults_of_a_server_that_lives_are_its_calls_alone(self, ask, stand_in):
        vllm = stand_in({"rules": [{"contains": "Question 7.", "do": "server_error"}]})
        results = ask(QUESTIONS)
        assert [isinstance(result, Exception) for result in results] == [number == 7 for number in range(12)]
        assert not results[7].fatal
        assert len(vllm.starts()) == 1


def test_a_checkpoint_that_is_written_over_while_it_loads_is_not_asked(ask, stand_in, folder):
    vllm = stand_in({"seconds": 3})
    stop = threading.Event()

    def write_over():
        while not vllm.starts() and not stop.wait(0.05):
            pass
        (folder / "model.safetensors").write_bytes(safetensors(b"others"))

    writer = threading.Thread(target=write_over)
    writer.start()
    try:
        errors = ask(QUESTIONS[:2])
    finally:
        stop.set()
        writer.join()
    assert all("was written to since this run began" in str(error) for error in errors)
    assert vllm.requests() == [[]]


def test_an_adapter_is_served_on_its_base_under_an_id_of_its_own(ask, stand_in, folder, tmp_path):
    vllm = stand_in()
    adapter = make_adapter(tmp_path / "tuned", base=folder, rank=12)
    ids = {Finder().find(str(place)).id for place in (folder, adapter)}
    assert len(ids) == 2
    answers = ask(QUESTIONS[:2], folder=adapter)
    assert {answer.served_model for answer in answers} == ids - {checkpoint_id(folder)}
    arguments = vllm.starts()[0]["arguments"]
    assert arguments[:2] == ["serve", str(folder)]
    assert arguments[arguments.index("--max-lora-rank") + 1] == "16"
    assert arguments[arguments.index("--lora-modules") + 1].endswith(f"={adapter}")


class TestEnds:
    """Nothing is left, however we end; the fixture looks at the end of every test."""

    def test_a_server_that_is_deaf_to_sigterm_is_killed_with_its_children(self, tmp_path, stand_in, folder):
        from arena_write.serving.server import Server

        vllm = stand_in({"deaf": True})
        fleet = Servers(logs=tmp_path).open(str(folder))

        async def start_and_stop():
            from arena_write.serving.command import replica_command

            def make(port, key):
                return replica_command(
                    fleet.options, executable=vllm.command, found=fleet.found, port=port, key=key, gpus=()
                )

            server = Server(make, log=tmp_path / "log", patience=0.5)
            await server.start()
            (start,) = vllm.starts()
            assert len(start["processes"]) == 2
            assert all(map(is_running, start["processes"]))
            await server.stop()

        asyncio.run(start_and_stop())

    def test_kill_9_of_us_leaves_nothing(self, tmp_path, stand_in, folder):
        vllm = stand_in({"latency": 30})
        script = (
            "import asyncio\nfrom pathlib import Path\nfrom arena_write.endpoints.limit import Connections\n"
            "from arena_write.endpoints.settings import RequestSettings\n"
            "from arena_write.serving import ServedModel, Servers\nfrom judges import Message\n"
            f"model = ServedModel(Servers(logs=Path({str(tmp_path)!r})).open({str(folder)!r}), RequestSettings(),"
            " connections=Connections())\n"
            "asyncio.run(model.complete([Message('user', 'hello')]))\n"
        )
        for number in range(3):
            process = subprocess.Popen([sys.executable, "-c", script])
            while len(vllm.requests()) <= number or not vllm.requests()[number]:
                time.sleep(0.05)
                assert process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.wait()
            wait_until_gone(vllm)

    def test_the_guard_passes_the_exit_code_on(self, tmp_path):
        for code in (0, 3):
            assert guard(tmp_path, "sh", "-c", f"echo said; exit {code}") == code
        assert (tmp_path / "log").read_text("utf-8") == "said\nsaid\n"
        assert guard(tmp_path, "sh", "-c", "kill -9 $$") == 128 + 9
        assert guard(tmp_path, str(tmp_path / "nothing")) == 127


@contextmanager
def strange_server():
    """Somebody else's server: it is well, has another model, and keeps its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"data": [{"id": "another"}]}')

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def guard(folder, *command):
    from arena_write.serving import guard as module

    process = subprocess.Popen(
        [sys.executable, "-I", module.__file__, str(folder / "log"), "1", *command], stdin=subprocess.PIPE
    )
    try:
        return process.wait(timeout=20)
    finally:
        process.stdin.close()


def wait_until_gone(vllm, seconds=20):
    end = time.monotonic() + seconds
    while vllm.left() and time.monotonic() < end:
        time.sleep(0.05)
    assert vllm.left() == []


class TestRefusals:
    def open(self, folder, tmp_path, **options):
        return Servers(options=ServingOptions(**options), logs=tmp_path).open(str(folder))

    @pytest.mark.parametrize(
        ("options", "gpus", "words"),
        [
            ({"gpus": ("0", "5")}, 2, "--gpus names 5, and visible are 0, 1"),
            ({"gpus": ("0", "1", "0")}, 2, "--gpus names 0 twice"),
            ({"tensor_parallel_size": 3}, 2, "--tensor-parallel-size 3 needs 3 GPUs, and there are 2"),
            ({"gpus": ()}, 2, "--tensor-parallel-size 1 needs 1 GPUs, and there are 0"),
            ({"gpus": ("0",)}, 0, "--gpus names 0, and no GPU is visible here"),
            ({"tensor_parallel_size": 4}, 2, "--tensor-parallel-size 4 needs 4 GPUs, and there are 2"),
            ({"replicas": 3}, 2, "--replicas 3 with --tensor-parallel-size 1 needs 3 GPUs, and there are 2"),
        ],
    )
    def test_gpus_that_are_not_there(self, stand_in, folder, tmp_path, options, gpus, words):
        stand_in(gpus=gpus)
        with pytest.raises(ServingUsageError, match=words):
            self.open(folder, tmp_path, **options)

    def test_no_vllm(self, folder, tmp_path, monkeypatch):
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.delenv("ARENA_WRITE_VLLM", raising=False)
        monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
        with pytest.raises(ServingUsageError, match="vLLM is not installed"):
            self.open(folder, tmp_path)
        monkeypatch.setenv("ARENA_WRITE_VLLM", "/nowhere/vllm")
        with pytest.raises(ServingUsageError, match="names '/nowhere/vllm'"):
            self.open(folder, tmp_path)


def test_the_same_weights_elsewhere_have_the_same_servers(stand_in, folder, tmp_path):
    stand_in()
    servers = Servers(logs=tmp_path)
    twin = make_folder(tmp_path / "twin")
    assert servers.open(str(folder)) is servers.open(str(twin))
    assert servers.open(str(folder)) is not servers.open(str(make_folder(tmp_path / "other", weights=b"other")))


def test_turns_come_in_the_order_of_the_work_and_end_when_their_owners_say_so():
    async def play():
        turns, had = Turns(), []
        turns.arrange(["writer", "judge", "writer"])

        async def take(name):
            await turns.wait(name)
            had.append(name)

        tasks = [asyncio.create_task(take(name)) for name in ("stranger", "judge", "writer")]
        await asyncio.sleep(0.01)
        assert had == ["writer"]
        turns.end("judge")  # it never came
        await asyncio.sleep(0.01)
        assert had == ["writer"]
        turns.end("writer")
        await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
        return had

    assert asyncio.run(play()) == ["writer", "stranger"]


@pytest.mark.parametrize(
    ("gpus", "size", "replicas"),
    [([8], 1, 8), ([8], 4, 2), ([3, 3], 2, 2), ([2, 0], 2, 1), ([0, 0], 1, 1)],
)
def test_a_replica_has_its_gpus_on_one_machine(gpus, size, replicas):
    assert count_replicas(ServingOptions(tensor_parallel_size=size), gpus) == replicas


def test_gpus_on_two_machines_make_no_replica():
    with pytest.raises(ServingUsageError, match="needs 4 GPUs, and there are 6, on 2 machines"):
        count_replicas(ServingOptions(tensor_parallel_size=4), [3, 3])
