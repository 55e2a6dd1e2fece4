"""`docs/fidelity.md`: every row has one of four words for what is done, and names code that is there."""

import ast
import re

import pytest
from command import REPOSITORY

PAGE = REPOSITORY / "docs" / "fidelity.md"
COLUMNS = ["choice", "as published", "status", "here", "where"]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text("utf-8").splitlines()
    if line.startswith("|") and not line.startswith("|---")
]
CHOICES = [row for row in ROWS if row != COLUMNS]


def names_in(tree):
    """Return the names that a module, or a class in it, defines: `name` and `Class.name`."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
            if isinstance(node, ast.ClassDef):
                yield from (f"{node.name}.{name}" for name in names_in(node))
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def test_both_benchmarks_are_there():
    headings = re.findall(r"^## (.*)$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert headings[:2] == ["Arena-Write", "WritingBench"]
    assert ROWS.count(COLUMNS) == len(headings)
    assert len(CHOICES) > 50


@pytest.mark.parametrize("row", CHOICES, ids=lambda row: row[0])
def test_every_choice_says_what_is_done_and_where(row):
    assert len(row) == len(COLUMNS), row
    assert all(row), row
    assert row[2] in ("reproduced", "assumed", "unknown", "departed")
    references = re.findall(r"`([^`]+)`", row[4])
    assert references and re.sub(r"`[^`]+`|, ", "", row[4]) == ""
    for reference in references:
        path, _, name = reference.partition("::")
        assert (REPOSITORY / path).is_file(), f"{row[0]}: {path} is not there"
        if name:
            assert name in set(names_in(ast.parse((REPOSITORY / path).read_text("utf-8")))), f"{row[0]}: {reference}"


def test_what_is_not_published_is_not_called_reproduced():
    for row in CHOICES:
        if row[1].startswith(("not found", "none")):
            assert row[2] in ("unknown", "assumed"), row
