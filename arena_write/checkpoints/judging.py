"""A checkpoint as a judge."""

from dataclasses import replace

from arena_write.checkpoints.engine import Engine
from arena_write.checkpoints.model import CheckpointModel
from arena_write.endpoints.meter import Meter
from arena_write.endpoints.settings import RequestSettings
from arena_write.spending import Account
from judges.llm import LLMJudge, make_spec, response_format
from judges.ports import ReplyFormat


def open_judge(
    engine: Engine, *, reply_format: ReplyFormat, preset: str | None, meter: Meter, account: Account | None = None
) -> LLMJudge:
    """Return a judge that asks a checkpoint.

    Its settings are those of the preset, `default` where none is named: a table of models' names says nothing of a
    checkpoint, whose name is whatever its folder is called.

    Args:
        engine: The checkpoint.
        reply_format: `text` or `json_schema`.
        preset: Name of a preset.
        meter: Counts the calls.
        account: Counts them against what the run may do.

    Raises:
        UnknownPresetError: There is no such preset.
    """
    spec = replace(make_spec(engine.id, "", preset=preset, reply_format=reply_format), name=engine.name)
    if reply_format == "text":
        settings = RequestSettings(**spec.decoding)
        return LLMJudge(spec, CheckpointModel(engine, settings, meter=meter, account=account))
    shapes = (RequestSettings(**spec.decoding, response_format=response_format(kind)) for kind in ("verdict", "score"))
    comparer, scorer = (CheckpointModel(engine, settings, meter=meter, account=account) for settings in shapes)
    return LLMJudge(spec, comparer, scorer)
