"""What people call an entrant, and where its texts come from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from arena_write.store import OutputRecord


@dataclass(frozen=True, slots=True)
class EntrantLabel:
    """What people call an entrant, and where its texts come from."""

    name: str
    origin: str


def label_entrants(outputs: Iterable[OutputRecord]) -> dict[str, EntrantLabel]:
    """Return the label of every entrant; two entrants of one name are told apart by the start of their ids."""
    labels: dict[str, EntrantLabel] = {}
    for row in outputs:
        labels.setdefault(row.entrant, EntrantLabel(row.entrant_name, row.origin))
    names = [label.name for label in labels.values()]
    return {
        entrant: EntrantLabel(f"{label.name} ({entrant[:8]})", label.origin) if names.count(label.name) > 1 else label
        for entrant, label in labels.items()
    }


def name_entrants(message: str, labels: Mapping[str, EntrantLabel]) -> str:
    """Return a message about ids with the names that people know."""
    for entrant, label in labels.items():
        message = message.replace(entrant, label.name)
    return message
