"""Every pair, and one language against another: the same numbers as single differences, and a test with its size."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ratings.simulate import baselines, simulate
from ratings.tables import block, comparisons

from arena_write.ratings import Comparisons, RatingError, compare_languages, difference_matrix, rate

SEEDS = st.integers(0, 2**32 - 1)


def study(seed, prompts=60, size=5):
    strengths = np.linspace(0.5, -0.5, size)
    return simulate(np.random.default_rng(seed), prompts=prompts, strengths=tuple(strengths), bank=True)


def halves(data):
    return data.select(data.cluster % 2 == 0), data.select(data.cluster % 2 == 1)


def test_the_matrix_holds_every_single_difference():
    ratings = rate(study(1), baselines=baselines(5), confidence=0.9)
    table = difference_matrix(ratings)
    assert table.names == tuple(row.name for row in ratings.entrants)
    for one, first in enumerate(table.names):
        for other, second in enumerate(table.names):
            single = ratings.difference(first, second)
            found = (table.elo[one][other], table.se[one][other], table.low[one][other], table.high[one][other])
            assert found == pytest.approx((single.elo, single.se, single.low, single.high), abs=1e-6)
    assert table.confidence == 0.9
    assert "single comparisons" in table.note


def test_the_matrix_is_antisymmetric():
    table = difference_matrix(rate(study(2), baselines=baselines(5)))
    assert np.array(table.elo) == pytest.approx(-np.array(table.elo).T)
    assert np.array(table.low) == pytest.approx(-np.array(table.high).T)


def test_frozen_and_unrated_entrants_in_the_matrix():
    rows = block("cand", "base", won=30, lost=20, prompts=25) + block("other", "base", won=20, lost=30, prompts=25)
    rows += [("king", "base", 1.0, prompt) for prompt in range(25)]
    table = difference_matrix(rate(comparisons(rows), baselines=["base"], offsets={"base": 1000.0}))
    assert table.names == ("cand", "base", "other")
    # Against the frozen one the error is the candidate's own, with its own degrees of freedom.
    ratings = rate(comparisons(rows), baselines=["base"], offsets={"base": 1000.0})
    assert table.low[0][1] == pytest.approx(ratings.entrant("cand").low - 1000.0)
    assert table.se[1][1] == 0.0
    empty = difference_matrix(rate(comparisons([("a", "b", 1.0, 0), ("a", "b", 1.0, 1)]), baselines=["b"]))
    assert (empty.names, empty.elo) == (("b",), ((0.0,),))


def test_the_difference_between_languages_is_that_of_two_boards():
    en, zh = halves(study(3))
    found = compare_languages(en, zh, baselines=baselines(5))
    one, other = (rate(part, baselines=baselines(5)) for part in (en, zh))
    for row in found.entrants:
        first, second = one.entrant(row.name), other.entrant(row.name)
        assert row.elo == pytest.approx(first.elo - second.elo)
        assert row.se == pytest.approx((first.se**2 + second.se**2) ** 0.5)
        assert first.df <= row.df <= first.df + second.df
    assert found.df == 4
    assert len(found.entrants) == 5


def test_one_candidate_against_frozen_anchors_is_a_t_test():
    en, zh = halves(simulate(np.random.default_rng(4), prompts=60))
    found = compare_languages(en, zh, baselines=baselines(), offsets=dict.fromkeys(baselines(), 1000.0))
    (row,) = found.entrants
    assert found.df == 1
    assert found.chi2 == pytest.approx((row.elo / row.se) ** 2)
    # The interval at 1 - p ends at 0.
    edge = compare_languages(
        en, zh, baselines=baselines(), offsets=dict.fromkeys(baselines(), 1000.0), confidence=1.0 - found.p
    ).entrants[0]
    assert min(abs(edge.low), abs(edge.high)) == pytest.approx(0.0, abs=1e-6)


def test_a_candidate_that_is_better_in_one_language_is_found():
    rng = np.random.default_rng(5)
    en = simulate(rng, prompts=100, strengths=(1.2, 0.0, 0.0, 0.0), bank=True)
    zh = simulate(rng, prompts=100, strengths=(-0.6, 0.0, 0.0, 0.0), bank=True)
    found = compare_languages(en, dataclasses.replace(zh, cluster=zh.cluster + 100), baselines=baselines(4))
    assert found.p < 1e-4
    best = max(found.entrants, key=lambda row: row.elo)
    assert best.name == "cand"
    assert best.low > 0


def test_equal_languages_differ_one_time_in_twenty():
    replicates = 250
    values = np.array(
        [compare_languages(*halves(study([6, replicate])), baselines=baselines(5)).p for replicate in range(replicates)]
    )
    assert 0.02 <= (values < 0.05).mean() <= 0.075
    assert (values < 0.01).mean() <= 0.025


def test_refusals_and_reasons():
    en, _ = halves(study(7))
    with pytest.raises(RatingError, match="prompt 0 is in both sets"):
        compare_languages(en, en, baselines=baselines(5))
    few_en, few_zh = halves(study(7, prompts=8))
    found = compare_languages(few_en, few_zh, baselines=baselines(5))
    assert (found.p, found.reason) == (None, "the prompts are too few to test 4 ratings at once")
    sides = [comparisons([("a", "b", 0.5, prompt) for prompt in range(start, start + 3)]) for start in (0, 3)]
    assert compare_languages(*sides, baselines=["b"]).reason == "no rating has any variance"
    frozen = {"a": 1000.0, "b": 1000.0}
    rows = [("c", "a", 1.0, 0), ("c", "a", 1.0, 1)]
    apart = comparisons(rows, names="abc"), comparisons([(*row[:3], row[3] + 2) for row in rows], names="abc")
    assert compare_languages(*apart, baselines=["a", "b"], offsets=frozen).reason == "nobody is rated in both"


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_turning_the_languages_round_turns_the_sign(seed):
    en, zh = halves(study(seed, prompts=40, size=4))
    one, other = compare_languages(en, zh, baselines=baselines(4)), compare_languages(zh, en, baselines=baselines(4))
    assert [row.elo for row in one.entrants] == pytest.approx([-row.elo for row in other.entrants])
    assert (one.chi2, one.p) == pytest.approx((other.chi2, other.p))


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_order_and_sides_change_nothing(seed):
    en, zh = halves(study(seed, prompts=40, size=4))
    rng = np.random.default_rng(seed)
    order, swap = rng.permutation(len(en)), rng.random(len(en)) < 0.5
    moved = Comparisons(
        names=en.names,
        first=np.where(swap, en.second, en.first)[order],
        second=np.where(swap, en.first, en.second)[order],
        score=np.where(swap, 1.0 - en.score, en.score)[order],
        cluster=en.cluster[order],
    )
    assert compare_languages(moved, zh, baselines=baselines(4)) == compare_languages(en, zh, baselines=baselines(4))
