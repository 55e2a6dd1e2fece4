"""A model that we serve as a judge."""

from collections.abc import Mapping
from typing import Any

from arena_write.endpoints.limit import Connections
from arena_write.endpoints.meter import Meter
from arena_write.endpoints.settings import RequestSettings
from arena_write.serving.fleet import Fleet
from arena_write.serving.model import ServedModel
from arena_write.spending import Account
from judges import JudgeSpec
from judges.llm import LLMJudge, OfficialPrompt


def open_judge(
    fleet: Fleet,
    spec: JudgeSpec,
    *,
    connections: Connections,
    meter: Meter,
    account: Account | None = None,
    official: OfficialPrompt | None = None,
) -> LLMJudge:
    """Return a judge on servers of ours: the same judge as where transformers runs it (`checkpoints.judging`).

    Args:
        fleet: The servers.
        spec: Who judges, and how.
        connections: Calls at a time to each server.
        meter: Counts the calls.
        account: Counts them against what the run may do.
        official: The official prompt, where it scores with that.

    Raises:
        ServingUsageError: The model cannot be asked in this way.
    """

    def open_model(response_format: Mapping[str, Any] | None) -> ServedModel:
        settings = RequestSettings(**spec.decoding, response_format=response_format)
        return ServedModel(fleet, settings, connections=connections, meter=meter, account=account)

    return LLMJudge.open(spec, open_model, official=official)
