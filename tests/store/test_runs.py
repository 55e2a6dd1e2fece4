"""The log of a run."""

import re

import pytest

from arena_write.store import ResultsFolder, RunEnd, RunProgress, RunStart
from arena_write.store.credentials import hide_credentials
from arena_write.store.runs import RunLog, now
from judges import Usage


@pytest.fixture
def results(tmp_path):
    return ResultsFolder(tmp_path)


def start(log, *command):
    log.start(command=command, benchmark="b@1", judge=None, plan={"entries": [1, {"a": None}]}, seed=0)


def test_a_run_is_logged_event_by_event(results):
    log = RunLog(results)
    file = results.run(log.id)
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{4}", log.id)
    start(log, "arena-write", "eval", "写作\u2028")
    assert len(list(file.read())) == 1
    log.progress("judge", done=1, failed=2, total=3)
    assert len(list(file.read())) == 2
    log.end(
        "done", message="fine", rows={"battles": 3}, faults={"CutReplyError": 2}, usage=Usage(1, 2, 3, 4), price=0.5
    )
    begun, progress, ended = file.read()
    assert isinstance(begun, RunStart)
    assert begun.command == ("arena-write", "eval", "写作\u2028")
    assert begun.versions.keys() >= {"python", "numpy", "pydantic"}
    assert isinstance(progress, RunProgress)
    assert isinstance(ended, RunEnd)
    assert (ended.outcome, ended.rows, ended.usage, ended.price) == ("done", {"battles": 3}, Usage(1, 2, 3, 4), 0.5)
    assert ended.faults == {"CutReplyError": 2}
    assert {begun.run, progress.run, ended.run} == {log.id}
    assert begun.at <= progress.at <= ended.at
    file.check()


def test_runs_have_files_of_their_own(results):
    ids = set()
    for _ in range(3):
        log = RunLog(results)
        start(log)
        log.end("interrupted", message="")
        ids.add(log.id)
    assert len(ids) == 3


def test_times_are_in_utc_and_their_order_is_that_of_the_strings():
    times = [now() for _ in range(100)]
    assert times == sorted(times)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00", time) for time in times)


@pytest.mark.parametrize("at", ["", "2026-01-02", "2026-01-02T03:04:05.000006Z", "2026-01-02T03:04:05+00:00"])
def test_a_time_written_otherwise_is_refused(at, tmp_path, battle, output):
    # Otherwise "the earliest row counts" would compare strings of two kinds.
    from arena_write.store.folder import BATTLES, OUTPUTS

    for adapter, row in ((BATTLES, battle(at=at)), (OUTPUTS, output(at=at))):
        with pytest.raises(ValueError, match="at\n"):
            adapter.validate_json(adapter.dump_json(row), strict=True)


SECRETS = [
    ("http://me:s3cret@host:8000/v1", "http://***@host:8000/v1"),
    ("openai/m@https://s3cret@host/v1", "openai/m@https://***@host/v1"),
    ("judge=openai/m@https://me:s3cret@x@host", "judge=openai/m@https://***@host"),
    ("openai/m@http://localhost:8000/v1", "openai/m@http://localhost:8000/v1"),
    ("me@example.org", "me@example.org"),
    ("a=http://one/v1 b=http://me:s3cret@two/v1", "a=http://one/v1 b=http://***@two/v1"),
]


@pytest.mark.parametrize(("given", "shown"), SECRETS)
def test_credentials_in_an_address_are_hidden(given, shown, results):
    assert hide_credentials(given) == shown
    log = RunLog(results)
    start(log, "--judge", given)
    (event,) = results.run(log.id).read()
    assert event.command == ("--judge", shown)
