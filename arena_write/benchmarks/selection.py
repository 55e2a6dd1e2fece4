"""Choosing some of a benchmark's prompts. A selection is never another board."""

from collections.abc import Sequence

from arena_write.benchmarks.errors import EmptySelectionError
from arena_write.benchmarks.prompts import Prompt


def select(
    prompts: Sequence[Prompt],
    *,
    limit: int | None = None,
    language: str | None = None,
    domain: str | None = None,
) -> tuple[Prompt, ...]:
    """Return the prompts of one language and domain, and of these the first `limit`, in their order.

    Upper and lower case of a language or domain do not matter.

    Raises:
        ValueError: `limit` is below 1.
        EmptySelectionError: No prompt is left; names the languages or domains that there are.
    """
    if limit is not None and limit < 1:
        raise ValueError(f"a limit is at least 1, not {limit}")
    chosen = list(prompts)
    if language is not None:
        known = [prompt.language for prompt in chosen]
        chosen = [prompt for prompt in chosen if prompt.language.casefold() == language.casefold()]
        _refuse_nothing(chosen, "language", language, known)
    if domain is not None:
        labels = [prompt.domain for prompt in chosen if prompt.domain is not None]
        chosen = [prompt for prompt in chosen if prompt.domain and prompt.domain.casefold() == domain.casefold()]
        _refuse_nothing(chosen, "domain", domain, labels)
    return tuple(chosen[:limit])


def _refuse_nothing(chosen: list[Prompt], what: str, value: str, known: list[str]) -> None:
    if not chosen:
        names = ", ".join(sorted(set(known))) or "none"
        raise EmptySelectionError(f"no prompt has the {what} {value!r}; there are: {names}")
