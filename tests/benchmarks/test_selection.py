"""Choosing prompts."""

import pytest

from arena_write.benchmarks import EmptySelectionError, Prompt, select

PROMPTS = tuple(
    Prompt(f"p{number}", f"Text {number}", "zh" if number % 2 else "en", domain=("Law", "Arts", None)[number % 3])
    for number in range(9)
)


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ({}, "p0 p1 p2 p3 p4 p5 p6 p7 p8"),
        ({"limit": 2}, "p0 p1"),
        ({"limit": 99}, "p0 p1 p2 p3 p4 p5 p6 p7 p8"),
        ({"language": "zh"}, "p1 p3 p5 p7"),
        ({"language": "ZH", "limit": 3}, "p1 p3 p5"),
        ({"domain": "arts"}, "p1 p4 p7"),
        ({"domain": "Law", "language": "en"}, "p0 p6"),
    ],
)
def test_select(options: dict, ids: str) -> None:
    assert " ".join(prompt.id for prompt in select(PROMPTS, **options)) == ids


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"language": "fr"}, "no prompt has the language 'fr'; there are: en, zh"),
        ({"domain": "Sport"}, "no prompt has the domain 'Sport'; there are: Arts, Law"),
    ],
)
def test_nothing_left(options: dict, message: str) -> None:
    with pytest.raises(EmptySelectionError) as caught:
        select(PROMPTS, **options)
    assert str(caught.value) == message


def test_no_domains_at_all() -> None:
    with pytest.raises(EmptySelectionError, match="no prompt has the domain 'x'; there are: none"):
        select([Prompt("a", "b", "en")], domain="x")


def test_a_limit_is_a_number_of_prompts() -> None:
    with pytest.raises(ValueError, match="a limit is at least 1, not 0"):
        select(PROMPTS, limit=0)
