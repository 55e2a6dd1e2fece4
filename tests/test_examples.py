"""Every ```python block of the documentation is run, those of a page in order, and prints what is shown."""

import doctest
import re

import pytest
from command import REPOSITORY

PAGES = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").glob("*.md")])
FENCE = re.compile(r"^```(\w*)$")


def blank_prose(page):
    """Return a page with nothing but its examples, on the lines where they stand."""
    lines, language = [], ""
    for line in page.read_text(encoding="utf-8").splitlines():
        if fence := FENCE.match(line):
            language = fence[1]
        lines.append(line if language == "python" and not fence else "")
    return "\n".join(lines) + "\n"


EXAMPLES = {page.name: blank_prose(page) for page in PAGES if "```python" in page.read_text(encoding="utf-8")}


@pytest.mark.parametrize("page", EXAMPLES)
def test_every_example_prints_what_is_shown(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    examples = doctest.DocTestParser().get_doctest(EXAMPLES[page], {}, page, page, 0)
    report = []
    doctest.DocTestRunner(verbose=False).run(examples, out=report.append)
    assert not report, "".join(report)


@pytest.mark.parametrize("page", EXAMPLES)
def test_no_python_is_shown_that_is_not_run(page):
    blocks = re.split(r"\n{2,}", EXAMPLES[page].strip("\n"))
    assert all(block.startswith(">>> ") for block in blocks), [block for block in blocks if block[:4] != ">>> "]
