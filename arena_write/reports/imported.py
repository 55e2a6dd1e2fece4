"""From battles judged elsewhere to a board of their own: nothing is known but names, results and maybe prompts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from arena_write.names import printable
from arena_write.ratings import Comparisons, EntrantRating, RatingError, Ratings, WinRates, rate, win_rates
from arena_write.ratings.connectivity import listed
from arena_write.ratings.results import FLAT
from arena_write.reports.board import Board, BoardRow, Section, WinRate, rounded
from arena_write.reports.build import CONFIDENCE, MIN_COVERAGE
from arena_write.reports.sections import board_order
from arena_write.reports.texts import summarise
from arena_write.store import BenchmarkFolder, BoardFolder, ImportRecord, StoreError, read_imports
from judges import content_id

IMPORTED_LABEL = "imported rating"
"""What a rating is called that rests on judgements made elsewhere."""


def build_imported_board(folder: BenchmarkFolder, board: BoardFolder) -> Board:
    """Build the board of an imported file from its stored rows.

    Args:
        folder: The folder of the file.
        board: The folder of its battles.

    Raises:
        StoreError: A file of the folder cannot be read, or battles are missing.
    """
    about = board.imported()
    if about is None:
        raise StoreError(f"{board.import_path} does not exist: nothing was imported into this folder")
    columns = read_imports(board.imports, about)
    battles = Comparisons(
        names=columns.names,
        first=columns.first,
        second=columns.second,
        score=columns.score,
        cluster=columns.cluster,
    )
    return Board(
        benchmark=folder.id,
        title=f"imported from {about.source}",
        judge=board.judge(),
        scale=f"provisional, {'baselines' if about.baselines else 'all entrants'}' mean = 1000",
        confidence=CONFIDENCE,
        min_coverage=MIN_COVERAGE,
        plan=None,
        score_plan=None,
        excluded=(),
        sections=(_Rated.of(battles, about).section(),),
        rubric=(),
        spending=(),
        imported=about,
    )


@dataclass(frozen=True)
class _Rated:
    """Battles and what could be made of them.

    Args:
        battles: All battles.
        about: Their file.
        ratings: Ratings; none where there is no scale.
        withheld: Why there is none.
        flat: Entrants left out of the fit, because their interval would have no width.
    """

    battles: Comparisons
    about: ImportRecord
    ratings: Ratings | None
    withheld: str
    flat: frozenset[str]

    @classmethod
    def of(cls, battles: Comparisons, about: ImportRecord) -> "_Rated":
        """Rate everybody who can be rated."""
        anchors = about.baselines or battles.names
        ratings, withheld = _rate(battles, anchors)
        flat = _flat(ratings) if ratings else frozenset()
        if flat and (flat & set(anchors) or len(battles.names) - len(flat) < 2):
            ratings, withheld = None, f"{listed(sorted(flat))}: {FLAT}"
        elif flat:
            ratings, withheld = _rate(battles, anchors, without=flat)
        return cls(battles, about, ratings, withheld, flat)

    def section(self) -> Section:
        """Return the one section of the board."""
        labels = _label(self.battles.names)
        results = win_rates(self.battles)
        ratings = self.ratings
        return Section(
            scope="all",
            prompts=len(np.unique(self.battles.cluster)),
            cells=self.about.rows,
            decided=self.about.battles,
            withheld=self.withheld,
            method=ratings.method if ratings else "",
            degrees_of_freedom=float(ratings.df) if ratings else None,
            design_effect=rounded(ratings.deff) if ratings else None,
            rows=tuple(sorted((self._row(name, labels, results) for name in results.names), key=board_order)),
        )

    def _row(self, name: str, labels: Mapping[str, str], results: WinRates) -> BoardRow:
        rating = self._rating(name)
        code = self.battles.names.index(name)
        mine = (self.battles.first == code) | (self.battles.second == code)
        battles = int(mine.sum())
        return BoardRow(
            entrant=_entrant_id(name),
            name=labels[name],
            role="baseline" if name in self.about.baselines else "candidate",
            origin="imported",
            bound=rating.kind,
            elo=rounded(rating.elo),
            low=rounded(rating.low),
            high=rounded(rating.high),
            best_rank=rating.best_rank,
            worst_rank=rating.worst_rank,
            reason=rating.reason,
            prompts=len(np.unique(self.battles.cluster[mine])),
            planned=battles,
            judged=battles,
            identical=0,
            failed=0,
            invalid=0,
            open=0,
            no_output=0,
            coverage=1.0,
            win_rates=_results_of(name, results),
            if_excluded=None,
            worst_case=None,
            best_case=None,
            censored=False,
            texts=summarise([]),
        )

    def _rating(self, name: str) -> EntrantRating:
        if self.ratings is None:
            return EntrantRating(name=name, kind="unrated", reason=self.withheld)
        if name in self.flat:
            return EntrantRating(name=name, kind="unrated", reason=FLAT)
        return self.ratings.entrant(name)


def _rate(
    battles: Comparisons, baselines: Sequence[str], *, without: frozenset[str] = frozenset()
) -> tuple[Ratings | None, str]:
    """Rate everybody but `without`; return the reason instead where there is no scale."""
    try:
        if without:
            battles = battles.among(np.array([name not in without for name in battles.names]))
        return rate(battles, baselines=baselines, confidence=CONFIDENCE), ""
    except RatingError as error:
        return None, str(error)


def _flat(ratings: Ratings) -> frozenset[str]:
    """Return those whose interval has no width: every battle gave the same, so nothing says how much that varies."""
    return frozenset(row.name for row in ratings.entrants if row.reason == FLAT)


def _results_of(name: str, results: WinRates) -> tuple[WinRate, ...]:
    code = results.names.index(name)
    return tuple(
        WinRate(baseline=_entrant_id(other), score=rounded(rate), cells=met)
        for other, rate, met in zip(results.names, results.rates[code], results.battles[code], strict=True)
        if met
    )


def _entrant_id(name: str) -> str:
    return content_id("imported entrant", name)


def _label(names: Sequence[str]) -> dict[str, str]:
    """Return what names are shown as; those that would look the same are told apart by the start of their ids."""
    shown = Counter(printable(name) for name in names)
    return {name: f"{name} ({_entrant_id(name)[:8]})" if shown[printable(name)] > 1 else name for name in names}
