"""From an address to a model's outputs."""

from arena_write.benchmarks import starter
from arena_write.generators.addresses import Address, AddressKind, parse_address
from arena_write.generators.errors import UnknownAddressError
from arena_write.generators.outputs import RecordedOutputs
from arena_write.generators.recorded import read_recorded


def open_recorded(address: str) -> RecordedOutputs:
    """Return the recorded outputs at `[NAME=]ADDRESS`.

    Raises:
        UnknownAddressError: The address names nothing, or a kind of model that this version cannot ask.
        RecordedOutputsError: The file cannot be used.
    """
    found = parse_address(address)
    if found.kind is AddressKind.RECORDED:
        return read_recorded(found.target, name=found.name)
    if found.kind is AddressKind.BUILTIN:
        return _builtin(found)
    raise UnknownAddressError(
        f"{address!r}: this version evaluates recorded outputs only. Let the model answer elsewhere, write one JSON "
        'object per line, {"prompt_id": ..., "text": ...}, and give that file as PATH.jsonl'
    )


def _builtin(address: Address) -> RecordedOutputs:
    known = (starter.EXAMPLE, *starter.BASELINES)
    if address.target not in known:
        names = ", ".join(f"builtin/{name}" for name in known)
        raise UnknownAddressError(f"there is no model builtin/{address.target}; there are {names}")
    return read_recorded(starter.path_of(address.target), name=address.name or address.target)
