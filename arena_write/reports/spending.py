"""What the rows of a board took: calls, tokens and money, added up from the rows themselves."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, isnan

import numpy as np
import numpy.typing as npt

from arena_write.reports.board import Spending, rounded
from arena_write.reports.labels import EntrantLabel
from arena_write.store import OutputRecord
from arena_write.store.columns import SpentColumns

_TOKENS = ("prompt_tokens", "cached_tokens", "completion_tokens", "thinking_tokens")


@dataclass(frozen=True, slots=True)
class UsedRows:
    """Rows of a judge that a board is made from.

    Args:
        spent: What the attempts at each stored key took.
        row: Where each cell stands among the keys; -1 where it does not.
    """

    spent: SpentColumns
    row: npt.NDArray[np.int64]


def writing_spending(outputs: Mapping[str, OutputRecord], labels: Mapping[str, EntrantLabel]) -> list[Spending]:
    """Return what writing the answers took, a line for each entrant that was asked; recorded answers took nothing."""
    rows: dict[str, list[OutputRecord]] = defaultdict(list)
    for _, output in sorted(outputs.items()):
        if output.origin == "generated":
            rows[output.entrant].append(output)
    return [
        Spending(
            what="writing",
            name=labels[entrant].name,
            calls=len(mine),
            prompt_tokens=sum(row.usage.prompt_tokens or 0 for row in mine),
            cached_tokens=sum(row.usage.cached_tokens or 0 for row in mine),
            completion_tokens=sum(row.usage.completion_tokens or 0 for row in mine),
            thinking_tokens=sum(row.usage.thinking_tokens or 0 for row in mine),
            price=_total(float("nan") if row.price is None else row.price for row in mine),
        )
        for entrant, mine in sorted(rows.items(), key=lambda item: (labels[item[0]].name, item[0]))
    ]


def judging_spending(name: str, used: Sequence[UsedRows]) -> list[Spending]:
    """Return what judging took; nothing for a judge that makes no calls, of which no attempt has a price or tokens."""
    parts = [(rows.spent, np.unique(rows.row[rows.row >= 0])) for rows in used]

    def count(column: str) -> int:
        return sum(int(getattr(spent, column)[rows].sum()) for spent, rows in parts)

    price = _total(value for spent, rows in parts for value in spent.price[rows].tolist())
    tokens = {column: count(column) for column in _TOKENS}
    if price is None and not any(tokens.values()):
        return []
    return [Spending(what="judging", name=name, calls=count("calls"), price=price, **tokens)]


def _total(prices: Iterable[float]) -> float | None:
    """Return the sum, whatever the order; nothing where one is not known."""
    known = [*prices]
    return None if any(map(isnan, known)) else rounded(fsum(known))
