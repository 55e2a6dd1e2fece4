"""What all tests share: no network, no keys, and no skip that nobody notices."""

import os

import pytest

REQUIRED = frozenset(os.environ.get("ARENA_WRITE_REQUIRE", "").split())
"""Marks whose tests may not be skipped here: `ARENA_WRITE_REQUIRE="browser slow" make check`."""

_SECRETS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "HF_TOKEN", "ARENA_WRITE_JUDGE")


@pytest.fixture(autouse=True)
def _no_network_no_keys(monkeypatch):
    for name in _SECRETS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.skipped and not hasattr(report, "wasxfail") and any(item.get_closest_marker(mark) for mark in REQUIRED):
        report.outcome = "failed"
        report.longrepr = f"skipped, but ARENA_WRITE_REQUIRE asks for it: {report.longrepr}"
