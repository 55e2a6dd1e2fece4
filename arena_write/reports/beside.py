"""What stands beside the ratings of a section: the anchors' own error, length, and what battles say of the judge."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from arena_write.ratings import Anchors, LengthAdjusted, RatingError, adjust_for_length, diagnose
from arena_write.reports.board import EqualLength, JudgeHabits, rounded
from arena_write.reports.cells import CellColumns
from arena_write.reports.lengths import LengthColumns
from arena_write.reports.scales import AnchoredScale, Scale, Scaled


@dataclass(frozen=True)
class Beside:
    """What anchors say of each entrant beside its rating.

    Args:
        scaled: The ratings.
        equal_length: The ratings at equal length, by entrant.
    """

    scaled: Scaled | None
    equal_length: dict[str, EqualLength]

    @classmethod
    def of(cls, cells: CellColumns, scale: Scale, scaled: Scaled | None, lengths: LengthColumns) -> "Beside":
        """Return what stands beside these ratings; nothing where the scale has no anchors."""
        if scaled is None or not isinstance(scale, AnchoredScale) or scale.anchors is None:
            return cls(scaled, {})
        return cls(scaled, _at_equal_length(cells, scale.anchors, lengths, confidence=scale.confidence))

    def fields(self, entrant: str) -> dict[str, Any]:
        """Return the fields of an entrant's row that say it."""
        one = self.scaled.beside.get(entrant) if self.scaled else None
        return {
            "low_with_anchors": rounded(one.low_with_anchors) if one else None,
            "high_with_anchors": rounded(one.high_with_anchors) if one else None,
            "misfit": rounded(one.goodness.p) if one and one.goodness else None,
            "equal_length": self.equal_length.get(entrant),
        }


def _at_equal_length(
    cells: CellColumns, anchors: Anchors, lengths: LengthColumns, *, confidence: float
) -> dict[str, EqualLength]:
    """Rate each candidate against the anchors as if all texts were equally long; no candidate moves another."""
    offsets = anchors.offsets_at_equal_length
    found = {
        name: EqualLength(elo=elo, low=None, high=None, length=None, extrapolated=False)
        for name, elo in offsets.items()
    }
    known = np.array([entrant in offsets for entrant in cells.entrants])
    for code in np.flatnonzero(~known).tolist() if offsets else ():
        mine = cells.select(cells.decided & cells.of_entrant(code) & (known[cells.first] != known[cells.second]))
        met = {cells.entrants[other] for other in {*mine.first.tolist(), *mine.second.tolist()} - {code}}
        if not met:
            continue
        try:
            adjusted = adjust_for_length(
                mine.comparisons(),
                lengths.difference(mine),
                language=lengths.language(mine),
                slopes=anchors.slopes,
                baselines=sorted(met),
                offsets={name: offsets[name] for name in met},
                confidence=confidence,
            )
        except RatingError:
            continue
        found |= {row.name: _row(row) for row in adjusted if row.name not in offsets and row.elo is not None}
    return found


def _row(row: LengthAdjusted) -> EqualLength:
    return EqualLength(
        elo=rounded(row.elo),
        low=rounded(row.low),
        high=rounded(row.high),
        length=rounded(row.length),
        extrapolated=row.extrapolated,
    )


def judge_habits(cells: CellColumns, baselines: Sequence[str], *, confidence: float) -> JudgeHabits | None:
    """Return what battles that a judge decided say about it; nothing where no pair was judged in both orders."""
    judged = cells.judged()
    if not len(judged):
        return None
    found = diagnose(judged.comparisons(), baselines=baselines, texts=judged.pair_of_samples(), confidence=confidence)
    if found.consistency is None or found.hard_flips is None:
        return None
    return JudgeHabits(
        pairs=found.pairs,
        consistency=round(found.consistency, 6),
        hard_flips=round(found.hard_flips, 6),
        ties=round(found.tie_rate, 6),
        slot=rounded(found.slot.mean) if found.slot else None,
        slot_low=rounded(found.slot.low) if found.slot else None,
        slot_high=rounded(found.slot.high) if found.slot else None,
    )
