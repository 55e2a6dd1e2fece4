"""Real input: HelloBench's essays of some 2,000 words, four models, text statistics as the judge."""

import json
from math import exp

import pytest
from command import REPOSITORY, run

DATA = REPOSITORY.parent / "shared" / "data" / "hellobench"
MODELS = {
    "claude35": "hellobench_gen_lenconstr_2k_claude35.jsonl",
    "gpt4o": "hellobench_gen_lenconstr_2k_gpt4o_0806.jsonl",
    "longwriter": "hellobench_gen_lenconstr_2k_longwriter_9b.jsonl",
    "suri": "hellobench_gen_lenconstr_2k_suri_7b.jsonl",
}


@pytest.mark.skipif(not DATA.exists(), reason="needs the HelloBench files in ../shared/data")
def test_four_real_models_come_to_a_board_that_a_second_run_leaves_alone(tmp_path):
    candidate, *baselines = (f"{name}={DATA / file}" for name, file in MODELS.items())
    options = ["eval", "--model", candidate, "--benchmark", DATA / "hellobench_data_lenconstr_2k.jsonl"]
    options += [part for baseline in baselines for part in ("--baseline", baseline)]
    options += ["--judge", "builtin/textstats", "--results", tmp_path]
    first = run(*options)
    assert first.returncode == 0, first.stderr
    assert "1476 battles planned, 1476 to judge" in first.stderr
    (path,) = tmp_path.glob("*@*/*/board.json")
    stored = path.read_bytes()
    (section,) = json.loads(stored)["sections"]
    rows = {row["name"]: row for row in section["rows"]}
    assert set(rows) == set(MODELS)
    assert all(row["coverage"] == 1 and row["prompts"] == 123 for row in rows.values())
    assert rows["claude35"]["judged"] == 738
    assert all(row["low"] < row["elo"] < row["high"] for row in rows.values())
    assert json.loads(stored)["lengths"] == [], "S_L is for LongBench-Write alone"
    middle = {name: (row["texts"]["length_obeyed"], exp(row["texts"]["length_ratio"])) for name, row in rows.items()}
    assert middle["longwriter"] == (100, pytest.approx(1.42, abs=0.005))
    assert middle["gpt4o"] == (4, pytest.approx(0.64, abs=0.005)), "at least 2,000 words were asked for"
    again = run(*options)
    assert "0 to judge" in again.stderr
    assert path.read_bytes() == stored
    assert again.stdout == first.stdout
