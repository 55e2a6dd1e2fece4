"""A checkpoint that is asked: seeds, batches, stops, budgets, and what is left when it is closed."""

import asyncio
import gc
import threading
import time
import weakref
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_checkpoint import build_checkpoint
from writing import write_text

from arena_write.checkpoints import (
    CheckpointModel,
    Checkpoints,
    NoTemplateError,
    OutOfMemoryError,
    OverlongError,
    SmallContextError,
)
from arena_write.checkpoints.batches import Ask
from arena_write.checkpoints.engine import THREAD
from arena_write.checkpoints.generation import Generator
from arena_write.endpoints import Meter, RequestSettings
from judges import ContextOverflowError, Message

pytestmark = pytest.mark.hf

QUESTIONS = [(write_text(("question", number), words=5 + 40 * number), number) for number in range(7)]

SAMPLED = {"temperature": 0.9, "top_p": 0.95, "max_tokens": 120}


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    return build_checkpoint(tmp_path_factory.mktemp("short") / "short", context=200)


class TestSeeds:
    """One answer depends on prompt, seed and settings, and on nothing that is computed beside it."""

    def test_alone_and_in_a_batch_the_same_seed_writes_the_same(self, ask):
        together = ask(QUESTIONS, **SAMPLED)
        alone = [ask([question], **SAMPLED)[0] for question in QUESTIONS]
        assert [answer.text for answer in together] == [answer.text for answer in alone]
        assert [answer.usage for answer in together] == [answer.usage for answer in alone]
        assert len({answer.text for answer in together}) == len(QUESTIONS)
        # Nobody followed the checkpoint's own generation config, which allows 3 tokens and no variety.
        assert max(answer.usage.completion_tokens for answer in together) > 20

    def test_other_seeds_write_something_else(self, ask):
        answers = ask([("Write about a river.", seed) for seed in range(10)], **SAMPLED)
        assert len({answer.text for answer in answers}) == 10

    def test_without_a_seed_each_answer_is_new(self, ask):
        answers = ask([("Write about a river.", None)] * 4, **SAMPLED)
        assert len({answer.text for answer in answers}) == 4

    def test_greedy_answers_need_no_seed(self, ask):
        answers = ask([("Write about a river.", seed) for seed in (None, None, 1, 2)], temperature=0)
        assert len({answer.text for answer in answers}) == 1

    def test_raw_prompts_are_other_prompts(self, ask):
        chat, raw = (ask([("Write about a river.", 1)], chat=chat, **SAMPLED)[0] for chat in (True, False))
        assert raw.usage.prompt_tokens < chat.usage.prompt_tokens
        assert raw.text != chat.text


class TestEndings:
    """An answer ends at its end token, at a stop string, or at its budget."""

    def test_the_budget_is_exact_and_said(self, ask):
        answers = ask([("Write.", seed) for seed in range(6)], max_tokens=15, thinking_tokens=10)
        cut = [answer for answer in answers if answer.finish_reason == "length"]
        assert cut
        assert all(answer.usage.completion_tokens == 25 for answer in cut)

    def test_the_end_token_is_counted_and_is_no_text(self, ask):
        answers = ask([("Write.", seed) for seed in range(6)], max_tokens=4_000)
        assert {answer.finish_reason for answer in answers} == {"stop"}
        assert all(0 < answer.usage.completion_tokens < 4_000 for answer in answers)
        assert not any("<|im_end|>" in answer.text for answer in answers)

    def test_the_text_ends_before_the_first_stop_string_wherever_tokens_break_it(self, ask):
        settings = {"temperature": 1.0, "max_tokens": 80}
        whole = ask(QUESTIONS, **settings)
        stops = tuple(
            {answer.text[place : place + 3] for answer in whole[:5] for place in (40, 60) if answer.text[60:]}
        )
        assert stops
        stopped = ask(QUESTIONS, stop=stops, **settings)
        hit = 0
        for before, after in zip(whole, stopped, strict=True):
            places = [place for place in map(before.text.find, stops) if place >= 0]
            if places:
                hit += 1
                assert after.text == before.text[: min(places)]
                assert after.finish_reason == "stop"
                assert after.usage.completion_tokens <= before.usage.completion_tokens
            else:
                assert after == replace(before, seconds=after.seconds)
        assert hit >= 3

    def test_one_that_is_stopped_early_does_not_cut_its_neighbours(self, ask):
        settings = {"temperature": 1.0, "max_tokens": 80}
        whole = ask(QUESTIONS, **settings)
        stopped = ask(QUESTIONS, stop=(whole[0].text[5:9],), **settings)
        assert stopped[0].text == whole[0].text[:5]
        assert [after.text for after in stopped[1:]] == [
            before.text.partition(whole[0].text[5:9])[0] for before in whole[1:]
        ]


