"""Bradley-Terry strengths by choix: the fit that a board's own solver is checked against.

`P(i beats j) = 1 / (1 + exp(theta_j - theta_i))`, and a tie is half a win for each (Bradley & Terry 1952). choix finds
the strengths by iterative Luce spectral ranking (Maystre & Grossglauser 2015) from a matrix of wins, where half wins
are fractional counts. Its steps shrink only linearly, so a few Newton steps follow, until every entrant's expected
score is its score: that is what a maximum of the likelihood is, however it was found.
"""

import warnings

import choix
import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import connected_components

Array = npt.NDArray[np.float64]

_STEPS = 200
_LAST_STEP = 1e-11


class NoScaleError(ValueError):
    """Nothing can be rated: no finite strengths exist, or nothing says how much they vary."""


def fit_strengths(wins: Array, *, start: Array | None = None) -> Array:
    """Return (K,) strengths in natural-log units; only their differences mean something.

    Args:
        wins: (K, K) what the entrant of the row got against that of the column, in all their battles. Everybody must
            have scored against everybody, through others at least (`is_connected`), or there is no finite maximum.
        start: (K,) strengths of nearly the same results: then a few Newton steps from there are enough.

    Raises:
        NoScaleError: The maximum is out of reach of double precision.
    """
    return _polish(wins, _by_choix(wins) if start is None else start)


def is_connected(wins: Array) -> bool:
    """Say whether results lead from every entrant to every other (Ford 1957): then finite strengths exist."""
    groups, _ = connected_components(wins > 0, directed=True, connection="strong")
    return bool(groups == 1)


def expected(theta: Array) -> Array:
    """Return (K, K) the chance that the entrant of the row beats that of the column."""
    return np.asarray(1.0 / (1.0 + np.exp(theta[np.newaxis, :] - theta[:, np.newaxis])), dtype=np.float64)


def surplus(wins: Array, theta: Array) -> Array:
    """Return (K,) what each entrant got beyond what the strengths expect: all zero at the maximum."""
    battles = wins + wins.T
    return np.asarray((wins - battles * expected(theta)).sum(axis=1), dtype=np.float64)


def information(wins: Array, theta: Array) -> Array:
    """Return (K, K) `sum p (1 - p) x x'` over all battles, x = +1 for one and -1 for the other."""
    chance = expected(theta)
    between = (wins + wins.T) * chance * (1.0 - chance)
    return np.asarray(np.diag(between.sum(axis=1)) - between, dtype=np.float64)


def solve(matrix: Array, right: Array) -> Array:
    """Solve for shifts of strengths with the first entrant held where it is, which any difference allows."""
    shift = np.zeros_like(right)
    shift[1:] = np.linalg.solve(matrix[1:, 1:], right[1:])
    return shift


def _by_choix(wins: Array) -> Array:
    """Return choix's strengths, or zeros where its iteration does not come to an end."""
    begin = np.zeros(len(wins))
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            found = np.asarray(choix.ilsr_pairwise_dense(wins, initial_params=begin, max_iter=1_000, tol=1e-10))
    except (RuntimeError, ValueError, np.linalg.LinAlgError):
        return begin
    return found if np.isfinite(found).all() else begin


def _polish(wins: Array, theta: Array) -> Array:
    for _ in range(_STEPS):
        step = solve(information(wins, theta), surplus(wins, theta))
        longest = float(np.abs(step).max())
        if longest <= _LAST_STEP:
            return theta + step
        step *= min(1.0, 5.0 / longest)
        while _log_likelihood(wins, theta + step) < _log_likelihood(wins, theta) - 1e-9 and np.abs(step).max() > 1e-12:
            step /= 2.0
        theta = theta + step
    raise NoScaleError("no maximum of the likelihood was reached")


def _log_likelihood(wins: Array, theta: Array) -> float:
    gaps = theta[:, np.newaxis] - theta[np.newaxis, :]
    return -float((wins * np.logaddexp(0.0, -gaps)).sum())
