"""Comparisons written as rows a person can read, and the public data behind the golden values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from arena_write.ratings import Comparisons

Row = tuple[str, str, float, int]


def comparisons(
    rows: Iterable[Row], *, names: Sequence[str] | None = None, weight: Sequence[float] | None = None
) -> Comparisons:
    """Build comparisons from (first, second, score of the first, prompt) rows."""
    first, second, score, cluster = zip(*rows, strict=True)
    names = tuple(names or sorted({*first, *second}))
    return Comparisons(
        names=names,
        first=np.array([names.index(name) for name in first]),
        second=np.array([names.index(name) for name in second]),
        score=np.array(score, dtype=float),
        cluster=np.array(cluster),
        weight=None if weight is None else np.array(weight, dtype=float),
    )


def counts(table: Iterable[tuple[str, str, int, int, int]]) -> list[Row]:
    """Turn (a, b, wins of a, wins of b, ties) into one row per battle, each a prompt of its own."""
    rows: list[Row] = []
    for a, b, won, lost, tied in table:
        for score, times in ((1.0, won), (0.0, lost), (0.5, tied)):
            rows += [(a, b, score, len(rows) + extra) for extra in range(times)]
    return rows


def block(first: str, second: str, *, won: int, lost: int = 0, prompts: int) -> list[Row]:
    """Return battles of one pair dealt over prompts 0..prompts-1 in turn, wins first."""
    scores = [1.0] * won + [0.0] * lost
    return [(first, second, score, index % prompts) for index, score in enumerate(scores)]


# Wikipedia, "Bradley-Terry model", worked example.
WIKIPEDIA = [("A", "B", 2, 3, 0), ("A", "D", 1, 4, 0), ("B", "C", 5, 3, 0), ("C", "D", 1, 3, 0)]

# American League 1987, home wins and away wins (Agresti 2002, p. 437; data set of BradleyTerry2).
BASEBALL = {
    "Mil": {"Det": (4, 3), "Tor": (4, 2), "NY": (4, 3), "Bos": (6, 1), "Cle": (4, 2), "Bal": (6, 0)},
    "Det": {"Mil": (3, 3), "Tor": (4, 2), "NY": (4, 3), "Bos": (6, 0), "Cle": (6, 1), "Bal": (4, 3)},
    "Tor": {"Mil": (2, 5), "Det": (4, 3), "NY": (2, 4), "Bos": (4, 3), "Cle": (4, 2), "Bal": (6, 0)},
    "NY": {"Mil": (3, 3), "Det": (5, 1), "Tor": (2, 5), "Bos": (4, 3), "Cle": (4, 2), "Bal": (6, 1)},
    "Bos": {"Mil": (5, 1), "Det": (2, 5), "Tor": (3, 3), "NY": (4, 2), "Cle": (5, 2), "Bal": (6, 0)},
    "Cle": {"Mil": (2, 5), "Det": (3, 3), "Tor": (3, 4), "NY": (4, 3), "Bos": (4, 2), "Bal": (2, 4)},
    "Bal": {"Mil": (2, 5), "Det": (1, 5), "Tor": (1, 6), "NY": (2, 4), "Bos": (1, 6), "Cle": (3, 4)},
}

# Six chocolate puddings (Davidson 1970; data set of PlackettLuce): wins, losses, ties of the first-named.
PUDDINGS = [
    ("1", "2", 19, 22, 16),
    ("1", "3", 16, 19, 12),
    ("2", "3", 19, 19, 10),
    ("1", "4", 18, 23, 13),
    ("2", "4", 23, 19, 9),
    ("3", "4", 19, 20, 15),
    ("1", "5", 13, 19, 18),
    ("2", "5", 16, 20, 12),
    ("3", "5", 16, 15, 17),
    ("4", "5", 17, 14, 16),
    ("1", "6", 18, 21, 12),
    ("2", "6", 22, 20, 12),
    ("3", "6", 13, 18, 10),
    ("4", "6", 14, 19, 18),
    ("5", "6", 11, 21, 12),
]

# evalica's simple.csv: left, right, score of left.
EVALICA_SIMPLE = [
    ("0", "1", 0.5),
    ("0", "2", 0.0),
    ("0", "2", 0.5),
    ("0", "4", 0.5),
    ("1", "0", 1.0),
    ("1", "2", 0.5),
    ("1", "2", 0.5),
    ("1", "3", 0.5),
    ("2", "4", 0.5),
    ("3", "0", 1.0),
    ("3", "1", 1.0),
    ("3", "2", 1.0),
    ("3", "4", 0.5),
    ("3", "4", 0.5),
    ("4", "0", 1.0),
    ("4", "3", 1.0),
]

# Six prompts, three entrants, both orders: scores of the first-named in AB, AB, AC, AC, BC, BC.
CLUSTERED = [
    (1, 1, 1, 1, 1, 0),
    (1, 0, 1, 1, 0.5, 1),
    (0, 0, 1, 0, 1, 1),
    (1, 1, 0.5, 1, 0, 1),
    (0.5, 0, 1, 1, 1, 0.5),
    (1, 0, 0, 0, 0, 1),
]


def clustered() -> list[Row]:
    """Return the rows of the cluster golden set."""
    pairs = ("AB", "AB", "AC", "AC", "BC", "BC")
    return [
        (pair[0], pair[1], float(score), prompt)
        for prompt, scores in enumerate(CLUSTERED)
        for pair, score in zip(pairs, scores, strict=True)
    ]
