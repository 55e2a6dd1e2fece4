"""A checkpoint as a judge."""

from dataclasses import replace

from arena_write.checkpoints.engine import Engine
from arena_write.checkpoints.model import CheckpointModel
from arena_write.endpoints.meter import Meter
from arena_write.endpoints.settings import RequestSettings
from judges.llm import LLMJudge, make_spec, response_format
from judges.ports import ReplyFormat


def open_judge(engine: Engine, *, reply_format: ReplyFormat, preset: str | None, meter: Meter) -> LLMJudge:
    """Return a judge that asks a checkpoint.

    Its settings are those of the preset, `default` where none is named: a table of models' names says nothing of a
    checkpoint, whose name is whatever its folder is called.

    Args:
        engine: The checkpoint.
        reply_format: `text` or `json_schema`.
        preset: Name of a preset.
        meter: Counts the calls.

    Raises:
        UnknownPresetError: There is no such preset.
    """
    spec = replace(make_spec(engine.id, "", preset=preset, reply_format=reply_format), name=engine.name)
    if reply_format == "text":
        return LLMJudge(spec, CheckpointModel(engine, RequestSettings(**spec.decoding), meter=meter))
    comparer, scorer = (
        CheckpointModel(engine, RequestSettings(**spec.decoding, response_format=response_format(kind)), meter=meter)
        for kind in ("verdict", "score")
    )
    return LLMJudge(spec, comparer, scorer)
