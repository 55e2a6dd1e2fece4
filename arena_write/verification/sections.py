"""The ratings of a board over one set of prompts, recomputed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from arena_write.store import PlanRecord
from arena_write.verification.answers import Answers
from arena_write.verification.cells import Cell
from arena_write.verification.habits import recompute_habits
from arena_write.verification.lengths import Lengths
from arena_write.verification.material import Material
from arena_write.verification.ratings import UNRATED, Rated, Rating
from arena_write.verification.rules import EXCLUDED_SHOWN, NO_WIDTH, is_censored, is_missing_shown
from arena_write.verification.scales import Scale
from arena_write.verification.strengths import NoScaleError
from arena_write.verification.tree import RankedRows, Said, Tree, rounded


@dataclass(frozen=True)
class BattleSection:
    """Recomputes one section of a board.

    Args:
        material: What the board is made of.
        plan: What it compares.
        cells: What became of every planned comparison.
        answers: The answers.
        lengths: How long they are.
        scale: How cells become ratings.
    """

    material: Material
    plan: PlanRecord
    cells: Sequence[Cell]
    answers: Answers
    lengths: Lengths
    scale: Scale

    @property
    def baselines(self) -> list[str]:
        """Ids of the baselines."""
        return [entry.entrant for entry in self.plan.entries if entry.role == "baseline"]

    @property
    def candidates(self) -> list[str]:
        """Ids of the candidates."""
        return [entry.entrant for entry in self.plan.entries if entry.role == "candidate"]

    def recompute(self, scope: str, inside: set[str]) -> Tree:
        """Return the section over the prompts `inside`."""
        cells = [cell for cell in self.cells if cell.prompt in inside]
        unrated = self._thin(cells)
        rated = self._rate(cells, unrated)
        flat = self._flat(_without(cells, unrated), rated) if rated else set()
        if flat & set(self.baselines):
            rated = None  # no scale, where nothing says how much a baseline varies
        elif flat:
            unrated = unrated | flat
            rated = self._rate(cells, unrated)
        texts = self.answers.texts(self.plan, inside)
        level = self.scale.level(_without(cells, unrated), self.lengths) if rated else {}
        rows = [
            self._row(entry.entrant, cells, unrated, rated, texts[entry.entrant]) | _beside(entry.entrant, rated, level)
            for entry in self.plan.entries
        ]
        shown = {row["entrant"] for row in rows if row["bound"] != "unrated"}
        ranks = [
            {name: one for name, one in some.items() if name in shown} for some in (rated.ranks if rated else [{}])
        ]
        return {
            "scope": scope,
            "prompts": len({cell.prompt for cell in cells}),
            "cells": len(cells),
            "decided": _decided(cells),
            "withheld": Said(rated is None),
            "method": rated.method if rated else "",
            "degrees_of_freedom": rated.df if rated else None,
            "design_effect": rounded(rated.design_effect) if rated else None,
            "rows": RankedRows(rows, ranks, ("elo", "low", "high")),
            "habits": recompute_habits(cells),
            "anchor_prompts": self.scale.prompts,
        }

    def _thin(self, cells: Sequence[Cell]) -> set[str]:
        """Return those with too few decided cells; what such a candidate lacks counts against no baseline."""
        thin = {entrant for entrant in self.candidates if self._coverage(entrant, cells) < self._needed}
        kept = _without(cells, thin)
        return thin | {entrant for entrant in self.scale.needed if self._coverage(entrant, kept) < self._needed}

    @property
    def _needed(self) -> float:
        return self.material.settings.min_coverage

    def _coverage(self, entrant: str, cells: Sequence[Cell]) -> float:
        mine = _of(entrant, cells)
        return _decided(mine) / len(mine) if mine else 0.0

    def _rate(self, cells: Sequence[Cell], unrated: set[str]) -> Rated | None:
        """Rate everybody else; nothing where a baseline cannot be rated, or there is no scale."""
        if unrated & set(self.baselines):
            return None
        try:
            return self.scale.rate(_without(cells, unrated))
        except NoScaleError:
            return None

    def _flat(self, cells: Sequence[Cell], rated: Rated) -> set[str]:
        """Return those whose interval has no width although not all of their cells are of identical texts."""
        flat = set()
        for entry in self.plan.entries:
            mine, rating = _of(entry.entrant, cells), rated.of(entry.entrant)
            told = any(cell.score is not None and cell.state != "identical" for cell in mine)
            fixed = self.baselines == [entry.entrant] or entry.entrant in self.scale.frozen
            if told and not fixed and rating.bound == "interval" and rating.error < NO_WIDTH:
                flat.add(entry.entrant)
        return flat

    def _row(self, entrant: str, cells: Sequence[Cell], unrated: set[str], rated: Rated | None, texts: Tree) -> Tree:
        cells = _without(cells, {other for other in unrated if other != entrant and other in self.candidates})
        mine = _of(entrant, cells)
        rating = UNRATED if rated is None or entrant in unrated or not mine else rated.of(entrant)
        return {
            "entrant": entrant,
            "name": self.material.name(entrant),
            "role": "baseline" if entrant in self.baselines else "candidate",
            "origin": self.material.origin(entrant),
            "bound": rating.bound,
            "elo": rounded(rating.elo),
            "low": rounded(rating.low),
            "high": rounded(rating.high),
            "reason": Said(rating.is_explained),
            "prompts": len({cell.prompt for cell in mine if cell.score is not None}),
            "planned": len(mine),
            **_count_states(mine),
            "coverage": rounded(self._coverage(entrant, cells)),
            "win_rates": self._win_rates(entrant, mine),
            "if_excluded": self._if_excluded(entrant, cells, unrated, rating),
            **self._if_missing(entrant, cells, unrated, rating),
            "censored": is_censored(texts["truncated"], texts["answers"]),
            "texts": texts,
        }

    def _win_rates(self, entrant: str, mine: Sequence[Cell]) -> list[Tree]:
        rates = []
        for baseline in self.baselines:
            known = self.scale.met(entrant, baseline)
            if known is not None:
                rates.append({"baseline": baseline, "score": rounded(known[0]), "cells": known[1]})
            elif baseline != entrant:
                got = [cell.of(entrant) for cell in mine if cell.has(baseline)]
                told = [score for score in got if score is not None]
                mean = sum(told) / len(told) if told else None
                rates.append({"baseline": baseline, "score": rounded(mean), "cells": len(told)})
        return rates

    def _if_excluded(self, entrant: str, cells: Sequence[Cell], unrated: set[str], rating: Rating) -> float | None:
        """Return the rating without the cells that a failure of this entrant decided, where it differs by more than 5.

        A failure wins nothing: whoever got the whole point in such a cell did not fail.
        """
        own = [cell for cell in _of(entrant, cells) if cell.state == "failed" and cell.of(entrant) != 1.0]
        if rating.elo is None or entrant in self.scale.frozen or not own:
            return None
        lost = set(map(id, own))
        elo = self._rate_one(entrant, [cell for cell in cells if id(cell) not in lost], unrated)
        return rounded(elo) if elo is not None and abs(elo - rating.elo) > EXCLUDED_SHOWN else None

    def _if_missing(
        self, entrant: str, cells: Sequence[Cell], unrated: set[str], rating: Rating
    ) -> Mapping[str, float | None]:
        """Return the rating if every missing cell of this entrant were lost, and if every one were won."""
        mine = _of(entrant, cells)
        frozen = entrant in self.scale.frozen
        if rating.elo is None or frozen or not is_missing_shown(len(mine) - _decided(mine), len(mine)):
            return {"worst_case": None, "best_case": None}
        return {
            name: rounded(self._rate_one(entrant, [_filled(cell, entrant, got) for cell in cells], unrated))
            for name, got in (("worst_case", 0.0), ("best_case", 1.0))
        }

    def _rate_one(self, entrant: str, cells: Sequence[Cell], unrated: set[str]) -> float | None:
        try:
            return self.scale.rate_one(_without(cells, unrated), entrant)
        except NoScaleError:
            return None


def _beside(entrant: str, rated: Rated | None, level: Mapping[str, Tree]) -> Tree:
    """Return what frozen baselines say beside a rating; nothing on other boards."""
    wider = rated.with_anchors.get(entrant, UNRATED) if rated else UNRATED
    return {
        "low_with_anchors": rounded(wider.low),
        "high_with_anchors": rounded(wider.high),
        "misfit": rated.misfits.get(entrant) if rated else None,
        "equal_length": level.get(entrant),
    }


def _without(cells: Sequence[Cell], entrants: set[str]) -> list[Cell]:
    return [cell for cell in cells if cell.first not in entrants and cell.second not in entrants]


def _of(entrant: str, cells: Sequence[Cell]) -> list[Cell]:
    return [cell for cell in cells if cell.has(entrant)]


def _decided(cells: Sequence[Cell]) -> int:
    return sum(cell.score is not None for cell in cells)


def _count_states(cells: Sequence[Cell]) -> dict[str, int]:
    states = ("judged", "identical", "failed", "invalid", "open", "no_output")
    return {state: sum(cell.state == state for cell in cells) for state in states}


def _filled(cell: Cell, entrant: str, got: float) -> Cell:
    """Return a cell decided as `got` for an entrant, where it takes part and the cell is missing."""
    if cell.score is not None or not cell.has(entrant):
        return cell
    score = got if cell.first == entrant else 1.0 - got
    return Cell(cell.prompt, cell.first, cell.second, cell.state, score)
