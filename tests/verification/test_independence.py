"""The second opinion is one: it uses nothing of what made the board, and is right by itself."""

import math

import numpy as np
import pytest
from command import REPOSITORY
from ratings.tables import BASEBALL, CLUSTERED, EVALICA_SIMPLE, PUDDINGS, WIKIPEDIA, clustered
from scipy.stats import ttest_1samp
from test_imports import imported

from arena_write.verification.bounds import perfect_gap
from arena_write.verification.cells import Cell
from arena_write.verification.misfits import Pairings, judge_fit
from arena_write.verification.own import fit_alone
from arena_write.verification.ranks import Estimates, possible_ranks
from arena_write.verification.ratings import rate
from arena_write.verification.slopes import fit_level, fit_slope
from arena_write.verification.spreads import count_wins, measure_spread
from arena_write.verification.strengths import NoScaleError, fit_strengths, is_connected, surplus

FORBIDDEN = (
    "arena_write.ratings",
    "arena_write.battles",
    "arena_write.scores",
    "arena_write.evaluation",
    "arena_write.judging",
)
ALLOWED_REPORTS = ("arena_write.reports.board",)
"""The shape of a board is what is checked; how it was filled is not to be known."""


def test_nothing_that_makes_a_board_is_imported():
    faults = []
    for path in sorted((REPOSITORY / "arena_write" / "verification").glob("*.py")):
        for module in imported(path):
            made = module.startswith("arena_write.reports") and not module.startswith(ALLOWED_REPORTS)
            if made or module.startswith(FORBIDDEN):
                faults.append(f"{path.name} imports {module}")
    assert not faults


def cells(rows):
    return [Cell(f"p{prompt}", first, second, "judged", score) for first, second, score, prompt in rows]


def matrix(table):
    """(K, K) wins from (a, b, wins of a, wins of b, ties)."""
    names = sorted({name for row in table for name in row[:2]})
    wins = np.zeros((len(names), len(names)))
    for a, b, won, lost, tied in table:
        i, j = names.index(a), names.index(b)
        wins[i, j] += won + tied / 2
        wins[j, i] += lost + tied / 2
    return wins


class TestStrengths:
    """Published examples, and those of the research."""

    def test_wikipedia_worked_example(self):
        theta = fit_strengths(matrix(WIKIPEDIA))
        worth = np.exp(theta - theta.mean())
        assert worth == pytest.approx([0.639835, 1.043314, 0.659810, 2.270377], abs=1e-6)

    def test_puddings_with_half_wins(self):
        theta = fit_strengths(matrix(PUDDINGS))
        shift = [0.160309, 0.111343, 0.127480, 0.097430, 0.274492]
        assert (theta - theta[0])[1:] == pytest.approx(shift, abs=1e-6)

    def test_evalica_simple(self):
        wins = count_wins("01234", cells([(*row, 0) for row in EVALICA_SIMPLE]))
        share = np.exp(fit_strengths(wins))
        golden = [0.05079967, 0.13115069, 0.13168568, 0.33688868, 0.34947527]
        assert share / share.sum() == pytest.approx(golden, abs=1e-8)

    @pytest.mark.parametrize("gap", [0.01, 1.0, 9.0])
    def test_everybody_gets_what_is_expected(self, gap):
        draw = np.random.default_rng(1)
        theta = np.linspace(0, gap, 6)
        wins = 40 / (1 + np.exp(theta - theta[:, np.newaxis])) + draw.uniform(0, 0.01, (6, 6))
        np.fill_diagonal(wins, 0)
        assert np.abs(surplus(wins, fit_strengths(wins))).max() < 1e-8

    def test_one_win_in_a_thousand_is_enough(self):
        wins = np.array([[0.0, 1000.0], [0.5, 0.0]])
        theta = fit_strengths(wins)
        assert theta[0] - theta[1] == pytest.approx(math.log(2000), abs=1e-9)

    def test_connected_is_both_ways(self):
        assert is_connected(np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]]))
        assert not is_connected(np.array([[0, 1, 1], [0, 0, 1], [0, 1, 0]]))


