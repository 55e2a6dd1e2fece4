"""Who can be rated together: everybody tied to the baselines by results in both directions, on more than one prompt."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from arena_write.verification.cells import Cell
from arena_write.verification.strengths import NoScaleError

Graph = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class Core:
    """Those around the baselines.

    Args:
        members: Who is rated together, sorted; the baselines are among them.
        on_one_prompt: Who would be, but hangs on the others by a single prompt: nothing says how much that varies.
    """

    members: tuple[str, ...]
    on_one_prompt: frozenset[str]


def find_core(cells: Sequence[Cell], baselines: Sequence[str]) -> Core:
    """Find who can be rated together.

    Args:
        cells: Decided cells.
        baselines: Ids of the baselines.

    Raises:
        NoScaleError: There is no baseline, or the baselines are not tied to each other.
    """
    if not baselines:
        raise NoScaleError("there is no baseline")
    root = min(baselines)
    hanging: set[str] = set()
    while True:
        members = _tied(root, cells, without=hanging)
        if not set(baselines) <= members:
            raise NoScaleError("the baselines are not tied to each other")
        more = _on_one_prompt(root, members, cells)
        if not more:
            return Core(tuple(sorted(members)), frozenset(hanging))
        hanging |= more


def _tied(root: str, cells: Iterable[Cell], *, without: Collection[str]) -> set[str]:
    """Return who is tied to the root by results in both directions, through others or not; a tie is one each way."""
    ahead: dict[str, set[str]] = defaultdict(set)
    behind: dict[str, set[str]] = defaultdict(set)
    for cell in cells:
        if cell.first in without or cell.second in without or cell.score is None:
            continue
        if cell.score > 0.0:
            ahead[cell.first].add(cell.second)
            behind[cell.second].add(cell.first)
        if cell.score < 1.0:
            ahead[cell.second].add(cell.first)
            behind[cell.first].add(cell.second)
    return _reach(root, ahead) & _reach(root, behind)


def _on_one_prompt(root: str, members: Collection[str], cells: Iterable[Cell]) -> set[str]:
    """Return the members who no longer meet the root, even through others, once some one prompt is left out."""
    met: dict[frozenset[str], set[str]] = defaultdict(set)
    for cell in cells:
        if cell.first in members and cell.second in members:
            met[frozenset((cell.first, cell.second))].add(cell.prompt)
    lonely = {next(iter(prompts)) for prompts in met.values() if len(prompts) == 1}  # others take no meeting away
    cut_off: set[str] = set()
    for prompt in lonely:
        links: dict[str, set[str]] = defaultdict(set)
        for (one, other), prompts in ((tuple(pair), prompts) for pair, prompts in met.items()):
            if prompts != {prompt}:
                links[one].add(other)
                links[other].add(one)
        cut_off |= set(members) - _reach(root, links)
    return cut_off


def _reach(start: str, links: Graph) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        for other in links.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found
