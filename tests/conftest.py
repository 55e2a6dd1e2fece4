"""What all tests share: no network, no keys, and no skip that nobody notices."""

import os
from importlib.util import find_spec

import pytest
from command import REPOSITORY

REQUIRED = frozenset(os.environ.get("ARENA_WRITE_REQUIRE", "").split())
"""Marks whose tests may not be skipped here: `ARENA_WRITE_REQUIRE="browser slow" make heavy`."""

_SECRETS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "HF_TOKEN", "ARENA_WRITE_JUDGE")


@pytest.fixture(autouse=True)
def _no_network_no_keys(monkeypatch):
    for name in _SECRETS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    missing = [name for name in ("torch", "transformers", "xgrammar") if find_spec(name) is None]
    if missing and item.get_closest_marker("hf"):
        pytest.skip(f"no {' and no '.join(missing)} here: `make hf` installs what is missing")

    if item.get_closest_marker("vllm") and not (REPOSITORY / ".venv-vllm/.ready").exists():
        pytest.skip("no vLLM here: `make vllm` installs one that runs on CPUs")

    if item.get_closest_marker("ray") and find_spec("ray") is None:
        pytest.skip("no ray here: `make ray` installs it")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """The folder of a tiny checkpoint with random weights; see `tiny_checkpoint`."""
    from tiny_checkpoint import build_checkpoint

    return build_checkpoint(tmp_path_factory.mktemp("checkpoint") / "tiny")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    marks = {mark.name for mark in item.iter_markers()}
    needed = marks & REQUIRED and ("vllm" not in marks or "vllm" in REQUIRED)  # its build may not be to be had
    if report.skipped and not hasattr(report, "wasxfail") and needed:
        report.outcome = "failed"
        report.longrepr = f"skipped, but ARENA_WRITE_REQUIRE asks for it: {report.longrepr}"
