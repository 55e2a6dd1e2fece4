"""Every request is an answer or a fault, every fault is told, and no fault becomes a score: counted on both sides.

The server's log and the results folder are read as they are; what the command line says is held against both.
"""

import os
import re
from collections import Counter
from pathlib import Path

import choix
import pytest
from command import REPOSITORY, run
from scripted_server import start_server
from stored import BATTLES, OUTPUTS, REPLIES, RUNS, SCORES, board, board_row, rows
from writing import make_benchmark

SHARED = Path(os.environ.get("ARENA_WRITE_SHARED", REPOSITORY.parent / "shared"))
HELLOBENCH = SHARED / "data" / "hellobench"
needs_hellobench = pytest.mark.skipif(not HELLOBENCH.exists(), reason="needs the HelloBench files in ../shared/data")

MODELS = {"writer": {"name": "essay", "words": [300, 600]}, "judge": {"name": "judge", "verdict": "hash"}}

SURVIVED = {
    "rate_limited": ("RateLimitedError", {}),
    "rate_limited_silent": ("RateLimitedError", {}),
    "server_error": ("ServerFaultError", {}),
    "bad_gateway": ("ServerFaultError", {}),
    "unavailable": ("ServerFaultError", {}),
    "error": ("ServerFaultError", {"status": 408}),
    "stream_error": ("ServerFaultError", {}),
    "reset": ("ConnectionTroubleError", {}),
    "reset_midway": ("ConnectionTroubleError", {}),
    "cut": ("CutReplyError", {}),
    "garbage": ("GarbageReplyError", {}),
    "noise": ("GarbageReplyError", {}),
    # Then the server closes the connection; that nobody waits for longer is another test.
    "hang": ("ConnectionTroubleError", {"seconds": 1}),
    "stall": ("ConnectionTroubleError", {"seconds": 1}),
}
"""Every fault that another attempt can mend: what the client calls it, and what the server needs to end it."""


def share_out(rules, share):
    """Rules by which `share` of the requests meet one of them: each takes its part of what those before it left."""
    each = share / len(rules)
    return [rule | {"share": each / (1 - number * each)} for number, rule in enumerate(rules)]


def make_options(folder, **more):
    paths = make_benchmark(folder, prompts=40, entrants=["one", "two"], words=90, **more)
    return ["eval", "--benchmark", paths["prompts"], "--baseline", paths["one"], "--baseline", paths["two"]]


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory):
    return make_options(tmp_path_factory.mktemp("synthetic"))


@pytest.fixture(scope="module")
def with_criterion(tmp_path_factory):
    return make_options(tmp_path_factory.mktemp("criterion"), criteria=1)


@pytest.fixture(scope="module")
def hellobench():
    return [
        "eval", "--benchmark", HELLOBENCH / "hellobench_data_lenconstr_2k.jsonl",
        "--baseline", f"claude35={HELLOBENCH / 'hellobench_gen_lenconstr_2k_claude35.jsonl'}",
        "--baseline", f"suri={HELLOBENCH / 'hellobench_gen_lenconstr_2k_suri_7b.jsonl'}",
    ]  # fmt: skip


def evaluate(options, server, results, *more, timeout=240):
    return run(
        *options, "--results", results, "--model", f"openai/writer@{server.base_url}",
        "--judge", f"openai/judge@{server.base_url}", *more, timeout=timeout,
    )  # fmt: skip


def told_retries(said):
    """What the command line says of each stage in its last line: repeated attempts."""
    found = dict.fromkeys(("writing", "judging"), 0)
    for stage, number in re.findall(r"^(writing|judging): .*?(\d+) retries", said, re.MULTILINE):
        found[stage] = int(number)
    return found


def said_in(reply):
    """The scripted judge says one label, or one score, at its end."""
    ((label, score),) = re.findall(r"\[\[(.*?)\]\]|\"score\": (\d+)", reply)
    return label or int(score)


