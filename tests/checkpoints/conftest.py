import asyncio

import pytest

from arena_write.checkpoints import CheckpointModel, Checkpoints
from arena_write.endpoints import RequestSettings
from judges import Message


@pytest.fixture(scope="session")
def _one_thread():
    """Threads that wait for each other on a busy machine make a tiny model ten times slower."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def loaded(tiny, _one_thread):
    """The tiny checkpoint in memory."""
    from arena_write.checkpoints.loading import load_checkpoint

    return load_checkpoint(Checkpoints().open(str(tiny)).folder, trust_remote_code=False)


@pytest.fixture
def ask(tiny, _one_thread):
    """Ask the tiny checkpoint all questions at a time: `ask([(prompt, seed), ...], **settings)` returns completions."""

    def call(questions, *, folder=tiny, chat=True, **settings):
        async def gather():
            settings_of_calls = RequestSettings(**({"max_tokens": 60} | settings))
            async with CheckpointModel(Checkpoints().open(str(folder)), settings_of_calls, chat=chat) as model:
                complete = (
                    (lambda text, seed: model.complete([Message("user", text)], seed=seed))
                    if chat
                    else (lambda text, seed: model.complete_text(text, seed=seed))
                )
                return await asyncio.gather(*(complete(text, seed) for text, seed in questions))

        return asyncio.run(gather())

    return call
