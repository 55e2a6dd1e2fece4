"""How sure we are: covariances of fitted strengths, by prompt as they should be and by battle as they often are.

Battles on one prompt share its texts, so they are not independent: a covariance that sums over battles is far too
small. The ones to use sum over clusters (prompts): CR1 (Liang & Zeger 1986; Cameron & Miller 2015) from 30 clusters
on, and the delete-one-cluster jackknife, CR3 (MacKinnon, Nielsen & Webb 2023), below. The naive ones are here to be
shown beside them.

All covariances are (K, K), in squared natural-log units, in the gauge of the fit: rows and columns of frozen entrants
are zero, and where nobody is frozen only contrasts (differences) have a meaning of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np

from arena_write.ratings.blocks import blocks
from arena_write.ratings.bradley_terry import Fit, derivatives, generalised_inverse, newton_step, win_probability
from arena_write.ratings.columns import (
    BoolArray,
    Comparisons,
    FloatArray,
    IntArray,
    cluster_codes,
    clusters_per_entrant,
)
from arena_write.ratings.connectivity import reached
from arena_write.ratings.errors import RatingError, TooFewPromptsError
from arena_write.ratings.pairs import PairsByCluster, compress_by_cluster, table_blocks, tabulate
from arena_write.ratings.refits import Refits

Method = Literal["CR1", "jackknife"]
FEW_CLUSTERS = 30
# Of a delete-one estimate, in natural-log units: a shift is of the order of 1/G, its square enters the variance.
_REFIT_TOLERANCE = 1e-11


@dataclass(frozen=True, slots=True, eq=False)
class ClusterCovariance:
    """A covariance that takes prompts, not battles, as the unit of evidence.

    Attributes:
        matrix: (K, K) covariance.
        method: how it was made.
        clusters: number of clusters G.
        clusters_per_entrant: (K,) number of clusters each entrant took part in; its interval has that minus 1 degrees
            of freedom, which is G - 1 where everybody answered every prompt.
    """

    matrix: FloatArray
    method: Method
    clusters: int
    clusters_per_entrant: IntArray


def cluster_covariance(comparisons: Comparisons, fit: Fit) -> ClusterCovariance:
    """Choose between CR1 and the jackknife and compute it.

    The jackknife is taken when any estimated entrant took part in fewer than 30 clusters: CR1 is then too narrow for
    that entrant, and for the others the two agree.

    Raises:
        TooFewPromptsError: some entrant's tie to the rest hangs on a single cluster.
    """
    present = clusters_per_entrant(comparisons)
    few = int(present[fit.free].min(initial=FEW_CLUSTERS)) < FEW_CLUSTERS
    matrix = jackknife_covariance(comparisons, fit) if few else cr1_covariance(comparisons, fit)
    method: Method = "jackknife" if few else "CR1"
    return ClusterCovariance(matrix, method, cluster_codes(comparisons)[1], present)


def fisher_covariance(fit: Fit) -> FloatArray:
    """Return the inverse information: right only for independent battles without ties."""
    return generalised_inverse(fit.hessian, fit.free)


def hc0_covariance(comparisons: Comparisons, fit: Fit) -> FloatArray:
    """Return the sandwich over single rows (White 1980): right only if rows were independent."""
    residuals, size = _Residuals.of(comparisons, fit), len(fit.names)
    meat = np.zeros((size, size))
    for rows in table_blocks(len(comparisons), meat.size):
        meat -= tabulate(meat.shape, comparisons.first[rows], comparisons.second[rows], residuals.at(rows) ** 2)
    meat += meat.T
    np.fill_diagonal(meat, -meat.sum(axis=1))
    return _sandwich(fit, meat)


def cr1_covariance(comparisons: Comparisons, fit: Fit) -> FloatArray:
    """Return ``H^-1 [G/(G-1) sum_g U_g U_g'] H^-1`` with U_g the summed score of cluster g (Liang & Zeger 1986).

    Raises:
        TooFewPromptsError: there is one cluster only.
    """
    meat, count = _products(comparisons, fit)
    if count < 2:
        raise TooFewPromptsError("all battles come from one prompt: an interval needs at least two")
    return _sandwich(fit, meat * (count / (count - 1)))


def jackknife_covariance(comparisons: Comparisons, fit: Fit) -> FloatArray:
    """Return the delete-one-cluster jackknife ``(G-1)/G sum_g (theta_(-g) - theta)(theta_(-g) - theta)'``.

    It is centred at the full fit and refits without each cluster in turn. Where a prompt holds somebody's only win
    (or only loss), the refit without it does not exist. That replicate takes one Newton step from the full fit
    instead, ``theta_(-g) - theta = -(H - H_g)^-1 U_g``, the linearised delete-one estimate of MacKinnon, Nielsen &
    Webb (2023). It is finite, agrees with the refit to first order, and counts the full leverage of the decisive
    prompt, which CR1 would not. Dropping the replicate instead would leave out exactly the prompt on which the
    estimate depends most.

    Raises:
        TooFewPromptsError: without some cluster an entrant never meets the others, so nothing can be said.
    """
    table = compress_by_cluster(comparisons)
    fragile = hanging_on_one_cluster(table, frozen=~fit.free)
    if fragile.any():
        names = ", ".join(name for name, bad in zip(fit.names, fragile, strict=True) if bad)
        raise TooFewPromptsError(f"one prompt alone ties these to the others, so no interval can be given: {names}")
    refits = Refits.of(table, fit)
    total = np.zeros((len(fit.names), len(fit.names)))
    for rows in blocks(table.clusters, refits.block):
        left_out = np.arange(table.clusters)[rows]
        times = np.ones((len(left_out), table.clusters))
        times[np.arange(len(left_out)), left_out] = 0.0
        shifts = refits.solve(times, tolerance=_REFIT_TOLERANCE) - fit.theta
        for line in np.flatnonzero(np.isnan(shifts[:, 0])):
            gradient, hessian = derivatives(table.repeated(times[line]), fit.theta)
            shifts[line] = newton_step(gradient, hessian, fit.free)
        total += shifts.T @ shifts
    return total * ((table.clusters - 1) / table.clusters)


def cluster_scores(comparisons: Comparisons, fit: Fit) -> FloatArray:
    """Return (G, K) the score vectors ``U_g = sum w (y - p) x`` of the clusters; zero for frozen entrants."""
    codes, count = cluster_codes(comparisons)
    residuals = _Residuals.of(comparisons, fit)
    scores = np.zeros((count, len(fit.names)))
    for rows in table_blocks(len(comparisons), scores.size):
        residual = residuals.at(rows)
        scores += tabulate(scores.shape, codes[rows], comparisons.first[rows], residual)
        scores -= tabulate(scores.shape, codes[rows], comparisons.second[rows], residual)
    return scores * fit.free


def design_effects(comparisons: Comparisons, fit: Fit) -> FloatArray:
    """Return (F,) how many times the variance of a mean score exceeds that of independent battles (Kish 1965).

    One value per *free* entrant: ``G/(G-1) sum_g U_g^2`` over the information, with G that entrant's clusters (2 or
    more). It looks at an entrant's own battles only, where a ratio of variances on the Elo scale mixes in the
    baselines'.
    """
    present = clusters_per_entrant(comparisons)[fit.free]
    squares = np.diag(_products(comparisons, fit)[0])[fit.free]
    effects: FloatArray = squares * present / ((present - 1) * np.diag(fit.hessian)[fit.free])
    return effects


def hanging_on_one_cluster(table: PairsByCluster, *, frozen: BoolArray, root: int | None = None) -> BoolArray:
    """Return (K,) true for entrants who never meet the rest, even through others, once some one cluster is left out.

    Args:
        table: the sums.
        frozen: (K,) entrants with given strengths; they need no battle to be tied to each other.
        root: the entrant the rest is seen from; by default a frozen one, else the first.
    """
    if root is None:
        root = int(np.argmax(frozen))
    given, whole = np.outer(frozen, frozen), table.whole

    def cut_off(met: BoolArray) -> BoolArray:
        missed: BoolArray = ~reached(met | given, root)
        return missed

    fragile = cut_off(table.twice().met())
    if not fragile.any():
        return fragile
    fragile, met = np.zeros(whole.size, dtype=bool), whole.met()
    # Only a cluster with the only rows of some pair can cut anybody off.
    alone = (np.bincount(table.pair[table.rows > 0], minlength=len(whole.low)) == 1)[table.pair] & (table.rows > 0)
    cells = np.flatnonzero(alone)
    for one_cluster in np.split(cells, np.flatnonzero(np.diff(table.cluster[cells])) + 1):
        lost, left = table.pair[one_cluster], met.copy()
        left[whole.low[lost], whole.high[lost]] = left[whole.high[lost], whole.low[lost]] = False
        fragile |= cut_off(left)
    return fragile


@dataclass(frozen=True, slots=True, eq=False)
class _Residuals:
    """What rows got beyond what was expected, ``w (y - p)``.

    Attributes:
        comparisons: the rows.
        theta: (K,) strengths.
        expected: (K * K,) win probability of the first by first * K + second; ``None`` where most pairs never met.
    """

    comparisons: Comparisons
    theta: FloatArray
    expected: FloatArray | None

    @classmethod
    def of(cls, comparisons: Comparisons, fit: Fit) -> Self:
        if comparisons.names != fit.names:
            raise RatingError("the fit belongs to other comparisons: the names differ")
        few = len(fit.theta) ** 2 > min(4 * len(comparisons), np.iinfo(np.int32).max)
        expected = None if few else win_probability(np.subtract.outer(fit.theta, fit.theta).ravel())
        return cls(comparisons, fit.theta, expected)

    def at(self, rows: slice) -> FloatArray:
        """Return the residuals of a slice of rows."""
        begin, end, _ = rows.indices(len(self.comparisons))
        found = np.empty(end - begin)
        for part in blocks(end - begin):
            found[part] = self._at(slice(begin + part.start, min(end, begin + part.stop)))
        return found

    def _at(self, rows: slice) -> FloatArray:
        data = self.comparisons
        first, second = data.first[rows], data.second[rows]
        if self.expected is None:
            residual = data.score[rows] - win_probability(self.theta[first] - self.theta[second])
        else:
            residual = data.score[rows] - self.expected.take(first * len(data.names) + second)
        return residual if data.weight is None else residual * data.weight[rows]


def _products(comparisons: Comparisons, fit: Fit) -> tuple[FloatArray, int]:
    """Return (K, K) ``sum_g U_g U_g'`` of the clusters' score vectors, and their number G."""
    codes, count = cluster_codes(comparisons)
    size = len(fit.names)
    if count * size <= 4 * len(comparisons) + (1 << 20):
        scores = cluster_scores(comparisons, fit)
        return scores.T @ scores, count
    # Most clusters hold few entrants, as where every battle has a prompt of its own.
    from scipy.sparse import coo_array

    residual = _Residuals.of(comparisons, fit).at(slice(None))
    entrant, cluster = np.concatenate([comparisons.first, comparisons.second]), np.concatenate([codes, codes])
    table = coo_array((np.concatenate([residual, -residual]), (cluster, entrant)), shape=(count, size)).tocsr()
    return (table.T @ table).toarray() * np.outer(fit.free, fit.free), count


def _sandwich(fit: Fit, meat: FloatArray) -> FloatArray:
    bread = generalised_inverse(fit.hessian, fit.free)
    return bread @ meat @ bread
