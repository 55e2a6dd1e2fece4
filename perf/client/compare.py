"""What carries the calls, and how fast: clients side by side in one run, against the scripted server.

    python perf/client/compare.py [--quick] [--ways aiohttp sdk ...] [--cases 3 4] [--inspect PYTHON]

Each line is a client in a process of its own, on one event loop and so on one core at most:

* `aiohttp`, `httpx2`: an `EndpointModel` on that transport; `+uvloop` where that is installed.
* `sdk`: AsyncOpenAI as it comes, default transport and models of replies included.
* `threads`: a pool of threads around one synchronous SDK client.
* `inspect`: inspect-ai's model API as it is released, run by the Python of its own environment:
  `uv venv /tmp/inspect && VIRTUAL_ENV=/tmp/inspect uv pip install inspect-ai openai`, then
  `--inspect /tmp/inspect/bin/python`. `inspect_peer.py` is what it runs.

Prompts have 40 KB, replies 300 words: 41 events of a stream, or one JSON object. Ideal is connections / latency; req/s
is counted from the end of the first round on. "server's" is the CPU time a call that the scripted server took: where
it and the client's together come near the machine's, the server is the bound. `--cases` picks among: 1, 2, 3: streamed
at 2 s on 64, 256, 512 connections; 4, 5: at 50 ms on 256, streamed and whole.

Measured once, on a machine of 2 cores (AMD EPYC) that did nothing else, with openai 3.54, httpx2 2.16, aiohttp 3.14,
inspect-ai 0.3.285, Python 3.11; requests a second, and CPU ms a call:

| req/s (CPU ms a call) | 2 s, 64 | 2 s, 256 | 2 s, 512 | 50 ms, 256 | 50 ms, 256, not streamed |
|---|---|---|---|---|---|
| aiohttp | 32 (1.57) | 124 (1.78) | 242 (1.70) | 1,318 (0.93) | 1,209 (0.97) |
| httpx2 | 31 (3.40) | 114 (4.74) | 106 (8.62) | 256 (4.18) | 235 (4.66) |
| threads | 26 (15.36) | 40 (23.90) | 38 (32.89) | 78 (13.65) | 202 (5.20) |
| sdk | 25 (16.14) | 57 (17.69) | fails: its calls time out | 69 (14.23) | 152 (6.73) |
| inspect | 18 (30.15) | 32 (33.09) | 33 (30.93) | 35 (29.00) | 127 (8.28) |
| ideal | 32 | 128 | 256 | 5,120 | 5,120 |

So the SDK's client runs on aiohttp: 99, 97 and 94 % of ideal at 64, 256 and 512 connections, and more than 1,000
requests a second from one core. A call takes 1 to 2 ms of CPU time however many connections there are. uvloop changed
nothing that could be told from noise (measured earlier): plain asyncio will do. A pending call takes 7.8 KB beside its
prompt, and no connection.

What made the difference, in the order of its size: no models of replies and requests (see `wire`); a collector that
looks for cycles less often (`concurrency.run_calls`: a quarter of the CPU time of a call); bodies by pydantic's
encoder; events that come together are taken in together.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from load import PROMPT, Stopwatch, prompt, report

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from scripted_server import start_server  # noqa: E402

LOOPS = ("", "+uvloop") if find_spec("uvloop") else ("",)
WAYS = ("threads", "sdk", *(f"{transport}{loop}" for transport in ("httpx2", "aiohttp") for loop in LOOPS))
CASES = ((2.0, 64, "stream"), (2.0, 256, "stream"), (2.0, 512, "stream"), (0.05, 256, "stream"), (0.05, 256, "whole"))


async def ask_model(base_url: str, transport: str, connections: int, calls: int, streamed: bool) -> tuple[float, float]:
    """Ask through an `EndpointModel`; return what the stopwatch says."""
    from arena_write.endpoints import ConnectionLimit, EndpointModel
    from arena_write.endpoints.dialects import Dialect
    from judges.ports import Message

    limit = ConnectionLimit(connections, start=connections)
    async with EndpointModel("m", base_url=base_url, limit=limit, transport=transport) as model:
        model._dialect = Dialect(stream=streamed)
        await model.complete([Message("user", "warm up")])
        watch = Stopwatch()

        async def ask(number: int) -> None:
            await model.complete([Message("user", prompt(number))])
            watch.lap()

        await asyncio.gather(*map(ask, range(calls)))
        assert model.meter.read().retries == 0, model.meter.read()
        return watch.read(connections)


async def hold_pending(base_url: str, calls: int) -> float:
    """Return the KB that a call takes which waits for a connection, its prompt not counted."""
    from arena_write.endpoints import ConnectionLimit, EndpointModel
    from judges.ports import Message

    def used() -> float:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize() / 1024

    async with EndpointModel("m", base_url=base_url, limit=ConnectionLimit(8)) as model:
        await model.complete([Message("user", "warm up")])
        messages = [Message("user", PROMPT)]
        before = used()
        tasks = [asyncio.create_task(model.complete(messages)) for _ in range(calls)]
        while model.limit.waiting < calls - 8:
            await asyncio.sleep(0)
        size = (used() - before) / calls
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return size


async def ask_sdk(base_url: str, connections: int, calls: int, streamed: bool) -> tuple[float, float]:
    """Ask through AsyncOpenAI as its documentation shows it; return what the stopwatch says."""
    import httpx2
    import openai

    http_client = openai.DefaultAsyncHttpx2Client(limits=httpx2.Limits(max_connections=connections))
    free = asyncio.Semaphore(connections)
    async with openai.AsyncOpenAI(api_key="EMPTY", base_url=base_url, max_retries=0, http_client=http_client) as client:

        async def ask(number: int) -> None:
            async with free:
                messages = [{"role": "user", "content": prompt(number)}]
                reply = await client.chat.completions.create(model="m", messages=messages, stream=streamed)
                if streamed:
                    "".join([event.choices[0].delta.content or "" async for event in reply if event.choices])
            watch.lap()

        watch = Stopwatch()
        await ask(-1)
        watch = Stopwatch()
        await asyncio.gather(*map(ask, range(calls)))
        return watch.read(connections)


def ask_threads(base_url: str, connections: int, calls: int, streamed: bool) -> tuple[float, float]:
    """Ask through a thread pool and one synchronous SDK client; return what the stopwatch says."""
    import httpx2
    import openai

    http_client = openai.DefaultHttpx2Client(limits=httpx2.Limits(max_connections=connections))
    client = openai.OpenAI(api_key="EMPTY", base_url=base_url, max_retries=0, http_client=http_client)

    def ask(number: int) -> None:
        messages = [{"role": "user", "content": prompt(number)}]
        reply = client.chat.completions.create(model="m", messages=messages, stream=streamed)
        if streamed:
            "".join(event.choices[0].delta.content or "" for event in reply if event.choices)
        watch.lap()

    watch = Stopwatch()
    ask(-1)
    watch = Stopwatch()
    with ThreadPoolExecutor(connections) as pool:
        list(pool.map(ask, range(calls)))
    return watch.read(connections)


def measure(way: str, base_url: str, connections: int, calls: int, streamed: bool) -> None:
    """Run one way and print what it cost, as JSON."""
    if way == "threads":
        rate, cpu = ask_threads(base_url, connections, calls, streamed)
    elif way == "sdk":
        rate, cpu = asyncio.run(ask_sdk(base_url, connections, calls, streamed))
    else:
        transport, _, loop = way.partition("+")
        if loop:
            from uvloop import run
        else:
            from arena_write.concurrency import run_calls as run
        rate, cpu = run(ask_model(base_url, transport, connections, calls, streamed))
    report(rate, cpu, f"openai {version('openai')}")


def command(way: str, peer: str | None) -> Sequence[str]:
    """Return what runs one way, but for its arguments."""
    here = Path(__file__)
    return (
        [str(peer), str(here.with_name("inspect_peer.py"))]
        if way == "inspect"
        else [sys.executable, __file__, "--one", way]
    )


def server_cpu(process_id: int) -> float:
    """Return the CPU seconds that the server has used so far."""
    times = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[11:13]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one case, fewer calls")
    parser.add_argument("--ways", nargs="*", default=WAYS)
    parser.add_argument("--cases", nargs="*", type=int, help="numbers of the cases, from 1")
    parser.add_argument("--inspect", metavar="PYTHON", help="of an environment that has inspect-ai")
    parser.add_argument("--one", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        way, base_url, connections, calls, streamed = options.one
        measure(way, base_url, int(connections), int(calls), streamed == "stream")
        return
    ways = [*options.ways, "inspect"] if options.inspect else options.ways
    versions: dict[str, str] = {}
    print("| latency | connections | reply | way | req/s | of ideal | CPU ms a call | server's | peak MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    cases = [CASES[number - 1] for number in options.cases or ((4, 5) if options.quick else range(1, len(CASES) + 1))]
    for latency, connections, shape in cases:
        script = {"latency": latency, "log_bodies": False, "reply": {"name": "fixed", "text": "word " * 300}}
        calls = connections * 8 if latency > 1 else 1500 if options.quick else 4000
        for way in ways:
            with start_server(script) as server:
                arguments = [server.base_url, str(connections), str(calls), shape]
                done = subprocess.run([*command(way, options.inspect), *arguments], capture_output=True, text=True)
                serving = server_cpu(server.process.pid)
            if done.returncode:
                why = done.stderr.strip().rpartition("\n")[2]
                print(f"| {latency:g} s | {connections} | {shape} | {way} | failed: {why} |", flush=True)
                continue
            row = json.loads(done.stdout)
            versions[way] = row["version"]
            cells = (
                f"{latency:g} s", connections, shape, way, f"{row['rate']:,.0f}",
                f"{row['rate'] * latency / connections:.0%}", f"{row['cpu'] / calls * 1000:.2f}",
                f"{serving / calls * 1000:.2f}", f"{row['megabytes']:.0f}",
            )  # fmt: skip
            print("|", " | ".join(map(str, cells)), "|", flush=True)
    print("\n" + ", ".join(f"{way}: {name}" for way, name in versions.items()))
    with start_server({"rules": [{"do": "ok", "contains": "warm up"}, {"do": "hang"}]}) as server:
        print(f"\nA pending call takes {asyncio.run(hold_pending(server.base_url, 20_000)):.1f} KB.")


if __name__ == "__main__":
    main()