class TestContext:
    """Nothing is cut to fit: what does not fit is not asked."""

    def test_a_prompt_that_does_not_fit_with_its_answer_is_refused_before_it_is_computed(self, ask, short):
        long = write_text("long", words=300)
        with pytest.raises(
            OverlongError, match="reads and writes 200 tokens in one call, and this one needs"
        ) as caught:
            ask([(long, 1)], folder=short, max_tokens=50)
        assert isinstance(caught.value, ContextOverflowError)
        assert not caught.value.fatal
        assert ask([("Hello", 1)], folder=short, max_tokens=50)

    def test_the_real_tokenizer_measures(self, ask, short):
        fits = ask([("Hello", 1)], folder=short, max_tokens=50)[0].usage.prompt_tokens
        assert ask([("Hello", 1)], folder=short, max_tokens=200 - fits)
        with pytest.raises(OverlongError):
            ask([("Hello", 1)], folder=short, max_tokens=200 - fits + 1)

    def test_without_a_budget_the_context_is_the_budget(self, ask, short):
        answers = ask([("Hello", seed) for seed in range(12)], folder=short, max_tokens=None)
        cut = [answer for answer in answers if answer.finish_reason == "length"]
        assert cut
        assert all(answer.usage.prompt_tokens + answer.usage.completion_tokens == 200 for answer in cut)

    def test_a_budget_that_never_fits_is_an_error_of_usage(self, ask, short):
        with pytest.raises(SmallContextError, match="fewer max_tokens"):
            ask([("Hello", 1)], folder=short, max_tokens=150, thinking_tokens=50)


def test_messages_for_a_model_without_a_template_name_the_mend(ask, tmp_path):
    folder = build_checkpoint(tmp_path / "base", template=None)
    with pytest.raises(NoTemplateError, match='mode = "completion"'):
        ask([("Hello", 1)], folder=folder)
    assert ask([("Once upon a time", 1)], folder=folder, chat=False)[0].text


def test_a_thought_that_the_template_opened_comes_with_its_tag(ask, tmp_path):
    from tiny_checkpoint import CHATML

    folder = build_checkpoint(tmp_path / "thinker", template=CHATML.replace("assistant\n", "assistant\n<think>\n"))
    assert ask([("Hello", 1)], folder=folder)[0].text.startswith("<think>")


def test_what_came_of_a_call_is_counted(tiny, _one_thread):
    meter = Meter()

    async def call():
        settings = RequestSettings(max_tokens=30, temperature=0)
        async with CheckpointModel(Checkpoints().open(str(tiny)), settings, meter=meter) as model:
            return await asyncio.gather(*(model.complete([Message("user", "Hello")]) for _ in range(3)))

    answers = asyncio.run(call())
    reading = meter.read()
    assert (reading.done, reading.open, reading.in_flight) == (3, 0, 0)
    assert reading.completion_tokens == sum(answer.usage.completion_tokens for answer in answers) > 0
    assert reading.prompt_tokens == sum(answer.usage.prompt_tokens for answer in answers) > 0
    assert {answer.served_model for answer in answers} == {Checkpoints().open(str(tiny)).id}
    assert all(answer.seconds > 0 for answer in answers)


