"""Length requests of published benchmarks, read from a folder beside the checkout; none of it is in the repository."""

import json
from pathlib import Path

import pytest

from arena_write.textstats import parse_length_request

DATA = Path(__file__).parents[2].parent / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="needs the published data sets in ../shared/data")


def _rows(*parts):
    text = DATA.joinpath(*parts).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def test_longbench_write_targets():
    rows = _rows("longbench_write", "longwriter_longbench_write.jsonl")
    found = [parse_length_request(row["prompt"]) for row in rows]
    agree = sum(bool(request) and request.target == row["length"] for request, row in zip(found, rows, strict=True))
    assert agree >= 112
    wrong = [
        row["length"]
        for request, row in zip(found, rows, strict=True)
        if request and request.target != row["length"] and row["length"] not in {request.lo, request.hi}
    ]
    assert wrong == []


def test_hellobench_asks_for_at_least_2000_words():
    found = {
        parse_length_request(row["instruction"]) for row in _rows("hellobench", "hellobench_data_lenconstr_2k.jsonl")
    }
    assert [request.describe() for request in found] == ["at least 2000 words"]


def test_writingbench_length_subset():
    found = [parse_length_request(row["query"]) for row in _rows("writingbench", "writingbench_length_subset.jsonl")]
    known = [request for request in found if request]
    assert len(known) >= 170
    assert all(10 <= request.target <= 100_000 for request in known)