def check_accounts(options, tmp_path, *, prompts, criteria, seed):
    planned, scored = prompts * 3 * 2, prompts * 3 * criteria
    rules = share_out([{"do": name, **options} for name, (_, options) in SURVIVED.items()], 0.2)
    with start_server({"models": MODELS, "rules": rules, "seed": seed, "log_bodies": False}) as server:
        done = evaluate(options, server, tmp_path)
        requests = server.requests()
    assert done.returncode == 0, done.stderr
    assert f"{planned} of {planned} battles decided" in done.stdout

    seen = {model: Counter(row["do"] for row in requests if row["model"] == model) for model in ("writer", "judge")}
    faults = {model: counts.total() - counts["ok"] for model, counts in seen.items()}
    assert set(seen["writer"] + seen["judge"]) == {"ok", *SURVIVED}
    assert 0.15 < sum(faults.values()) / len(requests) < 0.25
    # Requests = answers + faults, and each answer is one row.
    answers, battles, scores, replies = (rows(tmp_path, pattern) for pattern in (OUTPUTS, BATTLES, SCORES, REPLIES))
    written = [row for row in answers if row["origin"] == "generated"]
    assert (len(written), len(battles), len(scores), len(replies)) == (prompts, planned, scored, planned + scored)
    assert (seen["writer"]["ok"], seen["judge"]["ok"]) == (prompts, planned + scored)
    assert len({row["key"] for row in answers}) == prompts * 3
    assert len({row["key"] for row in [*battles, *scores]}) == planned + scored
    # Faults = what the client says it repeated, for writing and for judging, and what its log says it met, by kind.
    assert told_retries(done.stderr) == {"writing": faults["writer"], "judging": faults["judge"]}
    (end,) = (row for row in rows(tmp_path, RUNS) if row["event"] == "end")
    met = Counter()
    for name, count in (seen["writer"] + seen["judge"]).items():
        if name != "ok":
            met[SURVIVED[name][0]] += count
    assert end["faults"] == met
    assert end["rows"] == {
        "answers": prompts,
        "verdicts": planned,
        "scores": scored,
        "invalid": 0,
        "transport_failures": 0,
    }
    assert end["usage"]["prompt_tokens"] == sum(row["usage"]["prompt_tokens"] for row in [*written, *battles, *scores])
    # No fault became an answer, a verdict or a hole.
    assert all(row["failure"] is None and row["finish_reason"] == "stop" for row in written)
    said = {row["key"]: said_in(row["text"]) for row in replies}
    assert all(row["verdict"] == said[row["reply"]] for row in battles)
    assert all(row["score"] == said[row["reply"]] for row in scores)
    for row in board(tmp_path)["sections"][0]["rows"]:
        assert (row["coverage"], row["judged"], row["failed"], row["open"]) == (1, prompts * 4, 0, 0)


def test_at_20_percent_faults_of_every_kind_each_is_accounted_for(with_criterion, tmp_path):
    check_accounts(with_criterion, tmp_path, prompts=40, criteria=1, seed=1)


@pytest.mark.slow
@needs_hellobench
def test_at_20_percent_faults_hellobench_comes_to_a_board_and_each_is_accounted_for(hellobench, tmp_path):
    check_accounts(hellobench, tmp_path, prompts=123, criteria=0, seed=2)


def test_what_a_judge_leaves_unsaid_is_counted_by_its_reason_and_is_no_verdict(synthetic, tmp_path):
    """Cut at the token limit or empty, a reply was paid for and holds nothing: tried three times, then missing."""
    rules = share_out([{"model": "judge", "do": name} for name in ("length", "empty")], 0.3)
    with start_server({"models": MODELS, "rules": rules, "seed": 6}) as server:
        done = evaluate(synthetic, server, tmp_path)
        judged = [row for row in server.requests() if row["model"] == "judge"]
    behaviours = Counter(row["do"] for row in judged)
    battles = rows(tmp_path, BATTLES)
    assert Counter(row["invalid"] for row in battles) == {
        None: behaviours["ok"], "cut": behaviours["length"], "empty": behaviours["empty"],
    }  # fmt: skip
    attempts = Counter(row["key"] for row in battles)
    decided = {row["key"] for row in battles if row["verdict"]}
    given_up = {key for key, count in attempts.items() if key not in decided}
    assert len(attempts) == 240
    assert given_up
    assert {attempts[key] for key in given_up} == {3}
    sections = board(tmp_path)["sections"][0]
    assert (sections["cells"], sections["decided"]) == (240, 240 - len(given_up))
    assert sum(row["invalid"] for row in sections["rows"]) == 2 * len(given_up)
    assert all(row["coverage"] == 1 - row["invalid"] / 160 > 0.95 for row in sections["rows"])
    assert done.returncode == 0, done.stderr


