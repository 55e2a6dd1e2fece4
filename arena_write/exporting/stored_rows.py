"""Prompts and answers as flat rows, a column a fact."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from arena_write.reports.labels import label_entrants
from arena_write.store import BenchmarkFolder

Row = dict[str, Any]
"""One row of a table, by column: strings, numbers, truth values, nothing."""


def prompt_rows(folder: BenchmarkFolder) -> Iterator[Row]:
    """Yield the prompts of a benchmark; criteria and requirements are JSON, in one column each.

    Raises:
        StoreError: A row is not valid.
    """
    for prompt in folder.prompts():
        length = asdict(prompt.length) if prompt.length else {}
        yield {
            "prompt_id": prompt.id,
            "prompt": prompt.text,
            "prompt_hash": prompt.text_id,
            "language": prompt.language,
            "type": prompt.type,
            "domain": prompt.domain,
            "subdomain": prompt.subdomain,
            "length_lo": length.get("lo"),
            "length_hi": length.get("hi"),
            "length_unit": length.get("unit"),
            "length_kind": length.get("kind"),
            "criteria": _json([asdict(one) for one in prompt.criteria]) if prompt.criteria else None,
            "requirements": _json(dict(prompt.requirements)) if prompt.requirements else None,
        }


def output_rows(folder: BenchmarkFolder) -> Iterator[Row]:
    """Yield the stored answers, by entrant, prompt and sample.

    Raises:
        StoreError: A row is not valid.
    """
    outputs = sorted(folder.outputs(), key=lambda row: (row.entrant_name, row.entrant, row.prompt, row.sample))
    labels = label_entrants(outputs)
    for row in outputs:
        yield {
            "prompt_id": row.prompt_id,
            "prompt_hash": row.prompt,
            "entrant": labels[row.entrant].name,
            "entrant_id": row.entrant,
            "model": row.model,
            "sample": row.sample,
            "text": row.text,
            "text_hash": row.text_id,
            "thinking": row.thinking,
            "failure": row.failure,
            "finish_reason": row.finish_reason,
            "served_model": row.served_model,
            "settings": _json(row.settings),
            "prompt_tokens": row.usage.prompt_tokens,
            "completion_tokens": row.usage.completion_tokens,
            "seconds": row.seconds,
            "price": row.price,
            "backend": row.backend,
            "origin": row.origin,
            "source": row.source,
            "written_at": row.at,
        }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
