"""Does a finite rating exist? Strong connectivity of who scored against whom, and the answer in words.

The half-win Bradley-Terry estimate exists and is unique exactly when, however the entrants are split in two groups,
each group scored at least once against the other (Zermelo 1929; Ford 1957), that is, when the directed graph with an
edge i -> j wherever i ever scored against j is strongly connected.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from arena_write.ratings.columns import BoolArray, Comparisons
from arena_write.ratings.errors import NotConnectedError
from arena_write.ratings.pairs import Pairs, compress

_NAMES_SHOWN = 6
_GROUPS_SHOWN = 4


def reachable(edges: BoolArray) -> BoolArray:
    """Return (K, K) true at [i, j] where a path leads from i to j along (K, K) ``edges``; every i reaches itself."""
    closure: BoolArray = edges | np.eye(len(edges), dtype=bool)
    while True:
        paths = closure.astype(np.float32)
        longer: BoolArray = (paths @ paths) > 0
        if np.array_equal(longer, closure):
            return closure
        closure = longer


def reached(edges: BoolArray, root: int) -> BoolArray:
    """Return (K,) true at those to whom a path leads from ``root`` along (K, K) ``edges``, itself among them."""
    seen = np.zeros(len(edges), dtype=bool)
    seen[root] = True
    front = seen
    while front.any():
        front = edges[front].any(axis=0) & ~seen
        seen = seen | front
    return seen


def is_connected(pairs: Pairs, *, frozen: BoolArray | None = None) -> bool:
    """Tell whether every entrant is tied to every other by results in both directions.

    Args:
        pairs: the sums.
        frozen: (K,) entrants whose strengths are given; they count as tied to each other without any battle.
    """
    edges = _joined(pairs.beats(), frozen)
    return bool(reached(edges, 0).all() and reached(edges.T, 0).all())


def strong_components(comparisons: Comparisons, *, frozen: BoolArray | None = None) -> tuple[tuple[str, ...], ...]:
    """Return the strongly connected groups as sorted names, largest group first, then by name.

    Args:
        comparisons: the rows.
        frozen: (K,) entrants whose strengths are given; they count as one group.
    """
    paths = reachable(_joined(compress(comparisons).beats(), frozen))
    groups = {
        tuple(sorted(comparisons.names[code] for code in np.flatnonzero(mutual)))
        for mutual in np.unique(paths & paths.T, axis=0)
    }
    return tuple(sorted(groups, key=lambda group: (-len(group), group)))


def require_connected(comparisons: Comparisons, *, frozen: BoolArray | None = None) -> None:
    """Pass when a finite estimate exists.

    Raises:
        NotConnectedError: with the groups and the missing direction in words.
    """
    if is_connected(compress(comparisons), frozen=frozen):
        return
    groups = strong_components(comparisons, frozen=frozen)
    raise NotConnectedError(f"no finite rating exists: {explain(comparisons, groups)}", groups)


def explain(comparisons: Comparisons, groups: Sequence[Sequence[str]]) -> str:
    """Say in words which direction is missing between each of ``groups`` but the first and everybody else."""
    told = [describe(comparisons, group) for group in groups[1:]]
    if len(told) > _GROUPS_SHOWN:
        told[_GROUPS_SHOWN:] = [f"and {len(told) - _GROUPS_SHOWN} more such groups"]
    return "; ".join(told)


def describe(comparisons: Comparisons, group: Iterable[str]) -> str:
    """Say how a strongly connected group stands to everybody outside it.

    For example ``cand won all of its 200 battles against base2, base3: no finite upper bound``. Battles are rows.
    """
    members = set(group)
    inside = np.array([name in members for name in comparisons.names])
    subject = listed(sorted(members))
    alive = comparisons.weights > 0
    if not (alive & (inside[comparisons.first] | inside[comparisons.second])).any():
        return f"{subject} has no battles" if len(members) == 1 else f"{subject} have no battles"
    forward = alive & inside[comparisons.first] & ~inside[comparisons.second]
    backward = alive & ~inside[comparisons.first] & inside[comparisons.second]
    others = np.concatenate([comparisons.second[forward], comparisons.first[backward]])
    if not len(others):
        return f"{subject} met nobody else: no common scale"
    scores = np.concatenate([comparisons.score[forward], 1.0 - comparisons.score[backward]])
    its = "its" if len(members) == 1 else "their"
    won = _against(comparisons, others[scores == 1.0], f"won all of {its}")
    lost = _against(comparisons, others[scores == 0.0], f"lost all of {its}")
    if won and lost:
        return f"{subject} {won} and {lost}: no way back in either case"
    return f"{subject} {won}: no finite upper bound" if won else f"{subject} {lost}: no finite lower bound"


def listed(names: Sequence[str]) -> str:
    """Join names for a sentence, the first six and a count of the rest."""
    if len(names) <= _NAMES_SHOWN:
        return ", ".join(names)
    return f"{', '.join(names[:_NAMES_SHOWN])} and {len(names) - _NAMES_SHOWN} more"


def _against(comparisons: Comparisons, others: np.ndarray[tuple[int], np.dtype[np.int64]], verb: str) -> str:
    if not len(others):
        return ""
    opponents = sorted({comparisons.names[code] for code in others.tolist()})
    noun = "battle" if len(others) == 1 else "battles"
    return f"{verb} {len(others)} {noun} against {listed(opponents)}"


def _joined(edges: BoolArray, frozen: BoolArray | None) -> BoolArray:
    return edges if frozen is None else edges | np.outer(frozen, frozen)
