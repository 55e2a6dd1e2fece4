"""One writer at a time, in real processes."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from arena_write.store import LockedError, WriteError, lock_for_writing

HOLD = """
import sys
from pathlib import Path
from arena_write.store import StoreError, lock_for_writing
try:
    with lock_for_writing(Path(sys.argv[1]), command=sys.argv[2]):
        print("holding", flush=True)
        sys.stdin.readline()
except StoreError as error:
    print(type(error).__name__, error, flush=True)
"""


@contextmanager
def other_process(root, command="arena-write eval --model other"):
    """Another process that tries to hold the lock until it is told to go on; yields it and its first line."""
    where = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(root), command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=where,
    )
    try:
        yield process, process.stdout.readline()
    finally:
        process.kill()
        process.communicate()


def test_a_second_writer_is_refused_and_told_who_writes(tmp_path):
    with other_process(tmp_path) as (process, line):
        assert line == "holding\n"
        with pytest.raises(LockedError) as caught, lock_for_writing(tmp_path, command="mine"):
            pytest.fail("both hold the lock")
        for told in (f"process {process.pid} ", "arena-write eval --model other", str(tmp_path), "--results"):
            assert told in str(caught.value)
        process.communicate("go on\n")
        with lock_for_writing(tmp_path, command="mine"):
            pass


def test_a_second_process_is_refused_too(tmp_path):
    with lock_for_writing(tmp_path, command="mine"):
        with other_process(tmp_path) as (_, line):
            assert line.startswith(f"LockedError {tmp_path} is being written by process {os.getpid()} ")
        with other_process(tmp_path / "another folder") as (_, line):
            assert line == "holding\n"


def test_a_killed_holder_holds_nothing(tmp_path):
    with other_process(tmp_path) as (process, line):
        assert line == "holding\n"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert json.loads((tmp_path / ".writer.json").read_text())["pid"] == process.pid
    with lock_for_writing(tmp_path, command="mine"), other_process(tmp_path) as (_, line):
        assert f"process {os.getpid()} " in line
    assert not (tmp_path / ".writer.json").exists()


def test_the_lock_is_let_go_after_an_error_too(tmp_path):
    with pytest.raises(KeyboardInterrupt), lock_for_writing(tmp_path, command="mine"):
        raise KeyboardInterrupt
    with other_process(tmp_path) as (_, line):
        assert line == "holding\n"


def test_the_folder_is_made(tmp_path):
    with lock_for_writing(tmp_path / "a" / "b", command="mine"):
        assert (tmp_path / "a" / "b").is_dir()


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "{}", '{"pid": 1}', "\xff"])
def test_an_unreadable_note_about_the_holder_hides_nothing(tmp_path, content):
    with lock_for_writing(tmp_path, command="mine"):
        (tmp_path / ".writer.json").write_text(content, encoding="latin-1")
        with pytest.raises(LockedError, match="by another process"), lock_for_writing(tmp_path, command="again"):
            pytest.fail("both hold the lock")


def test_a_removed_folder_does_no_harm_when_the_lock_is_let_go(tmp_path):
    with lock_for_writing(tmp_path / "a", command="mine"):
        for entry in (tmp_path / "a").iterdir():
            entry.unlink()
        (tmp_path / "a").rmdir()
        (tmp_path / "a").touch()


def test_credentials_in_an_address_are_not_noted(tmp_path):
    with lock_for_writing(tmp_path, command="arena-write eval --judge openai/m@https://me:s3cret@host/v1"):
        note = (tmp_path / ".writer.json").read_text()
        assert "s3cret" not in note
        assert "openai/m@https://***@host/v1" in note
        with pytest.raises(LockedError) as caught, lock_for_writing(tmp_path, command="again"):
            pytest.fail("both hold the lock")
        assert "s3cret" not in str(caught.value)


def test_a_read_only_folder_is_said(shared_folder, as_nobody):
    with as_nobody():
        for root in (shared_folder, shared_folder / "new"):
            with (
                pytest.raises(WriteError, match=r"Permission denied.*permissions") as caught,
                lock_for_writing(root, command="mine"),
            ):
                pytest.fail("a read-only folder was locked")
            assert str(shared_folder) in str(caught.value)


def test_a_read_only_folder_that_was_written_before_is_said(shared_folder, as_nobody):
    with lock_for_writing(shared_folder, command="mine"):
        pass
    with (
        as_nobody(),
        pytest.raises(WriteError, match="Permission denied"),
        lock_for_writing(shared_folder, command="again"),
    ):
        pytest.fail("a read-only folder was locked")


def test_a_file_in_place_of_the_folder_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WriteError, match="file"), lock_for_writing(tmp_path / "file", command="mine"):
        pytest.fail("a file was locked")
