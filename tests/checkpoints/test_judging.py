"""A checkpoint as a judge: its id, and replies that are held to a schema."""

import asyncio
import json
import shutil
from collections import Counter

import pytest
from checkpoints.folders import make_folder

from arena_write.checkpoints import CheckpointModel, Checkpoints, UnknownSettingError
from arena_write.endpoints import RequestSettings
from arena_write.judging import JudgeOptions, hire_judge
from judges import Criterion, Invalid, Message, Score, Verdict
from judges.llm import reply_budget, response_format

CRITERION = Criterion("clarity", "Is it clear?", ("no", "hardly", "partly", "mostly", "yes"))


def hire(folder, reply_format="json_schema", preset="writingbench"):
    return hire_judge(f"hf/{folder}", JudgeOptions(reply_format=reply_format, preset=preset)).judge


class TestIdentity:
    """Who judges is said by content and settings; computed without torch."""

    def test_the_name_of_the_folder_does_not_matter_not_even_where_it_is_that_of_a_known_model(self, tmp_path):
        folders = [make_folder(tmp_path / name) for name in ("mine", "QwQ-32B", "o1-mine")]
        specs = [hire(folder, preset=None).spec for folder in folders]
        assert len({spec.id for spec in specs}) == 1
        assert [spec.name for spec in specs] == ["mine", "QwQ-32B", "o1-mine"]
        assert specs[0].decoding == {"temperature": 0, "max_tokens": 4096}

    def test_content_preset_and_form_make_another_judge(self, tmp_path):
        one, other = make_folder(tmp_path / "one"), make_folder(tmp_path / "other", weights=b"others")
        ids = {
            hire(folder, reply_format, preset).spec.id
            for folder in (one, other)
            for reply_format in ("text", "json_schema")
            for preset in ("default", "writingbench")
        }
        assert len(ids) == 8

    def test_thinking_counts_towards_the_budget(self, tmp_path):
        judge = hire(make_folder(tmp_path / "one"), preset="thinking")
        assert reply_budget(judge.spec) == 4096 + 16384


class TestSettings:
    """Nothing that was asked for is ignored."""

    @pytest.mark.parametrize(
        ("settings", "name"),
        [
            ({"extra": {"repetition_penalty": 1.1}}, "repetition_penalty"),
            ({"extra": {"chat_template_kwargs": {}, "logprobs": 2}}, "logprobs"),
            ({"reasoning_effort": "high"}, "reasoning_effort"),
            ({"extra": {"chat_template_kwargs": "no"}}, "chat_template_kwargs"),
            ({"response_format": {"type": "json_object"}}, "json_schema"),
            ({"response_format": response_format("score")}, "max_tokens"),
        ],
    )
    def test_what_only_servers_know_is_refused_by_name(self, tmp_path, settings, name):
        engine = Checkpoints().open(str(make_folder(tmp_path / "one")))
        with pytest.raises(UnknownSettingError, match=name):
            CheckpointModel(engine, RequestSettings(**settings))

    def test_variables_of_the_template_are_known(self, tmp_path):
        engine = Checkpoints().open(str(make_folder(tmp_path / "one")))
        assert CheckpointModel(engine, RequestSettings(extra={"chat_template_kwargs": {"enable_thinking": False}}))


@pytest.mark.hf
class TestReplies:
    """A model of random weights says what the schema allows, and nothing else."""

    @pytest.fixture(autouse=True)
    def _calm(self, _one_thread):
        pass

    def test_every_verdict_is_valid_and_they_differ(self, tiny):
        async def work():
            judge = hire(tiny)
            texts = [f"An essay about thing {number}. It says <|im_end|> once." for number in range(40)]
            results = await asyncio.gather(
                *(judge.compare("Write an essay.", text, "Another essay.") for text in texts)
            )
            await judge.aclose()
            return results

        results = asyncio.run(work())
        counts = Counter(result.outcome for result in results)
        assert all(isinstance(result.outcome, Verdict) for result in results), counts
        assert len(counts) >= 3
        assert {result.completion.finish_reason for result in results} == {"stop"}
        for result in results:
            assert list(json.loads(result.completion.text)) == ["explanation", "verdict"]

    def test_every_score_is_valid(self, tiny):
        async def work():
            judge = hire(tiny)
            results = await asyncio.gather(*(judge.score("Write.", f"Essay {n}.", CRITERION) for n in range(20)))
            await judge.aclose()
            return results

        results = asyncio.run(work())
        assert all(isinstance(result.outcome, Score) for result in results)

    def test_a_seed_repeats_a_reply_that_is_held_to_a_schema(self, tiny):
        settings = RequestSettings(max_tokens=2048, temperature=1.0, response_format=response_format("verdict"))

        async def work():
            async with CheckpointModel(Checkpoints().open(str(tiny)), settings) as model:
                ask = lambda seed: model.complete([Message("user", "Judge.")], seed=seed)  # noqa: E731
                together = await asyncio.gather(*(ask(seed) for seed in range(6)))
                return together, [await ask(seed) for seed in range(6)]

        together, alone = asyncio.run(work())
        assert [answer.text for answer in together] == [answer.text for answer in alone]
        assert len({answer.text for answer in together}) == 6

    def test_a_thought_that_the_template_opens_does_not_spoil_the_reply(self, tiny, tmp_path):
        folder = shutil.copytree(tiny, tmp_path / "thinker")
        template = folder / "chat_template.jinja"
        template.write_text(template.read_text("utf-8").replace("assistant\n", "assistant\n<think>\n"), "utf-8")

        async def work():
            judge = hire(folder)
            result = await judge.compare("Write.", "One.", "Two.")
            await judge.aclose()
            return result

        assert isinstance(asyncio.run(work()).outcome, Verdict)

    def test_a_reply_in_words_is_no_verdict_from_a_model_of_random_weights(self, tiny):
        async def work():
            judge = hire(tiny, "text")
            result = await judge.compare("Write.", "One.", "Two.")
            await judge.aclose()
            return result

        assert isinstance(asyncio.run(work()).outcome, Invalid)
