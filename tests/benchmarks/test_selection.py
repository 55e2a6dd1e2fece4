"""Choosing prompts."""

from collections import Counter

import pytest

from arena_write.benchmarks import EmptySelectionError, Prompt, select

PROMPTS = tuple(
    Prompt(
        f"p{number}",
        f"Text {number}",
        "zh" if number % 2 else "en",
        domain=("Law", "Arts", None)[number % 3],
        requirements={"length": ()} if number > 6 else {"style": ("Tone",), "length": ()} if number == 1 else {},
    )
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
        ({"requirement": "length"}, "p1 p7 p8"),
        ({"requirement": "Style"}, "p1"),
        ({"requirement": "length", "language": "zh", "limit": 1}, "p1"),
        ({"sample": 9}, "p0 p1 p2 p3 p4 p5 p6 p7 p8"),
        ({"sample": 99, "limit": 3}, "p0 p1 p2"),
    ],
)
def test_select(options: dict, ids: str) -> None:
    assert " ".join(prompt.id for prompt in select(PROMPTS, **options)) == ids


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"language": "fr"}, "no prompt has the language 'fr'; there are: en, zh"),
        ({"domain": "Sport"}, "no prompt has the domain 'Sport'; there are: Arts, Law"),
        ({"requirement": "format"}, "no prompt has the requirement 'format'; there are: length, style"),
        (
            {"requirement": "length", "domain": "Law", "language": "en"},
            "no prompt of the language 'en' and the domain 'Law' has the requirement 'length'; there are: none",
        ),
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
    with pytest.raises(ValueError, match="a sample is at least 1, not 0"):
        select(PROMPTS, sample=0)


# --- samples

GROUPS = {("Law", "en"): 240, ("Law", "zh"): 60, ("Arts", "en"): 90, ("Arts", "zh"): 7, (None, "en"): 3}
MANY = tuple(
    Prompt(f"{domain}-{language}-{number}", f"{domain} {language} {number}", language, domain=domain)
    for (domain, language), size in GROUPS.items()
    for number in range(size)
)


def test_a_sample_is_drawn_by_its_seed_and_whatever_the_order_of_the_file() -> None:
    drawn = select(MANY, sample=40, seed=1)
    assert len(drawn) == 40
    assert drawn == select(MANY, sample=40, seed=1)
    assert set(map(id, drawn)) == set(map(id, select(MANY[::-1], sample=40, seed=1)))
    assert drawn != select(MANY, sample=40, seed=2)
    assert drawn != MANY[:40]
    assert [MANY.index(prompt) for prompt in drawn] == sorted(MANY.index(prompt) for prompt in drawn)


def test_a_larger_sample_holds_each_smaller_one() -> None:
    before: set[str] = set()
    for count in (1, 2, 5, 50, 51, 200, 400):
        now = {prompt.id for prompt in select(MANY, sample=count, seed=7)}
        assert len(now) == count
        assert before < now
        before = now


@pytest.mark.parametrize("seed", range(4))
def test_a_sample_has_domains_and_languages_in_proportion(seed: int) -> None:
    drawn = Counter((prompt.domain, prompt.language) for prompt in select(MANY, sample=100, seed=seed))
    for group, size in GROUPS.items():
        assert abs(drawn[group] - size / 4) <= 2, (group, drawn[group])


def test_every_prompt_has_the_same_chance_small_groups_included() -> None:
    """A tenth of the prompts in 300 draws: 30 each, with a standard deviation of about 5."""
    times = Counter(prompt.id for seed in range(300) for prompt in select(MANY, sample=40, seed=seed))
    by_group = dict.fromkeys(GROUPS, 0)
    for prompt in MANY:
        by_group[prompt.domain, prompt.language] += times[prompt.id]
    for group, size in GROUPS.items():
        assert by_group[group] / size == pytest.approx(30, abs=9), group
    assert max(times.values()) < 60


def test_a_sample_is_of_what_was_chosen() -> None:
    drawn = select(MANY, domain="arts", language="zh", sample=5)
    assert len(drawn) == 5
    assert {(prompt.domain, prompt.language) for prompt in drawn} == {("Arts", "zh")}
