"""Servers for these tests."""

import pytest
from endpoints.asking import KEY
from scripted_server import start_server
from scripted_server.behaviours import BEHAVIOURS


@pytest.fixture
def serve():
    """Return a function from a script to a running server; all stop with the test."""
    running = []

    def start(**script):
        context = start_server(script)
        running.append(context)
        return context.__enter__()

    yield start
    for context in running:
        context.__exit__(None, None, None)


@pytest.fixture(scope="session")
def faulty():
    """Return a server where the model `NAME-once` meets that behaviour at every first attempt, `NAME-always` always."""
    rules = []
    for name in BEHAVIOURS:
        rules.append({"do": name, "model": f"{name}-once", "attempts": 1, "message": f"by {KEY}"})
        rules.append({"do": name, "model": f"{name}-always", "message": f"by {KEY}"})
    with start_server({"rules": rules}) as server:
        yield server
