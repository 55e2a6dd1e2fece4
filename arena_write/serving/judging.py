"""A model that we serve as a judge."""

from dataclasses import replace

from arena_write.endpoints.limit import Connections
from arena_write.endpoints.meter import Meter
from arena_write.endpoints.settings import RequestSettings
from arena_write.serving.fleet import Fleet
from arena_write.serving.model import ServedModel
from arena_write.spending import Account
from judges.llm import LLMJudge, make_spec, response_format
from judges.ports import ReplyFormat


def open_judge(
    fleet: Fleet,
    *,
    reply_format: ReplyFormat,
    preset: str | None,
    connections: Connections,
    meter: Meter,
    account: Account | None = None,
) -> LLMJudge:
    """Return a judge on servers of ours: the same judge as where transformers runs it (`checkpoints.judging`).

    Args:
        fleet: The servers.
        reply_format: `text` or `json_schema`.
        preset: Name of a preset, `default` where none is named.
        connections: Calls at a time to each server.
        meter: Counts the calls.
        account: Counts them against what the run may do.

    Raises:
        UnknownPresetError: There is no such preset.
        ServingUsageError: The model cannot be asked in this way.
    """
    spec = replace(make_spec(fleet.id, "", preset=preset, reply_format=reply_format), name=fleet.name)

    def ask(settings: RequestSettings) -> ServedModel:
        return ServedModel(fleet, settings, connections=connections, meter=meter, account=account)

    if reply_format == "text":
        return LLMJudge(spec, ask(RequestSettings(**spec.decoding)))
    shapes = (RequestSettings(**spec.decoding, response_format=response_format(kind)) for kind in ("verdict", "score"))
    comparer, scorer = map(ask, shapes)
    return LLMJudge(spec, comparer, scorer)
