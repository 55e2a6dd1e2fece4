"""Benchmarks: named, versioned sets of prompts, some with baselines.

`loading` turns an address into a benchmark, `schemas` says in which forms prompts come, `hub` reads data sets,
`selection` chooses prompts; `starter` brings its own data.
"""

from arena_write.benchmarks.errors import (
    BenchmarkError,
    BenchmarkUnavailableError,
    EmptySelectionError,
    UnknownBenchmarkError,
)
from arena_write.benchmarks.files import load_file
from arena_write.benchmarks.loading import load_benchmark
from arena_write.benchmarks.prompts import BaselineTexts, Benchmark, Prompt, content_version
from arena_write.benchmarks.selection import select

__all__ = [
    "BaselineTexts",
    "Benchmark",
    "BenchmarkError",
    "BenchmarkUnavailableError",
    "EmptySelectionError",
    "Prompt",
    "UnknownBenchmarkError",
    "content_version",
    "load_benchmark",
    "load_file",
    "select",
]
