"""Options that several verbs share."""

from pathlib import Path
from typing import Annotated

import typer

ResultsOption = Annotated[
    Path,
    typer.Option("--results", help="The results folder. Everything paid for is kept there; the same command resumes."),
]
