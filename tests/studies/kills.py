"""Fifty times `kill -9`, of the run, of its server and of both, with the work going on around it."""

import random
import tempfile
from datetime import date
from pathlib import Path

from command import run
from killing import VICTIMS, check_rows, find_faults, kill_until_done
from scripted_server import RunningServer, start_server
from writing import make_benchmark

PROMPTS, ENTRANTS, CRITERIA = 60, 3, 2
OUTPUTS = PROMPTS * ENTRANTS
PAIRS = ENTRANTS * (ENTRANTS - 1)
BATTLES = (PROMPTS * PAIRS, (PROMPTS + 2) * PAIRS)
SCORES = (OUTPUTS * CRITERIA, (OUTPUTS + 2 * ENTRANTS) * CRITERIA)
"""Keys, and attempts to judge: on one prompt the judge never says a thing, which takes three, and no more."""
WORK = PROMPTS + BATTLES[1] + SCORES[1]
"""Rows that are asked for: the answers of one entrant, and all attempts to judge."""
CONNECTIONS = 4
ROUNDS = (
    (("client",), 10, 1),
    (("server",), 10, 2),
    (("both",), 10, 3),
    (VICTIMS, 10, 4),
    (VICTIMS, 10, 5),
)
"""Who is killed, how often, and the seed of moments and victims."""

SCRIPT = {
    "models": {"writer": {"name": "essay", "words": [100, 300]}, "judge": {"name": "judge", "verdict": "hash"}},
    "rules": [{"model": "judge", "contains": "thing 7 ", "do": "empty"}],
    "faults": {"rate_limited": 0.1, "cut": 0.01, "reset": 0.01},
    "latency": 0.1,
    "seed": 11,
    "log_bodies": False,
}


def study() -> str:
    """Kill, go on, compare with what nobody killed; return the table.

    Raises:
        AssertionError: A row was lost or doubled, a run hung or ended with an error, or the boards differ.
    """
    lines = []
    with tempfile.TemporaryDirectory(prefix="kills-") as name, start_server(SCRIPT) as server:
        folder = Path(name)
        options = _options(folder, server)
        whole = run(*options, "--results", folder / "whole", timeout=600)
        assert whole.returncode == 0, whole.stderr
        check_rows(folder / "whole", outputs=OUTPUTS, battles=BATTLES, scores=SCORES)
        expected = _board(folder / "whole")
        for victims, kills, seed in ROUNDS:
            results = folder / f"killed-{seed}"
            before = len(server.requests())
            toll = kill_until_done(
                [*options, "--results", results],
                server,
                results,
                kills=kills,
                work=WORK,
                draw=random.Random(seed),
                victims=victims,
            )
            asked_again = _count_answers(server.requests()[before:]) - WORK
            lost, doubled = find_faults(results, expected=OUTPUTS + BATTLES[1] + SCORES[1])
            same = _board(results) == expected
            cells = [kills, seed, *(toll.killed[victim] for victim in VICTIMS), toll.starts, toll.gave_up, toll.holes]
            cells += [asked_again, lost, doubled, "yes" if same else "no"]
            lines.append(f"| {' | '.join(map(str, cells))} |")
            check_rows(results, outputs=OUTPUTS, battles=BATTLES, scores=SCORES)
            assert same and 0 <= asked_again <= CONNECTIONS * kills, lines[-1]
    return TEXT.format(
        kills=sum(kills for _, kills, _ in ROUNDS),
        prompts=PROMPTS,
        baselines=ENTRANTS - 1,
        battles=BATTLES[0],
        scores=SCORES[0],
        rows=WORK,
        connections=CONNECTIONS,
        day=date.today(),
        table="\n".join(lines),
    )


TEXT = """\
# Kills

A whole evaluation over the wire ({prompts} synthetic prompts, {baselines} baselines, {battles} battles and {scores}
rubric scores, {connections} connections, 12 % of the requests met by a fault) was killed with `kill -9` {kills} times:
the run, its server (started again on its port within 0.6 s), or both at once, at random moments from start-up to the
last rows. After each kill of the run the same command was given again. On one prompt the judge never says anything, so
that invalid attempts are part of it.

Checked after each kill: every complete row that was on disk is still there, byte for byte. Checked at the end:

* {rows} rows that were asked for, each key and attempt once, each judgement with its one reply;
* no run hung (two minutes without an end), and none ended with another error than "nobody answers", which is what a run
  says that has not met its server once;
* none ended short of its work without saying how many calls got no answer in all their attempts ("told of holes"); the
  same command then asked them again;
* `board.json` has the same bytes as that of a run that nobody killed.

Measured on {day}.

| kills | seed | run | server | both | starts | no server | told of holes | asked again | lost | doubled | same bytes |
|---|---|---|---|---|---|---|---|---|---|---|---|
{table}

"Run", "server" and "both" are what was killed; "starts" is how often the command was given;
"no server" and "told of holes" are runs that ended by themselves for these reasons. "Asked again" are answers
that the server gave and that were not on disk when it or the run was killed: at most one for each connection and kill.
"Lost" and "doubled" are rows.
"""


def _count_answers(asked: list[dict]) -> int:
    return sum(row["do"] in ("ok", "empty") for row in asked)


def _options(folder: Path, server: RunningServer) -> list[object]:
    names = [f"base{number}" for number in range(ENTRANTS - 1)]
    paths = make_benchmark(folder, prompts=PROMPTS, entrants=names, criteria=CRITERIA)
    options: list[object] = ["eval", "--benchmark", paths["prompts"], "--max-connections", CONNECTIONS]
    options += [part for name in names for part in ("--baseline", paths[name])]
    for role, model in (("--model", "writer"), ("--judge", "judge")):
        options += [role, f"openai/{model}@{server.base_url}"]
    return options


def _board(results: Path) -> bytes:
    (path,) = results.glob("*@*/*/board.json")
    return path.read_bytes()
