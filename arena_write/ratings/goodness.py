"""Do strengths on one line explain who beats whom? Residuals of each pairing, and one test for all of them.

A rating assumes that results are transitive. The residual of a pairing is its mean score less what the strengths
expect; that all are 0 is tested with prompts as the unit (Hotelling 1931), so that battles that agree on a prompt do
not count as separate evidence. Win rates stay valid where the test fails; ratings then are an average that hides
something.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from arena_write.ratings.bradley_terry import fit, generalised_inverse, win_probability
from arena_write.ratings.columns import BoolArray, Comparisons, FloatArray, IntArray, cluster_index, sum_by
from arena_write.ratings.errors import NotConnectedError
from arena_write.ratings.scores import numbered

DOUBT = 0.01
# Pairings with fewer than 5 expected wins or losses say nothing in a test that leans on means (Cochran 1954). Exactly 5
# are expected of a pairing that nothing else ties together and that has 5, whatever the last bits of the fit say.
_EXPECTED = 5.0 - 1e-9
# Squared score under which residuals do not vary from prompt to prompt: more than rounding makes, less than a result.
_NO_VARIANCE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Residual:
    """How one pairing departs from the strengths.

    Attributes:
        first: an entrant.
        second: another, later by name.
        observed: mean score of ``first``, in [0, 1].
        expected: what the strengths expect.
        residual: ``observed - expected``.
        se: its standard error by prompt, the estimation of the strengths allowed for; ``None`` with a single prompt.
        battles: rows.
        tested: whether it takes part in the test: at least five wins and five losses are expected.
    """

    first: str
    second: str
    observed: float
    expected: float
    residual: float
    se: float | None
    battles: int
    tested: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodnessOfFit:
    """The test that all residuals are 0; ``None`` where there is nothing to test.

    Attributes:
        residuals: by names.
        chi2: the Wald statistic, clustered by prompt.
        df: pairings tested, less strengths estimated.
        prompts: prompts in the test.
        p: of ``chi2``, by the F distribution that allows for the number of prompts.
        doubtful: ``p`` is under 0.01: not transitive; look at the win rates.
        reason: why there is no test; empty where there is one.
    """

    residuals: tuple[Residual, ...]
    chi2: float | None = None
    df: int = 0
    prompts: int = 0
    p: float | None = None
    doubtful: bool = False
    reason: str = ""


def goodness_of_fit(comparisons: Comparisons, *, offsets: Mapping[str, float] | None = None) -> GoodnessOfFit:
    """Compare pairings with the strengths fitted to them.

    Args:
        comparisons: the rows.
        offsets: strengths, in natural-log units, of frozen entrants; battles among them are left out.

    Raises:
        NotConnectedError: no finite strengths exist.
        RatingError: as :func:`fit` does.
    """
    facts, given = comparisons.canonical(), dict(offsets or {})
    frozen = np.array([name in given for name in facts.names])
    whole = table = _Table.of(facts.select(~(frozen[facts.first] & frozen[facts.second])), given)
    tested = table.enough()
    residuals = whole.residuals(tested)
    try:
        while tested.any() and not tested.all():
            table = _Table.of(table.facts.select(tested[table.pair]), given)
            tested = table.enough()
    except NotConnectedError:
        tested = np.zeros(1, dtype=bool)
    if not tested.all():
        return GoodnessOfFit(residuals=residuals, reason="no pairing has five expected wins and five expected losses")
    return _test(table, residuals)


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Residuals by pairing and prompt: N rows, P pairings, G prompts, F estimated strengths.

    ``influence`` is (G, P): what each prompt adds to each pairing's summed residual, less what it adds through the
    estimated strengths. ``directions`` is (P, P - F): an orthonormal basis of the residuals that an estimate leaves.
    """

    facts: Comparisons
    pair: IntArray
    low: IntArray
    high: IntArray
    weight: FloatArray
    won: FloatArray
    expected: FloatArray
    influence: FloatArray
    directions: FloatArray

    @classmethod
    def of(cls, facts: Comparisons, offsets: Mapping[str, float]) -> _Table:
        """Fit those who met; in every row the first has the lower code."""
        present = np.zeros(len(facts.names), dtype=bool)
        present[facts.first] = present[facts.second] = True
        facts = facts.among(present)
        fitted = fit(facts, offsets={name: value for name, value in offsets.items() if name in facts.names})
        pair, count = numbered(facts.first, facts.second)
        rows = np.unique(pair, return_index=True)[1]
        low, high = facts.first[rows], facts.second[rows]
        chance = win_probability(fitted.theta[facts.first] - fitted.theta[facts.second])
        held = sum_by(pair, facts.weights * chance * (1.0 - chance), count)
        prompt, prompts = cluster_index(facts)
        residual = sum_by(prompt * count + pair, facts.weights * (facts.score - chance), prompts * count)
        sides = np.zeros((count, len(facts.names)))
        sides[np.arange(count), low], sides[np.arange(count), high] = 1.0, -1.0
        sides[:, ~fitted.free] = 0.0
        kept = (
            np.eye(count) - (held[:, np.newaxis] * sides) @ generalised_inverse(fitted.hessian, fitted.free) @ sides.T
        )
        vectors, strengths, _ = np.linalg.svd(sides, full_matrices=True)
        return cls(
            facts=facts,
            pair=pair,
            low=low,
            high=high,
            weight=sum_by(pair, facts.weights, count),
            won=sum_by(pair, facts.weights * facts.score, count),
            expected=sum_by(pair, facts.weights * chance, count),
            influence=residual.reshape(prompts, count) @ kept.T,
            directions=vectors[:, int((strengths > 1e-9).sum()) :],
        )

    def enough(self) -> BoolArray:
        """(P,) true where at least five wins and five losses are expected."""
        few: BoolArray = np.minimum(self.expected, self.weight - self.expected) >= _EXPECTED
        return few

    def residuals(self, tested: BoolArray) -> tuple[Residual, ...]:
        """Return one line a pairing."""
        prompts = len(self.influence)
        errors = np.sqrt((self.influence**2).sum(axis=0) * prompts / max(1, prompts - 1)) / self.weight
        battles = np.bincount(self.pair)
        return tuple(
            Residual(
                first=self.facts.names[self.low[pair]],
                second=self.facts.names[self.high[pair]],
                observed=float(self.won[pair] / self.weight[pair]),
                expected=float(self.expected[pair] / self.weight[pair]),
                residual=float((self.won[pair] - self.expected[pair]) / self.weight[pair]),
                se=float(errors[pair]) if prompts > 1 else None,
                battles=int(battles[pair]),
                tested=bool(tested[pair]),
            )
            for pair in range(len(self.low))
        )


def _test(table: _Table, residuals: tuple[Residual, ...]) -> GoodnessOfFit:
    """Test that the mean over prompts of the free directions is 0 (Hotelling 1931)."""
    from scipy.special import fdtrc

    prompts, df = len(table.influence), table.directions.shape[1]
    none = GoodnessOfFit(residuals=residuals, df=df, prompts=prompts)
    if not df:
        return replace(none, reason="as many strengths as pairings: they fit whatever the results are")
    if prompts <= df + 1:
        return replace(none, reason=f"{prompts} prompts are too few to test {df} residuals at once")
    seen = table.influence @ table.directions
    mean = seen.mean(axis=0)
    spread = (seen - mean).T @ (seen - mean) / (prompts - 1)
    if np.linalg.matrix_rank(spread, tol=_NO_VARIANCE, hermitian=True) < df:
        return replace(none, reason="the residuals do not vary from prompt to prompt")
    chi2 = float(prompts * mean @ np.linalg.solve(spread, mean))
    p = float(fdtrc(df, prompts - df, chi2 * (prompts - df) / (df * (prompts - 1))))
    return replace(none, chi2=chi2, p=p, doubtful=p < DOUBT)
