"""The judge on published answers of four models, read from a folder beside the checkout."""

import asyncio
import itertools
import json
import time
from pathlib import Path

import pytest

from arena_write.textstats import TextStatsJudge

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "hellobench"
MODELS = ("claude35", "gpt4o_0806", "longwriter_9b", "suri_7b")

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="needs the published answers in ../shared/data/hellobench")


def _answers(model):
    text = (DATA / f"hellobench_gen_lenconstr_2k_{model}.jsonl").read_text(encoding="utf-8")
    return {row["id"]: row for row in map(json.loads, filter(None, text.split("\n")))}


async def _battles(answers, first, second):
    judge = TextStatsJudge()
    return [
        (await judge.compare(row["instruction"], row["response"], answers[second][key]["response"])).outcome
        for key, row in answers[first].items()
    ]


def test_every_model_wins_some_battles_and_few_are_ties():
    answers = {model: _answers(model) for model in MODELS}
    start = time.perf_counter()
    for first, second in itertools.combinations(MODELS, 2):
        one = asyncio.run(_battles(answers, first, second))
        other = asyncio.run(_battles(answers, second, first))
        assert other == [outcome.flipped for outcome in one]
        scores = [outcome.score for outcome in one]
        assert len(scores) == 123
        assert scores.count(1) > 0, (first, second)
        assert scores.count(0) > 0, (first, second)
        assert 0.03 < scores.count(0.5) / len(scores) < 0.25, (first, second)
    assert time.perf_counter() - start < 60
