"""When a gate looks at its evidence, and how much it must see each time: boundaries of a group-sequential test.

Looking once asks for a z of 1.645 for an error of 5 % on a side. Looking again and again at 1.645 errs 14 to 17 % of
the time; so early looks ask for more, as O'Brien & Fleming (1979) do. The shipped tables are rounded up from that
shape: docs/studies/gate.md has their error in simulations whose battles depend on each other as those of real judges
do, more, less, or not at all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from arena_write.ratings.quantiles import normal_quantile

ALPHA = 0.05
"""Chance of a wrong PASS, and of a wrong FAIL, at the threshold."""

_NODES = 160
_CAREFUL = 1.05
"""A boundary that no simulation has checked is raised by so much: t statistics and correlated battles ask for it."""


@dataclass(frozen=True, slots=True)
class Looks:
    """The looks of one gate.

    Args:
        fractions: Share of the whole evidence (its information) at each look, rising to 1.
        critical: The z that decides at each look, on either side of the threshold.

    Raises:
        ValueError: There is no look, the fractions do not rise to 1, or a look has no boundary.
    """

    fractions: tuple[float, ...]
    critical: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse looks that are out of order."""
        rising = all(one < other for one, other in zip((0.0, *self.fractions), self.fractions, strict=False))
        if not self.fractions or not rising or self.fractions[-1] != 1.0:
            raise ValueError(f"the fractions of a gate's looks rise to 1, found {self.fractions}")
        if len(self.critical) != len(self.fractions) or min(self.critical) <= 0.0:
            raise ValueError(f"every look has a positive boundary, found {self.critical} for {self.fractions}")

    def __len__(self) -> int:
        """Return the number of looks."""
        return len(self.fractions)


FIXED = Looks((1.0,), (normal_quantile(1.0 - ALPHA),))
"""One look, at the end."""

BY_PROMPTS = Looks((0.25, 0.5, 0.75, 1.0), (3.8, 2.6, 2.1, 1.8))
"""Looks after a quarter, a half and three quarters of the prompts, each judged whole."""


@dataclass(frozen=True, slots=True)
class Exits:
    """How a gate ends.

    Args:
        passed: Chance of a PASS at each look.
        failed: Chance of a FAIL at each look.
    """

    passed: tuple[float, ...]
    failed: tuple[float, ...]

    @property
    def pass_rate(self) -> float:
        """Chance of a PASS."""
        return sum(self.passed)

    @property
    def fail_rate(self) -> float:
        """Chance of a FAIL."""
        return sum(self.failed)

    def mean_share(self, looks: Looks) -> float:
        """Return the share of the whole evidence that is used, on average."""
        ended = np.add(self.passed, self.failed)
        ended[-1] += 1.0 - ended.sum()
        return float(ended @ looks.fractions)


@lru_cache(maxsize=4096)
def exits(looks: Looks, drift: float) -> Exits:
    """Return the chances of each end, where the z of the whole evidence would be normal around ``drift``.

    The score ``z sqrt(fraction)`` is then Brownian motion at the looks, and the chance to be still undecided is
    integrated from one look to the next (Armitage, McPherson & Rowe 1969), by Gauss-Legendre.
    """
    from scipy.special import ndtr

    unit, width = np.polynomial.legendre.leggauss(_NODES)
    passed, failed = [], []
    place, mass, before = np.zeros(1), np.ones(1), 0.0
    for fraction, critical in zip(looks.fractions, looks.critical, strict=True):
        end, step = critical * math.sqrt(fraction), math.sqrt(fraction - before)
        centre = place + drift * (fraction - before)
        passed.append(float(mass @ ndtr((centre - end) / step)))
        failed.append(float(mass @ ndtr((-end - centre) / step)))
        inside = end * unit
        reached = np.exp(-0.5 * ((inside[:, np.newaxis] - centre) / step) ** 2) / (step * math.sqrt(2.0 * math.pi))
        mass = end * width * (reached @ mass)
        place, before = inside, fraction
    return Exits(tuple(passed), tuple(failed))


@lru_cache(maxsize=256)
def drift_for(looks: Looks, chance: float) -> float:
    """Return the drift at which a PASS has this chance; by symmetry its negative gives a FAIL the same."""
    from scipy.optimize import brentq

    return float(brentq(lambda drift: exits(looks, drift).pass_rate - chance, -20.0, 20.0, xtol=1e-6))


def shape_looks(fractions: Sequence[float]) -> Looks:
    """Return looks with boundaries of O'Brien and Fleming's shape, for a plan that has no table of its own."""
    from scipy.optimize import brentq

    shares = tuple(fractions)

    def looks(constant: float) -> Looks:
        return Looks(shares, tuple(constant / math.sqrt(share) for share in shares))

    constant = float(brentq(lambda value: exits(looks(value), 0.0).pass_rate - ALPHA, 1.0, 5.0, xtol=1e-6))
    return looks(_CAREFUL * constant) if len(shares) > 1 else FIXED
