"""Other estimators on the same public data: they give the published values, and ours stands to them as it should."""

from __future__ import annotations

import math

import choix
import numpy as np
import pytest
from ratings.references import davidson, firth, rao_kupper, ridge
from ratings.tables import (
    BASEBALL,
    CHOIX_CYCLE,
    CHOIX_RANDOM,
    CITATIONS,
    FOOD,
    PUDDINGS,
    SPRINGALL,
    clustered,
    comparisons,
    counts,
)

from arena_write.ratings import Comparisons, NotConnectedError, cr1_covariance, fisher_covariance, fit, hc0_covariance
from arena_write.ratings.elo import ELO_PER_NAT, from_baselines


def half_win(table, reference):
    """Our strengths relative to one entrant."""
    fitted = fit(comparisons(counts(table)))
    theta = fitted.theta - fitted.theta[fitted.names.index(reference)]
    return dict(zip(fitted.names, theta, strict=True))


def in_order(strengths, names):
    return [strengths[name] for name in names]


def test_citations():
    names = ["Comm Statist", "JASA", "JRSS-B"]
    fitted = fit(comparisons(counts(CITATIONS)))
    contrast = from_baselines(4, [0])
    errors = np.sqrt(np.diag(contrast @ fisher_covariance(fitted) @ contrast.T))
    ours = in_order(half_win(CITATIONS, "Biometrika"), names)
    assert ours == pytest.approx([-2.94907, -0.47957, 0.26895], abs=5e-6)
    assert errors[1:] == pytest.approx([0.10255, 0.06059, 0.07083], abs=5e-6)
    assert np.array(ours) * ELO_PER_NAT == pytest.approx([-512.3, -83.3, 46.7], abs=0.05)
    penalised = in_order(firth(CITATIONS), names)
    assert penalised == pytest.approx([-2.94438, -0.47908, 0.26853], abs=5e-6)


def test_baseball_with_firths_penalty():
    table = [(home, away, won, lost, 0) for home, row in BASEBALL.items() for away, (won, lost) in row.items()]
    found = firth(table)
    teams = ["Bos", "Cle", "Det", "Mil", "NY", "Tor"]
    expected = [1.08038, 0.66626, 1.40158, 1.54312, 1.21712, 1.26292]
    assert in_order(found, teams) == pytest.approx(expected, abs=5e-6)


def test_firth_is_finite_where_ours_refuses():
    assert firth([("a", "b", 7, 3, 0)])["b"] == pytest.approx(-0.762140, abs=1e-6)
    assert firth([("a", "b", 10, 0, 0)])["b"] == pytest.approx(-3.044522, abs=1e-6)
    with pytest.raises(NotConnectedError):
        half_win([("a", "b", 10, 0, 0)], "b")


def test_puddings_by_davidson_and_by_rao_kupper():
    others = ["2", "3", "4", "5", "6"]
    strengths, log_nu, value = davidson(PUDDINGS)
    assert in_order(strengths, others) == pytest.approx([0.2202, 0.1530, 0.1751, 0.1339, 0.3771], abs=5e-5)
    assert (log_nu, math.exp(log_nu), -2 * value) == pytest.approx((-0.2919, 0.7468, 1619.419), abs=5e-4)
    threshold, eta, value = rao_kupper(PUDDINGS)
    expected = [0.173718, 0.120049, 0.139879, 0.104969, 0.298010]
    assert in_order(threshold, others) == pytest.approx(expected, abs=1e-6)
    assert (math.exp(eta), -2 * value) == pytest.approx((1.748457, 1619.394), abs=5e-4)


def test_springall_by_all_three():
    others = [str(number) for number in range(2, 10)]
    strengths, log_nu, _ = davidson(SPRINGALL)
    expected = [2.27323, 3.29075, 0.39761, 1.89479, 2.84285, -1.28147, -0.00490, 0.60744]
    assert in_order(strengths, others) == pytest.approx(expected, abs=5e-6)
    assert log_nu == pytest.approx(-0.14439, abs=5e-6)
    threshold, eta, _ = rao_kupper(SPRINGALL)
    expected = [1.67407, 2.42595, 0.31887, 1.38776, 2.12817, -0.96310, 0.00946, 0.47402]
    assert in_order(threshold, others) == pytest.approx(expected, abs=5e-6)
    assert eta == pytest.approx(0.69709, abs=5e-6)
    expected = [1.53979, 2.22369, 0.26957, 1.28454, 1.92378, -0.86226, -0.00275, 0.41257]
    assert in_order(half_win(SPRINGALL, "1"), others) == pytest.approx(expected, abs=1e-5)


def test_the_three_tie_rules_are_three_scales():
    # Near equality a half-win strength is Davidson's over 1 + nu/2, and Rao and Kupper's times 4 s(eta) s(-eta): Elo of
    # judges with other tie rules, or rates, cannot be mixed.
    ours = half_win(PUDDINGS, "1")
    strengths, log_nu, _ = davidson(PUDDINGS)
    assert strengths["6"] / ours["6"] == pytest.approx(1 + math.exp(log_nu) / 2, abs=0.005)
    threshold, eta, _ = rao_kupper(PUDDINGS)
    sigma = 1 / (1 + math.exp(-eta))
    assert ours["6"] / threshold["6"] == pytest.approx(4 * sigma * (1 - sigma), abs=0.005)


