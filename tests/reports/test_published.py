"""Published figures: each has a source, they are shown beside a board, and nothing of a board rests on them."""

import ast
import csv
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from command import REPOSITORY, run
from verification.folders import make_folder
from writing import make_benchmark

from arena_write.reports.latex import published_to_latex
from arena_write.reports.markdown import published_to_markdown
from arena_write.reports.published import (
    SHIPPED,
    Figure,
    PublishedError,
    find_figures,
    list_published,
    read_figures,
)

GIVEN = Path(__file__).parents[2].parent / "shared" / "data" / "published"
FILES = sorted(SHIPPED.glob("*.csv"))
HEADER = "model,params,benchmark,metric,value,source,note\n"


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    made = make_folder(tmp_path_factory.mktemp("made"), seed=3).made
    return replace(made, benchmark="arena-write@0a1b2c3d")


def named(board, name):
    first = board.sections[0].rows[0]
    rows = (replace(first, name=name), *board.sections[0].rows[1:])
    return replace(board, sections=(replace(board.sections[0], rows=rows), *board.sections[1:]))


def figure(model="m", metric="elo", value="1", **fields):
    known = {"params": "", "benchmark": "arena-write", "source": "a paper", "note": ""} | fields
    return Figure(model=model, metric=metric, value=value, **known)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_shipped_figure_has_a_source_and_a_value_in_range(path):
    figures = read_figures(path)
    assert figures
    for one in figures:
        assert re.search(r"arXiv \d{4}\.\d{5}|github\.com/", one.source)
        assert one.benchmark in ("arena-write", "writingbench@v1", "writingbench@2025-04")
        low, high = {"elo": (0, 3000), "leaderboard": (0, 100)}.get(one.metric, (1, 10))
        assert low <= float(one.value) <= high
    keys = [
        (one.model, one.benchmark, one.metric, one.source) for one in figures if not one.note.startswith("conflict")
    ]
    assert len(set(keys)) == len(keys)


@pytest.mark.skipif(not GIVEN.exists(), reason="needs the tables beside the checkout, in ../shared/data/published")
def test_every_number_of_the_tables_is_there_and_no_other():
    given = []
    for path in sorted(GIVEN.glob("*.csv")):
        lines = [line for line in path.read_text("utf-8").split("\n") if line and not line.startswith("#")]
        for row in csv.DictReader(lines):
            given += [(row["model"], value) for name, value in row.items() if name not in ("model", "params") and value]
    shipped = [(one.model, one.value) for path in FILES for one in read_figures(path) if "2025-04" not in one.benchmark]
    shipped.remove(("DeepSeek-R1", "8.51"))  # the other figure of a conflict
    assert sorted(shipped) == sorted(given)
    assert len(given) == 330


def test_the_table_says_what_is_published_and_what_is_here(board):
    (block,) = list_published(named(board, "deepseek-ai/DeepSeek_R1"), find_figures(Path("nowhere")))
    by_name = {row[0]: row for row in block.table.rows}
    assert by_name["LongWriter-Zero"][1:4] == ("32B", "1447", "–")
    ours = by_name["DeepSeek-R1"]
    assert ours[2] == "1343"
    assert ours[3] != "–"
    assert "GPT-4o-2024-11-20, elo 947: conflict" in block.notes[-1]
    assert "no axis" in block.heading


def test_a_conflict_shows_both_figures_and_sources_are_numbered(board):
    board = replace(board, benchmark="writingbench_length_subset@0a1b2c3d")
    blocks = list_published(board, find_figures(Path("nowhere")))
    old = next(block for block in blocks if "@v1" in block.heading)
    row = next(row for row in old.table.rows if row[0] == "DeepSeek-R1")
    assert row[2] == "8.55 or 8.51"
    assert row[-1] == "[1], [2]"
    assert [note for note in old.notes if "DeepSeek-R1, mean 8.51: conflict" in note]
    assert {block.heading.split(":")[0].rsplit(" ", 1)[1] for block in blocks} == {
        "writingbench@v1",
        "writingbench@2025-04",
    }


