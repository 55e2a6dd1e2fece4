"""Run studies and write what they found: `python -m studies [NAME ...]`, all of them without a name.

A study is a module of this package with a function `study() -> str`: Markdown, written to docs/studies/NAME.md.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import time
from pathlib import Path

import studies

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "studies"


def main() -> None:
    """Run the studies named on the command line."""
    known = sorted(module.name for module in pkgutil.iter_modules(studies.__path__) if module.name != "__main__")
    chosen = sys.argv[1:] or known
    unknown = sorted(set(chosen) - set(known))
    if unknown:
        sys.exit(f"no study is called {', '.join(unknown)}; there are {', '.join(known)}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in chosen:
        begun = time.perf_counter()
        text = importlib.import_module(f"studies.{name}").study()
        path = FOLDER / f"{name}.md"
        path.write_text(text, encoding="utf-8")
        print(f"{path.relative_to(FOLDER.parents[1])}  {time.perf_counter() - begun:.0f} s", flush=True)


main()
