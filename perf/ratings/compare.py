"""How fast ratings are made, held against live peers: all measured in one run, on one core.

    python perf/ratings/compare.py [--sizes 7x1,200 50x60k] [--arena-rank PYTHON] [--core 0]

Each line is a process of its own, pinned to one core, with one thread for linear algebra. Times are medians of CPU
time after a run that warms up. Columns are 32-bit codes of models and prompts and 64-bit scores, rows in no order; *one
pass* is numpy's `bincount(first * K + second, weights=score)`, which reads three of the four columns and counts half of
what a fit needs. Memory is that of the four columns and all that was allocated beside them, over that of the columns.

choix gets its decisions as a list, or counted. evalica gets the columns of codes, with outcomes made beforehand, or
lists of names. arena-rank, with `--arena-rank`, gets its prepared data set. Peers resample battles, since none knows
prompts; their intervals are too narrow (docs/studies/coverage.md).

Measured once, on a machine of 2 cores (AMD EPYC) that did nothing else, with Python 3.11, numpy 2.3, pandas 3.1, choix
0.4.1, evalica 0.4.2; ms of CPU time:

| job | 7x1,200 | 50x60k | 200x1M | 500x10M |
|---|---|---|---|---|
| one pass | 0.008 | 0.165 | 5.6 | 84.0 |
| check | 0.066 | 0.216 | 2.8 | 33.0 |
| fit | 0.538 | 1.0 | 12.9 | 111 |
| sandwich by prompt | 0.143 | 1.1 | 20.3 | 286 |
| prompt resamples | 6.0 | 83.2 | 986 | |
| rate | 7.2 | 47.1 | 761 | |
| names to fit | 1.9 | 7.9 | 126 | 978 |
| categories to fit | 1.4 | 4.8 | 23.9 | 240 |
| covariates | 1.9 | 12.6 | 197 | |
| choix, pairs | 2.4 | 326 | 5,631 | |
| choix, counts | 0.417 | 1.7 | 5.7 | 28.0 |
| evalica | 1.4 | 18.6 | 304 | 3,726 |
| evalica, names | 1.4 | 41.1 | 707 | |
| evalica bootstrap, 1,000, BCa | 2,101 | | | |
| evalica bootstrap, 100, percentile | 110 | 3,523 | | |

1,000 resamples at 7x1,200 are 350 times as fast as evalica's; at 500x10M the fit takes 1.3 passes, the sandwich 3.4,
and memory is 1.09 and 1.37 times the columns. At 200x1M the fit is 55 times as fast as evalica on names, as its users
call it, and 24 times on codes and outcomes made beforehand, where 50 was the aim: one pass alone would be 54. From
columns of strings it takes 8.8 to 9.8 times the fit, where 4 was the aim: hashing the three columns once, which pyarrow
does in 61 ms and nobody faster that we know, is 4.7 times the fit by itself. Categories take 1.9 to 2.2 times.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from battles import SIZES

HERE = Path(__file__).parent
ELO_PER_NAT = 400 / np.log(10)
PLAN = {
    "one pass": tuple(SIZES),
    "check": tuple(SIZES),
    "fit": tuple(SIZES),
    "sandwich by prompt": tuple(SIZES),
    "prompt resamples": ("7x1,200", "50x60k", "200x1M"),
    "rate": ("7x1,200", "50x60k", "200x1M"),
    "names to fit": tuple(SIZES),
    "categories to fit": tuple(SIZES),
    "covariates": ("7x1,200", "50x60k", "200x1M"),
    "choix, pairs": ("7x1,200", "50x60k", "200x1M"),
    "choix, counts": tuple(SIZES),
    "evalica": tuple(SIZES),
    "evalica, names": ("7x1,200", "50x60k", "200x1M"),
    "evalica bootstrap, 1,000, BCa": ("7x1,200",),
    "evalica bootstrap, 100, percentile": ("7x1,200", "50x60k"),
    "arena-rank fit": tuple(SIZES),
    "arena-rank fit + sandwich by battle": tuple(SIZES),
}
# What is promised: a quotient of two lines, or a line in ms, and its bound; `>` where more is better.
TARGETS = (
    ("7x1,200", "prompt resamples", None, "<", 20),
    ("7x1,200", "evalica bootstrap, 1,000, BCa", "prompt resamples", ">", 150),
    ("200x1M", "evalica", "fit", ">", 50),
    ("200x1M", "evalica, names", "fit", ">", 50),
    ("500x10M", "fit", "one pass", "<", 2),
    ("500x10M", "sandwich by prompt", "one pass", "<", 4),
    ("500x10M", "check", "fit", "<", 1),
    ("200x1M", "names to fit", "fit", "<", 4),
    ("200x1M", "categories to fit", "fit", "<", 4),
    ("500x10M", "names to fit", "fit", "<", 4),
    ("500x10M", "categories to fit", "fit", "<", 4),
    ("200x1M", "evalica, names", "names to fit", ">", 1),
    ("200x1M", "covariates", None, "<", 200),
)
MEMORY = (("500x10M", "fit", 1.5), ("500x10M", "sandwich by prompt", 1.5))


def measure(job: str, size: str, *, core: int, arena_rank: str | None) -> dict | str:
    """Run one job in a process of its own; return what it says, or why there is nothing."""
    if job.startswith("arena-rank"):
        if not arena_rank:
            return "no --arena-rank"
        part = "fit" if job == "arena-rank fit" else "sandwich"
        command = [arena_rank, str(HERE / "arena_rank_peer.py"), part, size]
    else:
        command = [sys.executable, str(HERE / "jobs.py"), job, size]
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "RAYON_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **threads},
        preexec_fn=(lambda: os.sched_setaffinity(0, {core})) if hasattr(os, "sched_setaffinity") else None,
    )
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["failed"])[-1]
    return json.loads(done.stdout.splitlines()[-1])


def shown(found: dict | str) -> str:
    """Return a cell of the table."""
    if isinstance(found, str):
        return "–"
    value = found["ms"]
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.3f}"


def judged(value: float, sign: str, bound: float) -> str:
    """Say whether a bound is kept."""
    return "kept" if (value <= bound if sign == "<" else value >= bound) else "MISSED"


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="*", default=list(SIZES), choices=list(SIZES))
    parser.add_argument("--jobs", nargs="*", default=list(PLAN), choices=list(PLAN))
    parser.add_argument("--arena-rank", metavar="PYTHON", help="a Python that has arena-rank installed")
    parser.add_argument("--core", type=int, default=0)
    options = parser.parse_args()
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "pandas", "choix", "evalica"))
    print(f"Python {platform.python_version()}, {packages}; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print("ms of CPU time, median\n")
    print("| job |", " | ".join(options.sizes), "|")
    print("|---" * (1 + len(options.sizes)) + "|")
    found: dict[tuple[str, str], dict] = {}
    reasons = {}
    for job in options.jobs:
        cells = []
        for size in options.sizes:
            result = measure(job, size, core=options.core, arena_rank=options.arena_rank) if size in PLAN[job] else ""
            if isinstance(result, dict):
                found[job, size] = result
            elif result:
                reasons[job] = result
            cells.append(shown(result))
        print(f"| {job} |", " | ".join(cells), "|", flush=True)
    for job, reason in reasons.items():
        print(f"\n{job}: {reason}")
    print("\n| promised | measured | bound | |\n|---|---|---|---|")
    for size, job, other, sign, bound in TARGETS:
        if (job, size) in found and (other is None or (other, size) in found):
            value = found[job, size]["ms"] / (found[other, size]["ms"] if other else 1)
            what = f"{size}: {job} / {other}" if other else f"{size}: {job}, ms"
            print(f"| {what} | {value:.2f} | {sign} {bound} | {judged(value, sign, bound)} |")
    for size, job, bound in MEMORY:
        if (job, size) in found:
            columns = SIZES[size][1] * (4 + 4 + 8 + 4) / 1e6
            value = (columns + found[job, size]["extra_mb"]) / columns
            kept = judged(value, "<", bound)
            print(f"| {size}: memory of check and {job} / columns | {value:.2f} | < {bound} | {kept} |")
    for (job, size), result in found.items():
        if job != "fit" and "theta" in result and ("fit", size) in found:
            gap = np.abs(np.subtract(result["theta"], found["fit", size]["theta"])).max() * ELO_PER_NAT
            print(f"\n{size}: {job} differs from our fit by at most {gap:.4f} Elo.")


if __name__ == "__main__":
    main()