def test_food():
    names = ["Burger", "Pasta", "Pizza", "Sushi", "Tacos"]
    worth = np.exp(in_order(half_win(FOOD, "Burger"), names))
    expected = [0.14797666, 0.12815341, 0.09897983, 0.19060028, 0.43428983]
    assert worth / worth.sum() == pytest.approx(expected, abs=1e-8)
    strengths, log_nu, _ = davidson(FOOD)
    centred = np.array([0.0, *in_order(strengths, names[1:])])
    centred -= centred.mean()
    assert centred == pytest.approx([-0.169923, -0.325457, -0.605290, 0.103570, 0.997100], abs=1e-6)
    assert math.exp(log_nu) == pytest.approx(0.157284, abs=1e-6)


def test_a_cycle_and_one_more_win():
    data = comparisons([(str(winner), str(loser), 1.0, 0) for winner, loser in CHOIX_CYCLE])
    assert fit(data).theta == pytest.approx([0.419617624, -0.419617624, 0.0], abs=1e-9)
    assert choix.opt_pairwise(3, CHOIX_CYCLE, alpha=1e-12, tol=1e-12) == pytest.approx(fit(data).theta, abs=1e-6)


def test_choix_with_a_prior_is_another_estimate():
    # Precision 1 in choix is alpha = 0.5. Without a prior item 1 and item 7 have no finite strength.
    expected = [-0.51974039, -0.46280878, -0.31376862, -0.06854694, -0.3185146, -0.00346107, 0.63032783, 1.05651257]
    assert choix.opt_pairwise(8, CHOIX_RANDOM, alpha=0.5, tol=1e-12) == pytest.approx(expected, abs=1e-6)
    found = ridge([(str(winner), str(loser), 1, 0, 0) for winner, loser in CHOIX_RANDOM], precision=1.0)
    assert list(found.values()) == pytest.approx(expected, abs=1e-7)
    with pytest.raises(NotConnectedError):
        fit(comparisons([(str(winner), str(loser), 1.0, 0) for winner, loser in CHOIX_RANDOM]))


def test_a_ghost_of_half_a_win_and_half_a_loss_is_what_others_print_instead_of_refusing():
    # PlackettLuce adds a hypothetical opponent, with half a win and half a loss against everybody. We add nobody; as
    # an entrant of its own, with a weight of 1, our solver gives the same numbers.
    rows = [("A", "B", 1.0, 0), ("C", "A", 1.0, 1), ("A", "D", 1.0, 2), ("B", "A", 1.0, 3), ("B", "C", 1.0, 4)]
    with pytest.raises(NotConnectedError):
        fit(comparisons(rows))
    fitted = fit(comparisons(rows + [(name, "ghost", 0.5, 5) for name in "ABCD"], names=[*"ABCD", "ghost"]))
    relative = fitted.theta - fitted.theta[0]
    assert relative[1:4] == pytest.approx([0.5184185, 0.1354707, -1.1537565], abs=1e-6)


def sandwich(data, groups):
    """A sandwich from an explicit design matrix, without entrant 0, by a general logistic regression's formulas."""
    design = np.zeros((len(data), len(data.names)))
    design[np.arange(len(data)), data.first] = 1.0
    design[np.arange(len(data)), data.second] -= 1.0
    design, weight = design[:, 1:], data.weights
    theta = np.zeros(design.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-design @ theta))
        bread = np.linalg.inv((design.T * (weight * p * (1 - p))) @ design)
        theta = theta + bread @ (design.T @ (weight * (data.score - p)))
    scores = design * (weight * (data.score - p))[:, np.newaxis]
    sums = np.array([scores[groups == group].sum(axis=0) for group in np.unique(groups)])
    return theta, bread @ sums.T @ sums @ bread


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("weighted", [False, True])
def test_sandwiches_from_tables_are_those_of_a_logistic_regression(seed, weighted):
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 5, 400)
    data = Comparisons(
        names=tuple("abcde"),
        first=first,
        second=(first + rng.integers(1, 5, 400)) % 5,
        score=rng.random(400) if weighted else rng.integers(0, 3, 400) / 2,
        cluster=rng.integers(0, 40, 400) * 7 - 30,
        weight=rng.random(400) * 3 if weighted else None,
    )
    fitted, contrast = fit(data), from_baselines(5, [0])
    theta, expected = sandwich(data, data.cluster)
    clusters = len(np.unique(data.cluster))
    assert (fitted.theta - fitted.theta[0])[1:] == pytest.approx(theta, abs=1e-10)
    found = (contrast @ cr1_covariance(data, fitted) @ contrast.T)[1:, 1:]
    assert found == pytest.approx(expected * clusters / (clusters - 1), rel=1e-9)
    found = (contrast @ hc0_covariance(data, fitted) @ contrast.T)[1:, 1:]
    assert found == pytest.approx(sandwich(data, np.arange(400))[1], rel=1e-9)


def test_the_published_cluster_covariance_again_row_by_row():
    data = comparisons(clustered())
    theta, covariance = sandwich(data, data.cluster)
    # A and B relative to C are minus C, and B minus C, relative to A.
    assert -theta[1] == pytest.approx(0.87750905, abs=1e-8)
    assert math.sqrt(covariance[1, 1]) == pytest.approx(0.5369973, abs=1e-7)
