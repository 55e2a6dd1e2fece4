"""Where scores vary: the parts are found again, the published figures follow from the formulas, gaps are named."""

from __future__ import annotations

import numpy as np
import pytest
from ratings.simulate import Rubric, simulate_scores

from arena_write.ratings import RatingError, Scores, detectable_effect, rate_scores, reliability, variance_components


def test_the_parts_of_a_large_study_are_found_again():
    parts = Rubric(query=0.5, interaction=0.3, answer=0.6, criterion=0.4, judge=0.5)
    rng = np.random.default_rng(1)
    means = rng.normal(5.5, 0.4, 30)
    found = variance_components(
        simulate_scores(rng, means=means, queries=300, criteria=4, samples=3, repeats=2, parts=parts)
    )
    assert found.unknown == ()
    assert (found.entrants, found.queries, found.samples) == (30, 300, 3.0)
    assert found.entrant == pytest.approx(means.var(ddof=1), abs=0.01)
    assert found.query == pytest.approx(0.25, rel=0.25)
    assert found.interaction == pytest.approx(0.09, rel=0.1)
    # Criteria of an answer are fixed: their scatter is part of the answer's mean over four.
    assert found.answer == pytest.approx(0.36 + 0.16 / 4 + 0.25 / 8, rel=0.05)
    assert found.judge == pytest.approx(0.25 / 4, rel=0.05)
    assert found.residual == pytest.approx(found.interaction + found.answer / 3)


def test_parts_of_a_small_table_by_hand():
    # Two entrants, two queries: row means 4 and 7, column means 5 and 6, residuals of half a point.
    scores = Scores(
        names=("a", "b"),
        entrant=[0, 0, 1, 1],
        query=[0, 1, 0, 1],
        criterion=[0] * 4,
        sample=[0] * 4,
        score=[3, 5, 7, 7],
    )
    found = variance_components(scores)
    # Mean squares: entrants 2 x (1.5^2 + 1.5^2) = 9, queries 1, rest 4 x 0.5^2 = 1.
    assert (found.residual, found.entrant, found.query) == pytest.approx((1.0, 4.0, 0.0))
    assert found.reliability == pytest.approx(4.0 / (4.0 + 1.0 / 2))
    assert (found.interaction, found.answer, found.judge) == (None, None, None)
    assert [sentence.split(":")[0] for sentence in found.unknown] == ["interaction and answer apart", "judge"]
    with pytest.raises(RatingError, match="one answer to each query"):
        found.reliability_at(queries=100)


def test_reliability_of_other_designs_grows_with_queries_and_answers():
    rng = np.random.default_rng(2)
    found = variance_components(simulate_scores(rng, means=rng.normal(7, 0.2, 12), queries=40, samples=2))
    here = found.reliability_at(queries=40, samples=2)
    assert here == pytest.approx(found.reliability, abs=1e-9)
    assert found.reliability_at(queries=40) < here < found.reliability_at(queries=80, samples=2) < 1.0


def test_published_reliability_of_thirty_two_prompts():
    # EQ-Bench creative writing, the 15 best: model 5.3, interaction 2.9, residual 23.7 give .86.
    assert reliability(entrant=5.3, noise=2.9 / 32 + 23.7 / 32) == pytest.approx(0.86, abs=0.005)
    assert reliability(entrant=0.0, noise=0.0) == 0.0


@pytest.mark.parametrize(("queries", "points"), [(32, 0.30), (100, 0.17), (250, 0.11), (1000, 0.054)])
def test_published_detectable_effects(queries, points):
    assert detectable_effect(0.69, queries) == pytest.approx(points, abs=0.005)


def test_the_detectable_effect_of_a_board_is_that_of_its_pairs():
    scores = simulate_scores(np.random.default_rng(3), means=(6.0, 7.0, 8.0), queries=80)
    ratings = rate_scores(scores)
    means = scores.score.reshape(3, 80, 5).mean(axis=2)
    variance = np.mean([np.var(means[one] - means[other], ddof=1) for one, other in ((0, 1), (0, 2), (1, 2))])
    assert ratings.detectable == pytest.approx((1.644854 + 0.841621) * np.sqrt(variance / 80), rel=1e-6)


def test_queries_that_somebody_missed_are_left_out():
    scores = simulate_scores(np.random.default_rng(4), means=(6.0, 7.0, 8.0), queries=30)
    partial = scores.select(~((scores.entrant == 1) & (scores.query < 10)))
    common = scores.select(scores.query >= 10)
    assert variance_components(partial) == variance_components(common)
    assert variance_components(partial).queries == 20


def test_equal_entrants_have_no_reliability_to_speak_of():
    found = variance_components(simulate_scores(np.random.default_rng(6), means=(7.0,) * 20, queries=200))
    assert found.reliability < 0.6
    assert found.entrant < 0.01


@pytest.mark.parametrize("scatter", [0.2, 0.4, 0.8])
def test_criteria_of_one_answer_correlate_as_they_were_made(scatter):
    parts = Rubric(query=0.3, interaction=0.2, answer=0.5, criterion=scatter)
    scores = simulate_scores(np.random.default_rng(7), means=(5.0, 6.0), queries=3000, parts=parts)
    common = 0.09 + 0.04 + 0.25
    for row in rate_scores(scores).entrants:
        assert row.criterion_correlation == pytest.approx(common / (common + scatter**2), abs=0.03)
        # Five criteria of a query are one cluster: deff = 1 + (5 - 1) rho.
        assert row.deff == pytest.approx(1 + 4 * row.criterion_correlation, rel=0.01)


def test_one_criterion_has_no_correlation():
    scores = simulate_scores(np.random.default_rng(8), queries=20, criteria=1)
    assert [row.criterion_correlation for row in rate_scores(scores).entrants] == [None, None]