class TestSpread:
    """The cluster golden set: six prompts, three entrants, both orders."""

    NAMES = ("A", "B", "C")

    def covariance(self, times=1):
        rows = [(*row[:3], f"{row[3]} {copy}") for copy in range(times) for row in clustered()]
        found = cells(rows)
        theta = fit_strengths(count_wins(self.NAMES, found))
        spread = measure_spread(self.NAMES, found, theta)
        to_c = np.array([[1.0, 0, -1], [0, 1, -1]])
        return theta, spread, np.sqrt(np.diag(to_c @ spread.covariance @ to_c.T))

    def test_strengths_and_jackknife(self):
        theta, spread, errors = self.covariance()
        assert spread.method == "jackknife"
        assert spread.total == len(CLUSTERED)
        assert theta[:2] - theta[2] == pytest.approx([0.87750905, 0.70228517], abs=1e-8)
        assert errors == pytest.approx([0.6245223, 0.5311370], abs=1e-7)

    def test_cr1_of_the_same_prompts_five_times(self):
        """Copies of prompts leave the strengths, divide the variance, and turn G / (G - 1) from 6/5 into 30/29."""
        _, spread, errors = self.covariance(times=5)
        assert spread.method == "CR1"
        cr1 = np.array([0.5882510, 0.5126719]) * math.sqrt(5 / 6 * 30 / 29 / 5)
        assert errors == pytest.approx(cr1, abs=1e-7)


class TestSlopes:
    """Whatever changes sign with the sides can stand for length: who is at home, in published results."""

    @staticmethod
    def games():
        rows = []
        for home, others in BASEBALL.items():
            for away, (won, lost) in others.items():
                rows += [(home, away, score) for score, times in ((1.0, won), (0.0, lost)) for _ in range(times)]
        return cells([(*row, number) for number, row in enumerate(rows)])

    def test_home_in_baseball(self):
        """Agresti 2002, p. 437, by BradleyTerry2; games are independent, so that both kinds of errors are close."""
        games = self.games()
        slope = fit_slope(games, np.ones(len(games)))
        assert (slope.gamma, slope.scale) == (pytest.approx(0.30226, abs=1e-5), 1.0)
        assert slope.error == pytest.approx(0.13094, rel=0.05)
        names = sorted(BASEBALL)
        theta = fit_level(names, games, np.full(len(games), slope.gamma))
        assert (theta - theta[0])[1:] == pytest.approx([1.14380, 0.70469, 1.47536, 1.61955, 1.28134, 1.32711], abs=1e-5)

    def test_the_unit_of_length_does_not_matter(self):
        games = self.games()
        lengths = np.random.default_rng(1).normal(size=len(games))
        one, ten = fit_slope(games, lengths), fit_slope(games, 10 * lengths)
        assert (ten.gamma, ten.error, ten.scale) == pytest.approx((one.gamma, one.error, 10 * one.scale))

    @pytest.mark.parametrize("prompts", [99, 100])
    def test_errors_by_hand(self, prompts):
        """Two entrants of equal strength, each longer in half of what it wins: everything is a sum over prompts."""
        rows = [("a", "b", float(number % 2), number) for number in range(prompts)]
        lengths = np.array([1.0 if number % 4 < 2 else -1.0 for number in range(prompts)])
        slope = fit_slope(cells(rows), lengths)
        design = np.column_stack([np.ones(prompts), lengths])  # a's strength, b's being 0; b has the column -1 of it
        chance = 1 / (1 + np.exp(-(design @ np.array([theta_of(rows, lengths), slope.gamma]))))
        whole = design.T @ (design * (chance * (1 - chance))[:, np.newaxis])
        squares = 0.0
        for row in range(prompts):
            seen = design[row] * (rows[row][2] - chance[row])
            own = np.outer(design[row], design[row]) * chance[row] * (1 - chance[row])
            squares += np.linalg.solve(whole if prompts > 99 else whole - own, seen)[1] ** 2
        share = prompts / (prompts - 1) if prompts > 99 else (prompts - 1) / prompts
        assert slope.error == pytest.approx(math.sqrt(squares * share), rel=1e-6)

    def test_no_slope_where_every_battle_was_a_tie(self):
        rows = [("a", "b", 0.5, prompt) for prompt in range(12)]
        with pytest.raises(NoScaleError, match="every prompt gave the same result"):
            fit_slope(cells(rows), np.linspace(-0.2, 0.3, 12))

    @pytest.mark.parametrize("lengths", [[0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1], [1, -1, 1, -1, 1, -1]])
    def test_no_slope_where_length_is_nothing_of_its_own_or_decides_everything(self, lengths):
        rows = [("a", "b", float(number % 2 == 0), number) for number in range(6)]
        with pytest.raises(NoScaleError):
            fit_slope(cells(rows), np.array(lengths, dtype=float))


