"""Published and hand-checked values: the solver and every covariance, to 1e-6 or to the printed digits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from ratings.tables import BASEBALL, EVALICA_SIMPLE, PUDDINGS, WIKIPEDIA, clustered, comparisons, counts

from arena_write.ratings import (
    NotConnectedError,
    cr1_covariance,
    fisher_covariance,
    fit,
    hc0_covariance,
    jackknife_covariance,
    rate,
)
from arena_write.ratings.elo import from_baselines


def against(reference, fitted, covariance=None):
    """Strengths relative to one entrant, and their standard errors."""
    contrast = from_baselines(len(fitted.names), [fitted.names.index(reference)])
    theta = dict(zip(fitted.names, contrast @ fitted.theta, strict=True))
    if covariance is None:
        return theta
    errors = np.sqrt(np.diag(contrast @ covariance @ contrast.T))
    return theta, dict(zip(fitted.names, errors, strict=True))


def baseball():
    rows = []
    for home, visitors in BASEBALL.items():
        for away, (won, lost) in visitors.items():
            rows += [(home, away, score, len(rows) + game) for game, score in enumerate([1.0] * won + [0.0] * lost)]
    return comparisons(rows)


def test_wikipedia_worked_example():
    worth = np.exp(fit(comparisons(counts(WIKIPEDIA))).theta)
    assert worth == pytest.approx([0.639835, 1.043314, 0.659810, 2.270377], abs=1e-6)
    assert worth.prod() == pytest.approx(1.0, abs=1e-12)


def test_baseball_strengths_and_fisher_errors():
    fitted = fit(baseball())
    theta, error = against("Bal", fitted, fisher_covariance(fitted))
    teams = ["Bos", "Cle", "Det", "Mil", "NY", "Tor"]
    strengths = [1.10770, 0.68385, 1.43641, 1.58136, 1.24762, 1.29449]
    assert [theta[team] for team in teams] == pytest.approx(strengths, abs=5e-6)
    errors = [0.33388, 0.33188, 0.33957, 0.34326, 0.33586, 0.33667]
    assert [error[team] for team in teams] == pytest.approx(errors, abs=5e-6)


def test_baseball_deviance():
    fitted = fit(baseball())
    theta = dict(zip(fitted.names, fitted.theta, strict=True))
    deviance = 0.0
    for home, visitors in BASEBALL.items():
        for away, (won, lost) in visitors.items():
            p = 1 / (1 + math.exp(theta[away] - theta[home]))
            deviance += 2 * won * math.log(won / (won + lost) / p) if won else 0.0
            deviance += 2 * lost * math.log(lost / (won + lost) / (1 - p)) if lost else 0.0
    assert deviance == pytest.approx(44.0535, abs=5e-5)


def test_log_likelihood_of_baseball():
    data = baseball()
    fitted = fit(data)
    gap = fitted.theta[data.first] - fitted.theta[data.second]
    direct = np.where(data.score == 1, -np.log1p(np.exp(-gap)), -np.log1p(np.exp(gap))).sum()
    assert fitted.log_likelihood == pytest.approx(direct, abs=1e-9)


def test_puddings_half_win():
    data = comparisons(counts(PUDDINGS))
    fitted = fit(data)
    theta, error = against("1", fitted, fisher_covariance(fitted))
    others = ["2", "3", "4", "5", "6"]
    values = [0.160309, 0.111343, 0.127480, 0.097430, 0.274492]
    assert [theta[name] for name in others] == pytest.approx(values, abs=1e-6)
    values = [0.159649, 0.165063, 0.160523, 0.164375, 0.163929]
    assert [error[name] for name in others] == pytest.approx(values, abs=1e-6)
    _, error = against("1", fitted, hc0_covariance(data, fitted))
    values = [0.137883, 0.141096, 0.137122, 0.136498, 0.140897]
    assert [error[name] for name in others] == pytest.approx(values, abs=1e-6)


def test_evalica_simple():
    data = comparisons([(left, right, score, row) for row, (left, right, score) in enumerate(EVALICA_SIMPLE)])
    worth = np.exp(fit(data).theta)
    # evalica's own golden file was made with a tolerance of 1e-8; the exact values are those of the solver's limit.
    expected = [0.05079967, 0.13115069, 0.13168568, 0.33688868, 0.34947527]
    assert worth / worth.sum() == pytest.approx(expected, abs=1e-8)


PLACKETT_LUCE = [("A", "B", 1.0, 0), ("C", "A", 1.0, 1), ("A", "D", 1.0, 2), ("B", "A", 1.0, 3), ("B", "C", 1.0, 4)]


def test_unconnected_example_is_refused_and_named():
    with pytest.raises(NotConnectedError) as caught:
        fit(comparisons(PLACKETT_LUCE))
    assert caught.value.components == (("A", "B", "C"), ("D",))
    assert caught.value.sentence.endswith("D lost all of its 1 battle against A: no finite lower bound")
    assert str(caught.value) == caught.value.sentence


def test_unconnected_example_without_the_separated_one():
    fitted = fit(comparisons([row for row in PLACKETT_LUCE if "D" not in row]))
    theta, error = against("A", fitted, fisher_covariance(fitted))
    assert (theta["B"], theta["C"]) == pytest.approx((0.8392, 0.4196), abs=5e-5)
    assert (error["B"], error["C"]) == pytest.approx((1.3596, 1.5973), abs=5e-5)


@pytest.mark.parametrize(("won", "lost"), [(7, 3), (1, 1), (1, 199), (5000, 3)])
def test_two_entrants_in_closed_form(won, lost):
    fitted = fit(comparisons(counts([("a", "b", won, lost, 0)])))
    theta, error = against("b", fitted, fisher_covariance(fitted))
    assert theta["a"] == pytest.approx(math.log(won / lost), abs=1e-9)
    assert error["a"] == pytest.approx(math.sqrt(1 / won + 1 / lost), rel=1e-9)


def test_cluster_golden_strengths_and_all_standard_errors():
    data = comparisons(clustered())
    fitted = fit(data)
    expected = {
        "fisher": (fisher_covariance(fitted), 0.5067823, 0.4991143),
        "hc0": (hc0_covariance(data, fitted), 0.4764294, 0.4589323),
        "cr0": (cr1_covariance(data, fitted) * 5 / 6, 0.5369973, 0.4680032),
        "cr1": (cr1_covariance(data, fitted), 0.5882510, 0.5126719),
        "cr3": (jackknife_covariance(data, fitted), 0.6245223, 0.5311370),
    }
    for covariance, a, b in expected.values():
        theta, error = against("C", fitted, covariance)
        assert (theta["A"], theta["B"]) == pytest.approx((0.87750905, 0.70228517), abs=1e-8)
        assert (error["A"], error["B"]) == pytest.approx((a, b), abs=1e-7)


def test_cluster_golden_on_the_elo_scale():
    data = comparisons(clustered())
    theta, error = against("B", fit(data), cr1_covariance(data, fit(data)))
    assert theta["A"] * 400 / math.log(10) == pytest.approx(30.4395, abs=5e-5)
    assert error["A"] * 400 / math.log(10) == pytest.approx(112.6165, abs=5e-5)


def test_cluster_golden_through_the_front_door():
    # Six prompts: the jackknife, with t(5).
    ratings = rate(comparisons(clustered()), baselines=["C"])
    row = ratings.entrant("A")
    assert (ratings.method, ratings.df, ratings.clusters, ratings.battles) == ("jackknife", 5, 6, 36)
    assert row.elo == pytest.approx(1000 + 0.87750905 * 400 / math.log(10), abs=1e-5)
    assert row.se == pytest.approx(0.6245223 * 400 / math.log(10), abs=2e-5)
    assert row.high - row.elo == pytest.approx(2.5705818 * row.se, rel=1e-7)
    assert row.naive_half_width == pytest.approx(1.9599640 * 0.5067823 * 400 / math.log(10), abs=2e-4)
    assert row.deff == pytest.approx((0.6245223 / 0.5067823) ** 2, rel=1e-6)
    difference = ratings.difference("A", "B")
    assert difference.elo == pytest.approx(30.4395, abs=5e-5)
    assert difference.se == pytest.approx(difference_by_hand() * 400 / math.log(10), rel=1e-9)


def difference_by_hand():
    """Jackknife standard error of A - B, from six plain refits."""
    rows = clustered()

    def gap(chosen):
        fitted = fit(comparisons(chosen, names="ABC"))
        return fitted.theta[0] - fitted.theta[1]

    shifts = [gap([row for row in rows if row[3] != prompt]) - gap(rows) for prompt in range(6)]
    return math.sqrt(5 / 6 * sum(shift**2 for shift in shifts))
