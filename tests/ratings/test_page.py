"""The page on the statistics and the room's own docstring: every example is run and prints what is shown."""

from __future__ import annotations

import doctest

import pytest
from command import REPOSITORY

import arena_write.ratings

PAGE = REPOSITORY / "docs" / "ratings.md"


def test_every_example_of_the_page_prints_what_is_shown():
    lines = ["" if line.startswith("```") else line for line in PAGE.read_text(encoding="utf-8").splitlines()]
    examples = doctest.DocTestParser().get_doctest("\n".join(lines), {}, PAGE.name, str(PAGE), 0)
    assert len(examples.examples) > 50
    report = []
    doctest.DocTestRunner(verbose=False).run(examples, out=report.append)
    assert not report, "".join(report)


def test_the_example_of_the_room_prints_what_is_shown():
    assert doctest.testmod(arena_write.ratings).failed == 0


@pytest.mark.parametrize("name", sorted(set(arena_write.ratings.__all__)))
def test_whatever_is_public_says_what_it_is(name):
    thing = getattr(arena_write.ratings, name)
    assert thing.__doc__
    assert thing.__module__.startswith("arena_write.ratings")