def theta_of(rows, lengths):
    """The strength of a above b, from scores by side of length."""
    longer = np.mean([row[2] for row, length in zip(rows, lengths, strict=True) if length > 0])
    shorter = np.mean([row[2] for row, length in zip(rows, lengths, strict=True) if length < 0])
    return (math.log(longer / (1 - longer)) + math.log(shorter / (1 - shorter))) / 2


class TestMisfits:
    """Do results go in circles?"""

    @staticmethod
    def against(table, offsets, **more):
        """Judge the fit of c against frozen x, y, ...: (G, P) what it got on each prompt from each."""
        got = np.array(table, dtype=float)
        pairings = Pairings(tuple(("c", name) for name in "xyz"[: got.shape[1]]), got, np.ones_like(got), **more)
        strengths = np.array(offsets)

        def explain(left):
            those = strengths[["xyz".index(name) for _, name in left.pairs]]
            theta = fit_alone(left.got.sum(axis=0), those, left.battles.sum(axis=0))
            return 1 / (1 + np.exp(those - theta)), np.ones((len(those), 1))

        return judge_fit(pairings, explain)

    def test_two_opponents_are_a_test_of_the_mean_of_one_number(self):
        draw = np.random.default_rng(2)
        table = draw.integers(0, 2, (40, 2))
        found = self.against(table, [0.0, 0.3])
        chance = np.array([line["expected"] for line in found["residuals"]])
        held = chance * (1 - chance)
        beyond = table - chance
        one = beyond[:, 0] - held[0] / held.sum() * beyond.sum(axis=1)
        assert found["p"] == pytest.approx(ttest_1samp(one, 0).pvalue, abs=2e-6)
        assert (found["df"], found["prompts"]) == (1, 40)

    def test_a_circle_is_doubted(self):
        pairs = (("a", "b"), ("a", "c"), ("b", "c"))
        got = np.tile([0.8, 0.2, 0.8], (50, 1)) + np.random.default_rng(3).normal(0, 0.1, (50, 3))

        def explain(left):
            return np.full(3, 0.5), np.array([[-1.0, 0.0], [0.0, -1.0], [1.0, -1.0]])

        assert judge_fit(Pairings(pairs, got, np.ones_like(got)), explain)["doubtful"]

    def test_pairings_that_nearly_always_go_one_way_are_shown_and_not_tested(self):
        draw = np.random.default_rng(4)
        table = np.column_stack([draw.integers(0, 2, (40, 2)), np.arange(40) > 0])
        found = self.against(table, [0.0, 0.0, -3.5])
        assert [line["tested"] for line in found["residuals"]] == [True, True, False]
        assert found["p"] == self.against(table[:, :2], [0.0, 0.0])["p"] is not None

    @pytest.mark.parametrize(
        ("table", "size"),
        [
            ([[1], [0]] * 20, (0, 40)),  # one opponent: a strength fits whatever the result is
            ([[1, 0], [0, 1]] * 3, (0, 0)),  # nobody is expected to win five times
            ([[1, 0, 1]] * 2 + [[0, 1, 0]] * 2, (0, 0)),
        ],
    )
    def test_no_test_without_what_it_rests_on(self, table, size):
        found = self.against(table, [0.0] * len(table[0]))
        assert (found["p"], found["df"], found["prompts"]) == (None, *size)


