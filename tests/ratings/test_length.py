"""Length: the slope is found again, the adjusted rating is the one at equal length, and sides do not matter."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ratings.simulate import baselines, simulate
from ratings.tables import comparisons

from arena_write.ratings import (
    ColumnError,
    Comparisons,
    LengthSlope,
    RatingError,
    adjust_for_length,
    fit_length_slopes,
    length_difference,
    rate,
)

SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=12, deadline=None)
SCALE = 0.2


def study(rng, *, prompts=100, longer=0.0, size=5, regime="bradley-terry", slope=0.25, strength=0.0):
    """A candidate so many scales longer than baselines of equal strength, their battles, and a language per row."""
    lengths = 1000.0 * np.exp(rng.normal(0.0, SCALE * np.sqrt(2.0), (prompts, size)))
    lengths[:, 0] *= (1 + SCALE * longer) / (1 - SCALE * longer)
    data = simulate(
        rng,
        prompts=prompts,
        strengths=(strength,) + (0.0,) * (size - 1),
        regime=regime,
        bank=True,
        lengths=lengths,
        slope=slope / SCALE,
    )
    difference = length_difference(lengths[data.cluster, data.first], lengths[data.cluster, data.second])
    return data, difference, np.where(data.cluster % 2, "en", "zh")


def candidate(rows):
    return next(row for row in rows if row.name == "cand")


def both_steps(data, difference, language, size=5, **more):
    slopes = fit_length_slopes(data, difference, language=language, baselines=baselines(size))
    return candidate(
        adjust_for_length(data, difference, language=language, slopes=slopes, baselines=baselines(size), **more)
    )


def test_the_slope_is_found_again_within_two_errors():
    data, difference, _ = study(np.random.default_rng(1), prompts=300)
    (slope,) = fit_length_slopes(data, difference, language=["en"] * len(data), baselines=baselines(5))
    assert slope.scale == pytest.approx(SCALE, rel=0.05)
    assert slope.gamma == pytest.approx(0.25, abs=2 * slope.se)
    assert 0.02 < slope.se < 0.05
    assert (slope.prompts, slope.battles) == (300, 300 * 6 * 2)


def test_each_language_has_a_slope_of_its_own():
    data, difference, language = study(np.random.default_rng(2), prompts=400)
    # A judge who in Chinese prefers the shorter text: the verdicts of those prompts, turned round.
    turned = dataclasses.replace(data, score=np.where(language == "zh", 1.0 - data.score, data.score))
    en, zh = fit_length_slopes(turned, difference, language=language, baselines=baselines(5))
    assert (en.language, zh.language) == ("en", "zh")
    assert en.gamma == pytest.approx(0.25, abs=2 * en.se)
    assert zh.gamma == pytest.approx(-0.25, abs=2 * zh.se)


def test_battles_of_candidates_do_not_move_the_slope():
    data, difference, language = study(np.random.default_rng(3))
    own = (data.first == 0) | (data.second == 0)
    loud = dataclasses.replace(data, score=np.where(own, (difference > 0).astype(float), data.score))
    assert fit_length_slopes(loud, difference, language=language, baselines=baselines(5)) == fit_length_slopes(
        data, difference, language=language, baselines=baselines(5)
    )


@pytest.mark.parametrize("longer", [0.7, 1.4])
def test_a_longer_candidate_of_equal_strength_is_equal_at_equal_length(longer):
    data, difference, language = study(np.random.default_rng(4), prompts=400, longer=longer)
    row = both_steps(data, difference, language)
    assert rate(data, baselines=baselines(5)).entrant("cand").elo - 1000.0 > 2.5 * row.se
    assert row.elo == pytest.approx(1000.0, abs=2 * row.se)
    assert row.length == pytest.approx(longer, abs=0.15)
    assert row.extrapolated == (longer > 1)


def test_the_error_holds_the_error_of_the_slope():
    # One candidate against frozen baselines: V = V(theta | gamma) + xbar^2 V(gamma).
    data, difference, _ = study(np.random.default_rng(5), prompts=200, longer=1.0)
    language = ["en"] * len(data)
    frozen = dict.fromkeys(baselines(5), 1000.0)
    known = {"language": language, "baselines": baselines(5), "offsets": frozen}
    sure = LengthSlope(language="en", gamma=0.25, se=0.0, scale=SCALE)
    one = candidate(adjust_for_length(data, difference, slopes=[sure], **known))
    other = candidate(adjust_for_length(data, difference, slopes=[dataclasses.replace(sure, se=0.1)], **known))
    assert other.elo == one.elo
    extra = (other.se**2 - one.se**2) ** 0.5 / 173.7178
    assert extra == pytest.approx(0.1 * one.length, rel=0.03)


def test_without_a_pull_of_length_the_rating_stays():
    data, difference, language = study(np.random.default_rng(6), longer=0.5, slope=0.0)
    flat = [LengthSlope(language=label, gamma=0.0, se=0.0, scale=SCALE) for label in ("en", "zh")]
    ratings = rate(data, baselines=baselines(5))
    for row in adjust_for_length(data, difference, language=language, slopes=flat, baselines=baselines(5)):
        raw = ratings.entrant(row.name)
        assert (row.elo, row.low, row.high, row.df) == pytest.approx((raw.elo, raw.low, raw.high, raw.df), abs=1e-6)


def test_the_interval_at_equal_length_holds():
    # The truth is the simulated judge's: in this regime 0.25 per scale weighs less than a nat, as everything does.
    held, replicates = 0, 150
    for replicate in range(replicates):
        rng = np.random.default_rng([7, replicate])
        row = both_steps(*study(rng, prompts=40, longer=0.5, size=4, regime="realistic"), size=4)
        held += row.low <= 1000.0 <= row.high
    assert 0.91 <= held / replicates <= 0.99


@FEW
@given(SEEDS)
def test_swapping_sides_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    data, difference, language = study(rng, prompts=12, longer=0.5)
    swap = rng.random(len(data)) < 0.5
    swapped = Comparisons(
        names=data.names,
        first=np.where(swap, data.second, data.first),
        second=np.where(swap, data.first, data.second),
        score=np.where(swap, 1.0 - data.score, data.score),
        cluster=data.cluster,
    )
    one = both_steps(data, difference, language)
    other = both_steps(swapped, np.where(swap, -difference, difference), language)
    assert dataclasses.astuple(other)[1:7] == pytest.approx(dataclasses.astuple(one)[1:7], abs=1e-6)


@FEW
@given(SEEDS, st.floats(0.001, 1000.0))
def test_the_unit_of_length_does_not_matter(seed, unit):
    lengths = np.random.default_rng(seed).uniform(0.0, 100.0, (2, 20))
    assert length_difference(*(lengths * unit)) == pytest.approx(length_difference(*lengths), abs=1e-12)
    assert length_difference(lengths[1], lengths[0]) == pytest.approx(-length_difference(*lengths))


def test_length_differences_by_hand_and_refusals():
    assert length_difference([300, 0, 0, 5], [100, 0, 7, 5]).tolist() == [0.5, 0.0, -1.0, 0.0]
    with pytest.raises(ColumnError, match="row 1: lengths -1"):
        length_difference([1, -1], [2, 2])
    with pytest.raises(ColumnError, match="row 0: lengths nan"):
        length_difference([np.nan], [2])
    with pytest.raises(ColumnError, match="two columns of one length"):
        length_difference([1], [2, 3])


def test_what_gives_no_slope_is_said():
    rows = [
        (one, other, score, prompt) for prompt in range(4) for one, other, score in [("a", "b", 1.0), ("b", "a", 0.5)]
    ]
    data = comparisons([*rows, ("a", "c", 0.5, 0)])
    language = ["en"] * 8 + ["zh"]
    flat = fit_length_slopes(data, np.zeros(9), language=language, baselines=["a", "b"])
    assert [slope.reason for slope in flat] == [
        "all texts that met are equally long",
        "no baselines met in this language",
    ]
    # a is always longer by the same share: its length cannot be told from its strength.
    own = np.where(data.first == 0, 0.3, -0.3)
    (slope, _) = fit_length_slopes(data, own, language=language, baselines=["a", "b"])
    assert slope.gamma is None
    assert "no slope of its own" in slope.reason
    with pytest.raises(RatingError, match="no length slope for the language 'en': a feature"):
        adjust_for_length(data, own, language=language, slopes=[slope], baselines=["a", "b"])
    with pytest.raises(RatingError, match="no length slope for the language 'zh': none was given"):
        known = dataclasses.replace(slope, gamma=0.1, se=0.1, scale=0.1, reason="")
        adjust_for_length(data, own, language=language, slopes=[known], baselines=["a", "b"])


def test_there_is_no_slope_where_every_battle_was_a_tie():
    """It once was 0 +- 0, as if length were known not to count."""
    rows = [(one, other, 0.5, prompt) for prompt in range(40) for one, other in (("a", "b"), ("b", "c"), ("c", "a"))]
    difference = np.random.default_rng(3).normal(0.0, 0.2, len(rows))
    language = ["en" if row[3] % 2 else "zh" for row in rows]
    rows = [
        (one, other, float(prompt % 4 == 0), prompt) if prompt % 2 == 0 else (one, other, tie, prompt)
        for one, other, tie, prompt in rows
    ]
    en, zh = fit_length_slopes(comparisons(rows), difference, language=language, baselines=["a", "b", "c"])
    assert (en.gamma, en.se, en.interval()) == (None, None, None)
    assert en.reason == "every prompt gave the same result, so nothing says how much prompts vary"
    assert (en.prompts, en.battles) == (20, 60)
    assert zh.gamma is not None
    assert zh.se > 0


def test_whoever_has_no_rating_has_no_adjusted_one():
    rows = [("a", "b", score, prompt) for prompt in range(4) for score in (0.5, float(prompt % 2))]
    rows += [("c", "a", 1.0, prompt) for prompt in range(4)]
    data = comparisons(rows)
    slopes = [LengthSlope(language="en", gamma=0.1, se=0.1, scale=0.1)]
    known = {"language": ["en"] * 12, "slopes": slopes, "baselines": ["a", "b"]}
    found = {row.name: row for row in adjust_for_length(data, np.linspace(-0.3, 0.3, 12), **known)}
    assert found["c"].elo is None
    assert found["c"].reason.startswith("c won all of its 4 battles")
    assert found["a"].elo is not None
    tied = comparisons([(one, other, 0.5, prompt) for one, other, _, prompt in rows])
    flat = {row.name: row for row in adjust_for_length(tied, np.linspace(-0.3, 0.3, 12), **known)}
    assert flat["c"].elo is None
    assert flat["c"].reason.startswith("every prompt gave the same result")
    with pytest.raises(ColumnError, match="language has shape"):
        adjust_for_length(data, np.zeros(12), **{**known, "language": ["en"]})
    with pytest.raises(ColumnError, match="row 0: the length difference is not finite"):
        adjust_for_length(data, np.full(12, np.nan), **known)
    frozen = {"a": 1000.0, "b": 1000.0}
    only = adjust_for_length(data, np.zeros(12), **known, offsets=frozen)
    assert {row.reason for row in only if row.name != "c"} == {"there is nobody to rate beside the anchors"}
