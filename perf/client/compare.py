"""Which transport and event loop carry the calls: measured in one run, against the scripted server.

    python perf/client/compare.py [--quick]

The client is one process with one loop, so it uses one core at most. Prompts have 40 KB, replies 300 words in
38 events (or one JSON object where not streamed). "ideal" is connections / latency; req/s is over the whole run, its
beginning and its end included. Every line is a process of its own.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from scripted_server import start_server  # noqa: E402

WAYS = ("threads", "httpx2", "httpx2+uvloop", "aiohttp", "aiohttp+uvloop")
CASES = ((2.0, 64), (2.0, 256), (2.0, 512), (0.05, 256))
PROMPT = "All the words of a long text that somebody else wrote. " * 745  # 40 KB


def prompt(number: int) -> str:
    """Return a prompt that no other call has."""
    return f"{number} {PROMPT}"


async def ask_model(base_url: str, transport: str, connections: int, calls: int, streamed: bool) -> tuple[float, float]:
    """Return wall and CPU seconds of all calls through an `EndpointModel`."""
    from arena_write.endpoints import ConnectionLimit, EndpointModel
    from arena_write.endpoints.model import Dialect
    from judges.ports import Message

    limit = ConnectionLimit(connections, start=connections)
    async with EndpointModel("m", base_url=base_url, limit=limit, transport=transport) as model:
        model._dialect = Dialect(stream=streamed)
        await model.complete([Message("user", "warm up")])
        begun, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(model.complete([Message("user", prompt(number))]) for number in range(calls)))
        seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
        assert model.meter.read().retries == 0, model.meter.read()
        return seconds, cpu


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


def ask_threads(base_url: str, connections: int, calls: int, streamed: bool) -> tuple[float, float]:
    """Return wall and CPU seconds of all calls through a thread pool and one synchronous SDK client."""
    import openai

    limits = openai.DefaultHttpx2Client(limits=__import__("httpx2").Limits(max_connections=connections))
    client = openai.OpenAI(api_key="EMPTY", base_url=base_url, max_retries=0, http_client=limits)

    def ask(number: int) -> None:
        messages = [{"role": "user", "content": prompt(number)}]
        reply = client.chat.completions.create(model="m", messages=messages, stream=streamed)
        if streamed:
            "".join(event.choices[0].delta.content or "" for event in reply if event.choices)

    ask(-1)
    with ThreadPoolExecutor(connections) as pool:
        begun, cpu = time.perf_counter(), time.process_time()
        list(pool.map(ask, range(calls)))
        return time.perf_counter() - begun, time.process_time() - cpu


def measure(way: str, base_url: str, connections: int, calls: int, streamed: bool) -> None:
    """Run one way and print what it cost, as JSON."""
    if way == "threads":
        seconds, cpu = ask_threads(base_url, connections, calls, streamed)
    else:
        transport, _, loop = way.partition("+")
        if loop:
            from uvloop import run
        else:
            run = asyncio.run
        seconds, cpu = run(ask_model(base_url, transport, connections, calls, streamed))
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "cpu": cpu, "megabytes": megabytes}))


def server_cpu(process_id: int) -> float:
    """Return the CPU seconds that the server has used so far."""
    times = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[11:13]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one case, fewer calls")
    parser.add_argument("--ways", nargs="*", default=WAYS)
    parser.add_argument("--one", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        way, base_url, connections, calls, streamed = options.one
        measure(way, base_url, int(connections), int(calls), streamed == "stream")
        return
    print("| latency | connections | reply | way | req/s | of ideal | CPU ms a call | server's | peak MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    cases = CASES[-1:] if options.quick else CASES
    for latency, connections in cases:
        script = {"latency": latency, "log_bodies": False, "reply": {"name": "fixed", "text": "word " * 300}}
        calls = connections * 4 if latency > 1 else 1500 if options.quick else 4000
        for streamed in ("stream", "whole"):
            for way in options.ways:
                with start_server(script) as server:
                    arguments = ["--one", way, server.base_url, str(connections), str(calls), streamed]
                    done = subprocess.run(
                        [sys.executable, __file__, *arguments], capture_output=True, text=True, check=True
                    )
                    serving = server_cpu(server.process.pid)
                row = json.loads(done.stdout)
                rate, ideal = calls / row["seconds"], connections / latency
                cells = (
                    f"{latency:g} s", connections, streamed, way, f"{rate:,.0f}", f"{rate / ideal:.0%}",
                    f"{row['cpu'] / calls * 1000:.2f}", f"{serving / calls * 1000:.2f}", f"{row['megabytes']:.0f}",
                )  # fmt: skip
                print("|", " | ".join(map(str, cells)), "|", flush=True)
    with start_server({"rules": [{"do": "ok", "contains": "warm up"}, {"do": "hang"}]}) as server:
        print(f"\nA pending call takes {asyncio.run(hold_pending(server.base_url, 20_000)):.1f} KB.")


if __name__ == "__main__":
    main()
