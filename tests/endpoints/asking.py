"""Servers and models for these tests: real HTTP, short times."""

import asyncio

from arena_write.endpoints import ConnectionLimit, EndpointError, EndpointModel, Patience, RequestSettings, RetryPolicy
from judges.ports import Message

KEY = "sk-proj-A1b2C3d4E5f6G7h8I9j0"
QUICK = RetryPolicy(first_wait=0.02, longest_wait=0.2, jitter=0.02, connect_wait=0.05)
SHORT = Patience(no_progress=0.3, first_token=0.6, after_finish=0.2, pace=1000.0)


def say(text):
    return [Message("user", text)]


def make_model(
    server, name="writer", *, connections=8, retry=QUICK, patience=None, account=None, transport="aiohttp", **settings
):
    return EndpointModel(
        name,
        base_url=server if isinstance(server, str) else server.base_url,
        settings=RequestSettings(**settings),
        limit=ConnectionLimit(connections),
        account=account,
        retry=retry,
        patience=patience or Patience(),
        transport=transport,
    )


def ask(server, text="Write.", *, seed=None, raw=False, **options):
    """Ask once; return the completion or the error, and the model."""

    async def call():
        async with make_model(server, **options) as model:
            call = model.complete_text(text, seed=seed) if raw else model.complete(say(text), seed=seed)
            try:
                return await call, model
            except EndpointError as error:
                return error, model

    return asyncio.run(call())
