"""Rows of a data set on the Hugging Face hub, or of the copy that an earlier load left in the cache."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from arena_write.benchmarks.errors import BenchmarkUnavailableError

_TIMEOUT = 10.0


def read_hub_rows(repository: str, *, mends: str) -> list[dict[str, Any]]:
    """Return all rows of a data set with one split.

    The hub is asked once, with a timeout, before anything is loaded: `datasets` alone retries an unreachable hub for
    half a minute. If it cannot be reached, the cached copy is used.

    Args:
        repository: The data set's name on the hub.
        mends: What the user can do instead, for the message.

    Raises:
        BenchmarkUnavailableError: There is neither a reachable data set nor a cached copy, or it cannot be read.
    """
    import datasets
    from datasets.exceptions import DatasetsError

    obstacle = _find_obstacle(repository)
    try:
        with _offline(obstacle is not None):
            splits = datasets.load_dataset(repository)
    except (OSError, ValueError, DatasetsError) as error:
        if obstacle is None:
            message = f"the data set {repository} cannot be loaded ({_summary(error)}); {mends}"
        else:
            message = (
                f"the data set {repository} cannot be had from the hub ({obstacle}) and is not in its cache; {mends}"
            )
        raise BenchmarkUnavailableError(message) from error
    if len(splits) != 1:
        names = ", ".join(sorted(splits))
        raise BenchmarkUnavailableError(f"expected one split in the data set {repository}, found {names}; {mends}")
    return [dict(row) for row in next(iter(splits.values()))]


def _find_obstacle(repository: str) -> str | None:
    """Ask the hub for the data set; return why that fails, or `None`."""
    from huggingface_hub import HfApi
    from huggingface_hub.utils import httpx  # type: ignore[attr-defined]  # whichever httpx the hub's client uses

    try:
        HfApi().dataset_info(repository, timeout=_TIMEOUT)
    except (OSError, ValueError, httpx.HTTPError) as error:
        return _summary(error)
    return None


@contextmanager
def _offline(enabled: bool) -> Iterator[None]:
    """Have `datasets` look only into its cache, as its variable HF_HUB_OFFLINE does at import."""
    from datasets import config

    before = config.HF_HUB_OFFLINE
    config.HF_HUB_OFFLINE = before or enabled
    try:
        yield
    finally:
        config.HF_HUB_OFFLINE = before


def _summary(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0]:.200}" if lines else type(error).__name__
