"""What is shown while a run works: lines in a log that come by themselves, and a bar at a terminal that moves."""

import itertools
import os
import pty
import re
import subprocess
import sys
import threading
import time

import pytest
from command import environment, run
from scripted_server import start_server

from arena_write.cli.progress import Rhythm, show_progress

FAST = Rhythm(first=0.1, ending=0.1, quiet=0.2)


def lines_of(capsys):
    return capsys.readouterr().err.splitlines()


def nothing():
    return ""


def test_lines_come_by_themselves_while_nothing_ends(capsys):
    numbers, begun = itertools.count(1), time.monotonic()
    with show_progress({"judging": 9}, {"judging": lambda: f"look {next(numbers)}, oldest 312 s"}, rhythm=FAST):
        time.sleep(0.9)
    lines, seconds = lines_of(capsys), time.monotonic() - begun
    assert 3 <= len(lines) <= 1 + seconds / FAST.quiet
    assert all(re.fullmatch(r"judging: 0 of 9, look \d+, oldest 312 s", line) for line in lines)
    assert len(set(lines)) == len(lines)


def test_the_first_line_comes_after_15_seconds_and_the_others_every_30():
    assert Rhythm() == Rhythm(first=15.0, ending=15.0, quiet=30.0)


def test_the_first_line_comes_sooner_than_the_others(capsys):
    rhythm = Rhythm(first=0.2, ending=10, quiet=10)
    with show_progress({"judging": 9}, {"judging": lambda: "busy"}, rhythm=rhythm):
        time.sleep(0.9)
    assert lines_of(capsys) == ["judging: 0 of 9, busy"]


@pytest.mark.parametrize("error", [None, RuntimeError, KeyboardInterrupt])
def test_nothing_is_written_after_the_end(capsys, error):
    try:
        with show_progress({"judging": 9}, {"judging": lambda: "busy"}, rhythm=FAST):
            time.sleep(0.5)
            if error:
                raise error
    except (RuntimeError, KeyboardInterrupt):
        pass
    assert lines_of(capsys)
    assert [thread.name for thread in threading.enumerate() if "progress" in thread.name] == []
    time.sleep(0.4)
    assert lines_of(capsys) == []


def test_a_stage_that_waits_for_another_keeps_still(capsys):
    status = {"writing": lambda: "4 in flight", "judging": nothing}
    with show_progress({"writing": 4, "judging": 8}, status, rhythm=FAST):
        time.sleep(0.6)
    lines = lines_of(capsys)
    assert lines
    assert {line.split(":")[0] for line in lines} == {"writing"}


def test_a_stage_that_makes_no_calls_is_shown_all_the_same(capsys):
    with show_progress({"writing": 0, "judging": 8}, {"writing": nothing, "judging": nothing}, rhythm=FAST):
        time.sleep(0.6)
    assert set(lines_of(capsys)) == {"judging: 0 of 8"}


def test_a_line_says_what_ended_what_failed_and_what_is_left(capsys):
    rhythm = Rhythm(first=10, ending=0, quiet=10)
    with show_progress({"judging": 3}, {"judging": lambda: "2 in flight, $0.12"}, rhythm=rhythm) as stages:
        for failed in (False, True, False):
            time.sleep(0.05)
            stages["judging"].advance(failed=failed)
    first, second, last = lines_of(capsys)
    assert re.fullmatch(r"judging: 1 of 3, 2 in flight, \$0\.12, about \d s left", first)
    assert re.fullmatch(r"judging: 2 of 3, 1 failed, 2 in flight, \$0\.12, about \d s left", second)
    assert last == "judging: 3 of 3, 1 failed, 2 in flight, $0.12"


def test_cells_that_end_do_not_flood_a_log(capsys):
    rhythm = Rhythm(first=10, ending=10, quiet=10)
    with show_progress({"judging": 1000}, {"judging": nothing}, rhythm=rhythm) as stages:
        for _ in range(1000):
            stages["judging"].advance(failed=False)
    assert lines_of(capsys) == ["judging: 1000 of 1000"]


def test_at_a_terminal_the_status_moves_by_itself():
    script = (
        "import itertools, time\n"
        "from arena_write.cli.progress import show_progress\n"
        "looks = itertools.count()\n"
        "with show_progress({'judging': 3}, {'judging': lambda: f'{next(looks)} [red]looks'}):\n"
        "    time.sleep(2.5)\n"
        "time.sleep(0.3); print('end', flush=True); time.sleep(0.3)\n"
    )
    ours, theirs = pty.openpty()
    env = environment(TERM="xterm", COLUMNS="160")
    with subprocess.Popen([sys.executable, "-c", script], stdin=theirs, stdout=theirs, stderr=theirs, env=env):
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            shown += piece
        os.close(ours)
    drawn, _, after = shown.decode().rpartition("end")
    assert len(set(re.findall(r"(\d+) \[red\]looks", drawn))) >= 3
    assert after.strip() == ""


@pytest.mark.slow
def test_a_run_of_which_the_judge_takes_its_time_says_so(tmp_path):
    models = {"judge": {"name": "judge", "verdict": "hash"}}
    rules = [{"do": "delay", "seconds": 18, "times": 16}]
    with start_server({"models": models, "rules": rules}) as server:
        done = run(
            "eval", "--benchmark", "starter", "--model", "builtin/example", "--results", tmp_path,
            "--judge", f"openai/judge@{server.base_url}", "--price", "2,8", "--max-cost", "5",
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.search(r"^judging: 0 of 384, 16 in flight, oldest 1[4-7] s$", done.stderr, re.MULTILINE), done.stderr
