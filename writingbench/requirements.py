"""WritingBench's requirement subsets: which queries ask for a style, a format or a length, and what tests it.

Each requirement has two files beside the queries: `requirement/<name>/<name>_subset.jsonl` (R) with the whole records
of the queries that carry it, and `<name>_subset_C.jsonl` (C) with the same records cut to the criteria that test it.
"""

from collections.abc import Mapping, Sequence

from writingbench.aggregation import REQUIREMENTS

QUERIES = "benchmark_all.jsonl"
"""The file with all queries, in the folder `benchmark_query` of the official repository."""


class RequirementError(ValueError):
    """The subsets of a requirement do not fit together.

    Args:
        query: Id of the query at fault.
        message: What does not fit.
    """

    def __init__(self, query: str, message: str) -> None:
        super().__init__(message)
        self.query = query


def whole_file(requirement: str) -> str:
    """Return where subset R lies beside the queries."""
    return f"requirement/{requirement}/{requirement}_subset.jsonl"


def cut_file(whole: str) -> str:
    """Return where subset C lies, given where R does."""
    return f"{whole.removesuffix('.jsonl')}_C.jsonl"


def requirement_of(stem: str) -> str | None:
    """Return the requirement whose subset R a file of this name holds; nothing where it holds none."""
    return next((name for name in REQUIREMENTS if stem == f"{name}_subset" or stem.endswith(f"_{name}_subset")), None)


def join_subsets(whole: Mapping[str, Sequence[str]], cut: Mapping[str, Sequence[str]]) -> Mapping[str, tuple[str, ...]]:
    """Return the criteria that test a requirement, of every query that carries it.

    Args:
        whole: Names of all criteria of each query of subset R.
        cut: Names of the criteria of each query of subset C.

    Raises:
        RequirementError: The two hold different queries, or C a criterion that R does not have.
    """
    for query in [*whole, *cut]:
        if query not in whole or query not in cut:
            only, other = ("R", "C") if query in whole else ("C", "R")
            raise RequirementError(query, f"query {query} is in subset {only} and not in {other}")
    for query, names in cut.items():
        if unknown := [name for name in names if name not in whole[query]]:
            raise RequirementError(query, f"query {query} has no criterion {unknown[0]!r} in subset R")
    return {query: tuple(cut[query]) for query in whole}
