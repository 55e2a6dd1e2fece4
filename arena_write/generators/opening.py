"""From an address to a model: one that answered already, or one that is asked now."""

from dataclasses import dataclass, field

from arena_write.benchmarks import starter
from arena_write.checkpoints.opened import Checkpoints
from arena_write.endpoints.limit import Connections
from arena_write.endpoints.meter import Meter
from arena_write.endpoints.prices import FREE, Tariff, find_tariff
from arena_write.endpoints.settings import RequestSettings
from arena_write.generators.addresses import Address, AddressKind, parse_address
from arena_write.generators.errors import UnknownAddressError
from arena_write.generators.live import SERVED_BACKEND, LiveModel
from arena_write.generators.outputs import RecordedOutputs
from arena_write.generators.profiles import Entrant, Profile
from arena_write.generators.recorded import read_recorded
from arena_write.serving.opened import Servers
from arena_write.spending import Account, Purse


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """How models are asked, where they are asked.

    Args:
        profile: How the model is asked.
        connections: How many calls each server gets at a time.
        purse: Pays for calls.
        price: What calls cost that no list knows.
        meter: Counts the calls.
        checkpoints: Opens checkpoints that transformers runs in this process.
        servers: Opens models that are served here.
    """

    profile: Profile
    connections: Connections
    purse: Purse
    price: Tariff | None = None
    meter: Meter = field(default_factory=Meter)
    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    servers: Servers = field(default_factory=Servers)


def open_model(address: str, options: ModelOptions, *, version: str | None = None) -> RecordedOutputs | LiveModel:
    """Return the model at `[NAME=]ADDRESS`.

    Args:
        address: The address.
        options: How it is asked.
        version: `NAME@STEP`: which of the models that one server has under one name at different times.

    Raises:
        UnknownAddressError: The address names nothing, or a version is given of what is known by its content.
        RecordedOutputsError: A file of outputs cannot be used.
        CheckpointUsageError: A checkpoint cannot be used as asked.
        ServingUsageError: A model cannot be served as asked.
    """
    found = parse_address(address)
    if version is not None and found.kind is not AddressKind.OPENAI:
        raise UnknownAddressError(
            f"--as tells apart what a server has under one name at different times; {address!r} is known by its content"
        )
    if found.kind is AddressKind.RECORDED:
        return read_recorded(found.target, name=found.name)
    if found.kind is AddressKind.BUILTIN:
        return _builtin(found)
    if found.kind is AddressKind.OPENAI:
        return _endpoint(found, options, version)
    if found.kind is AddressKind.VLLM or (found.kind is AddressKind.CHECKPOINT and options.servers.are_at_hand()):
        return _served(found, options)
    return _checkpoint(found, options)


def read_step(version: str) -> str:
    """Return the step of `NAME@STEP`.

    Raises:
        UnknownAddressError: It is written otherwise.
    """
    name, _, step = version.rpartition("@")
    if not name.strip() or not step.strip():
        raise UnknownAddressError(f"--as takes NAME@STEP, such as run7@500, and not {version!r}")
    return step.strip()


def _builtin(address: Address) -> RecordedOutputs:
    known = (starter.EXAMPLE, *starter.BASELINES)
    if address.target not in known:
        names = ", ".join(f"builtin/{name}" for name in known)
        raise UnknownAddressError(f"there is no model builtin/{address.target}; there are {names}")
    return read_recorded(starter.path_of(address.target), name=address.name or address.target)


def _endpoint(address: Address, options: ModelOptions, version: str | None) -> LiveModel:
    from arena_write.endpoints import OPENAI_BASE_URL, EndpointModel, parse_endpoint

    name, base_url = parse_endpoint(address.target)
    settings = _settings(options.profile)
    account = Account(options.purse, options.price or find_tariff(name, base_url or OPENAI_BASE_URL))
    model = EndpointModel(
        name,
        base_url=base_url,
        settings=settings,
        limit=options.connections.to(base_url),
        meter=options.meter,
        account=account,
    )
    if version is None:
        entrant = Entrant(address.name or name, model.id, options.profile)
    else:
        entrant = Entrant(version, f"{model.id}#{read_step(version)}", options.profile)
    return LiveModel(entrant, model, "openai", account, settings.token_budget)


def _checkpoint(address: Address, options: ModelOptions) -> LiveModel:
    from arena_write.checkpoints.model import CheckpointModel

    engine, settings = options.checkpoints.open(address.target), _settings(options.profile)
    account = Account(options.purse, FREE)
    model = CheckpointModel(engine, settings, chat=options.profile.mode == "chat", meter=options.meter, account=account)
    entrant = Entrant(address.name or engine.name, model.id, options.profile)
    return LiveModel(entrant, model, "transformers", account, settings.token_budget)


def _served(address: Address, options: ModelOptions) -> LiveModel:
    from arena_write.serving.model import ServedModel

    fleet, settings = options.servers.open(address.target), _settings(options.profile)
    account = Account(options.purse, FREE)
    model = ServedModel(
        fleet,
        settings,
        connections=options.connections,
        chat=options.profile.mode == "chat",
        meter=options.meter,
        account=account,
    )
    entrant = Entrant(address.name or fleet.name, model.id, options.profile)
    return LiveModel(entrant, model, SERVED_BACKEND, account, settings.token_budget)


def _settings(profile: Profile) -> RequestSettings:
    """Return what a profile says of each request."""
    return RequestSettings(
        temperature=profile.temperature,
        top_p=profile.top_p,
        top_k=profile.top_k,
        min_p=profile.min_p,
        max_tokens=profile.max_tokens,
        thinking_tokens=profile.thinking_tokens,
        stop=profile.stop,
        reasoning_effort=profile.reasoning_effort,
        extra=profile.extra,
    )
