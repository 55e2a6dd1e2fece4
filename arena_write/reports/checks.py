"""What a check of a benchmark's file found, as tables and lines for people."""

from collections.abc import Mapping, Sequence

from arena_write.benchmarks.checking import CONTAINED, BenchmarkCheck
from arena_write.benchmarks.longbench_write import BUCKETS
from arena_write.reports.tables import Table
from arena_write.textstats.requests import Unit

MOST_ROWS = 20
"""Rows of a table; the rest is counted."""


def summary_lines(check: BenchmarkCheck) -> list[str]:
    """Return what a file holds, a line each."""
    lines = [f"{check.source}: {check.prompts} prompts without a fault"]
    if check.id:
        frozen = f", frozen (digest {check.digest[:8]})" if check.digest else ", not frozen"
        lines.append(f"results will carry {check.id}{frozen}")
    lines.append(f"languages: {_list(check.languages)}")
    lines += [f"types: {_list(check.types)}"] if check.types else []
    lines += [f"domains: {_list(check.domains)}"] if check.domains else []
    lines.append(f"length requests: {_list(check.kinds)}; {check.parsed} read from the prompts' words")
    criteria = (f"{count} with {many or 'none'}" for many, count in sorted(check.criteria.items()))
    lines.append(f"prompts by number of criteria: {', '.join(criteria)}")
    lines.append(f"baselines: {', '.join(check.baselines) or 'none'}")
    if check.longest:
        place, tokens = check.longest
        lines.append(f"longest prompt: {place.id} in line {place.line}, about {tokens} tokens")
    lines.append(f"near duplicates: {len(check.near) or 'none'}")
    if check.against:
        most = sum(one.share >= CONTAINED for one in check.shared)
        lines.append(
            f"overlap with {check.against}: {len(check.shared)} prompts share 13 words or characters in a row, "
            f"{most} stand there by half or more"
        )
    return lines


def check_tables(check: BenchmarkCheck) -> list[Table]:
    """Return the lengths asked for, and where there are any, near duplicates and overlaps, the largest first."""
    tables = [
        Table(
            "Lengths",
            ("length asked", "words", "chars"),
            tuple((step, *(str(check.lengths.get((step, unit), 0)) for unit in _UNITS)) for step in BUCKETS),
        )
    ]
    near = sorted(check.near, key=lambda one: -one.share)
    if near:
        rows = [
            (f"{one.second.id}, line {one.second.line}", f"{one.first.id}, line {one.first.line}", f"{one.share:.0%}")
            for one in near
        ]
        tables.append(_cut("Near duplicates", ("prompt", "repeats", "in common"), rows))
    shared = sorted(check.shared, key=lambda one: -one.share)
    if shared:
        rows_of = [
            (f"{one.prompt.id}, line {one.prompt.line}", f"line {one.line}", f"{one.runs}", f"{one.share:.0%}",
             f"{one.lines}")
            for one in shared
        ]  # fmt: skip
        tables.append(
            _cut("Overlap", ("prompt", "stands most in", "runs of 13", "of the prompt", "lines with any"), rows_of)
        )
    return tables


_UNITS: tuple[Unit, ...] = ("words", "chars")


def _list(counts: Mapping[str, int]) -> str:
    parts = [f"{name} {count}" for name, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))]
    return ", ".join(parts[:MOST_ROWS]) + (f" and {len(parts) - MOST_ROWS} more" if len(parts) > MOST_ROWS else "")


def _cut(title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Table:
    more = [(f"and {len(rows) - MOST_ROWS} more", *("" for _ in columns[1:]))] if len(rows) > MOST_ROWS else []
    return Table(title, columns, (*rows[:MOST_ROWS], *more))
