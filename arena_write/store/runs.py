"""The log of one run: what was asked for, how far it came, how it ended."""

import secrets
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

from arena_write.store.credentials import hide_credentials
from arena_write.store.folder import ResultsFolder
from arena_write.store.records import RunEnd, RunProgress, RunStart
from judges import Usage

RunOutcome = Literal["done", "withheld", "interrupted", "error"]

_RECORDED_PACKAGES = ("arena-write", "numpy", "scipy", "pydantic", "openai", "vllm", "torch", "transformers")


def now() -> str:
    """Return the time in UTC, ISO 8601, to the microsecond: the `at` of a row."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


class RunLog:
    """Writes the events of one run; each event is on disk before the run goes on."""

    def __init__(self, results: ResultsFolder) -> None:
        self.id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
        self._writer = results.run(self.id).append()

    def start(
        self, *, command: Sequence[str], benchmark: str, judge: str | None, plan: Mapping[str, Any], seed: int
    ) -> None:
        """Write what was asked for, and with which versions of what matters to the result."""
        self._writer.write(
            RunStart(
                run=self.id,
                at=now(),
                command=tuple(hide_credentials(part) for part in command),
                benchmark=benchmark,
                judge=judge,
                plan=dict(plan),
                seed=seed,
                versions=_versions(),
            )
        )

    def progress(
        self, stage: Literal["generate", "judge", "score", "rank"], *, done: int, failed: int, total: int
    ) -> None:
        """Write how far a stage has come."""
        self._writer.write(RunProgress(run=self.id, at=now(), stage=stage, done=done, failed=failed, total=total))

    def end(
        self,
        outcome: RunOutcome,
        *,
        message: str,
        rows: Mapping[str, int] | None = None,
        faults: Mapping[str, int] | None = None,
        usage: Usage | None = None,
        price: float | None = None,
    ) -> None:
        """Write how the run ended, and close the log."""
        self._writer.write(
            RunEnd(
                run=self.id,
                at=now(),
                outcome=outcome,
                message=message,
                rows=dict(rows or {}),
                faults=dict(sorted((faults or {}).items())),
                usage=usage or Usage(),
                price=price,
            )
        )
        self._writer.close()


def _versions() -> dict[str, str]:
    found = {"python": sys.version.split()[0]}
    for package in _RECORDED_PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
