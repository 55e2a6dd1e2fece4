"""A board as CSV and as LaTeX: all of it is there, and no name acts on what reads it."""

import csv
import io
import re
from dataclasses import replace

import pytest
from verification.folders import make_folder

from arena_write.reports.latex import escape, to_latex
from arena_write.reports.markdown import to_markdown
from arena_write.reports.spreadsheet import COLUMNS, to_csv


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    made = make_folder(
        tmp_path_factory.mktemp("made"), seed=3, failing=0.1, invalid=0.4, min_coverage=0.7, steady={1: 1}, unread=1
    )
    return made.made


def renamed(board, name):
    """The board with one entrant called otherwise wherever it stands."""
    entrant = board.sections[0].rows[0].entrant

    def rename(section):
        rows = tuple(replace(row, name=name) if row.entrant == entrant else row for row in section.rows)
        return replace(section, rows=rows)

    return replace(
        board, sections=tuple(map(rename, board.sections)), rubric=tuple(map(rename, board.rubric)), title=name
    )


def read(text):
    return list(csv.DictReader(io.StringIO(text)))


class TestCsv:
    def test_there_is_a_row_for_each_part_scope_and_entrant(self, board):
        rows = read(to_csv([board]))
        count = len(board.sections[0].rows)
        baselines = sum(row.role == "baseline" for row in board.sections[0].rows)
        found = [(row["part"], row["scope"]) for row in rows]
        for scope in ("all", "en", "zh"):
            assert found.count(("rating", scope)) == found.count(("rubric", scope)) == count
            assert found.count(("win_rate", scope)) == (count - baselines) * baselines + baselines * (baselines - 1)
            assert found.count(("difference", scope)) == count * (count - 1) / 2
        assert len(rows) == len(found) == 3 * (2 * count + count * baselines - baselines + count * (count - 1) / 2)

    def test_numbers_are_those_of_the_board_to_the_last_digit(self, board):
        rows = [row for row in read(to_csv([board])) if (row["part"], row["scope"]) == ("rating", "all")]
        for said, row in zip(rows, board.sections[0].rows, strict=True):
            for column, value in (("value", row.elo), ("low", row.low), ("worst_case", row.worst_case)):
                assert said[column] == ("" if value is None else repr(value))
            assert (int(said["judged"]), int(said["answers"])) == (row.judged, row.texts.answers)
            assert said["censored"] == str(row.censored).lower()
            assert said["reason"] == row.reason

    def test_how_ratings_were_made_stands_beside_them(self, tmp_path):
        """None of it once left a board but as JSON."""
        board = make_folder(tmp_path, seed=4, anchored=True, prompts=15, uneven=40, candidates=3, steady={2: 1}).made
        section = board.sections[0]
        rows = [row for row in read(to_csv([board])) if (row["part"], row["scope"]) == ("rating", "all")]
        assert {row.bound for row in section.rows} == {"interval", "at_least"}
        for said, row in zip(rows, section.rows, strict=True):
            made = (said["method"], said["degrees_of_freedom"], said["design_effect"])
            rated = (section.method, repr(section.degrees_of_freedom), repr(section.design_effect))
            assert made == (rated if row.bound == "interval" else ("", "", ""))
            for column in ("low_with_anchors", "high_with_anchors", "misfit"):
                value = getattr(row, column)
                assert said[column] == ("" if value is None else repr(value))
            if row.equal_length is not None:
                assert said["equal_length_elo"] == repr(row.equal_length.elo)
                assert said["equal_length_extrapolated"] == str(row.equal_length.extrapolated).lower()
        assert any(row["low_with_anchors"] and row["misfit"] and row["equal_length_low"] for row in rows)

    def test_the_measure_stands_in_every_row(self, board):
        measures = {(row["part"], row["measure"]) for row in read(to_csv([board]))}
        label = board.judge.label
        rubric = "rubric mean, 1 to 10 (arena-write rubric)"
        assert measures == {("rating", label), ("win_rate", label), ("rubric", rubric), ("difference", rubric)}

    def test_several_boards_have_one_header(self, board):
        one, both = to_csv([board]), to_csv([board, board])
        assert both.count(COLUMNS[0]) == one.count(COLUMNS[0])
        assert len(read(both)) == 2 * len(read(one))

    @pytest.mark.parametrize(
        ("name", "cell"),
        [
            ("=1+1", "'=1+1"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
            (" =1", "' =1"),
            ("\t=1", "' =1"),
            ("\r=1", "' =1"),
            ("＝1", "'＝1"),
            ('a,"b"\nc', 'a,"b" c'),
            ("red\x1b[31m\u202e", "red\ufffd[31m\ufffd"),
            ("gpt-4=x", "gpt-4=x"),
            ("写作模型", "写作模型"),
        ],
    )
    def test_no_name_is_a_formula(self, board, name, cell):
        rows = read(to_csv([renamed(board, name)]))
        assert {row["name"] for row in rows} >= {cell}
        assert name == cell or name not in {row["name"] for row in rows}
        assert all(set(row) == set(COLUMNS) for row in rows)

    def test_a_negative_number_stays_a_number(self, board):
        section = board.sections[0]
        lowest = replace(section.rows[-1], low=-12.5)
        rows = read(to_csv([replace(board, sections=(replace(section, rows=(*section.rows[:-1], lowest)),))]))
        assert "-12.5" in {row["low"] for row in rows}


class TestLatex:
    def test_tables_have_the_cells_of_the_markdown(self, board):
        latex, markdown = to_latex(board), to_markdown(board)
        assert latex.count(r"\toprule") == latex.count(r"\bottomrule") == latex.count(r"\end{tabular}") == 5
        lines = [line for line in latex.splitlines() if line.endswith(r"\\")]
        rows = [line for line in markdown.splitlines() if line.startswith("| ") and "---" not in line]
        assert len(lines) == len(rows)
        for line, row in zip(lines, rows, strict=True):
            assert len(re.findall(r"(?<!\\)&", line)) + 1 == len(re.findall(r" \|", row))
        assert r"\ensuremath{\pm}" in latex
        for note in ("battles are missing", "left the board", "Judging by judge"):
            assert note in latex
            assert note in markdown

    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            (r"\input{/etc/passwd}", r"\textbackslash{}input\{/etc/passwd\}"),
            ("a_b & 100% #1 $x$", r"a\_b \& 100\% \#1 \$x\$"),
            ("^^5c~", r"\textasciicircum{}\textasciicircum{}5c\textasciitilde{}"),
            ("<a>|b|", r"\textless{}a\textgreater{}\textbar{}b\textbar{}"),
            ("[4pt] *x", "{[}4pt{]} {*}x"),
            ("a--b---c", "a-{}-b-{}-{}-c"),
            ("``x''", r"\textasciigrave{}\textasciigrave{}x'{}'"),
            ("two\nlines\x1b[3m", "two lines\ufffd{[}3m"),
            ("gpt-4.1", "gpt-4.1"),
            ("写作", "写作"),
        ],
    )
    def test_tex_sets_a_name_as_it_is(self, name, shown):
        assert escape(name) == shown

    def test_no_name_leaves_its_cell_or_its_comment(self, board):
        hostile = "x\\\\ \\end{tabular}\n\\input{evil} % & \u2028\\bye"
        plain, shown = to_latex(renamed(board, "x")).splitlines(), to_latex(renamed(board, hostile)).splitlines()
        assert len(plain) == len(shown)
        for one, other in zip(plain, shown, strict=True):
            assert one.startswith("%") == other.startswith("%")
            if not one.startswith("%"):
                assert len(re.findall(r"(?<!\\)&", one)) == len(re.findall(r"(?<!\\)&", other))
                assert r"\end{tabular}" not in other or one == other
                assert r"\input" not in other
