"""Perfect records, broken links, single prompts: bounds and reasons, never infinity, never equality, never a ghost."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from ratings.simulate import simulate
from ratings.tables import block, comparisons
from scipy.stats import binomtest

from arena_write.ratings import (
    Comparisons,
    NotConnectedError,
    RatingError,
    TooFewPromptsError,
    fit,
    jackknife_covariance,
    rate,
)
from arena_write.ratings.bounds import (
    correlation_within,
    effective_battles,
    perfect_record_gap,
    wilson_interval,
)
from arena_write.ratings.elo import expected_score

BANK = (
    block("base1", "base2", won=24, lost=16, prompts=20)
    + block("base2", "base3", won=22, lost=18, prompts=20)
    + block("base1", "base3", won=23, lost=17, prompts=20)
)
BASES = ["base1", "base2", "base3"]
ELO = 400 / math.log(10)
Z2 = 1.959963984540054**2


def perfect(name, *, won=True, battles=200, prompts=20):
    """All battles of ``name`` against the three baselines in turn, all won or all lost."""
    return [(name, BASES[index % 3], float(won), index // 3 % prompts) for index in range(battles)]


def finite(ratings):
    """Check that no printed number is infinite or NaN."""
    for row in ratings.entrants:
        for value in dataclasses.astuple(row):
            assert not isinstance(value, float) or math.isfinite(value), row
    assert np.isfinite(ratings.covariance).all()
    return ratings


def test_two_hundred_to_nil_is_a_lower_bound():
    ratings = finite(rate(comparisons(BANK + perfect("cand")), baselines=BASES))
    row = ratings.entrant("cand")
    assert (row.kind, row.elo, row.se, row.high) == ("at_least", None, None, None)
    assert row.reason == "cand won all of its 200 battles against base1, base2, base3: no finite upper bound"
    assert (row.score, row.battles, row.clusters) == (1.0, 200, 20)
    # Between 20 prompts that count once each and 200 battles that count fully.
    assert 1000 + ELO * math.log(20 / Z2) - 1 < row.low < 1000 + ELO * math.log(200 / Z2) + 1
    assert (row.best_rank, row.worst_rank) == (1, 1)
    assert [ratings.entrant(name).best_rank for name in BASES] == [2, 2, 2]


def test_two_hundred_to_nil_down_is_the_mirror_image():
    up = rate(comparisons(BANK + perfect("cand")), baselines=BASES)
    mirrored = [(a, b, 1 - score, prompt) for a, b, score, prompt in BANK + perfect("cand")]
    down = finite(rate(comparisons(mirrored), baselines=BASES))
    row = down.entrant("cand")
    assert (row.kind, row.elo, row.low) == ("at_most", None, None)
    assert row.high == pytest.approx(2000 - up.entrant("cand").low, abs=1e-9)
    assert row.reason == "cand lost all of its 200 battles against base1, base2, base3: no finite lower bound"
    assert (row.best_rank, row.worst_rank) == (4, 4)


def test_a_separated_entrant_does_not_bend_the_others():
    alone = rate(comparisons(BANK), baselines=BASES)
    beside = rate(comparisons(BANK + perfect("cand")), baselines=BASES)
    for name in BASES:
        kept, row = alone.entrant(name), beside.entrant(name)
        assert (row.elo, row.low, row.high) == (kept.elo, kept.low, kept.high)
    assert beside.covariance == alone.covariance
    assert beside.names == ("base1", "base2", "base3")


def test_one_loss_in_two_hundred_is_an_interval_again():
    rows = perfect("cand")
    rows[0] = ("cand", "base1", 0.0, 0)
    ratings = finite(rate(comparisons(BANK + rows), baselines=BASES))
    row = ratings.entrant("cand")
    assert (row.kind, ratings.method) == ("interval", "jackknife")
    assert row.elo == pytest.approx(1000 + ELO * math.log(199), abs=20)
    assert 300 < row.high - row.elo < 600


@pytest.mark.parametrize("names", [("base", "cand"), ("cand", "base")])
@pytest.mark.parametrize("score", [1.0, 0.5])
def test_a_prompt_with_the_only_score_takes_one_newton_step(names, score):
    # 1 win (or tie) in 200, ten prompts of 20. Nine refits exist; the one without that prompt does not.
    rows = [("cand", "base", 0.0 if battle else score, battle % 10) for battle in range(200)]
    data = comparisons(rows, names=names)
    variance = jackknife_covariance(data, fit(data))
    p, full = score / 200, math.log(score / (200 - score))
    step = -(score - 20 * p) / (180 * p * (1 - p))
    refit = math.log(score / (180 - score)) - full
    by_hand = 9 / 10 * (step**2 + 9 * refit**2)
    contrast = np.array([-1.0, 1.0])
    assert contrast @ variance @ contrast == pytest.approx(by_hand, rel=1e-9)


def test_two_candidates_separated_and_meeting_only_core_and_each_other():
    rows = BANK + perfect("up") + perfect("down", won=False, battles=90) + block("up", "down", won=9, prompts=9)
    ratings = finite(rate(comparisons(rows), baselines=BASES))
    up, down = ratings.entrant("up"), ratings.entrant("down")
    assert (up.kind, down.kind) == ("at_least", "at_most")
    assert "200 battles against base1, base2, base3:" in up.reason
    assert "90 battles against base1, base2, base3:" in down.reason
    assert up.low > 1000 > down.high
    assert (up.best_rank, up.worst_rank, down.best_rank, down.worst_rank) == (1, 1, 5, 5)
    assert [row.name for row in ratings.entrants][-2:] == ["up", "down"]


def test_two_undefeated_candidates_that_tie_with_each_other_share_the_top():
    rows = BANK + perfect("x") + perfect("y") + [("x", "y", 0.5, prompt) for prompt in range(20)]
    ratings = finite(rate(comparisons(rows), baselines=BASES))
    for name in ("x", "y"):
        row = ratings.entrant(name)
        assert (row.kind, row.best_rank, row.worst_rank) == ("at_least", 1, 2)


def test_a_weak_record_leaves_ranks_open():
    ratings = finite(rate(comparisons(BANK + perfect("cand", battles=3)), baselines=BASES))
    row = ratings.entrant("cand")
    assert row.kind == "at_least"
    assert row.low < 1000, "three wins on one prompt do not show equality"
    assert (row.best_rank, row.worst_rank) == (1, 4)


def test_more_wins_on_more_prompts_raise_the_bound():
    lows = [
        rate(comparisons(BANK + perfect("cand", battles=3 * n, prompts=n)), baselines=BASES).entrant("cand").low
        for n in (2, 5, 9, 10, 20, 60)
    ]
    assert lows == sorted(lows)
    assert len(set(lows)) == 6


def test_the_bound_by_hand_with_one_battle_per_prompt():
    # One battle per prompt everywhere: nothing to learn about correlation, nothing to correct.
    rows = block("base1", "base2", won=30, lost=30, prompts=60) + [("cand", "base1", 1.0, p) for p in range(40)]
    ratings = rate(comparisons(rows), baselines=["base1", "base2"])
    assert ratings.entrant("cand").low == pytest.approx(1000 + ELO * math.log(40 / Z2), abs=1e-6)
    assert rate(comparisons(rows), baselines=["base1", "base2"], confidence=0.5).entrant("cand").low > 1500


def test_the_bound_counts_dependent_battles_for_less():
    # Three battles per prompt; elsewhere two battles of a prompt correlate by some .3, so 300 count as some 190.
    bank = simulate(np.random.default_rng(6), prompts=100, strengths=(0.0,) * 3, bank=True)
    data = Comparisons(
        names=("base1", "base2", "base3", "cand"),
        first=np.concatenate([bank.first, np.full(300, 3)]),
        second=np.concatenate([bank.second, np.arange(300) % 3]),
        score=np.concatenate([bank.score, np.ones(300)]),
        cluster=np.concatenate([bank.cluster, np.arange(300) // 3]),
    )
    low = rate(data, baselines=BASES).entrant("cand").low
    counted = Z2 * math.exp((low - 1000) / ELO)
    assert 300 / (1 + 2 * 0.45) < counted < 300 / (1 + 2 * 0.2)


def test_the_bound_stands_on_the_opponents_met():
    rows = block("base1", "base2", won=45, lost=15, prompts=60) + [("cand", "base1", 1.0, p) for p in range(40)]
    ratings = rate(comparisons(rows), baselines=["base1", "base2"])
    assert ratings.entrant("base1").elo == pytest.approx(1000 + ELO * math.log(3) / 2, abs=1e-6)
    expected = ratings.entrant("base1").elo + ELO * math.log(40 / Z2)
    assert ratings.entrant("cand").low == pytest.approx(expected, abs=1e-6)


def test_a_single_baseline_beaten_by_everybody_is_still_the_scale():
    ratings = finite(rate(comparisons(block("cand", "base", won=200, prompts=100)), baselines=["base"]))
    base, cand = ratings.entrant("base"), ratings.entrant("cand")
    assert (base.elo, base.se, base.low, base.high) == (1000.0, 0.0, 1000.0, 1000.0)
    assert (cand.kind, ratings.method, ratings.df, ratings.deff) == ("at_least", "none", 0, None)
    # Correlation within a prompt is unknown, so each of 100 prompts counts once.
    assert cand.low == pytest.approx(1000 + ELO * math.log(100 / Z2), abs=1e-6)


def test_frozen_baselines_need_no_battles_of_their_own():
    star = perfect("cand", battles=60) + [("other", base, 0.5, p) for base in BASES for p in range(20)]
    offsets = {"base1": 1100.0, "base2": 1000.0, "base3": 900.0}
    with pytest.raises(NotConnectedError):
        rate(comparisons(perfect("cand", battles=60)), baselines=BASES)
    ratings = finite(rate(comparisons(star), baselines=BASES, offsets=offsets))
    assert ratings.entrant("cand").kind == "at_least"
    assert ratings.entrant("other").elo == pytest.approx(1000.0, abs=1e-9)
    assert ratings.frozen == ("base1", "base2", "base3")


def test_nothing_but_a_perfect_record_against_frozen_baselines():
    offsets = {"base1": 1100.0, "base2": 1000.0, "base3": 900.0}
    ratings = finite(rate(comparisons(perfect("cand", battles=60)), baselines=BASES, offsets=offsets))
    assert (ratings.entrant("cand").kind, ratings.method, ratings.battles) == ("at_least", "none", 0)
    assert ratings.entrant("cand").low == pytest.approx(1000 + ELO * math.log(20 / Z2), abs=1e-6)


def test_baselines_not_tied_are_refused_with_the_reason():
    rows = block("base1", "base2", won=40, prompts=20) + block("cand", "base1", won=10, lost=10, prompts=20)
    with pytest.raises(NotConnectedError) as caught:
        rate(comparisons(rows), baselines=["base1", "base2"])
    assert str(caught.value) == (
        "the baselines (base1, base2) are not tied to each other by results in both directions, so they give no scale: "
        "base2 lost all of its 40 battles against base1: no finite lower bound"
    )
    assert caught.value.components == (("base1", "cand"), ("base2",))


def test_baselines_tied_through_the_candidate_are_enough():
    rows = block("base1", "base2", won=40, prompts=20)
    rows += block("cand", "base1", won=10, lost=10, prompts=20) + block("cand", "base2", won=10, lost=10, prompts=20)
    ratings = finite(rate(comparisons(rows), baselines=["base1", "base2"]))
    assert {row.kind for row in ratings.entrants} == {"interval"}


def test_a_candidate_without_battles_is_unrated():
    data = comparisons(BANK, names=[*BASES, "idle"])
    row = finite(rate(data, baselines=BASES)).entrant("idle")
    assert (row.kind, row.reason) == ("unrated", "idle has no battles")
    assert (row.elo, row.low, row.high, row.score, row.best_rank, row.battles) == (None, None, None, None, None, 0)


def test_a_baseline_without_battles_is_refused():
    with pytest.raises(NotConnectedError, match="idle has no battles"):
        rate(comparisons(BANK, names=[*BASES, "idle"]), baselines=[*BASES, "idle"])


def test_an_island_is_unrated():
    rows = BANK + block("x", "y", won=5, lost=5, prompts=10)
    row = rate(comparisons(rows), baselines=BASES).entrant("x")
    assert (row.kind, row.reason) == ("unrated", "x never met a rated entrant")


def test_a_single_prompt_gives_no_interval_and_no_rating():
    rows = BANK + [("cand", "base1", score, 3) for score in (1.0, 0.0, 1.0)]
    ratings = finite(rate(comparisons(rows), baselines=BASES))
    row = ratings.entrant("cand")
    assert row.kind == "unrated"
    assert row.reason == "tied to the baselines by one prompt only: no second prompt says how much that varies"
    alone = rate(comparisons(BANK), baselines=BASES)
    assert ratings.entrant("base1").elo == alone.entrant("base1").elo


def test_whoever_hangs_on_a_single_prompt_through_another_is_unrated_too():
    rows = BANK + [("far", "near", 0.5, prompt) for prompt in range(9)]
    rows += [("near", "base1", score, 3) for score in (1.0, 0.0)]
    ratings = finite(rate(comparisons(rows), baselines=BASES))
    assert [ratings.entrant(name).kind for name in ("near", "far")] == ["unrated", "unrated"]
    rows += [("near", "base1", 1.0, 4)]
    ratings = finite(rate(comparisons(rows), baselines=BASES))
    assert [ratings.entrant(name).kind for name in ("near", "far")] == ["interval", "interval"]


def test_baselines_tied_by_a_single_prompt_are_refused():
    rows = [(a, b, score, 0) for a, b, score, _ in BANK]
    with pytest.raises(TooFewPromptsError, match=r"one prompt alone ties the baselines \(base1, base2, base3\)"):
        rate(comparisons(rows), baselines=BASES)
    with pytest.raises(TooFewPromptsError):
        jackknife_covariance(comparisons(rows), fit(comparisons(rows)))
    with pytest.raises(TooFewPromptsError, match=r"so no interval can be given: a$"):
        one = comparisons([("a", "b", 0.5, 0), ("c", "d", 0.5, 0), ("c", "d", 0.5, 1)])
        jackknife_covariance(one, fit(one, offsets={"b": 0.0, "d": 0.0}))
    # Tied both ways only through somebody who is known from one prompt.
    rows = [*block("base1", "base2", won=40, prompts=20), ("cand", "base1", 0.5, 0), ("cand", "base2", 0.5, 0)]
    with pytest.raises(TooFewPromptsError):
        rate(comparisons(rows), baselines=["base1", "base2"])


def test_a_difference_with_a_bound_is_refused():
    ratings = rate(comparisons(BANK + perfect("cand")), baselines=BASES)
    with pytest.raises(RatingError, match="'cand' has no rating to take a difference from: cand won all of its 200"):
        ratings.difference("base1", "cand")


@pytest.mark.parametrize(("won", "battles"), [(200, 200), (3, 3), (0, 12), (7, 10), (199, 200)])
def test_wilson_interval_agrees_with_scipy(won, battles):
    theirs = binomtest(won, battles).proportion_ci(method="wilson")
    assert wilson_interval(won / battles, battles) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_effective_battles():
    assert effective_battles(np.full(20, 10.0), correlation=0.0) == 200.0
    assert effective_battles(np.full(20, 10.0), correlation=1.0) == 20.0
    assert effective_battles(np.full(20, 10.0), correlation=0.25) == pytest.approx(200 / 3.25)
    assert effective_battles(np.full(9, 10.0), correlation=0.0) == 9.0
    assert perfect_record_gap(7.0) == pytest.approx(ELO * math.log(7.0 / Z2), abs=1e-9)
    assert correlation_within(np.array([3.75]), np.array([12.0])) == pytest.approx(0.25)
    assert correlation_within(np.array([0.5]), np.array([12.0])) == 0.0
    assert correlation_within(np.array([1.0]), np.array([1.0])) == 1.0


@pytest.mark.parametrize("battles", [1, 2, 3, 4, 5, 6, 7, 8, 20, 200])
def test_a_perfect_record_over_few_battles_is_claimed_no_more_often_than_stated(battles):
    """Whoever wins each battle with the chance at the bound wins all of them in 5 % of studies at most."""
    assert expected_score(perfect_record_gap(battles)) ** battles <= 0.05 + 1e-12


def test_the_bound_holds_as_often_as_it_says():
    # A candidate so strong that 30 prompts are often all won. Its true rating is that of an endless study.
    strengths = (6.0, 0.0, 0.0)
    endless = fit(simulate(np.random.default_rng(0), prompts=30_000, strengths=strengths, regime="mild", bank=True))
    truth = 1000 + ELO * (endless.theta[0] - endless.theta[1:].mean())
    lows = []
    for seed in range(1, 301):
        data = simulate(np.random.default_rng(seed), prompts=30, strengths=strengths, regime="mild", bank=True)
        row = rate(data, baselines=["base1", "base2"]).entrant("cand")
        if row.kind == "at_least":
            lows.append(row.low)
    assert len(lows) > 60
    assert np.mean(np.array(lows) <= truth) > 0.95
    assert np.mean(lows) > 1400


@pytest.mark.parametrize("prompts", [4, 40])
def test_where_every_prompt_gave_the_same_result_there_is_no_interval(prompts):
    """All ties were once 1000 +- 0, and nothing said why."""
    rows = [(first, second, 0.5, prompt) for prompt in range(prompts) for first, second in (("a", "b"), ("b", "a"))]
    ratings = finite(rate(comparisons(rows), baselines=["a", "b"]))
    for row in ratings.entrants:
        assert (row.kind, row.se, row.low, row.high, row.deff) == ("interval", 0.0, None, None, None)
        assert row.elo == pytest.approx(1000.0)
        assert row.reason == "every prompt gave the same result, so nothing says how much prompts vary"
        assert (row.best_rank, row.worst_rank, row.df) == (1, 2, prompts - 1)
    single = rate(comparisons(rows), baselines=["a"])
    assert single.entrant("a").reason == ""
    assert single.entrant("b").reason.startswith("every prompt gave the same result")


def test_who_has_an_interval_keeps_it_beside_one_who_has_none():
    rows = [*BANK, *((name, base, 0.5, prompt) for prompt in range(20) for name in ["cand"] for base in ["base1"])]
    ratings = rate(comparisons(rows), baselines=["base1"])
    flat = ratings.entrant("cand")
    assert flat.reason.startswith("every prompt gave the same result")
    assert all(row.low < row.elo < row.high for row in ratings.entrants if row.name in ("base2", "base3"))
    assert "cand" in ratings.names
