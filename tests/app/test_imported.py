"""An imported board in the app, without a browser."""

import pytest
from command import REPOSITORY, run
from importing.files import random_battles, write_csv
from importing.score_files import hellobench_rows, write_checklists
from streamlit.testing.v1 import AppTest
from writing import write_jsonl

PAGE = str(REPOSITORY / "leaderboard_app" / "main.py")
NAMES = ["<img src=x onerror=alert(1)>", "**bold** ![x](http://e.example/x.png)", "all", "plain"]


@pytest.fixture
def results(tmp_path):
    path = write_csv(tmp_path / "votes.csv", *random_battles(1, names=NAMES, battles=200))
    done = run("import", "battles", path, "--results", tmp_path / "r", "--baseline", "all", "--baseline", NAMES[0])
    assert done.returncode == 0, done.stderr
    return tmp_path / "r"


def open_app(monkeypatch, results):
    monkeypatch.setattr("sys.argv", ["main.py", "--results", str(results)])
    return AppTest.from_file(PAGE, default_timeout=30).run()


def test_it_is_labelled_and_hides_what_is_not_known(monkeypatch, results):
    app = open_app(monkeypatch, results)
    assert not app.exception
    assert app.title[0].value.startswith("votes@")
    assert "imported from votes.csv" in app.text[0].value
    ratings, evidence = (frame.value for frame in app.dataframe)
    assert list(ratings.columns) == ["rank", "entrant", "imported rating", "battles"]
    assert list(evidence.columns) == ["entrant", *(f"vs {name}" for name in _baselines(ratings)), "score", "opponents"]
    assert any("are too narrow where judgements share prompts" in text.value for text in app.text)


def _baselines(ratings):
    return [name.removesuffix("*") for name in ratings["entrant"] if name.endswith("*") and name != "*"]


def test_hostile_names_are_shown_as_text(monkeypatch, results):
    app = open_app(monkeypatch, results)
    shown = {name.removesuffix("*") for name in app.dataframe[0].value["entrant"]}
    assert shown >= {NAMES[0], NAMES[2], NAMES[3]}
    for element in (*app.markdown, *app.caption, *app.subheader, *app.title):
        assert "<img" not in element.value
        assert "![x]" not in element.value


def test_boards_are_chosen_by_where_they_come_from(monkeypatch, results):
    done = run(
        "eval", "--model", "builtin/example", "--benchmark", "starter", "--judge", "builtin/textstats",
        "--results", results,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    app = open_app(monkeypatch, results)
    first, second = app.selectbox[0].options
    assert first.startswith("starter@1, judged by textstats (")
    assert ", imported from votes.csv (" in second


def test_scores_given_elsewhere_are_labelled_with_their_scale(monkeypatch, tmp_path):
    checklists = write_checklists(tmp_path / "prompts.jsonl")
    path = write_jsonl(tmp_path / "checks.jsonl", hellobench_rows(1))
    options = ["--benchmark", checklists, "--name", NAMES[0], "--judge", "**gpt**", "--results", tmp_path / "r"]
    done = run("import", "scores", path, *options)
    assert done.returncode == 0, done.stderr
    app = open_app(monkeypatch, tmp_path / "r")
    assert not app.exception
    ratings, evidence = (frame.value for frame in app.dataframe)
    assert list(ratings["entrant"]) == [NAMES[0]]
    assert "imported mean, 0 to 1 (HelloBench checklist)" in ratings.columns
    assert list(evidence.columns) == ["entrant", "scores", "no score"]
    assert any("judge **gpt**, imported" in text.value for text in app.text)
