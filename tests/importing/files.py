"""Files of battles, written by the tests."""

import csv
import random
from pathlib import Path

EVALICA = ("left", "right", "winner")


def write_csv(path: Path, *rows, columns=EVALICA) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def random_battles(seed, *, names, battles):
    """Battles of entrants of different strength, with ties, so many that everybody has won and lost."""
    draw = random.Random(seed)
    strength = {name: draw.uniform(-1, 1) for name in names}
    rows = []
    for _ in range(battles):
        left, right = draw.sample(names, 2)
        gap = strength[left] - strength[right] + draw.gauss(0, 1.2)
        rows.append((left, right, "tie" if abs(gap) < 0.3 else "left" if gap > 0 else "right"))
    return rows