def test_calls_that_get_no_answer_are_holes_that_the_next_run_fills(synthetic, tmp_path):
    """A reply that outgrows the bound on memory is final for its call, and no row."""
    with start_server({"models": MODELS}) as server:
        whole = evaluate(synthetic, server, tmp_path / "whole")
        assert whole.returncode == 0, whole.stderr
        server.kill()
        server.script = {
            "models": MODELS,
            "streaming": False,
            "rules": [{"model": "judge", "do": "huge", "share": 0.02, "times": 2}],
        }
        server.log.unlink()
        server.start()
        done = evaluate(synthetic, server, tmp_path / "holes")
        lost = Counter(row["do"] for row in server.requests())["huge"]
        assert lost == 2
        assert done.returncode == 0, done.stderr
        assert f"{lost} judge calls got no answer; the last said: {server.base_url}: the reply has more" in done.stderr
        battles = rows(tmp_path / "holes", BATTLES)
        assert len(battles) == len(rows(tmp_path / "holes", REPLIES)) == 240 - lost
        section = board(tmp_path / "holes")["sections"][0]
        assert section["decided"] == 240 - lost
        assert sum(row["open"] for row in section["rows"]) == 2 * lost
        assert all(row["coverage"] == 1 - row["open"] / 160 for row in section["rows"])
        server.kill()
        server.script = {"models": MODELS}
        server.start()
        assert evaluate(synthetic, server, tmp_path / "holes").returncode == 0
    boards = [next((tmp_path / name).glob("*@*/*/board.json")).read_bytes() for name in ("whole", "holes")]
    assert boards[0] == boards[1]


def fit_elo(results, *, failures_count):
    """Ratings by choix from the stored rows, baselines' mean = 1000; a candidate's failure is a loss, or left out."""
    outputs, scores = rows(results, OUTPUTS), {"A>>B": 1.0, "A>B": 1.0, "A=B": 0.5, "B>A": 0.0, "B>>A": 0.0}
    names = sorted({row["entrant_name"] for row in outputs})
    owner = {(row["prompt"], row["text_id"]): row["entrant_name"] for row in outputs if row["failure"] is None}
    wins = []
    for row in rows(results, BATTLES):
        first, second = (names.index(owner[row["prompt"], row[side]]) for side in ("first", "second"))
        twice = round(2 * scores[row["verdict"]])
        wins += [(first, second)] * twice + [(second, first)] * (2 - twice)
    if failures_count:
        loser = names.index("writer")
        failed = sum(row["failure"] is not None for row in outputs)
        others = [index for index in range(len(names)) if index != loser]
        wins += [(other, loser) for other in others for _ in range(failed * 2 * 2)]
    strengths = dict(zip(names, choix.opt_pairwise(len(names), wins), strict=True))
    middle = sum(value for name, value in strengths.items() if name != "writer") / (len(names) - 1)
    return 1000 + (strengths["writer"] - middle) * 400 / 2.302585092994046


def check_open_thoughts(options, tmp_path, *, prompts):
    rules = [{"model": "writer", "do": "open_think", "share": 0.3}]
    with start_server({"models": MODELS, "rules": rules, "seed": 4, "log_bodies": False}) as server:
        done = evaluate(options, server, tmp_path)
        left_open = Counter(row["do"] for row in server.requests())["open_think"]
    assert done.returncode == 0, done.stderr
    assert 0.2 < left_open / prompts < 0.4
    answers = [row for row in rows(tmp_path, OUTPUTS) if row["origin"] == "generated"]
    assert sum(row["failure"] == "unterminated_thought" for row in answers) == left_open
    assert all(not row["text"] for row in answers if row["failure"])
    row = board_row(tmp_path, "writer")
    assert row["texts"]["no_answer"] == left_open
    assert (row["failed"], row["judged"], row["coverage"]) == (left_open * 4, (prompts - left_open) * 4, 1)
    assert row["elo"] == pytest.approx(fit_elo(tmp_path, failures_count=True), abs=0.2)
    assert row["if_excluded"] == pytest.approx(fit_elo(tmp_path, failures_count=False), abs=0.2)
    assert row["elo"] < row["if_excluded"] - 50
    assert f"{left_open} answers with nothing to judge count as losses" in done.stdout
    others = [entrant for entrant in board(tmp_path)["sections"][0]["rows"] if entrant["name"] != "writer"]
    assert all(entrant["if_excluded"] is None and entrant["texts"]["no_answer"] == 0 for entrant in others)


def test_a_candidate_that_leaves_30_percent_of_its_thoughts_open_loses_what_it_should(synthetic, tmp_path):
    check_open_thoughts(synthetic, tmp_path, prompts=40)


@pytest.mark.slow
@needs_hellobench
def test_30_percent_open_thoughts_on_hellobench_lose_what_they_should(hellobench, tmp_path):
    check_open_thoughts(hellobench, tmp_path, prompts=123)
