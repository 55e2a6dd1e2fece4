"""`python -m stand_in_vllm FOLDER serve PATH --port N ...`"""

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from scripted_server.script import Script
from scripted_server.server import run

from stand_in_vllm import left

_DEAF_CHILD = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


def main() -> None:
    folder, arguments = Path(sys.argv[1]), sys.argv[2:]
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["serve"])
    parser.add_argument("model")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--served-model-name", required=True)
    parser.add_argument("--lora-modules")
    options, _ = parser.parse_known_args(arguments)
    script = json.loads((folder / "script.json").read_text("utf-8"))
    number = claim_number(folder)
    starts = script.pop("starts", [{}])
    script |= starts[min(number, len(starts)) - 1]
    deaf = script.pop("deaf", False)
    processes = [os.getpid()]
    if deaf:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        processes.append(subprocess.Popen([sys.executable, "-c", _DEAF_CHILD]).pid)
    start = {
        "arguments": arguments,
        "gpus": os.environ.get("CUDA_VISIBLE_DEVICES"),
        "key": os.environ.get("VLLM_API_KEY"),
        "secrets": sorted(name for name in ("OPENAI_API_KEY", "HF_TOKEN") if name in os.environ),
        "processes": processes,
        "others": left(folder),
    }
    written = folder / f"start-{number:03}.json.part"  # whole, or not there, for whoever reads meanwhile
    written.write_text(json.dumps(start), encoding="utf-8")
    written.rename(written.with_suffix(""))
    print(f"loading {options.model} with key {os.environ.get('VLLM_API_KEY')}", flush=True)
    time.sleep(script.pop("seconds", 0))
    if refusal := script.pop("refuse", None):
        sys.exit(refusal)
    reply = script.pop("roles", {}).get(Path(options.model).name, {"name": "essay"})
    names = [options.served_model_name, *([options.lora_modules.partition("=")[0]] if options.lora_modules else [])]
    script |= {"key": os.environ.get("VLLM_API_KEY"), "models": dict.fromkeys(names, reply)}
    asyncio.run(run(Script.read(script), port=options.port, log=folder / f"requests-{number:03}.jsonl"))


def claim_number(folder: Path) -> int:
    """Return the number of this start, which no other start has."""
    number = 1
    while True:
        try:
            (folder / f"claim-{number:03}").touch(exist_ok=False)
        except FileExistsError:
            number += 1
        else:
            return number


if __name__ == "__main__":
    main()
