"""`arena-write app`: the leaderboard in the browser."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from arena_write.cli.options import ResultsOption

_CONFIG = {
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "STREAMLIT_SERVER_SHOW_EMAIL_PROMPT": "false",
    "STREAMLIT_CLIENT_TOOLBAR_MODE": "minimal",
}
"""Nothing is asked of an outside host, and nothing is offered that this app does not do."""


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("app", short_help="Show boards in the browser.")(show)


def show(
    results: ResultsOption = Path("results"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8501,
    address: Annotated[
        str, typer.Option(help="Address to listen on; the default admits this machine only.")
    ] = "127.0.0.1",
    headless: Annotated[bool, typer.Option("--headless", help="Do not open a browser.")] = False,
) -> None:
    """Show the boards of a results folder in the browser (Streamlit)."""
    spec = find_spec("leaderboard_app")
    if spec is None or spec.origin is None:
        raise typer.BadParameter("the package leaderboard_app is not installed; install arena-write again")
    page = Path(spec.origin).with_name("main.py")
    command = [
        *(sys.executable, "-m", "streamlit", "run", str(page)),
        *("--server.port", str(port), "--server.address", address),
        *("--server.headless", "true" if headless else "false"),
        *("--", "--results", str(results.resolve())),
    ]
    environment = os.environ | _CONFIG
    if os.name == "posix":
        os.execve(sys.executable, command, environment)  # our process becomes the server: whoever stops us stops it
    raise typer.Exit(subprocess.call(command, env=environment))
