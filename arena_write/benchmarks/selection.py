"""Choosing some of a benchmark's prompts. A selection is never another board."""

from collections import defaultdict
from collections.abc import Sequence

from arena_write.benchmarks.errors import EmptySelectionError
from arena_write.benchmarks.prompts import Prompt
from judges import content_id


def select(
    prompts: Sequence[Prompt],
    *,
    limit: int | None = None,
    language: str | None = None,
    domain: str | None = None,
    requirement: str | None = None,
    sample: int | None = None,
    seed: int = 0,
) -> tuple[Prompt, ...]:
    """Return the prompts of one language, domain and requirement; of these a sample, and of it the first `limit`.

    The order of the prompts is kept. Upper and lower case of a language, domain or requirement do not matter.

    Args:
        prompts: What is chosen from.
        limit: How many at most, the first ones.
        language: Their language.
        domain: Their domain.
        requirement: What they require beside their content.
        sample: How many at most, drawn at random; see `draw`.
        seed: Draws the sample.

    Raises:
        ValueError: `limit` or `sample` is below 1.
        EmptySelectionError: No prompt is left; names the languages, domains or requirements that there are.
    """
    for what, count in (("limit", limit), ("sample", sample)):
        if count is not None and count < 1:
            raise ValueError(f"a {what} is at least 1, not {count}")
    chosen, kept = list(prompts), list[str]()
    if language is not None:
        known = [prompt.language for prompt in chosen]
        chosen = [prompt for prompt in chosen if prompt.language.casefold() == language.casefold()]
        _refuse_nothing(chosen, f"the language {language!r}", known, kept)
    if domain is not None:
        labels = [prompt.domain for prompt in chosen if prompt.domain is not None]
        chosen = [prompt for prompt in chosen if prompt.domain and prompt.domain.casefold() == domain.casefold()]
        _refuse_nothing(chosen, f"the domain {domain!r}", labels, kept)
    if requirement is not None:
        labels = [name for prompt in chosen for name in prompt.requirements]
        wanted = requirement.casefold()
        chosen = [prompt for prompt in chosen if wanted in (name.casefold() for name in prompt.requirements)]
        _refuse_nothing(chosen, f"the requirement {requirement!r}", labels, kept)
    if sample is not None:
        chosen = draw(chosen, sample, seed=seed)
    return tuple(chosen[:limit])


def draw(prompts: Sequence[Prompt], count: int, *, seed: int) -> list[Prompt]:
    """Return `count` prompts, or all where there are fewer, drawn in proportion to domains and languages.

    Every prompt has a place between 0 and 1, and the first places are taken: of a domain and language with n prompts,
    in an order of chance, prompt r (from 0) has the place (r + u) / n, with one u of chance for the group (systematic
    sampling). So a larger sample holds each smaller one of its seed, and the order of the file plays no part.
    """
    groups: dict[tuple[str, str], list[Prompt]] = defaultdict(list)
    for prompt in prompts:
        groups[prompt.domain or "", prompt.language].append(prompt)
    places: dict[str, tuple[float, str]] = {}
    for group, members in groups.items():
        start = int(content_id("sample", seed, *group)[:12], 16) / 16**12
        shuffled = sorted((content_id("sample", seed, prompt.text_id), prompt.text_id) for prompt in members)
        for rank, (chance, text) in enumerate(shuffled):
            places[text] = ((rank + start) / len(members), chance)
    taken = set(sorted(places, key=places.__getitem__)[:count])
    return [prompt for prompt in prompts if prompt.text_id in taken]


def _refuse_nothing(chosen: list[Prompt], what: str, known: list[str], kept: list[str]) -> None:
    """Refuse an empty choice; otherwise `what` joins what the prompts in it were `kept` for."""
    if not chosen:
        names = ", ".join(sorted(set(known))) or "none"
        raise EmptySelectionError(f"no prompt{' of ' * bool(kept)}{' and '.join(kept)} has {what}; there are: {names}")
    kept.append(what)
