"""`arena-write anchor`: baselines judged once, frozen, and the scale that stays."""

import json
import shutil

import pytest
from command import run
from scripted_server import start_server
from writing import make_benchmark

from arena_write.benchmarks import starter

MODELS = {"writer": {"name": "essay", "words": [60, 90]}, "judge": {"name": "judge", "verdict": "hash"}}


def board_of(results):
    (path,) = results.glob("*@*/*/board.json")
    return json.loads(path.read_text("utf-8"))


def rows_of(results):
    return {row["name"]: row for row in board_of(results)["sections"][0]["rows"]}


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return make_benchmark(
        tmp_path_factory.mktemp("desk"), prompts=9, entrants=["one", "two", "base1", "base2", "base3"]
    )


@pytest.fixture
def arena(desk, tmp_path):
    """Run a verb on the small benchmark with its three baselines and the text-statistics judge."""

    def call(verb, *more, judge="builtin/textstats", results=tmp_path / "r"):
        baselines = [part for name in ("base1", "base2", "base3") for part in ("--baseline", desk[name])]
        options = ["--benchmark", desk["prompts"], "--judge", judge, "--results", results, *baselines]
        return run(verb, *options, *more)

    return call


def test_candidates_are_judged_against_anchors_alone_and_none_moves_another(arena, desk, tmp_path):
    frozen = arena("anchor")
    assert frozen.returncode == 0, frozen.stderr
    assert "54 battles planned, 54 to judge" in frozen.stderr
    assert "54 battles on 9 prompts, both orders; mean = 1000" in frozen.stdout
    first = arena("eval", "--model", desk["one"])
    assert first.returncode == 0, first.stderr
    assert "54 battles planned, 54 to judge" in first.stderr
    assert "anchored: baselines frozen, mean = 1000" in first.stdout
    before = rows_of(tmp_path / "r")
    second = arena("eval", "--model", desk["two"])
    assert second.returncode == 0, second.stderr
    after = rows_of(tmp_path / "r")
    ranks = ("best_rank", "worst_rank")
    for name, row in before.items():
        kept = {field: value for field, value in after[name].items() if field not in ranks}
        if row["role"] == "baseline":
            counts = ("planned", "judged", "identical", "prompts")
            kept = {field: value for field, value in kept.items() if field not in counts}
            row = {field: value for field, value in row.items() if field not in counts}
        assert kept == {field: value for field, value in row.items() if field not in ranks}
    anchors = json.loads(next((tmp_path / "r").glob("*@*/*/anchors.json")).read_text("utf-8"))["scopes"]["all"]
    for name, elo in zip(anchors["names"], anchors["elo"], strict=True):
        assert next(row["elo"] for row in after.values() if row["entrant"] == name) == elo
    assert sum(anchors["elo"]) == pytest.approx(3000)
    one = after["one"]
    assert one["low_with_anchors"] <= one["low"] < one["elo"] < one["high"] <= one["high_with_anchors"]
    verified = run("verify", "--results", tmp_path / "r")
    assert verified.returncode == 0, verified.stdout
    assert "all agree\n  the anchors were derived again from the 54 battles behind them\n" in verified.stdout


def test_anchoring_again_changes_nothing_and_a_board_that_is_there_is_anchored_at_once(arena, desk, tmp_path):
    provisional = arena("eval", "--model", desk["one"])
    assert "provisional" in provisional.stdout
    joint = rows_of(tmp_path / "r")["one"]["elo"]
    assert "54 battles planned, 0 to judge" in arena("anchor").stderr
    (path,) = (tmp_path / "r").glob("*@*/*/anchors.json")
    stored, board = path.read_bytes(), board_of(tmp_path / "r")
    assert board["scale"].startswith("anchored")
    assert rows_of(tmp_path / "r")["one"]["elo"] == pytest.approx(joint, abs=40)
    assert arena("anchor").returncode == 0
    assert path.read_bytes() == stored
    again = arena("eval", "--model", desk["one"])
    assert "54 battles planned, 0 to judge" in again.stderr
    assert board_of(tmp_path / "r") == board


def test_one_order_takes_half_of_the_calls_and_a_judge_over_the_wire_is_priced(arena, tmp_path):
    with start_server({"models": MODELS, "seed": 2}) as server:
        judge = f"openai/judge@{server.base_url}"
        done = arena("anchor", "--orders", "one", "--price", "2,8", "--yes", judge=judge)
        assert done.returncode == 0, done.stderr
        assert server.stats()["requests"] == 27
        assert arena("anchor", "--orders", "one", judge=judge).returncode == 0
        assert server.stats()["requests"] == 27
    assert "one order, drawn for each pair" in done.stdout
    assert "Spent in this run: $" in done.stdout


def test_anchors_stop_at_a_bound_and_go_on(arena, tmp_path):
    with start_server({"models": MODELS, "seed": 2}) as server:
        judge = f"openai/judge@{server.base_url}"
        stopped = arena("anchor", "--max-calls", "20", judge=judge)
        assert stopped.returncode == 1
        assert "run the same command again" in stopped.stderr
        assert not list((tmp_path / "r").glob("*@*/*/anchors.json"))
        assert arena("anchor", judge=judge).returncode == 0
        assert server.stats()["requests"] == 54


def test_too_few_decided_battles_give_no_anchors(arena, tmp_path):
    with start_server({"models": MODELS | {"judge": {"name": "judge", "invalid": 0.8}}, "seed": 2}) as server:
        done = arena("anchor", judge=f"openai/judge@{server.base_url}")
    assert done.returncode == 1
    assert "of the battles of baseline base" in done.stderr
    assert "--retry-invalid" in done.stderr
    assert not list((tmp_path / "r").glob("*@*/*/anchors.json"))


