"""A candidate's own battles with frozen baselines: one strength, and how it varies from prompt to prompt."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from arena_write.verification.bounds import ELO_PER_NAT
from arena_write.verification.cells import Cell
from arena_write.verification.rules import BASELINE_MEAN, FEW_PROMPTS
from arena_write.verification.strengths import Array, NoScaleError

_FAR = 60.0
"""Natural-log units past the strongest opponent: nobody with a win and a loss in double precision is there."""


@dataclass(frozen=True)
class Own:
    """A candidate's own decided battles with frozen baselines.

    Args:
        name: The candidate.
        got: (N,) what it got.
        opponents: (N,) from whom.
        against: (N,) their strengths.
        prompts: (N,) on which prompts.
    """

    name: str
    got: Array
    opponents: tuple[str, ...]
    against: Array
    prompts: tuple[str, ...]

    @classmethod
    def of(cls, name: str, cells: Sequence[Cell], strengths: Mapping[str, float]) -> "Own":
        """Pick a candidate's battles."""
        opponents = tuple(cell.second if cell.first == name else cell.first for cell in cells)
        return cls(
            name=name,
            got=np.array([cell.of(name) for cell in cells], dtype=np.float64),
            opponents=opponents,
            against=np.array([strengths[opponent] for opponent in opponents]),
            prompts=tuple(cell.prompt for cell in cells),
        )

    @property
    def is_between(self) -> bool:
        """Whether something was won and something lost, on more than one prompt: then there is an interval."""
        return len(self.rows) > 1 and bool(self.got.max() > 0.0 and self.got.min() < 1.0)

    @cached_property
    def theta(self) -> float:
        """Its strength: what it is expected to get is what it got."""
        return fit_alone(self.got, self.against)

    @property
    def elo(self) -> float:
        """Its rating."""
        return BASELINE_MEAN + ELO_PER_NAT * self.theta

    @cached_property
    def held(self) -> Array:
        """(N,) information of each battle."""
        chance = expit(self.theta - self.against)
        return np.asarray(chance * (1.0 - chance), dtype=np.float64)

    @cached_property
    def rows(self) -> Mapping[str, Array]:
        """Numbers of the battles on each prompt."""
        places: dict[str, list[int]] = {}
        for place, prompt in enumerate(self.prompts):
            places.setdefault(prompt, []).append(place)
        return {prompt: np.array(mine) for prompt, mine in places.items()}

    @property
    def least_left(self) -> float:
        """The share of the information that is left without the prompt that holds most of it."""
        whole = float(self.held.sum())
        return min((whole - float(self.held[mine].sum())) / whole for mine in self.rows.values())

    def beyond(self, prompt: str) -> float:
        """Return what it got on a prompt beyond what was expected."""
        mine = self.rows.get(prompt)
        return 0.0 if mine is None else float((self.got[mine] - expit(self.theta - self.against[mine])).sum())

    def is_settled_without(self, prompt: str) -> bool:
        """Say whether the other prompts alone still hold something won and something lost."""
        rest = self._without(prompt)
        return bool(self.got[rest].max() > 0.0 and self.got[rest].min() < 1.0)

    def shift_without(self, prompt: str, *, step: bool) -> float:
        """Return how far the strength moves without a prompt: by a new fit, or by one Newton step."""
        if prompt not in self.rows:
            return 0.0
        rest = self._without(prompt)
        if step:
            return -self.beyond(prompt) / float(self.held[rest].sum())
        return fit_alone(self.got[rest], self.against[rest]) - self.theta

    def shares(self, names: Sequence[str]) -> Array:
        """Return (B,) the share of the information that comes from each of the baselines."""
        by_name = dict.fromkeys(names, 0.0)
        for opponent, held in zip(self.opponents, self.held.tolist(), strict=True):
            by_name[opponent] += held
        return np.array([by_name[name] / float(self.held.sum()) for name in names])

    def _without(self, prompt: str) -> Array:
        return np.array([other != prompt for other in self.prompts])


def own_battles(cells: Sequence[Cell], baselines: Collection[str]) -> dict[str, list[Cell]]:
    """Return each candidate's decided cells with frozen baselines.

    Raises:
        NoScaleError: There are none.
    """
    mine: dict[str, list[Cell]] = {}
    for cell in cells:
        if cell.score is not None and (cell.first in baselines) != (cell.second in baselines):
            mine.setdefault(cell.second if cell.first in baselines else cell.first, []).append(cell)
    if not mine:
        raise NoScaleError("no candidate met a frozen baseline")
    return mine


def vary(together: Sequence[Own], *, by_steps: bool = False) -> tuple[Array, str]:
    """Return (C, C) how the ratings of candidates vary given the baselines, Elo squared, and how it was made.

    Args:
        together: The candidates.
        by_steps: Leave out prompts by one Newton step each, not by new fits.
    """
    prompts = sorted({prompt for own in together for prompt in own.rows})
    count = len(prompts)
    if min(len(own.rows) for own in together) < FEW_PROMPTS:
        shifts = []
        for prompt in prompts:
            step = by_steps or not all(own.is_settled_without(prompt) for own in together)
            shifts.append([own.shift_without(prompt, step=step) for own in together])
        method, times = "jackknife", (count - 1) / count
    else:
        shifts = [[own.beyond(prompt) / float(own.held.sum()) for own in together] for prompt in prompts]
        method, times = "CR1", count / (count - 1)
    moved = ELO_PER_NAT * np.array(shifts)
    return np.asarray(moved.T @ moved * times, dtype=np.float64), method


def fit_alone(got: Array, against: Array, battles: Array | float = 1.0) -> float:
    """Return the strength at which what is expected is what was got.

    Args:
        got: (N,) what was got, something won and something lost in all.
        against: (N,) from opponents of what strength.
        battles: (N,) in how many battles each.
    """

    def surplus(theta: float) -> float:
        return float((got - battles * expit(theta - against)).sum())

    return float(brentq(surplus, against.min() - _FAR, against.max() + _FAR, xtol=1e-13, rtol=1e-14))
