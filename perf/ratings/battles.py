"""The battles that all are timed on, and the way they are timed: needs numpy alone, in any environment."""

from __future__ import annotations

import json
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

SIZES = {
    "7x1,200": (7, 1_200, 100),
    "50x60k": (50, 60_000, 500),
    "200x1M": (200, 1_000_000, 2_000),
    "500x10M": (500, 10_000_000, 2_000),
}
"""Models, battles, prompts. The smallest is Arena-Write: one against six baselines, both orders, 100 prompts."""


@dataclass(frozen=True)
class Battles:
    """Columns of N battles among K models; read-only, so that they may be shared."""

    names: tuple[str, ...]
    first: np.ndarray
    second: np.ndarray
    score: np.ndarray
    cluster: np.ndarray

    @property
    def megabytes(self) -> float:
        """Size of the four columns."""
        return sum(column.nbytes for column in (self.first, self.second, self.score, self.cluster)) / 1e6

    def names_of(self, codes: np.ndarray) -> np.ndarray:
        """Return (N,) names as Python strings."""
        return np.array(self.names, dtype=object)[codes]

    def labels(self) -> np.ndarray:
        """Return (N,) outcomes as the Chatbot Arena data sets name them."""
        return np.array(["model_b", "tie", "model_a"], dtype=object)[(2 * self.score).astype(int)]


def make(size: str) -> Battles:
    """Draw battles with ties, a slot effect and texts that are shared by the battles of a prompt; rows in no order."""
    models, battles, prompts = SIZES[size]
    rng = np.random.default_rng(2026)
    if models == 7:
        code = np.arange(battles)
        cluster, other, turned = code // 12, 1 + code % 12 // 2, code % 2
        first, second = np.where(turned, other, 0), np.where(turned, 0, other)
    else:
        cluster = rng.integers(0, prompts, battles)
        first = rng.integers(0, models, battles)
        second = (first + rng.integers(1, models, battles)) % models
    strength = rng.normal(0.0, 0.6, models)
    texts = rng.normal(0.0, 1.0, (prompts, models)) + strength
    latent = texts[cluster, first] - texts[cluster, second] + 0.2 + rng.logistic(size=battles)
    score = np.where(np.abs(latent) < 0.25, 0.5, (latent > 0).astype(float))
    columns = [first.astype(np.int32), second.astype(np.int32), score, cluster.astype(np.int32)]
    for column in columns:
        column.setflags(write=False)
    return Battles(tuple(f"organisation/model-{code:03}-chat" for code in range(models)), *columns)


def clock(job: Callable[[], object], *, most: float = 3.0) -> tuple[float, int]:
    """Return the median milliseconds of CPU time of a job and how often it ran, after one run to warm up.

    On one core and otherwise idle that is the time by the clock; beside other work it is less disturbed. The job runs
    three times at least, until ``most`` seconds are over, and once only where one run takes longer than that.
    """
    begun = time.process_time()
    job()
    first = time.process_time() - begun
    if first > most:
        return 1000 * first, 1
    laps: list[float] = []
    while len(laps) < 3 or (sum(laps) < most and len(laps) < 200):
        begun = time.process_time()
        job()
        laps.append(time.process_time() - begun)
    return 1000 * statistics.median(laps), len(laps)


def report(job: Callable[[], object], *, theta: np.ndarray | None = None, extra: float | None = None) -> None:
    """Time a job and print what came of it, as JSON: strengths, and bytes beside the columns, where there are some."""
    milliseconds, runs = clock(job)
    line = {"ms": milliseconds, "runs": runs, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    if theta is not None:
        line["theta"] = (theta - theta.mean()).tolist()
    if extra is not None:
        line["extra_mb"] = extra
    print(json.dumps(line))