def test_anchors_of_other_texts_are_not_used_and_said(arena, desk, tmp_path):
    assert arena("anchor").returncode == 0
    options = ["--benchmark", desk["prompts"], "--judge", "builtin/textstats", "--results", tmp_path / "r"]
    other = run("eval", "--model", desk["one"], "--baseline", desk["base1"], "--baseline", desk["base2"], *options)
    assert other.returncode == 0, other.stderr
    assert "are of other baselines or answers, and are not used" in other.stderr
    assert "provisional" in other.stdout


def test_anchors_that_were_changed_are_refused(arena, desk, tmp_path):
    assert arena("anchor").returncode == 0
    (path,) = (tmp_path / "r").glob("*@*/*/anchors.json")
    changed = json.loads(path.read_text("utf-8"))
    changed["scopes"]["all"]["elo"][0] += 100
    path.write_text(json.dumps(changed), encoding="utf-8")
    done = arena("eval", "--model", desk["one"])
    assert done.returncode == 1
    assert "anchors.json" in done.stderr
    assert "was changed" in done.stderr


def test_a_board_whose_anchors_are_gone_says_so(arena, desk, tmp_path):
    assert arena("anchor").returncode == 0
    assert arena("eval", "--model", desk["one"]).returncode == 0
    next((tmp_path / "r").glob("*@*/*/anchors.json")).unlink()
    done = run("rank", "--results", tmp_path / "r")
    assert done.returncode == 1
    assert "restore it from a copy" in done.stderr
    (rows,) = (tmp_path / "r").glob("*@*/*/battles.jsonl")
    before = rows.read_bytes()
    again = arena("eval", "--model", desk["two"])
    assert again.returncode == 2
    assert "restore it from a copy" in again.stderr
    assert rows.read_bytes() == before  # nothing was judged, so nothing was paid for


def test_other_anchors_do_not_take_the_place_of_those_of_a_board(arena, desk):
    assert arena("anchor", "--limit", "6").returncode == 0
    assert arena("eval", "--model", desk["one"], "--limit", "6").returncode == 0
    done = arena("anchor")
    assert done.returncode == 2
    assert "rated against anchors" in done.stderr
    assert "--results" in done.stderr


def test_prompts_that_the_anchors_were_not_made_on_are_refused(arena, desk, tmp_path):
    assert arena("anchor", "--limit", "6").returncode == 0
    done = arena("eval", "--model", desk["one"])
    assert done.returncode == 2
    assert "3 of the 9 prompts to be rated on are not among the 6" in done.stderr
    assert "arena-write anchor" in done.stderr
    assert not list((tmp_path / "r").glob("*@*/*/board.json"))
    assert arena("anchor").returncode == 0
    assert arena("eval", "--model", desk["one"]).returncode == 0


def test_a_board_is_not_anchored_on_a_part_of_its_prompts(arena, desk, tmp_path):
    assert arena("eval", "--model", desk["one"]).returncode == 0
    done = arena("anchor", "--limit", "6")
    assert done.returncode == 2
    assert "3 of the 9 prompts to be rated on are not among the 6" in done.stderr
    assert board_of(tmp_path / "r")["scale"].startswith("provisional")


def test_who_is_rated_on_a_part_of_the_anchors_prompts_is_named(arena, desk, tmp_path):
    assert arena("anchor").returncode == 0
    note = "one: rated on 6 of the anchors' 9 prompts; the baselines' ratings are those of all 9, so compare it with"
    part = arena("eval", "--model", desk["one"], "--limit", "6")
    assert part.returncode == 0, part.stderr
    assert note in " ".join(part.stdout.split())
    markdown = run("report", "--results", tmp_path / "r", "--format", "md")
    assert note in markdown.stdout
    assert run("verify", "--results", tmp_path / "r").returncode == 0
    whole = arena("eval", "--model", desk["one"])
    assert "of the anchors'" not in whole.stdout


def test_one_baseline_is_no_scale(desk, tmp_path):
    options = ["--benchmark", desk["prompts"], "--judge", "builtin/textstats", "--results", tmp_path / "r"]
    done = run("anchor", "--baseline", desk["base1"], *options)
    assert done.returncode == 2
    assert "two baselines or more" in done.stderr


def test_the_anchors_that_come_with_the_starter_are_what_anchor_makes(tmp_path):
    done = run("anchor", "--benchmark", "starter", "--judge", "builtin/textstats", "--results", tmp_path)
    assert done.returncode == 0, done.stderr
    (made,) = tmp_path.glob("*@*/*/anchors.json")
    made = json.loads(made.read_text("utf-8"))
    shipped = json.loads(starter.anchors_path(made["judge"]).read_text("utf-8"))
    assert shipped["texts"] == made["texts"]
    assert shipped["plan"] == made["plan"]
    for scope, anchors in shipped["scopes"].items():
        assert made["scopes"][scope]["names"] == anchors["names"]
        assert made["scopes"][scope]["elo"] == pytest.approx(anchors["elo"], abs=1e-4)


def test_a_folder_that_is_sent_keeps_its_anchors(arena, desk, tmp_path):
    assert arena("anchor").returncode == 0
    assert arena("eval", "--model", desk["one"]).returncode == 0
    shutil.copytree(tmp_path / "r", tmp_path / "sent")
    board = board_of(tmp_path / "sent")
    next((tmp_path / "sent").glob("*@*/*/board.json")).unlink()
    unranked = run("verify", "--results", tmp_path / "sent")
    assert unranked.returncode == 1
    assert "no board.json" in unranked.stdout
    assert "run arena-write rank --results" in unranked.stdout
    assert run("rank", "--results", tmp_path / "sent").returncode == 0
    assert board_of(tmp_path / "sent") == board
