"""Holding replies to a JSON schema, as a server does with `response_format`: by xgrammar, which vLLM uses too."""

import json
from collections.abc import Mapping
from typing import Any

from arena_write.checkpoints.errors import UnknownSettingError
from arena_write.checkpoints.loading import Loaded
from arena_write.checkpoints.sampling import Processor


def read_schema(response_format: Mapping[str, Any] | None) -> str | None:
    """Return the JSON schema of a `response_format`, as text.

    Raises:
        UnknownSettingError: It is of another kind.
    """
    if response_format is None:
        return None
    inner = response_format.get("json_schema")
    schema = inner.get("schema") if isinstance(inner, Mapping) else None
    if response_format.get("type") != "json_schema" or not isinstance(schema, Mapping):
        raise UnknownSettingError("a checkpoint in this process can be held to a json_schema and to no other format")
    return json.dumps(schema, ensure_ascii=False)


class Grammars:
    """Grammars of one checkpoint, each compiled once."""

    def __init__(self, loaded: Loaded) -> None:
        import xgrammar

        tokens = xgrammar.TokenizerInfo.from_huggingface(
            loaded.tokenizer, vocab_size=loaded.vocabulary, stop_token_ids=sorted(loaded.end_tokens)
        )
        self._compiler = xgrammar.GrammarCompiler(tokens)

    def processor(self, schema: str) -> Processor:
        """Return what holds one batch to a schema; spaces between parts are fixed, so that none goes on for ever."""
        from xgrammar.contrib.hf import LogitsProcessor

        # The compiler keeps what it has compiled.
        processor: Processor = LogitsProcessor(self._compiler.compile_json_schema(schema, any_whitespace=False))
        return processor
