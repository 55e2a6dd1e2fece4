"""What a judge's calls find in the prefix cache of a real vLLM: as they come, shuffled, the criterion first."""

import asyncio
import os
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from command import REPOSITORY, environment, run
from scripted_server import start_server
from tiny_checkpoint import build_checkpoint

from arena_write.endpoints.limit import Connections
from arena_write.endpoints.settings import RequestSettings
from arena_write.serving import ServedModel, Servers, ServingOptions
from judges import Message

AT_ONCE = 16
BLOCKS, BLOCK_TOKENS = 280, 128
SEED = 1

TEXT = """\
# What a judge's calls find in the prefix cache

The calls with which `arena-write eval` has a judge compare and score the starter's texts ({prompts} prompts, four
entrants, three of them baselines; both orders; five criteria) were recorded in the order in which they were sent, and
sent to a real vLLM ({version}, on a CPU, a tiny checkpoint of random weights, {at_once} calls at a time) whose cache
holds {tokens:,} tokens, as many as {texts:.0f} such calls read. vLLM says of each call how many tokens of the prompt it
had already. Every line has the cache to itself.

| calls | order | tokens a prompt | of these from the cache |
|---|---|---|---|
{table}

Scores have the text first and the criterion last, and the five calls about a text follow each other: the first
computes the text, the others find it. With the criterion first nothing but the rules is shared. Two comparisons share
the rules, the prompt and the first text; the second text is new each time, so a comparison finds about half of what it
reads. The starter's texts are short, so the rules, about a thousand tokens that every call shares, weigh more here than
with texts of thousands of words.

Measured on {day}; `python -m studies prefix_cache` measures it again (needs `make hf vllm`).
"""


@dataclass(frozen=True)
class Line:
    """A way to send calls, and what they found."""

    calls: str
    order: str
    tokens: float
    share: float


def study() -> str:
    """Record, replay, count; return the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        comparisons, scores, prompts = record(folder)
        judge = build_checkpoint(folder / "judge", seed=SEED, context=32_768)
        os.environ |= {
            "ARENA_WRITE_VLLM": str(make_command(folder)),
            "CUDA_VISIBLE_DEVICES": "",
            "VLLM_CPU_KVCACHE_SPACE": "1",
            "TORCHDYNAMO_DISABLE": "1",
        }
        draw = random.Random(SEED)
        ways: list[tuple[str, str, Sequence[str]]] = [
            ("scores", "as they come", scores),
            ("scores", "shuffled", draw.sample(scores, len(scores))),
            ("scores", "criterion first, as they come", list(map(put_criterion_first, scores))),
            ("comparisons", "as they come", comparisons),
            ("comparisons", "shuffled", draw.sample(comparisons, len(comparisons))),
        ]
        lines = asyncio.run(replay(judge, ways, folder))
    size = sum(line.tokens for line in lines) / len(lines)
    return TEXT.format(
        prompts=prompts,
        at_once=AT_ONCE,
        version="0.32.0",
        tokens=BLOCKS * BLOCK_TOKENS,
        texts=BLOCKS * BLOCK_TOKENS / size,
        day=date.today().isoformat(),
        table="\n".join(f"| {it.calls} | {it.order} | {it.tokens:,.0f} | {it.share:.0%} |" for it in lines),
    )


def record(folder: Path) -> tuple[list[str], list[str], int]:
    """Return what a judge is sent to compare and to score, in order, and the number of prompts."""
    script = {"models": {"judge": {"name": "judge"}}, "latency": 0.05}
    with start_server(script) as server:
        done = run(
            "eval", "--model", "builtin/example", "--benchmark", "starter", "--results", folder / "results",
            "--judge", f"openai/judge@{server.base_url}", "--max-connections", AT_ONCE,
            env=environment(),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        sent = ["\n\n".join(part["content"] for part in row["body"]["messages"]) for row in server.requests()]
    scores = [text for text in sent if "<<<CRITERION" in text]
    return [text for text in sent if "<<<CRITERION" not in text], scores, 12


def put_criterion_first(text: str) -> str:
    """Return the call with the fence of the criterion before everything but the rules."""
    head, _, rest = text.partition("<<<PROMPT")
    material, _, tail = rest.partition("<<<CRITERION")
    return f"{head}<<<CRITERION{tail}\n\n<<<PROMPT{material}"


def make_command(folder: Path) -> Path:
    """Write vLLM's command; see the tests that run it."""
    command = folder / "vllm"
    python, script = REPOSITORY / ".venv-vllm/bin/python", REPOSITORY / "tests/vllm_cpu.py"
    command.write_text(f'#!/bin/sh\nexec "{python}" "{script}" "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return command


async def replay(judge: Path, ways: Sequence[tuple[str, str, Sequence[str]]], folder: Path) -> list[Line]:
    """Send calls in each way, with a cache of its own, and return what they found."""
    args = ("--enforce-eager", "--dtype", "float32", "--num-gpu-blocks-override", str(BLOCKS),
            "--block-size", str(BLOCK_TOKENS))  # fmt: skip
    fleet = Servers(options=ServingOptions(args=args), logs=folder, say=print).open(str(judge))
    fleet.join("the study")
    lines = []
    try:
        for calls, order, texts in ways:
            settings = RequestSettings(max_tokens=1, extra={"cache_salt": f"{calls} {order}"})
            model = ServedModel(fleet, settings, connections=Connections(AT_ONCE))
            usages = await send(model.complete, texts)
            await model.aclose()
            read = sum(usage.prompt_tokens or 0 for usage in usages)
            found = sum(usage.cached_tokens or 0 for usage in usages)
            lines.append(Line(calls, order, read / len(texts), found / read))
            print(lines[-1], flush=True)
    finally:
        await fleet.leave("the study")
    return lines


async def send(complete: Callable, texts: Sequence[str]) -> list:
    """Send texts in order, so many at a time; return what each took."""
    rest, usages = iter(texts), []

    async def work() -> None:
        for text in rest:
            usages.append((await complete([Message("user", text)])).usage)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return usages
