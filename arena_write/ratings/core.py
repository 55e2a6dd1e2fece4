"""Who can be rated: the group of entrants around the baselines for whom a rating and its interval both exist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from arena_write.ratings.columns import BoolArray, Comparisons
from arena_write.ratings.connectivity import explain, listed, reached, strong_components
from arena_write.ratings.errors import NotConnectedError, TooFewPromptsError
from arena_write.ratings.intervals import hanging_on_one_cluster
from arena_write.ratings.pairs import compress, compress_by_cluster


@dataclass(frozen=True, slots=True, eq=False)
class Core:
    """Two disjoint groups among K entrants; whoever is in neither is separated from the core.

    Attributes:
        members: (K,) those to be rated together, the baselines among them.
        on_one_prompt: (K,) those whose tie to the core hangs on a single prompt: no second prompt says how much it
            varies.
    """

    members: BoolArray
    on_one_prompt: BoolArray


def find_core(comparisons: Comparisons, *, baselines: Sequence[int], frozen: BoolArray) -> Core:
    """Find the strongly connected group that holds the baselines, less those who hang on it by one prompt.

    Args:
        comparisons: the rows.
        baselines: codes of the baselines, at least one.
        frozen: (K,) entrants with given strengths; they need no battle to be tied to each other.

    Raises:
        NotConnectedError: the baselines are not tied to each other, even through others.
        TooFewPromptsError: they are, but by one prompt only.
    """
    beats = compress(comparisons).beats() | np.outer(frozen, frozen)
    root = baselines[0]
    fragile = np.zeros(len(comparisons.names), dtype=bool)
    while True:
        usable = beats & np.outer(~fragile, ~fragile)
        members = reached(usable, root) & reached(usable.T, root)
        if not members[list(baselines)].all():
            raise _few(comparisons, baselines) if fragile.any() else _split(comparisons, baselines, frozen)
        if not (members & ~frozen).any() or members.sum() < 2:
            return Core(members, fragile)
        code = np.cumsum(members) - 1
        hanging = hanging_on_one_cluster(
            compress_by_cluster(comparisons.among(members)), frozen=frozen[members], root=int(code[root])
        )
        found = np.zeros_like(fragile)
        found[np.flatnonzero(members)[hanging]] = True
        if not found.any():
            return Core(members, fragile)
        fragile |= found


def _few(comparisons: Comparisons, baselines: Sequence[int]) -> TooFewPromptsError:
    return TooFewPromptsError(
        f"one prompt alone ties the baselines ({_names(comparisons, baselines)}) together: "
        "an interval needs at least two"
    )


def _split(comparisons: Comparisons, baselines: Sequence[int], frozen: BoolArray) -> NotConnectedError:
    groups = strong_components(comparisons, frozen=frozen if frozen.any() else None)
    chosen = {comparisons.names[code] for code in baselines}
    groups = tuple(sorted(groups, key=lambda group: (-len(chosen.intersection(group)), -len(group), group)))
    return NotConnectedError(
        f"the baselines ({_names(comparisons, baselines)}) are not tied to each other by results in both directions, "
        f"so they give no scale: {explain(comparisons, groups)}",
        sorted(groups, key=lambda group: (-len(group), group)),
    )


def _names(comparisons: Comparisons, codes: Sequence[int]) -> str:
    return listed(sorted(comparisons.names[code] for code in codes))