class TestClosing:
    """Nothing is left when the last user has gone."""

    def threads(self):
        return [thread for thread in threading.enumerate() if thread.name.startswith(THREAD)]

    def test_memory_and_thread_are_gone_with_the_last_user(self, tiny, _one_thread):
        engine = Checkpoints().open(str(tiny))
        settings = RequestSettings(max_tokens=5)

        async def work():
            one, other = CheckpointModel(engine, settings), CheckpointModel(engine, settings)
            await one.complete([Message("user", "Hello")])
            weights = weakref.ref(engine.load().model)
            await one.aclose()
            assert weights() is not None
            assert self.threads()
            await other.complete([Message("user", "Hello")])
            await other.aclose()
            await other.aclose()
            return weights

        weights = asyncio.run(work())
        gc.collect()
        assert weights() is None
        assert not self.threads()

    def test_a_model_that_was_closed_loads_again_when_it_is_asked_again(self, tiny, _one_thread):
        model = CheckpointModel(Checkpoints().open(str(tiny)), RequestSettings(max_tokens=5, temperature=0))

        async def work():
            answers = []
            for _ in range(2):
                answers.append(await model.complete([Message("user", "Hello")]))
                await model.aclose()
            return answers

        first, second = asyncio.run(work())
        assert first.text == second.text

    def test_an_interrupted_run_ends_at_the_next_token(self, tiny, _one_thread):
        settings = RequestSettings(max_tokens=1_000_000, temperature=0, stop=("never written",))
        model = CheckpointModel(Checkpoints().open(str(tiny)), settings)

        async def work():
            await model.engine.ready()
            # Greedy: an end token that is never the likeliest is never written.
            calls = [asyncio.create_task(model.complete([Message("user", text)])) for text in ("Hello", "Once")]
            await asyncio.sleep(1)
            assert not any(call.done() for call in calls)
            for call in calls:
                call.cancel()
            started = time.monotonic()
            await model.aclose()
            assert time.monotonic() - started < 5
            assert all(
                isinstance(end, asyncio.CancelledError) for end in await asyncio.gather(*calls, return_exceptions=True)
            )

        asyncio.run(work())
        assert not self.threads()

    def test_calls_under_way_are_not_left_waiting(self, tiny, _one_thread):
        model = CheckpointModel(
            Checkpoints().open(str(tiny)), RequestSettings(max_tokens=1_000_000, temperature=0, stop=("never written",))
        )

        async def work():
            await model.engine.ready()
            call = asyncio.create_task(model.complete([Message("user", "Hello")]))
            await asyncio.sleep(0.5)
            await model.aclose()
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(call, 5)

        asyncio.run(work())


def test_the_event_loop_goes_on_while_a_batch_is_computed(tiny, _one_thread):
    async def work():
        ticks = 0

        async def tick():
            nonlocal ticks
            while True:
                await asyncio.sleep(0.01)
                ticks += 1

        async with CheckpointModel(Checkpoints().open(str(tiny)), RequestSettings(max_tokens=400)) as model:
            await model.engine.ready()
            ticker = asyncio.create_task(tick())
            await asyncio.gather(*(model.complete([Message("user", "Hello")], seed=seed) for seed in range(8)))
            ticker.cancel()
        return ticks

    assert asyncio.run(work()) > 10


class Crowded:
    """A model whose memory holds few rows."""

    def __init__(self, model, rows):
        self._model, self._rows = model, rows

    def generate(self, *, input_ids, **rest):
        import torch

        if len(input_ids) > self._rows:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\nGPU 0 has ...")
        return self._model.generate(input_ids=input_ids, **rest)


class TestMemory:
    """A batch that does not fit is halved; its texts are the same."""

    def batch(self, loaded):
        settings = RequestSettings(max_tokens=40, temperature=1.0)
        return [
            Ask(tuple(loaded.tokenizer(text)["input_ids"]), settings, budget=40, seed=seed) for text, seed in QUESTIONS
        ]

    def test_a_batch_too_large_for_memory_is_halved(self, loaded):
        whole = Generator(loaded, threading.Event()).write(self.batch(loaded))
        crowded = replace(loaded, model=Crowded(loaded.model, rows=2))
        assert Generator(crowded, threading.Event()).write(self.batch(loaded)) == whole

    def test_one_answer_too_large_for_memory_fails_alone(self, loaded):
        crowded = replace(loaded, model=Crowded(loaded.model, rows=0))
        replies = Generator(crowded, threading.Event()).write(self.batch(loaded))
        assert len(replies) == len(QUESTIONS)
        assert all(isinstance(reply, OutOfMemoryError) and not reply.fatal for reply in replies)
        assert "does not fit into memory" in str(replies[0])


def test_a_model_is_held_by_its_folder_alone(tiny):
    """Reading and asking leave nothing in the folder."""
    assert {path.name for path in Path(tiny).iterdir()} == {
        "chat_template.jinja", "config.json", "generation_config.json", "model.safetensors", "tokenizer.json",
        "tokenizer_config.json",
    }  # fmt: skip
