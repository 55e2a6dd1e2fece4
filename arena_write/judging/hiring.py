"""From an address to a judge."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from arena_write.checkpoints.opened import Checkpoints
from arena_write.endpoints.limit import Connections
from arena_write.endpoints.meter import Meter
from arena_write.endpoints.prices import FREE, Tariff, find_tariff
from arena_write.judging.errors import UnknownJudgeError
from arena_write.serving.opened import Servers
from arena_write.spending import Account, Purse
from judges import Judge, JudgeSpec, Rubric

if TYPE_CHECKING:
    from judges.llm import OfficialPrompt

TEXTSTATS = "builtin/textstats"
DEFAULT_LLM = "openai/gpt-4.1-2025-04-14"
"""The judge of the nearest published protocol of Arena-Write (SuperWriter, arXiv 2506.04180)."""


@dataclass(frozen=True, slots=True)
class JudgeOptions:
    """How a judge is asked.

    Args:
        reply_format: `text` or `json_schema`: chosen, never detected.
        rubric: How it scores: one criterion a call, or all of a text; in our own words, or with the official prompt.
        official: The official prompt, where it scores with that.
        preset: Name of the settings with which it is asked; none takes the one declared for the model.
        connections: How many calls each server gets at a time.
        purse: Pays for calls.
        price: What calls cost that no list knows.
        meter: Counts the calls.
        context: Tokens that the judge reads and writes in one call, at most, where that is known.
        checkpoints: Opens checkpoints that transformers runs in this process.
        servers: Opens models that are served here.
    """

    reply_format: Literal["text", "json_schema"] = "text"
    rubric: Rubric = "each"
    official: "OfficialPrompt | None" = None
    preset: str | None = None
    connections: Connections = field(default_factory=Connections)
    purse: Purse = field(default_factory=Purse)
    price: Tariff | None = None
    meter: Meter = field(default_factory=Meter)
    context: int | None = None
    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    servers: Servers = field(default_factory=Servers)


@dataclass(frozen=True, slots=True)
class HiredJudge:
    """A judge, and who pays for it.

    Args:
        judge: The judge.
        account: Pays for its calls; nothing for a judge that makes none.
        reply_budget: Tokens that a reply may take, thinking included.
        context: Tokens that the judge reads and writes in one call, at most, where that is known.
    """

    judge: Judge
    account: Account | None = None
    reply_budget: int = 0
    context: int | None = None


def hire_judge(address: str, options: JudgeOptions) -> HiredJudge:
    """Return the judge at `address`: `builtin/textstats`, `openai/NAME[@URL]`, `vllm/NAME`, `hf/NAME` or a folder.

    Raises:
        UnknownJudgeError: There is none, or no such preset.
        EndpointAddressError: The address of the server cannot be used.
        MissingKeyError: The server wants a key and there is none.
        CheckpointUsageError: The checkpoint cannot be used as asked.
        ServingUsageError: It cannot be served as asked.
    """
    if address == TEXTSTATS:
        from arena_write.textstats.judge import TextStatsJudge

        return HiredJudge(TextStatsJudge())
    prefix, _, target = address.partition("/")
    if prefix == "openai" and target:
        return _hire_endpoint(target, options)
    if prefix == "vllm" and target:
        return _hire_served(target, options)
    if prefix == "hf" and target:
        return _hire_checkpoint(target, options)
    if Path(address).expanduser().is_dir():
        return (_hire_served if options.servers.are_at_hand() else _hire_checkpoint)(address, options)
    raise UnknownJudgeError(
        f"{address!r} is no judge; write openai/NAME[@http://host:port/v1] for a model behind a server, a "
        f"checkpoint's folder, vllm/NAME or hf/NAME for one that is run here, or {TEXTSTATS}, which compares text "
        "statistics and knows nothing of quality"
    )


def _hire_endpoint(target: str, options: JudgeOptions) -> HiredJudge:
    from arena_write.endpoints import (
        OPENAI_BASE_URL,
        EndpointModel,
        RequestSettings,
        endpoint_id,
        parse_endpoint,
    )
    from judges.llm import LLMJudge, reply_budget

    name, base_url = parse_endpoint(target)
    # Nobody here knows what the server makes of control tokens in a text, so they are set apart.
    spec = make_judge_spec(endpoint_id(name, base_url), name, options, known_as=name, apart=True)
    limit = options.connections.to(base_url)
    account = Account(options.purse, options.price or find_tariff(name, base_url or OPENAI_BASE_URL))

    def open_model(response_format: Mapping[str, Any] | None) -> EndpointModel:
        settings = RequestSettings(**spec.decoding, response_format=response_format)
        return EndpointModel(
            name, base_url=base_url, settings=settings, limit=limit, meter=options.meter, account=account
        )

    judge = LLMJudge.open(spec, open_model, official=options.official)
    return HiredJudge(judge, account, reply_budget(spec), options.context)


def _hire_checkpoint(target: str, options: JudgeOptions) -> HiredJudge:
    from arena_write.checkpoints.judging import open_judge
    from judges.llm import reply_budget

    engine, account = options.checkpoints.open(target), Account(options.purse, FREE)
    spec = make_judge_spec(engine.id, engine.name, options)
    judge = open_judge(engine, spec, meter=options.meter, account=account, official=options.official)
    return HiredJudge(judge, account, reply_budget(spec), options.context)


def _hire_served(target: str, options: JudgeOptions) -> HiredJudge:
    from arena_write.serving.judging import open_judge
    from judges.llm import reply_budget

    fleet, account = options.servers.open(target), Account(options.purse, FREE)
    spec = make_judge_spec(fleet.id, fleet.name, options)
    judge = open_judge(
        fleet,
        spec,
        connections=options.connections,
        meter=options.meter,
        account=account,
        official=options.official,
    )
    return HiredJudge(judge, account, reply_budget(spec), options.context)


def make_judge_spec(
    model: str, name: str, options: JudgeOptions, *, known_as: str = "", apart: bool = False
) -> JudgeSpec:
    """Return who judges, without asking anyone.

    Args:
        model: Id of the model.
        name: The judge's name, for people.
        options: How it is asked.
        known_as: The model's name as the table of presets may know it. That of a checkpoint says nothing: it is
            whatever its folder is called.
        apart: Whether spellings of control tokens in texts are set apart.

    Raises:
        UnknownJudgeError: There is no such preset.
    """
    from judges.llm import UnknownPresetError, make_spec

    try:
        spec = make_spec(
            model,
            known_as,
            preset=options.preset,
            reply_format=options.reply_format,
            rubric=options.rubric,
            official=options.official,
            apart=apart,
        )
    except UnknownPresetError as error:
        raise UnknownJudgeError(str(error)) from None
    return replace(spec, name=name)
