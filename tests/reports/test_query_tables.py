"""Rubric scores by domain and requirement, and differences, as tables and as CSV."""

import csv
import io
from dataclasses import replace

import pytest
from verification.folders import make_folder

from arena_write.reports.pages import list_blocks
from arena_write.reports.query_tables import aggregate_tables, difference_tables
from arena_write.reports.spreadsheet import to_csv


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    """Six entrants; two have too few scores for a mean."""
    made = make_folder(
        tmp_path_factory.mktemp("made"), seed=7, candidates=3, prompts=16, criteria=3, fields=True, unasked=0.25,
        min_coverage=0.75,
    )  # fmt: skip
    return made.made


def test_every_figure_has_the_number_of_queries_behind_it(board):
    (section, *_), (first, second) = board.rubric, aggregate_tables(board.rubric[0])
    aggregates = {one.entrant: one for one in section.aggregates}
    best = aggregates[section.rows[0].entrant]
    column = {figure: cells[0] for figure, *cells in first.rows}
    assert len(first.columns) == 1 + 5
    assert len(second.columns) == 1 + 1
    assert column["overall, times ten"] == f"{best.overall * 10:.1f} ({best.queries})"
    assert column["overall (scores alike)"] == f"{best.overall:.2f} ({best.queries})"
    assert column["overall (queries alike)"] == f"{best.macro:.2f} ({best.queries})"
    for group in best.domains:
        assert column[group.name] == f"{group.mean:.2f} ({group.queries})"
    length = next(row for row in best.requirements if row.name == "length")
    assert column["length R"] == f"{length.r:.2f} ({length.queries})"
    assert column["length C"] == f"{length.c:.2f} ({length.pairs})"
    assert column["format R"] == column["format C"] == "not scored"


def test_who_has_no_mean_has_no_part_of_one(board):
    gone = {row.name for row in board.rubric[0].rows if row.mean is None}
    assert gone
    for table in aggregate_tables(board.rubric[0]):
        for place, name in enumerate(table.columns):
            if name in gone:
                assert {row[place] for row in table.rows} == {"withheld"}


def test_differences_are_shown_from_the_better_to_the_other(board):
    section = board.rubric[0]
    known = {(one.first, one.second): one for one in section.differences}
    means = [row for row in section.rows if row.mean is not None][:4]
    (table,) = difference_tables(replace(section, rows=tuple(means)))
    assert len(table.rows) == 6
    ids = {row.name.rstrip("*"): row.entrant for row in section.rows}
    for better, other, difference, interval, _, queries in table.rows:
        pair = ids[better.rstrip("*")], ids[other.rstrip("*")]
        one = known.get(pair)
        sign = 1 if one else -1
        one = one or known[pair[::-1]]
        low, high = sorted((sign * one.low, sign * one.high))
        assert float(difference) == pytest.approx(sign * one.difference, abs=0.006)
        assert interval == f"{low:+.2f} to {high:+.2f}"
        assert int(queries) == one.queries


def test_with_many_entrants_each_is_held_against_the_next(board):
    section = board.rubric[0]
    rows = tuple(replace(row, mean=row.mean or 1.0) for row in section.rows)
    ids = sorted(row.entrant for row in rows)
    gap = section.differences[0]
    pairs = tuple(replace(gap, first=one, second=other) for place, one in enumerate(ids) for other in ids[place + 1 :])
    (table,) = difference_tables(replace(section, rows=rows, differences=pairs))
    assert len(table.rows) == len(rows) - 1
    assert difference_tables(replace(section, rows=rows[:1])) == ()


def test_the_tables_stand_in_the_block_of_the_rubric_alone(board):
    rating, rubric = list_blocks(board)
    assert [table.title for table in rating.tables] == ["Ratings", "Behind them"]
    assert [table.title for table in rubric.tables] == [
        *["Rubric", "Behind them"],
        *["By domain and requirement"] * 2,
        "Differences on the same queries",
    ]


def test_csv_has_a_row_for_each_group_and_each_difference(board):
    section = board.rubric[0]
    rows = [row for row in csv.DictReader(io.StringIO(to_csv([board]))) if row["scope"] == "all"]
    for one in section.aggregates:
        mine = [row for row in rows if row["entrant"] == one.entrant]
        said = {(row["part"], row["group"]): (row["value"], row["prompts"]) for row in mine}
        for part, groups in (("domain", one.domains), ("subdomain", one.subdomains)):
            for group in groups:
                assert said[part, group.name] == (repr(group.mean), str(group.queries))
        for row in one.requirements:
            assert said["requirement_r", row.name] == ("" if row.r is None else repr(row.r), str(row.queries))
            assert said["requirement_c", row.name] == ("" if row.c is None else repr(row.c), str(row.pairs))
        assert said["macro", ""] == ("" if one.macro is None else repr(one.macro), str(one.queries))
    assert sum(row["part"] == "difference" for row in rows) == len(section.differences)
