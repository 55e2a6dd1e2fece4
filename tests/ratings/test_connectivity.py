"""Whether a finite rating exists, and what is said where none does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ratings.tables import block, comparisons
from scipy.sparse.csgraph import connected_components

from arena_write.ratings import NotConnectedError, require_connected, strong_components
from arena_write.ratings.connectivity import describe, reachable, reached
from arena_write.ratings.intervals import hanging_on_one_cluster
from arena_write.ratings.pairs import compress, compress_by_cluster


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 9), st.integers(0, 30), st.integers(0, 2**32 - 1))
def test_reachability_agrees_with_scipy(size, edges, seed):
    rng = np.random.default_rng(seed)
    graph = np.zeros((size, size), dtype=bool)
    graph[rng.integers(0, size, edges), rng.integers(0, size, edges)] = True
    paths = reachable(graph)
    for root in range(size):
        assert np.array_equal(reached(graph, root), paths[root])
    mutual = paths & paths.T
    _, labels = connected_components(graph, directed=True, connection="strong")
    assert np.array_equal(mutual, labels[:, None] == labels[None, :])


@settings(max_examples=60, deadline=None)
@given(st.integers(3, 7), st.integers(3, 16), st.integers(0, 2**32 - 1), st.booleans())
def test_who_hangs_on_one_prompt_is_who_is_lost_without_it(size, rows, seed, two_frozen):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, size, rows), rng.integers(1, size, rows), rng.integers(0, 4, rows)
    names = "abcdefg"[:size]
    data = comparisons(
        [(names[first], names[(first + step) % size], 0.5, prompt) for first, step, prompt in zip(*codes, strict=True)],
        names=names,
    )
    frozen = np.zeros(size, dtype=bool)
    frozen[: 2 * two_frozen] = True
    lost = np.zeros(size, dtype=bool)
    for prompt in np.unique(data.cluster):
        rest = data.cluster != prompt
        met = compress(data.select(rest)).met() if rest.any() else np.zeros((size, size), dtype=bool)
        lost |= ~reachable(met | np.outer(frozen, frozen))[0]
    assert np.array_equal(hanging_on_one_cluster(compress_by_cluster(data), frozen=frozen), lost)


def test_a_tie_counts_both_ways():
    require_connected(comparisons([("a", "b", 0.5, 0)]))
    require_connected(comparisons([("a", "b", 1.0, 0), ("b", "a", 0.001, 1)]))
    with pytest.raises(NotConnectedError):
        require_connected(comparisons([("a", "b", 1.0, 0), ("b", "a", 0.0, 1)]))


def test_a_cycle_of_wins_is_enough():
    require_connected(comparisons([("a", "b", 1.0, 0), ("b", "c", 1.0, 0), ("c", "a", 1.0, 0)]))


def test_groups_are_named_largest_first():
    rows = [("a", "b", 0.5, 0), ("b", "c", 0.5, 0), ("c", "d", 1.0, 0), ("d", "e", 0.5, 0)]
    assert strong_components(comparisons(rows)) == (("a", "b", "c"), ("d", "e"))


def test_frozen_entrants_are_tied_without_battles():
    data = comparisons([("cand", "x", 1.0, 0), ("cand", "y", 0.0, 1)])
    with pytest.raises(NotConnectedError):
        require_connected(data)
    require_connected(data, frozen=np.array([False, True, True]))


@pytest.mark.parametrize(
    ("rows", "names", "group", "sentence"),
    [
        (
            block("cand", "base2", won=120, prompts=10) + block("base3", "cand", won=0, lost=80, prompts=10),
            None,
            ["cand"],
            "cand won all of its 200 battles against base2, base3: no finite upper bound",
        ),
        (
            block("a", "cand", won=3, prompts=3),
            None,
            ["cand"],
            "cand lost all of its 3 battles against a: no finite lower bound",
        ),
        (
            [("a", "m", 1.0, 0), ("m", "z", 1.0, 0)],
            None,
            ["m"],
            "m won all of its 1 battle against z and lost all of its 1 battle against a: no way back in either case",
        ),
        ([("a", "b", 0.5, 0)], ("a", "b", "idle"), ["idle"], "idle has no battles"),
        ([("a", "b", 0.5, 0), ("c", "d", 0.5, 0)], None, ["c", "d"], "c, d met nobody else: no common scale"),
        (
            [("s", f"n{number}", 1.0, 0) for number in range(8)],
            None,
            ["s"],
            "s won all of its 8 battles against n0, n1, n2, n3, n4, n5 and 2 more: no finite upper bound",
        ),
    ],
)
def test_the_missing_direction_in_words(rows, names, group, sentence):
    assert describe(comparisons(rows, names=names), group) == sentence


def test_many_groups_are_not_all_recited():
    rows = [(f"n{number}", f"n{number + 1}", 1.0, 0) for number in range(9)]
    with pytest.raises(NotConnectedError, match="and 5 more such groups") as caught:
        require_connected(comparisons(rows))
    assert len(caught.value.components) == 10