def test_an_entrant_of_no_published_name_matches_nothing(board):
    (block,) = list_published(named(board, "DeepSeek-R1-Distill"), [figure("DeepSeek-R1"), figure("")])
    assert {row[3] for row in block.table.rows} == {"–"}
    (block,) = list_published(named(board, "qwq-32b"), [figure("QwQ", params="32B")])
    assert block.table.rows[0][3] != "–"


@pytest.mark.parametrize("benchmark", ["starter@1", "arena@1", "my-arena-write@1", "writingbenchmark@1"])
def test_other_benchmarks_have_none(board, benchmark):
    assert list_published(replace(board, benchmark=benchmark), find_figures(Path("nowhere"))) == []


def test_names_are_text_wherever_they_are_shown(board):
    hostile = "[x](javascript:0)|<b>\x1b[0m\\input{/etc/passwd}"
    blocks = list_published(board, [figure(hostile, note=f"conflict {hostile}", source=hostile)])
    marked = published_to_markdown(blocks)
    assert not re.search(r"(?<!\\)[<\[]", marked) and "\x1b" not in marked
    set_in_tex = published_to_latex(blocks)
    body = [line for line in set_in_tex.split("\n") if not line.startswith("%")]
    assert "\\input" not in "\n".join(body) and "\x1b" not in set_in_tex


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model,value\n", ":1: expected the columns model, params"),
        ("", ":1: expected the columns"),
        (HEADER + "m,,arena-write,elo,high,paper,\n", ":2: expected 'value' to be a number, found 'high'"),
        (HEADER + "m,,arena-write,elo,nan,paper,\n", ":2: expected 'value' to be a number, found 'nan'"),
        (HEADER + "m,,arena-write,elo,1, ,\n", ":2: 'source' is empty"),
        (HEADER + "m,,arena-write,elo,1\n", ":2: expected 7 columns, found 5"),
        (HEADER + 'm,,"arena\n', "cannot be read as CSV"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_by_line(tmp_path, text, said):
    folder = tmp_path / "published"
    folder.mkdir()
    (folder / "mine.csv").write_text(text, "utf-8")
    with pytest.raises(PublishedError, match=re.escape(str(folder / "mine.csv"))) as caught:
        find_figures(tmp_path)
    assert said in str(caught.value)


def test_the_results_folder_may_have_figures_of_its_own(tmp_path):
    folder = tmp_path / "published"
    folder.mkdir()
    (folder / "mine.csv").write_text(HEADER + "m,,arena-write,elo,1234,a paper,\n", "utf-8")
    shutil.copy(FILES[0], folder)
    figures = find_figures(tmp_path)
    assert figures[-1].value == "1234" or figure(value="1234") in figures
    assert len(figures) == len(find_figures(Path("nowhere"))) + 1


def test_nothing_that_builds_checks_or_stores_a_board_imports_them():
    allowed = {"cli", "published.py", "terminal.py", "markdown.py", "latex.py"}
    for path in (REPOSITORY / "arena_write").rglob("*.py"):
        relative = path.relative_to(REPOSITORY / "arena_write")
        if relative.name in allowed or relative.parts[0] in allowed:
            continue
        modules = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
        assert not [node for node in modules if node.module == "arena_write.reports.published"], relative


def test_a_board_has_the_same_bytes_with_them(tmp_path):
    small = make_benchmark(tmp_path / "small", prompts=6, entrants=["cand", "base1"])
    prompts = shutil.copy(small["prompts"], tmp_path / "arena-write.jsonl")
    done = run(
        "eval", "--benchmark", prompts, "--model", small["cand"], "--baseline", f"DeepSeek-R1={small['base1']}",
        "--judge", "builtin/textstats", "--results", tmp_path / "r",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (path,) = (tmp_path / "r").glob("*@*/*/board.json")
    before = path.read_bytes()
    plain, shown = run("rank", "--results", tmp_path / "r"), run("rank", "--results", tmp_path / "r", "--published")
    assert path.read_bytes() == before
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith(plain.stdout)
    assert "Published figures for arena-write" in shown.stdout
    assert "1343" in shown.stdout and b"1343" not in before
    assert run("report", "--results", tmp_path / "r", "--published", "--format", "json").returncode == 2
    for format, sign in (("md", "### Published figures"), ("latex", "% Published figures")):
        assert sign in run("report", "--results", tmp_path / "r", "--published", "--format", format).stdout
