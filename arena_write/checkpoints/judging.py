"""A checkpoint as a judge."""

from collections.abc import Mapping
from typing import Any

from arena_write.checkpoints.engine import Engine
from arena_write.checkpoints.model import CheckpointModel
from arena_write.endpoints.meter import Meter
from arena_write.endpoints.settings import RequestSettings
from arena_write.spending import Account
from judges import JudgeSpec
from judges.llm import LLMJudge, OfficialPrompt


def open_judge(
    engine: Engine,
    spec: JudgeSpec,
    *,
    meter: Meter,
    account: Account | None = None,
    official: OfficialPrompt | None = None,
) -> LLMJudge:
    """Return a judge that asks a checkpoint.

    Args:
        engine: The checkpoint.
        spec: Who judges, and how.
        meter: Counts the calls.
        account: Counts them against what the run may do.
        official: The official prompt, where it scores with that.
    """

    def open_model(response_format: Mapping[str, Any] | None) -> CheckpointModel:
        settings = RequestSettings(**spec.decoding, response_format=response_format)
        return CheckpointModel(engine, settings, meter=meter, account=account)

    return LLMJudge.open(spec, open_model, official=official)
