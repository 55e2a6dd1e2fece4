"""Every file of the neighbours that we have, walked: it is imported and stands on a board, or it is said why not."""

import json

import pytest
from command import REPOSITORY, run

from arena_write.benchmarks.loading import load_benchmark
from arena_write.exporting import ExportRequest, export
from arena_write.importing import (
    ImportingError,
    ImportRequest,
    OutputsRequest,
    ScoresRequest,
    import_battles,
    import_outputs,
    import_scores,
)

DATA = REPOSITORY.parent / "shared" / "data"
BENCHMARKS = {
    "arena_hard/arenahard_v0.1_question.jsonl": 500,
    "arena_hard/arenahard_v2.0_question.jsonl": 750,
    "hellobench/hellobench_data_lenconstr_2k.jsonl": 123,
    "longbench_write/longwriter_longbench_write.jsonl": 120,
    "longbench_write/longwriter_longbench_write_en.jsonl": 60,
    "writingbench/writingbench_length_subset.jsonl": 222,
    "writingbench/writingbench_length_subset_C.jsonl": 222,
    "writingbench/writingbench_v1_length_subset.jsonl": 214,
    "writingbench/writingbench_v1_length_subset_C.jsonl": 214,
}
HELLO, HARD = "hellobench/hellobench_data_lenconstr_2k.jsonl", "arena_hard/arenahard_v0.1_question.jsonl"
OUTPUTS = {
    "arena_hard/arenahard_v0.1_answer_gpt-3.5-turbo-0125.jsonl": (HARD, 500),
    "arena_hard/arenahard_v0.1_answer_gpt-4-0314.jsonl": (HARD, 500),
    "hellobench/hellobench_gen_lenconstr_2k_claude35.jsonl": (HELLO, 123),
    "hellobench/hellobench_gen_lenconstr_2k_gpt4o_0806.jsonl": (HELLO, 123),
    "hellobench/hellobench_gen_lenconstr_2k_longwriter_9b.jsonl": (HELLO, 123),
    "hellobench/hellobench_gen_lenconstr_2k_suri_7b.jsonl": (HELLO, 123),
}
SCORES = {
    "hellobench/hellobench_judg_lenconstr_2k_gpt4o_0806.jsonl": (HELLO, 615),
    "hellobench/hellobench_judg_lenconstr_2k_longwriter_9b.jsonl": (HELLO, 615),
}
BATTLES = {"battles/evalica_food.csv": 30, "battles/evalica_simple.csv": 16}
NOT_JUDGED = (
    "arena_hard/arenahard_v0.1_leaderboard_20240731.csv",
    "battles/evalica_codings.csv",
    "battles/evalica_food-golden.csv",
    "battles/evalica_gcl.csv",
    "battles/evalica_simple-golden.csv",
    "published/published_longwriter_zero_table1_partial.csv",
    "published/published_writingbench_v1_critic_table.csv",
)
"""Figures that others computed, and codings of annotators: no rows of battles."""

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="needs the neighbours' files in ../shared/data")


def test_every_file_is_walked():
    found = {path.relative_to(DATA).as_posix() for path in DATA.rglob("*") if path.is_file()}
    walked = {*BENCHMARKS, *OUTPUTS, *SCORES, *BATTLES, *NOT_JUDGED}
    assert {name for name in found if not name.endswith("LICENSE.txt")} == walked


@pytest.mark.parametrize("name", BENCHMARKS)
def test_prompts_are_a_benchmark(name):
    assert len(load_benchmark(str(DATA / name)).prompts) == BENCHMARKS[name]


@pytest.mark.parametrize("name", BATTLES)
def test_battles_stand_on_a_board(name, tmp_path):
    done = import_battles(ImportRequest(path=DATA / name, results=tmp_path))
    assert done.added == done.board.sections[0].decided == BATTLES[name]
    assert all(row.elo is not None for row in done.board.sections[0].rows)


@pytest.mark.parametrize("name", NOT_JUDGED)
def test_figures_of_others_are_no_battles(name, tmp_path):
    with pytest.raises(ImportingError, match=r"wanted are left, right, winner|quotes of this row are broken"):
        import_battles(ImportRequest(path=DATA / name, results=tmp_path))


def checks(value):
    """The checks of a row: JSON in a string, or as they are."""
    return json.loads(value) if isinstance(value, str) else value


def test_scores_stand_on_one_board_with_the_means_of_their_files(tmp_path):
    for name, (prompts, count) in SCORES.items():
        request = ScoresRequest(path=DATA / name, results=tmp_path, benchmark=str(DATA / prompts), judge="gpt-4o")
        done = import_scores(request)
        assert (done.added, done.file.invalid, done.file.doubled) == (count, (), ())
    means = {row.name: row.mean for row in done.board.rubric[0].rows}
    assert len(means) == 2
    for name in SCORES:
        rows = [json.loads(line) for line in (DATA / name).read_bytes().split(b"\n") if line]
        said = [one["evaluation_score"] for row in rows for one in checks(row["checklist_wise_evaluation"])]
        stem = name.rpartition("/")[2].removesuffix(".jsonl")
        assert means[stem] == pytest.approx(sum(said) / len(said), abs=1e-6)


@pytest.mark.parametrize("name", OUTPUTS)
def test_answers_are_the_entrants(name, tmp_path):
    prompts, count = OUTPUTS[name]
    done = import_outputs(OutputsRequest(path=DATA / name, results=tmp_path, benchmark=str(DATA / prompts)))
    assert (done.added, done.faults, done.missing) == (count, (), ())
    (row,) = done.report.rows
    assert row.texts.answers == count


def test_real_answers_come_back_from_writingbenchs_files(tmp_path):
    name = "hellobench/hellobench_gen_lenconstr_2k_suri_7b.jsonl"
    request = {"benchmark": str(DATA / HELLO), "results": tmp_path / "results"}
    import_outputs(OutputsRequest(path=DATA / name, **request))
    export(ExportRequest(where=tmp_path / "results", to="writingbench", out=tmp_path / "out"))
    (path,) = (tmp_path / "out").rglob("*.jsonl")
    again = import_outputs(OutputsRequest(path=path, **request | {"results": tmp_path / "again"}))
    assert (again.matched, again.missing) == (123, ())


def test_answers_of_arena_hard_stand_on_a_board(tmp_path):
    """As those of HelloBench do, which a test of the command line evaluates whole."""
    candidate, baseline = (DATA / name for name in OUTPUTS if name.startswith("arena_hard"))
    options = ["--benchmark", DATA / HARD, "--judge", "builtin/textstats", "--limit", 40, "--results", tmp_path]
    done = run("eval", "--model", candidate, "--baseline", baseline, *options)
    assert done.returncode == 0, done.stderr
    (path,) = tmp_path.glob("*@*/*/board.json")
    names = {row["name"]: row["coverage"] for row in json.loads(path.read_bytes())["sections"][0]["rows"]}
    assert names == {"gpt-3.5-turbo-0125": 1, "gpt-4-0314": 1}
