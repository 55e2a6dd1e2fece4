"""Addresses, ids and keys."""

import asyncio
import logging
import subprocess
import sys
import traceback

import pytest
from endpoints.asking import KEY, make_model, say

from arena_write.endpoints import (
    OPENAI_BASE_URL,
    EndpointAddressError,
    EndpointError,
    EndpointModel,
    MissingKeyError,
    Patience,
    RefusedKeyError,
    RetryPolicy,
    endpoint_id,
    parse_endpoint,
)


@pytest.mark.parametrize(
    ("target", "name", "url"),
    [
        ("gpt-4.1", "gpt-4.1", None),
        ("openai/gpt-4o", "openai/gpt-4o", None),
        ("qwen@http://localhost:8000/v1", "qwen", "http://localhost:8000/v1"),
        ("claude@20250101", "claude@20250101", None),
        ("m@v2@HTTPS://Host.Example:443/api/v1/", "m@v2", "https://host.example/api/v1"),
        ("a:b/c@http://[::1]:80", "a:b/c", "http://[::1]"),
    ],
)
def test_a_target_is_a_name_and_perhaps_a_server(target, name, url):
    assert parse_endpoint(target) == (name, url)


@pytest.mark.parametrize(
    "target", ["", " ", "@http://host/v1", "m@http://", "m@http://host:port/v1", "m@http://u:secret@host/v1",
               "m@http://host/v1?key=secret", "m@http://host/v1#secret"],
)  # fmt: skip
def test_a_target_that_cannot_be_used_is_refused_without_its_secrets(target):
    with pytest.raises(EndpointAddressError) as caught:
        parse_endpoint(target)
    assert "secret" not in str(caught.value)


def test_an_id_is_server_and_name():
    assert endpoint_id("gpt-4.1") == f"openai:{OPENAI_BASE_URL}:gpt-4.1"
    assert endpoint_id("m", "HTTP://Host:80/v1/") == endpoint_id("m", "http://host/v1") == "openai:http://host/v1:m"
    assert EndpointModel("m", base_url="http://HOST/v1/").id == "openai:http://host/v1:m"


def test_openai_wants_a_key():
    with pytest.raises(MissingKeyError, match="set OPENAI_API_KEY"):
        EndpointModel("gpt-4.1")


def test_a_server_of_one_s_own_needs_no_key(serve, monkeypatch):
    server = serve()
    asyncio.run(_ask(server))
    monkeypatch.setenv("OPENAI_API_KEY", f" {KEY}\n")
    asyncio.run(_ask(server))
    assert [row["key"] for row in server.requests()] == ["EMPTY", KEY]


async def _ask(server):
    async with make_model(server) as model:
        await model.complete(say("Hi"))


@pytest.mark.parametrize("key", ["two words", "schlüssel"])
def test_what_cannot_be_a_key_is_refused_unseen(monkeypatch, key):
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(MissingKeyError) as caught:
        EndpointModel("m", base_url="http://host/v1")
    assert key not in str(caught.value)


FAULTS = ["rate_limited", "server_error", "reset", "reset_midway", "garbage", "cut", "hang", "overflow", "not_found"]


@pytest.mark.parametrize("behaviour", [*FAULTS, "refused"])
@pytest.mark.parametrize("transport", ["aiohttp", "httpx2"])
def test_the_key_is_in_no_error_no_log_and_no_repr(serve, faulty, monkeypatch, caplog, behaviour, transport):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    # Servers that repeat the key, as some do.
    server = serve(key="another") if behaviour == "refused" else faulty
    policy, patience = RetryPolicy(attempts=2, first_wait=0.01), Patience(first_token=0.2)
    model = make_model(server, f"{behaviour}-always", retry=policy, patience=patience, transport=transport)

    async def call():
        async with model:
            await model.complete(say("Hi"))

    with pytest.raises(EndpointError) as caught:
        asyncio.run(call())
    if behaviour == "refused":
        assert type(caught.value) is RefusedKeyError
        assert "Incorrect API key provided: ***." in str(caught.value)
    error, seen = caught.value, [repr(model), repr(model.meter.read()), caplog.text]
    seen += [repr(vars(record)) for record in caplog.records]
    seen += traceback.format_exception(error)
    while error is not None:
        seen += [str(error), repr(error), repr(vars(error))]
        assert type(error).__module__.startswith("arena_write."), error
        error = error.__cause__ or error.__context__
    assert not [text for text in seen if KEY in text or KEY[8:] in text]


def test_retries_print_nothing(serve):
    server = serve(rules=[{"do": "server_error", "attempts": 2}])
    script = (
        "import asyncio; from endpoints.asking import KEY, make_model, say\n"
        f"model = make_model({server.base_url!r})\n"
        "async def call():\n"
        "    async with model: return await model.complete(say('Hi'))\n"
        "assert asyncio.run(call()).text"
    )
    code = f"import sys; sys.path[:0] = {sys.path!r}\n{script}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == done.stdout == ""


def test_importing_the_package_loads_nothing_heavy():
    heavy = ("openai", "httpx2", "aiohttp", "stamina", "tenacity", "pydantic", "uvloop")
    code = (
        f"import sys; sys.path[:0] = {sys.path!r}\n"
        "import arena_write.endpoints as e; e.EndpointModel('m', base_url='http://h/v1')\n"
        f"sys.exit(', '.join(m for m in {heavy!r} if m in sys.modules) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
