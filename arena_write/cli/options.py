"""Options that several verbs share."""

import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

ResultsOption = Annotated[
    Path,
    typer.Option("--results", help="The results folder. Everything paid for is kept there; the same command resumes."),
]


def program_name() -> str:
    """Return our command as the user would type it: by name where it is found by name, else by its path."""
    called = Path(sys.argv[0])
    if called.name != "arena-write" or shutil.which("arena-write") == str(called):
        return "arena-write"
    try:
        return str(called.relative_to(Path.cwd()))
    except (ValueError, OSError):  # it lies elsewhere, or the folder we were called in is there no more
        return str(called)
