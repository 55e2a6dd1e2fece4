"""inspect-ai's way to ask a model, as it is released: `python inspect_peer.py BASE_URL CONNECTIONS CALLS stream|whole`.

Runs in an environment of its own that has inspect-ai and openai (`compare.py --inspect PYTHON`); knows nothing of this
project. Every setting is inspect's own, but for the number of connections, retries (none) and streaming.
"""

import asyncio
import sys
from importlib.metadata import version

from inspect_ai.model import GenerateConfig, get_model
from load import Stopwatch, prompt, report


async def ask(base_url: str, connections: int, calls: int, streamed: bool) -> tuple[float, float]:
    """Ask, and return what the stopwatch says."""
    config = GenerateConfig(max_connections=connections, max_retries=0)
    async with get_model(
        "openai-api/scripted/m", base_url=base_url, api_key="EMPTY", config=config, stream=streamed, memoize=False
    ) as model:
        await model.generate("warm up")
        watch = Stopwatch()

        async def call(number: int) -> None:
            output = await model.generate(prompt(number))
            assert output.completion.startswith("word "), output
            watch.lap()

        await asyncio.gather(*map(call, range(calls)))
        return watch.read(connections)


if __name__ == "__main__":
    url, width, count, shape = sys.argv[1:]
    report(*asyncio.run(ask(url, int(width), int(count), shape == "stream")), f"inspect-ai {version('inspect-ai')}")
