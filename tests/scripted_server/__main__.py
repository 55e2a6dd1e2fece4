"""`python -m scripted_server --port 0 --script FILE|JSON`: serve until stopped, and say on which port."""

import argparse
import asyncio
import contextlib
import gc
import json
from pathlib import Path

from scripted_server.script import Script
from scripted_server.server import run


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripted_server", description="An OpenAI-compatible server with a script.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--script", default="{}", help="a file, or the JSON itself; see script.py")
    parser.add_argument("--log", type=Path, help="file that gets a line of JSON a request")
    options = parser.parse_args()
    text = options.script if options.script.lstrip().startswith("{") else Path(options.script).read_text("utf-8")
    gc.freeze()
    try:
        from uvloop import run as start
    except ImportError:
        start = asyncio.run
    with contextlib.suppress(KeyboardInterrupt):
        start(run(Script.read(json.loads(text)), port=options.port, log=options.log))


if __name__ == "__main__":
    main()