class TestWhoIsRated:
    """Nobody is rated without a scale."""

    def test_an_entrant_that_hangs_on_one_prompt_is_not(self):
        rows = [("a", "b", score, prompt) for prompt in range(4) for score in (0, 1)]
        rows += [("c", "a", 1.0, 0), ("c", "a", 0.0, 0)]
        rated = rate(cells(rows), ["a", "b"])
        assert rated.of("c").bound == "unrated"
        assert rated.of("a").bound == "interval"

    @pytest.mark.parametrize("rows", [[], [("a", "b", 1.0, 0), ("a", "b", 1.0, 1)]])
    def test_baselines_that_are_not_tied_are_no_scale(self, rows):
        with pytest.raises(NoScaleError):
            rate(cells(rows), ["a", "b"])

    def test_a_perfect_record_in_closed_form(self):
        """Wilson's lower limit at n of n is n / (n + z^2), so its odds are n / z^2."""
        won = cells([("a", "b", 1.0, prompt) for prompt in range(20)])
        gap = perfect_gap(won, correlation=0.3)
        assert gap == pytest.approx(400 * math.log10(20 / 1.959963985**2), abs=1e-6)
        twice = cells([("a", "b", 1.0, prompt // 2) for prompt in range(40)])
        assert perfect_gap(twice, correlation=1.0) == pytest.approx(gap, abs=1e-9)
        assert perfect_gap(won[:9] * 4, correlation=0.0) == pytest.approx(
            400 * math.log10(9 / 1.959963985**2), abs=1e-6
        )


class TestRanks:
    """Chance in the draws may move a rank, and nothing else may."""

    @staticmethod
    def two(gap):
        return possible_ranks(Estimates(["a", "b"], np.array([gap, 0.0]), np.eye(2) / 2, [1e9, 1e9]))

    @pytest.mark.parametrize(
        ("gap", "allowed"),
        [
            (0.5, [{"a": (1, 2), "b": (1, 2)}]),
            (1.8, [{"a": (1, 2), "b": (1, 2)}]),
            (1.9599, [{"a": (1, 2), "b": (1, 2)}]),
            (1.9601, [{"a": (1, 1), "b": (2, 2)}]),
            (9.0, [{"a": (1, 1), "b": (2, 2)}]),
        ],
    )
    def test_two_that_are_clearly_apart_or_not_have_one_answer(self, gap, allowed):
        """With two entrants the critical value is that of the normal distribution, and nothing is drawn."""
        assert self.two(gap) == allowed

    def test_two_of_three_at_the_critical_value_may_be_either(self):
        """With three it is drawn: Tukey's studentized range over the root of 2, known here to about 0.02."""
        three = Estimates(["a", "b", "c"], np.array([2.3437, 0.0, -50.0]), np.eye(3) / 2, [1e9] * 3)
        assert len(possible_ranks(three)) == 2

    def test_few_prompts_ask_for_more(self):
        """Student's t with 5 degrees of freedom: 2.57 errors for 1.96."""
        few = Estimates(["a", "b"], np.array([2.3, 0.0]), np.eye(2) / 2, [5, 1e9])
        assert possible_ranks(few) == [{"a": (1, 2), "b": (1, 2)}]

    def test_one_sided_bounds_are_apart_where_intervals_do_not_meet(self):
        estimates = Estimates(["a", "b"], np.array([0.0, 9.0]), np.eye(2) / 2, [1e9, 1e9])
        ends = {"a": (-1, 1), "b": (8, 10), "top": (9, np.inf), "low": (-np.inf, 7)}
        (ranks,) = possible_ranks(estimates, ends)
        assert ranks == {"a": (3, 4), "b": (1, 2), "top": (1, 2), "low": (3, 4)}

    def test_the_same_thing_twice_shares_its_ranks(self):
        twins = Estimates(
            ["a", "b", "c"], np.array([5.0, 5.0, 0.0]), np.array([[1.0, 1, 0], [1, 1, 0], [0, 0, 1]]), [9] * 3
        )
        assert possible_ranks(twins) == [{"a": (1, 2), "b": (1, 2), "c": (3, 3)}]
