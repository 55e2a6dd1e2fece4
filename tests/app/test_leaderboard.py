"""The leaderboard page's logic, without a browser."""

import pytest
from command import REPOSITORY, run
from streamlit.testing.v1 import AppTest
from writing import make_benchmark

PAGE = str(REPOSITORY / "leaderboard_app" / "main.py")


@pytest.fixture(scope="module")
def starter(tmp_path_factory):
    results = tmp_path_factory.mktemp("app") / "results"
    done = run(
        "eval", "--model", "builtin/example", "--benchmark", "starter", "--judge", "builtin/textstats",
        "--results", results,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return results


@pytest.fixture
def open_app(monkeypatch):
    def open_results(results):
        monkeypatch.setattr("sys.argv", ["main.py", "--results", str(results)])
        return AppTest.from_file(PAGE, default_timeout=30).run()

    return open_results


def test_it_shows_the_same_board_as_the_terminal(open_app, starter):
    app = open_app(starter)
    assert not app.exception
    assert app.title[0].value == "starter@1"
    ratings, evidence = (frame.value for frame in app.dataframe)
    printed = run("report", "--results", starter).stdout
    assert "text-statistics rating (not quality)" in ratings.columns
    for _, row in ratings.iterrows():
        line = next(line for line in printed.splitlines() if f" {row['entrant']} " in line)
        assert row["text-statistics rating (not quality)"] in line
    assert set(evidence["entrant"]) == {"example", "fuller*", "plainer*", "briefer*"}
    assert any("text-statistics rating (not quality)" in text.value for text in app.text)


def test_a_language_can_be_chosen(open_app, starter):
    app = open_app(starter)
    app.radio[0].set_value("en").run()
    assert not app.exception
    assert set(app.dataframe[0].value["prompts"]) == {"8"}


def test_an_empty_folder_says_how_to_make_a_board(open_app, tmp_path):
    app = open_app(tmp_path / "nothing")
    assert not app.exception
    assert "No board yet" in app.title[0].value
    assert "arena-write eval" in app.code[0].value


def test_a_broken_board_is_a_message(open_app, starter, tmp_path):
    (path,) = starter.glob("*@*/*/board.json")
    copy = tmp_path / path.relative_to(starter)
    copy.parent.mkdir(parents=True)
    copy.write_text('{"v": 1}', encoding="utf-8")
    copy.with_name("judge.json").write_bytes(path.with_name("judge.json").read_bytes())
    prompts = starter / path.relative_to(starter).parts[0] / "prompts.jsonl"
    (copy.parent.parent / "prompts.jsonl").write_bytes(prompts.read_bytes())
    app = open_app(tmp_path)
    assert not app.exception
    assert "cannot be read" in app.error[0].value
    assert str(copy) in app.text[0].value


def test_a_hostile_name_is_shown_as_text(open_app, tmp_path):
    paths = make_benchmark(tmp_path, prompts=4, entrants=["a", "b", "c"])
    hostile = tmp_path / "<img src=x onerror=alert(1)>.jsonl"
    hostile.write_bytes(paths["a"].read_bytes())
    done = run(
        "eval", "--model", hostile, "--baseline", paths["b"], "--baseline", paths["c"], "--benchmark", paths["prompts"],
        "--judge", "builtin/textstats", "--results", tmp_path / "r",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    app = open_app(tmp_path / "r")
    assert not app.exception
    assert "<img src=x onerror=alert(1)>" in set(app.dataframe[0].value["entrant"])
    assert not any("<img" in markdown.value for markdown in app.markdown)
