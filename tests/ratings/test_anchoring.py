"""Frozen anchors: nothing moves them or those rated against them, and their own doubt is told apart."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ratings.simulate import baselines, simulate
from ratings.tables import block, comparisons

from arena_write.ratings import (
    Comparisons,
    RatingError,
    adjust_for_length,
    diagnose,
    fit_length_slopes,
    length_difference,
    make_anchors,
    rate,
    rate_against,
    rate_on_anchors,
    release,
)

SEEDS = st.integers(0, 2**32 - 1)
SPREAD = (0.0, -0.8, -0.4, -0.1, 0.1, 0.4, 0.8)


@pytest.fixture(scope="module")
def anchors():
    bank = simulate(np.random.default_rng(1), prompts=100, strengths=SPREAD, bank=True)
    return make_anchors(bank, baselines=baselines())


def league(seed, *, newcomers, prompts=60):
    """The candidate and six baselines, and stronger newcomers, everybody against everybody."""
    strengths = SPREAD + (1.0,) * newcomers
    data = simulate(np.random.default_rng(seed), prompts=prompts, strengths=strengths, bank=True)
    names = tuple(name if code <= 6 else f"new{code}" for code, name in enumerate(data.names))
    return dataclasses.replace(data, names=names)


def without(data, names):
    return data.among(np.array([name not in names for name in data.names]))


def row(found, name="cand"):
    return next(line for line in found if line.rating.name == name)


def test_anchors_are_the_baselines_own_ratings(anchors):
    bank = simulate(np.random.default_rng(1), prompts=100, strengths=SPREAD, bank=True)
    alone = rate(without(bank, ["cand"]), baselines=baselines())
    assert anchors.names == tuple(sorted(baselines()))
    assert anchors.elo == tuple(alone.entrant(name).elo for name in anchors.names)
    assert np.mean(anchors.elo) == pytest.approx(1000.0)
    assert anchors.covariance == alone.covariance
    assert (anchors.prompts, anchors.battles) == (100, 15 * 100 * 2)
    assert anchors.goodness.df == 10
    assert not anchors.goodness.doubtful
    json.dumps(dataclasses.asdict(anchors))


def test_a_candidate_is_fitted_to_its_own_battles_with_the_anchors(anchors):
    data = simulate(np.random.default_rng(2), prompts=100, strengths=SPREAD)
    found = row(rate_against(data, anchors))
    expected = rate(data, baselines=baselines(), offsets=anchors.offsets).entrant("cand")
    assert found.rating == expected
    assert found.goodness.df == 5
    assert found.goodness.p > 0.01
    assert [line.first for line in found.goodness.residuals] == baselines()


def test_ranks_on_a_board_hold_the_errors_that_candidates_share_with_the_anchors(anchors):
    """They once did not: no candidate said how much of it hangs on which anchor, so all were ranked by intervals."""
    data = simulate(np.random.default_rng(2), prompts=100, strengths=SPREAD)
    found = rate_on_anchors(data, anchors)
    (cand,) = found.candidates
    assert sum(cand.shares) == pytest.approx(1.0)
    assert set(found.ratings.names) == {*anchors.names, "cand"}
    own = found.ratings.names.index("cand")
    assert found.ratings.covariance[own][own] == pytest.approx(cand.se_with_anchors**2)


def test_newcomers_never_move_anybody(anchors):
    # Six stronger models join, and fight everybody, the old candidate too: not a byte of its row but the ranks.
    data = league(3, newcomers=6)
    before = row(rate_against(without(data, [f"new{code}" for code in range(7, 13)]), anchors))
    after = row(rate_against(data, anchors))
    for moment in (before, after):
        assert moment.rating.best_rank is not None
    assert dataclasses.replace(
        after, rating=dataclasses.replace(after.rating, best_rank=None, worst_rank=None)
    ) == dataclasses.replace(before, rating=dataclasses.replace(before.rating, best_rank=None, worst_rank=None))
    assert after.rating.worst_rank >= before.rating.worst_rank


def test_a_release_stays_on_the_anchors_mean_and_moves_little():
    # Specification: with the mean of the frozen baselines held, six newcomers move the old seven by about 5 Elo.
    moves = []
    for replicate in range(8):
        data = league([4, replicate], newcomers=6, prompts=100)
        old = without(data, [f"new{code}" for code in range(7, 13)])
        anchors = make_anchors(old, baselines=baselines())
        before, after = release(old, anchors).ratings, release(data, anchors).ratings
        moves += [after.entrant(name).elo - before.entrant(name).elo for name in ("cand", *baselines())]
    assert np.sqrt(np.mean(np.square(moves))) < 6.0
    assert np.mean(moves) == pytest.approx(0.0, abs=1.0)


def test_a_release_says_how_far_the_anchors_moved(anchors):
    bank = simulate(np.random.default_rng(1), prompts=100, strengths=SPREAD, bank=True)
    same = release(without(bank, ["cand"]), anchors)
    assert same.moved == pytest.approx([0.0] * 6, abs=1e-9)
    other = release(simulate(np.random.default_rng(9), prompts=100, strengths=SPREAD, bank=True), anchors)
    assert sum(other.moved) == pytest.approx(0.0, abs=1e-6)
    assert other.rms == pytest.approx(np.sqrt(np.mean(np.square(other.moved))))
    assert 1.0 < other.rms < 40.0
    assert other.ratings.frozen == ()


@pytest.mark.parametrize(
    ("named", "said"),
    [(["base1", "base1", "base2"], "twice"), (["base1", "base9"], "not among"), ("base1", "a sequence")],
)
def test_baselines_that_are_unknown_doubled_or_a_bare_string_are_refused_everywhere(named, said):
    data = simulate(np.random.default_rng(1), prompts=10, strengths=(0.0,) * 3, bank=True)
    with pytest.raises(RatingError, match=said):
        make_anchors(data, baselines=named)
    with pytest.raises(RatingError, match=said):
        fit_length_slopes(data, np.zeros(len(data)), language=["en"] * len(data), baselines=named)
    with pytest.raises(RatingError, match=said):
        diagnose(data, baselines=named)


@pytest.mark.parametrize("score", [0.5, None])
def test_a_scale_on_which_nothing_varies_is_not_frozen(score):
    """All ties, and a judge that always takes the text shown first."""
    rows = [("base1", "base2", 1.0 if score is None else score, prompt) for prompt in range(12)]
    rows += [("base2", "base1", 1.0 if score is None else score, prompt) for prompt in range(12)]
    with pytest.raises(RatingError, match="every prompt gave the same result"):
        make_anchors(comparisons(rows), baselines=["base1", "base2"])


@settings(max_examples=10, deadline=None)
@given(SEEDS, st.floats(-1e4, 1e4))
def test_a_constant_added_to_the_anchors_is_added_to_the_rating(seed, shift):
    data = league(seed, newcomers=1, prompts=12)
    bank = without(data, ["cand", "new7"])
    anchors = make_anchors(bank, baselines=baselines())
    moved = dataclasses.replace(anchors, elo=tuple(elo + shift for elo in anchors.elo))
    for here, there in zip(rate_against(data, anchors), rate_against(data, moved), strict=True):
        if here.rating.elo is None:
            continue
        assert there.rating.elo == pytest.approx(here.rating.elo + shift, abs=1e-6)
        assert there.se_with_anchors == pytest.approx(here.se_with_anchors, rel=1e-6)


def test_the_anchors_own_doubt_counts_where_the_candidate_leans_on_few(anchors):
    data = simulate(np.random.default_rng(5), prompts=100, strengths=SPREAD)
    everybody = row(rate_against(data, anchors))
    one = row(rate_against(without(data, baselines()[1:]), anchors))
    # Spread evenly over all anchors their errors cancel, since their mean is the scale; on one they do not.
    assert everybody.se_with_anchors == pytest.approx(everybody.rating.se, rel=0.01)
    assert one.se_with_anchors**2 - one.rating.se**2 == pytest.approx(anchors.covariance[0][0], rel=1e-9)
    assert one.low_with_anchors < one.rating.low < one.rating.high < one.high_with_anchors


def test_the_share_of_each_anchor_is_the_slope_of_the_rating(anchors):
    data = without(simulate(np.random.default_rng(6), prompts=100, strengths=SPREAD), baselines()[3:])
    here = row(rate_against(data, anchors))
    slopes = []
    for code in range(6):
        elo = list(anchors.elo)
        elo[code] += 0.01
        there = row(rate_against(data, dataclasses.replace(anchors, elo=tuple(elo))))
        slopes.append((there.rating.elo - here.rating.elo) / 0.01)
    assert sum(slopes) == pytest.approx(1.0, abs=1e-4)
    extra = np.array(slopes) @ np.array(anchors.covariance) @ slopes
    assert here.se_with_anchors**2 - here.rating.se**2 == pytest.approx(extra, rel=1e-3)


def test_intervals_against_frozen_anchors_hold_and_with_their_doubt_too():
    # Anchors from a bank of their own, on other prompts; the candidate meets the two strongest only.
    conditional = whole = 0
    replicates = 200
    for replicate in range(replicates):
        rng = np.random.default_rng([7, replicate])
        bank = simulate(rng, prompts=40, strengths=(0.0,) * 5, bank=True)
        anchors = make_anchors(bank, baselines=baselines(5))
        data = without(simulate(rng, prompts=40, strengths=(0.0,) * 5), ["base1", "base2"])
        found = row(rate_against(data, anchors))
        conditional += found.rating.low <= 1000.0 <= found.rating.high
        whole += found.low_with_anchors <= 1000.0 <= found.high_with_anchors
    assert 0.91 <= whole / replicates <= 0.985
    assert conditional < whole


def test_one_sided_candidates_keep_their_bound(anchors):
    rows = block("king", "base1", won=30, prompts=10) + block("base2", "fool", won=30, prompts=10)
    rows += [("king", "fool", 0.5, 0), ("lost", "king", 0.5, 1), ("cand", "base3", 1.0, 1), ("base3", "cand", 0.5, 2)]
    rows += [("cand", "base3", 0.0, 3)]
    found = {line.rating.name: line for line in rate_against(comparisons(rows), anchors)}
    assert (found["king"].rating.kind, found["fool"].rating.kind) == ("at_least", "at_most")
    assert (found["king"].goodness, found["king"].se_with_anchors) == (None, None)
    assert found["lost"].rating.reason == "lost has no battles"
    assert found["cand"].goodness.reason == "no pairing has five expected wins and five expected losses"


def test_anchors_at_equal_length():
    rng = np.random.default_rng(8)
    lengths = 1000.0 * np.exp(rng.normal(0.0, 0.3, (300, 5)))
    # base4 is 0.2 longer in relative terms: one scale, which the judge pays with 0.25 nats.
    lengths[:, 4] *= 1.2 / 0.8
    data = simulate(
        rng,
        prompts=300,
        strengths=(0.0,) * 5,
        bank=True,
        lengths=lengths,
        slope=0.25 / 0.2,
        regime="bradley-terry",
    )
    difference = length_difference(lengths[data.cluster, data.first], lengths[data.cluster, data.second])
    known = {"language": ["en"] * len(data)}
    anchors = make_anchors(data, baselines=baselines(5), difference=difference, **known)
    assert anchors.offsets["base4"] > 1020.0
    assert np.ptp(anchors.elo_at_equal_length) < np.ptp(anchors.elo) / 2
    (adjusted,) = [
        line
        for line in adjust_for_length(
            data,
            difference,
            slopes=anchors.slopes,
            baselines=baselines(5),
            offsets=anchors.offsets_at_equal_length,
            **known,
        )
        if line.name == "cand"
    ]
    assert adjusted.elo == pytest.approx(1000.0, abs=2 * adjusted.se)
    # No length moves here: no slope, and no ratings at equal length.
    flat = make_anchors(data, baselines=baselines(5), difference=np.zeros(len(data)), **known)
    assert (flat.elo_at_equal_length, flat.offsets_at_equal_length) == ((), {})
    assert flat.slopes[0].reason == "all texts that met are equally long"


def test_refusals(anchors):
    data = simulate(np.random.default_rng(1), prompts=10, strengths=(0.0,) * 3, bank=True)
    with pytest.raises(RatingError, match="'base9' is not among the names"):
        make_anchors(data, baselines=["base1", "base9"])
    with pytest.raises(RatingError, match="two baselines or more"):
        make_anchors(data, baselines=["base1"])
    with pytest.raises(RatingError, match="no candidate met an anchor"):
        rate_against(without(data, ["cand"]), anchors)
    with pytest.raises(RatingError, match="strictly between"):
        rate_against(data, anchors, confidence=95)


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_order_names_and_sides_change_nothing(anchors, seed):
    data = league(seed, newcomers=1, prompts=12)
    rng = np.random.default_rng(seed)
    order, swap = rng.permutation(len(data)), rng.random(len(data)) < 0.5
    moved = Comparisons(
        names=data.names,
        first=np.where(swap, data.second, data.first)[order],
        second=np.where(swap, data.first, data.second)[order],
        score=np.where(swap, 1.0 - data.score, data.score)[order],
        cluster=data.cluster[order],
    )
    for one, other in zip(rate_against(data, anchors), rate_against(moved, anchors), strict=True):
        assert (one.rating, one.goodness) == (other.rating, other.goodness)
        assert one.se_with_anchors == pytest.approx(other.se_with_anchors, rel=1e-9)


def test_the_interval_of_an_anchor_has_the_degrees_of_freedom_of_its_own_prompts():
    """All once had those of all prompts, however few an anchor was judged on."""
    rows = [
        *block("base1", "base2", won=24, lost=16, prompts=20),
        *block("base1", "base3", won=4, lost=6, prompts=5),
        *block("base2", "base3", won=6, lost=4, prompts=5),
    ]
    data = comparisons(rows)
    anchors = make_anchors(data, baselines=("base1", "base2", "base3"))
    assert (anchors.prompts, anchors.own_prompts) == (20, (20, 20, 5))
    joint = rate(data, baselines=("base1", "base2", "base3"))
    for name in anchors.names:
        row = joint.entrant(name)
        assert anchors.degrees_of_freedom(name) == row.df
        assert anchors.interval(name) == pytest.approx((row.low, row.high))
    met = comparisons([*rows, *block("cand", "base1", won=5, lost=5, prompts=10)])
    frozen = rate_on_anchors(met, anchors).ratings.entrant("base3")
    assert (frozen.df, frozen.low, frozen.high) == (4, *anchors.interval("base3"))
