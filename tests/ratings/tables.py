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

# Citations between four statistics journals (Stigler 1994; Agresti 2002; data set of BradleyTerry2).
CITATIONS = [
    ("Biometrika", "Comm Statist", 730, 33, 0),
    ("Biometrika", "JASA", 498, 320, 0),
    ("Biometrika", "JRSS-B", 221, 284, 0),
    ("Comm Statist", "JASA", 68, 813, 0),
    ("Comm Statist", "JRSS-B", 17, 276, 0),
    ("JASA", "JRSS-B", 142, 325, 0),
]

# Flavour strength of nine mixtures (Springall 1973; data set of BradleyTerry2): wins, losses, ties of the first-named.
SPRINGALL = [
    (str(one), str(other), *outcome)
    for (one, other), outcome in zip(
        [(one, other) for one in range(1, 10) for other in range(one + 1, 10)],
        [
            *[(2, 16, 7), (0, 21, 1), (5, 10, 10), (2, 15, 7), (0, 22, 2), (12, 3, 9), (13, 9, 5), (10, 12, 3)],
            *[(6, 11, 5), (17, 2, 7), (9, 6, 8), (8, 12, 6), (24, 2, 0), (16, 3, 5), (15, 2, 7)],
            *[(22, 2, 4), (14, 4, 5), (11, 4, 7), (24, 1, 3), (22, 0, 3), (17, 2, 6)],
            *[(3, 14, 9), (2, 18, 4), (12, 6, 5), (10, 6, 6), (8, 9, 11)],
            *[(5, 11, 9), (20, 0, 2), (15, 2, 5), (13, 5, 9)],
            *[(27, 1, 0), (19, 1, 5), (18, 2, 2)],
            *[(2, 13, 8), (2, 21, 5)],
            (6, 8, 8),
        ],
        strict=True,
    )
]

# evalica's food.csv as wins, losses and ties of the first-named.
FOOD = [
    ("Burger", "Pasta", 0, 2, 0),
    ("Burger", "Pizza", 3, 0, 0),
    ("Burger", "Sushi", 2, 4, 0),
    ("Burger", "Tacos", 1, 1, 0),
    ("Pasta", "Pizza", 0, 1, 1),
    ("Pasta", "Sushi", 0, 1, 1),
    ("Pasta", "Tacos", 1, 4, 0),
    ("Pizza", "Sushi", 2, 0, 0),
    ("Pizza", "Tacos", 0, 4, 0),
    ("Sushi", "Tacos", 1, 1, 0),
]

# choix's test data: three items in a cycle and one more win; eight items at random; (winner, loser).
CHOIX_CYCLE = [(0, 1), (0, 1), (1, 2), (2, 0)]
CHOIX_RANDOM = [
    *[(7, 3), (2, 0), (5, 2), (4, 2), (2, 1), (4, 5), (6, 3), (5, 4), (7, 0), (2, 3)],
    *[(4, 0), (0, 4), (6, 5), (3, 2), (3, 4), (3, 4), (5, 2), (7, 3), (7, 6), (6, 5)],
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
