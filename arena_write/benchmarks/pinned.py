"""A file that lies at a fixed address for good, downloaded once and then read from the cache of `datasets`."""

from pathlib import Path

from arena_write.benchmarks.errors import BenchmarkUnavailableError

_TIMEOUT = 20.0


def fetch_pinned(address: str, *, mends: str) -> Path:
    """Return where the file of an address lies; downloads it if no earlier call did.

    Args:
        address: Must name content that never changes, such as a file at a commit: the cache is not asked whether it is
            still good.
        mends: What the user can do instead, for the message.

    Raises:
        BenchmarkUnavailableError: The file is not in the cache and cannot be downloaded.
    """
    import aiohttp
    import datasets

    limit = {"client_kwargs": {"timeout": aiohttp.ClientTimeout(total=_TIMEOUT)}}
    settings = datasets.DownloadConfig(
        use_etag=False, disable_tqdm=True, storage_options={"https": limit, "http": limit}
    )
    try:
        return Path(datasets.DownloadManager(download_config=settings).download(address))
    except (OSError, ValueError, TimeoutError, aiohttp.ClientError) as error:
        raise BenchmarkUnavailableError(
            f"the file {address} cannot be downloaded ({type(error).__name__}: {error!s:.200}) and is not in the "
            f"cache; {mends}"
        ) from error
