"""Whether strengths on one line explain who beat whom: residuals of pairings, and one test for all of them.

The residual of a pairing is its mean score less what the strengths expect. With R the residual sums of P pairings on G
prompts, h what each pairing holds of information and S how its gap moves with each of the F strengths that were
estimated, what is left of R once the estimation is allowed for is `R (I - S (S' diag(h) S)^-1 S' diag(h))`. It varies
in d = P - F directions, those at right angles to S. That its mean over prompts is 0 there is tested by
`T2 = G m' C^-1 m`, with `T2 (G - d) / (d (G - 1))` after F(d, G - d) (Hotelling 1931). Pairings with fewer than five
expected wins or losses are not tested (Cochran 1954), and the others are fitted without them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import null_space
from scipy.stats import f

from arena_write.verification.cells import Cell
from arena_write.verification.rules import DOUBTFUL, ENOUGH_EXPECTED, NO_VARIANCE
from arena_write.verification.strengths import Array, NoScaleError
from arena_write.verification.tree import Said, Tree, rounded


@dataclass(frozen=True)
class Pairings:
    """P pairings on G prompts.

    Args:
        pairs: Who met whom.
        got: (G, P) what the first of a pair got from the second.
        battles: (G, P) in how many battles.
    """

    pairs: tuple[tuple[str, str], ...]
    got: Array
    battles: Array

    @classmethod
    def of(cls, cells: Sequence[Cell], pairs: Sequence[tuple[str, str]]) -> "Pairings":
        """Sum up decided cells; pairs without any are left out."""
        prompts = {prompt: row for row, prompt in enumerate(sorted({cell.prompt for cell in cells}))}
        places = {pair: column for column, pair in enumerate(pairs)}
        got, battles = np.zeros((2, len(prompts), len(pairs)))
        for cell in cells:
            pair = (cell.first, cell.second) if (cell.first, cell.second) in places else (cell.second, cell.first)
            place = prompts[cell.prompt], places[pair]
            got[place] += cell.of(pair[0]) or 0.0
            battles[place] += 1
        return cls(tuple(pairs), got, battles).only(np.asarray(battles.any(axis=0), dtype=np.bool_))

    def only(self, kept: npt.NDArray[np.bool_]) -> "Pairings":
        """Return the pairings in a (P,) mask, on the prompts on which they met."""
        met = self.battles[:, kept].any(axis=1)
        pairs = tuple(pair for pair, keep in zip(self.pairs, kept, strict=True) if keep)
        return Pairings(pairs, self.got[met][:, kept], self.battles[met][:, kept])


Explain = Callable[[Pairings], tuple[Array, Array]]
"""Fits strengths: (P,) the chance of the first of each pair, and (P, F) how gaps move with what was estimated.

Raises `NoScaleError` where no finite strengths exist.
"""


def judge_fit(pairings: Pairings, explain: Explain) -> Tree:
    """Return residuals and test, as they are frozen with anchors.

    Raises:
        NoScaleError: No finite strengths exist.
    """
    fitted = _Fitted.of(pairings, *explain(pairings))
    enough = fitted.enough
    tree = {"residuals": fitted.residuals(), "chi2": None, "df": 0, "prompts": 0, "p": None, "doubtful": False}
    try:
        while enough.any() and not enough.all():
            pairings = pairings.only(enough)
            fitted = _Fitted.of(pairings, *explain(pairings))
            enough = fitted.enough
    except NoScaleError:
        enough = np.zeros(1, dtype=np.bool_)
    if enough.all():
        tree |= fitted.test()
    return tree | {"reason": Said(tree["p"] is None)}


@dataclass(frozen=True)
class _Fitted:
    """Pairings and what strengths say of them.

    Args:
        pairings: The pairings.
        expected: (P,) what the firsts are expected to get in all.
        left: (G, P) what they got on each prompt beyond that, the estimation allowed for.
        free: (P, d) directions in which that varies.
    """

    pairings: Pairings
    expected: Array
    left: Array
    free: Array

    @classmethod
    def of(cls, pairings: Pairings, chance: Array, sides: Array) -> "_Fitted":
        battles = pairings.battles.sum(axis=0)
        held = battles * chance * (1.0 - chance)
        beyond = pairings.got - pairings.battles * chance
        taken = np.linalg.solve(sides.T @ (held[:, np.newaxis] * sides), sides.T * held)
        return cls(pairings, battles * chance, beyond - beyond @ sides @ taken, null_space(sides.T))

    @property
    def enough(self) -> npt.NDArray[np.bool_]:
        rarer = np.minimum(self.expected, self.pairings.battles.sum(axis=0) - self.expected)
        return np.asarray(rarer >= ENOUGH_EXPECTED, dtype=np.bool_)

    def residuals(self) -> list[Tree]:
        prompts = len(self.left)
        battles, got = self.pairings.battles.sum(axis=0), self.pairings.got.sum(axis=0)
        errors = np.sqrt((self.left**2).sum(axis=0) * prompts / max(1, prompts - 1)) / battles
        return [
            {
                "first": first,
                "second": second,
                "observed": rounded(float(got[pair] / battles[pair])),
                "expected": rounded(float(self.expected[pair] / battles[pair])),
                "residual": rounded(float((got[pair] - self.expected[pair]) / battles[pair])),
                "se": rounded(float(errors[pair])) if prompts > 1 else None,
                "battles": int(battles[pair]),
                "tested": bool(self.enough[pair]),
            }
            for pair, (first, second) in enumerate(self.pairings.pairs)
        ]

    def test(self) -> Tree:
        prompts, free = len(self.left), self.free.shape[1]
        size: Tree = {"df": free, "prompts": prompts}
        if not free or prompts <= free + 1:
            return size
        seen = self.left @ self.free
        mean, spread = seen.mean(axis=0), np.cov(seen, rowvar=False).reshape(free, free)
        if np.linalg.matrix_rank(spread, tol=NO_VARIANCE, hermitian=True) < free:
            return size
        square = float(prompts * mean @ np.linalg.solve(spread, mean))
        p = float(f.sf(square * (prompts - free) / (free * (prompts - 1)), free, prompts - free))
        return size | {"chi2": rounded(square), "p": rounded(p), "doubtful": p < DOUBTFUL}
