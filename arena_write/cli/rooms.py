"""Checks, before anything else is imported, that our packages are ours.

The package index has another distribution with a package named `judges`; installed into the same environment, one of
the two would take the other's place.
"""

from importlib.util import find_spec
from pathlib import Path

ROOMS = ("judges", "writingbench", "arena_write")


def find_intruder() -> str | None:
    """Return what is wrong where one of our packages does not lie beside the others, else nothing."""
    home = Path(__file__).resolve().parents[2]
    for room in ROOMS:
        spec = find_spec(room)
        found = Path(spec.origin).resolve().parent if spec and spec.origin else None
        if found != home / room:
            where = str(found) if found else "nowhere"
            return (
                f"the package {room!r} of arena-write should lie in {home / room}, but Python finds it in {where}: "
                "another distribution, or a folder on PYTHONPATH, is in the way. Install arena-write in an environment "
                f"of its own, or remove the other {room!r}."
            )
    return None
