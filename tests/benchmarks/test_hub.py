"""`arena-write` from the hub, from its cache, and from neither."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from benchmarks.hub import serve
from command import REPOSITORY

NAMES = ("gpt-4o", "r1")
ROWS = [
    {
        "idx": number,
        "question": f"Write story {number} in about 2000 words.",
        "type": "Literature",
        "length": 2000,
        "baseline_response": {name: f"{name} on {number}." for name in NAMES},
    }
    for number in range(1, 4)
]
SCRIPT = """
import json
from arena_write.benchmarks import BenchmarkError, load_benchmark
try:
    benchmark = load_benchmark("arena-write")
except BenchmarkError as error:
    print(json.dumps([type(error).__name__, str(error)]))
else:
    print(json.dumps([benchmark.id, [[item.id, item.text] for item in benchmark.prompts],
                      {item.name: dict(item.texts) for item in benchmark.baselines}]))
"""
MENDS = (
    "use --benchmark starter, which needs no network, or --benchmark PATH with the data set's .jsonl file, or run once "
    "where the hub can be reached"
)


def files(rows: list) -> dict[str, bytes]:
    return {"README.md": b"---\n---\n", "data.jsonl": "".join(json.dumps(row) + "\n" for row in rows).encode()}


def load(home: Path, **env: str) -> list:
    """Load in a process of its own, since the hub's client reads its settings at import."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=kept | {"HF_HOME": str(home)} | env,
        cwd=REPOSITORY,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert "Traceback" not in result.stderr, result.stderr
    assert "Retrying" not in result.stderr, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


def test_from_the_hub_and_then_from_the_cache(tmp_path: Path) -> None:
    with serve(files(ROWS)) as endpoint:
        first = load(tmp_path, HF_ENDPOINT=endpoint)
    name, prompts, baselines = first
    assert name.startswith("arena-write@") and len(name) == len("arena-write@") + 8
    assert prompts == [[str(row["idx"]), row["question"]] for row in ROWS]
    assert baselines == {name: {str(row["idx"]): row["baseline_response"][name] for row in ROWS} for name in NAMES}
    assert load(tmp_path, HF_ENDPOINT=endpoint) == first, "the hub is gone, the cache is not"
    assert load(tmp_path, HF_HUB_OFFLINE="1") == first


def test_unavailable_offline(tmp_path: Path) -> None:
    start = time.monotonic()
    kind, message = load(tmp_path, HF_HUB_OFFLINE="1")
    assert time.monotonic() - start < 20
    assert kind == "BenchmarkUnavailableError"
    assert message.startswith("the data set THU-KEG/Arena-Write cannot be had from the hub (OfflineModeIsEnabled: ")
    assert message.endswith(f") and is not in its cache; {MENDS}")


def test_unavailable_without_a_hub(tmp_path: Path) -> None:
    with serve({}) as endpoint:
        pass
    start = time.monotonic()
    kind, message = load(tmp_path, HF_ENDPOINT=endpoint)
    assert time.monotonic() - start < 20, "no retries of datasets"
    assert kind == "BenchmarkUnavailableError"
    assert "(ConnectError: " in message and message.endswith(f"and is not in its cache; {MENDS}")


@pytest.mark.parametrize(
    ("rows", "kind", "start"),
    [
        (["no row"], "BenchmarkUnavailableError", "the data set THU-KEG/Arena-Write cannot be loaded ("),
        (
            [ROWS[0], ROWS[1] | {"baseline_response": "one text"}],
            "BenchmarkError",
            "THU-KEG/Arena-Write: every baseline needs an answer in every row; "
            "missing: 'gpt-4o' in 1 of 2 rows (lines 2); ",
        ),
        (
            [ROWS[0], ROWS[1] | {"question": ROWS[0]["question"]}],
            "BenchmarkError",
            "THU-KEG/Arena-Write:2: the text of prompt '2' stands in line 1 already; ",
        ),
        (
            [ROWS[0], ROWS[1] | {"baseline_response": {"r1": "x"}}],
            "BenchmarkError",
            "THU-KEG/Arena-Write: every baseline needs an answer in every row; "
            "missing: 'gpt-4o' in 1 of 2 rows (lines 2).",
        ),
    ],
    ids=["not rows", "mixed types", "same text", "missing answer"],
)
def test_faults_in_the_data_set(tmp_path: Path, rows: list, kind: str, start: str) -> None:
    with serve(files(rows)) as endpoint:
        found, message = load(tmp_path, HF_ENDPOINT=endpoint)
    assert found == kind
    assert message.startswith(start)
