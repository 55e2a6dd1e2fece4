"""`kill -9` of a run and of its server at random moments, until the run has come to its end all the same."""

import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from command import COMMAND, environment
from scripted_server import RunningServer
from stored import BATTLES, OUTPUTS, REPLIES, SCORES, rows

VICTIMS = ("client", "server", "both")
STUCK_SECONDS = 120.0
"""A run that ends neither by itself nor by us within so many seconds after the last kill hangs."""


@dataclass
class Toll:
    """What was killed, and what it took to come to the end.

    Args:
        killed: Kills by victim, where work was under way.
        starts: How often the command was given.
        gave_up: How often it ended because it had not found its server once.
        holes: How often it ended with calls that got no answer in all their attempts, and said so.
        downtime: Seconds without a server.
    """

    killed: Counter[str] = field(default_factory=Counter)
    starts: int = 0
    gave_up: int = 0
    holes: int = 0
    downtime: float = 0.0


class LostRowError(AssertionError):
    """A row that was on disk is there no more, or is another."""


def kill_until_done(
    arguments: Sequence[object],
    server: RunningServer,
    results: Path,
    *,
    kills: int,
    work: int,
    draw: random.Random,
    victims: Sequence[str] = VICTIMS,
) -> Toll:
    """Give the command again and again, killing it, its server or both, and let it end after the last kill.

    A kill comes a random time after the command was given, while it still starts, or once a random number of further
    rows is on disk, so that kills are spread over the whole work.

    Args:
        arguments: What follows `arena-write`.
        server: The server of candidate and judge; restarted on its port.
        results: The results folder.
        kills: How many kills.
        work: Rows that are asked for: answers and attempts to judge.
        draw: Draws victims and moments.
        victims: What is killed: `client`, `server` or `both`, in turns.

    Raises:
        LostRowError: A complete row that was on disk after a kill is not there after the next.
        AssertionError: The command ended with an error, or the work was done before all kills.
        TimeoutExpired: The command hangs.
    """
    toll, kept = Toll(), {}
    # Each victim as often as any other, in a random order.
    deck = draw.sample([victims[number % len(victims)] for number in range(kills)], kills)
    process = None
    while toll.killed.total() < kills:
        process = process or _give(arguments, toll)
        left = kills - toll.killed.total()
        if _wait(process, _moment(results, draw, work=work, kills=left)):
            assert not _ended_well(process, toll, done=_count(results) >= work), "kills are left: too little work"
            process = None
            continue
        victim = deck[toll.killed.total()]
        if victim in ("client", "both"):
            process.kill()
        if victim in ("server", "both"):
            server.kill()
        if victim in ("client", "both"):
            process.communicate()
            process = None
        if victim in ("server", "both"):
            pause = draw.uniform(0.0, 0.6)
            time.sleep(pause)
            server.start()
            toll.downtime += pause
        toll.killed[victim] += 1
        kept = check_nothing_lost(results, kept)
    while True:
        process = process or _give(arguments, toll)
        try:
            process.wait(timeout=STUCK_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        kept = check_nothing_lost(results, kept)
        if _ended_well(process, toll, done=_count(results) >= work):
            return toll
        process = None


def check_nothing_lost(results: Path, before: dict[Path, bytes]) -> dict[Path, bytes]:
    """Return the complete lines of every file of rows; each file still begins with those of `before`.

    Raises:
        LostRowError: It does not.
    """
    now = {}
    for pattern in (OUTPUTS, BATTLES, SCORES, REPLIES):
        for path in results.glob(pattern):
            data = path.read_bytes()
            now[path] = data[: data.rfind(b"\n") + 1]
    for path, lines in before.items():
        if not now.get(path, b"").startswith(lines):
            raise LostRowError(f"{path.name} held {lines.count(bytes([10]))} rows, and not all are there as they were")
    return now


def check_rows(results: Path, *, outputs: int, battles: tuple[int, int], scores: tuple[int, int]) -> None:
    """Every row is there once: so many outputs, and so many keys and attempts to judge, each with its one reply.

    Raises:
        AssertionError: A row is missing or doubled.
    """
    expected = outputs + battles[1] + scores[1]
    assert find_faults(results, expected=expected) == (0, 0)
    assert len({row["key"] for row in rows(results, OUTPUTS)}) == outputs
    texts = {row["key"]: row["row"] for row in rows(results, REPLIES)}
    assert len(texts) == len(rows(results, REPLIES)), "a reply is there twice"
    for pattern, (keys, attempts) in ((BATTLES, battles), (SCORES, scores)):
        judged = rows(results, pattern)
        assert (len({row["key"] for row in judged}), len(judged)) == (keys, attempts)
        assert all(texts[row["reply"]] == row["key"] for row in judged)


def find_faults(results: Path, *, expected: int) -> tuple[int, int]:
    """Return how many of the expected outputs, battles and scores are missing, and how many rows are there twice."""
    found = [row for pattern in (OUTPUTS, BATTLES, SCORES) for row in rows(results, pattern)]
    distinct = len({(row["key"], row.get("attempt")) for row in found})
    return expected - distinct, len(found) - distinct


def _give(arguments: Sequence[object], toll: Toll) -> subprocess.Popen[str]:
    toll.starts += 1
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def _ended_well(process: subprocess.Popen[str], toll: Toll, *, done: bool) -> bool:
    """Return whether the work is done; if not, the run has said why: no server was found, or calls got no answer."""
    _, said = process.communicate()
    assert "Traceback" not in said, said
    if process.returncode == 1:
        assert "nobody answers" in said, said
        toll.gave_up += 1
        return False
    assert process.returncode == 0, f"exit {process.returncode}\n{said}"
    if not done:
        assert "could not be had" in said or "got no answer" in said, said
        toll.holes += 1
    return done


def _moment(results: Path, draw: random.Random, *, work: int, kills: int) -> Callable[[float], bool]:
    """Draw when the next kill comes: says, given the seconds waited, whether it is time."""
    if draw.random() < 0.3:
        seconds = draw.uniform(0.0, 2.5)
        return lambda waited: waited >= seconds
    done = _count(results)
    more = draw.uniform(0.0, 2.0) * (work - done) / (kills + 1)
    pause = draw.uniform(0.0, 0.1)
    reached: list[float] = []

    def is_time(waited: float) -> bool:
        if not reached and _count(results) >= done + more:
            reached.append(waited)
        return bool(reached) and waited >= reached[0] + pause

    return is_time


def _wait(process: subprocess.Popen[str], is_time: Callable[[float], bool]) -> bool:
    """Wait for the moment; return whether the process ended before.

    Raises:
        TimeoutExpired: Neither comes: the process hangs.
    """
    begun = time.monotonic()
    while not is_time(waited := time.monotonic() - begun):
        if process.poll() is not None:
            return True
        if waited > STUCK_SECONDS:
            process.kill()
            process.communicate()
            raise subprocess.TimeoutExpired(COMMAND, waited)
        time.sleep(0.005)
    return process.poll() is not None


def _count(results: Path) -> int:
    """Return how many rows on disk were asked for: answers, verdicts and scores, not what was recorded before."""
    answers = (path.read_bytes().count(b'"origin":"generated"') for path in results.glob(OUTPUTS))
    judged = (path.read_bytes().count(b"\n") for pattern in (BATTLES, SCORES) for path in results.glob(pattern))
    return sum(answers) + sum(judged)
