"""Changes of single numbers, and whether they are found."""

from contextlib import contextmanager
from functools import reduce

from arena_write.verification.comparing import Comparison


def leaves(tree, path=()):
    """Yield the path and the value of every leaf."""
    if isinstance(tree, (dict, list)):
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from leaves(value, (*path, key))
    else:
        yield path, tree


@contextmanager
def changed(tree, path, value):
    """The tree with one leaf changed, for the time of the block: thousands of copies would take minutes."""
    place = at(tree, path[:-1])
    kept, place[path[-1]] = place[path[-1]], value
    try:
        yield tree
    finally:
        place[path[-1]] = kept


def at(tree, path):
    """What stands at a path."""
    return reduce(lambda inner, key: inner[key], path, tree)


def differences(tree, expected):
    comparison = Comparison()
    comparison.compare(tree, expected)
    return comparison.differences


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def list_numbers(tree):
    """The paths and values of all numbers."""
    return [(path, value) for path, value in leaves(tree) if is_number(value)]


def list_missed(stored, expected):
    """The changes of single numbers that are not found where they are: a step up, a step down, and nothing.

    Only the part of the board that holds the number is compared: whole boards would take minutes.
    """
    missed = []
    for path, value in list_numbers(stored):
        part = path[: 2 if len(path) > 2 else 1 if len(path) > 1 else 0]
        step = 1 if isinstance(value, int) else 3e-6 * max(1.0, abs(value))
        field = f"number {path[-1] + 1}" if isinstance(path[-1], int) else path[-1]
        for other in (value + step, value - step, None):
            with changed(stored, path, other) as tree:
                found = differences(at(tree, part), at(expected, part))
            if field not in {difference.field for difference in found}:
                missed.append((path, value, other))
    return missed
