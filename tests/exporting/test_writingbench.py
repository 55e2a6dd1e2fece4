"""WritingBench's own files: its calculator's arithmetic on them gives the numbers of the board."""

import json

import pytest
from exporting.calculator import calculate
from importing.score_files import hellobench_rows, write_checklists, write_queries, writingbench_rows
from verification.folders import make_folder
from writing import write_jsonl

from arena_write.exporting import ExportRequest, ExportUsageError, export
from arena_write.exporting.board_rows import NO_ANSWER
from arena_write.exporting.writingbench import file_names
from arena_write.importing import OutputsRequest, ScoresRequest, import_outputs, import_scores
from arena_write.store import ResultsFolder
from arena_write.store.keys import output_key


def read(path):
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]


def out_of(tmp_path, where, **options):
    export(ExportRequest(where=where, to="writingbench", out=tmp_path / "out", **options))
    return {path.relative_to(tmp_path / "out").as_posix(): path for path in (tmp_path / "out").rglob("*.jsonl")}


def scores_of(files):
    return {path.stem: path for name, path in files.items() if "/scores/" in name}


@pytest.mark.parametrize(
    "design",
    [
        {"fields": True},
        {"fields": True, "failing": 0.2, "prompts": 15},
        {"fields": True, "samples": 2},
        {"fields": True, "invalid": 0.35, "unasked": 0.02, "prompts": 15, "min_coverage": 0.5},
    ],
    ids=["plain", "failures", "samples", "missing"],
)
def test_the_calculators_arithmetic_gives_the_numbers_of_the_board(tmp_path, design):
    maker = make_folder(tmp_path / "results", seed=4, **design)
    missing = "invalid" in design
    queries = {
        prompt.id: {
            "domain1": prompt.domain,
            # The calculator stops where a criterion of a requirement has no score.
            "requirements": {} if missing else prompt.requirements,
        }
        for prompt in maker.prompts
    }
    files = scores_of(out_of(tmp_path, tmp_path / "results"))
    (section, *_) = maker.made.rubric
    aggregates = {one.entrant: one for one in section.aggregates}
    assert len(files) == len(section.rows) == 5
    for row in section.rows:
        made, shown = calculate(files[row.name], queries), aggregates[row.entrant]
        assert row.mean == pytest.approx(made["overall"], abs=1e-6)
        assert row.prompts == made["count"]
        domains = {one.name: one.mean for one in shown.domains}
        assert domains == pytest.approx({name: mean for name, mean in made["domains"].items() if name}, abs=1e-6)
        if missing:
            continue
        for requirement in shown.requirements:
            whole, tested = made["R"].get(requirement.name), made["C"].get(requirement.name)
            assert requirement.r == (whole if whole is None else pytest.approx(whole, abs=1e-6))
            assert requirement.c == (None if requirement.pairs == 0 else pytest.approx(tested, abs=1e-6))
    if missing:
        assert any(row.invalid or row.open for row in section.rows)
        assert all(some for path in files.values() for record in read(path) for some in record["scores"].values())


def test_an_answer_with_nothing_to_judge_scores_1_and_says_why(tmp_path):
    maker = make_folder(tmp_path / "results", seed=4, failing=0.3, prompts=12)
    files = out_of(tmp_path, tmp_path / "results")
    failed = {(row.entrant_name, row.prompt_id) for row in maker.benchmark.outputs() if row.failure}
    assert failed
    for name, prompt in failed:
        (record,) = (one for one in read(scores_of(files)[name]) if one["index"] == prompt)
        assert {(one["score"], one["reason"]) for some in record["scores"].values() for one in some} == {(1, NO_ANSWER)}
        (answer,) = (one for one in read(files[f"made@1/responses/{name}.jsonl"]) if one["index"] == prompt)
        assert answer == {"index": prompt, "response": ""}


def test_responses_are_the_answers_in_the_order_of_the_queries(tmp_path):
    maker = make_folder(tmp_path / "results", seed=4, samples=2)
    files = out_of(tmp_path, tmp_path / "results")
    outputs = {(row.entrant_name, row.prompt_id, row.sample): row.text for row in maker.benchmark.outputs()}
    order = [prompt.id for prompt in maker.prompts]
    for name, number in {(name, number) for name, _, number in outputs}:
        path = files[f"made@1/responses/{name}{f'-sample{number}' if number else ''}.jsonl"]
        assert [record["index"] for record in read(path)] == order
        assert all(record["response"] == outputs[name, record["index"], number] for record in read(path))


@pytest.fixture
def bring(tmp_path):
    queries = write_queries(tmp_path / "queries.jsonl")

    def call(rows, name, results="results", **options):
        path = rows if not isinstance(rows, list) else write_jsonl(tmp_path / f"{name}.jsonl", rows)
        request = {"path": path, "results": tmp_path / results, "benchmark": str(queries), "name": name} | options
        return import_scores(ScoresRequest(**request)).board

    return call


def numbers(board):
    rows = {row.name: (row.mean, row.low, row.high, row.judged, row.prompts) for row in board.rubric[0].rows}
    groups = {
        one.name: (one.overall, one.macro, {group.name: group.mean for group in (*one.domains, *one.subdomains)})
        for one in board.rubric[0].aggregates
    }
    return rows, groups


def test_scores_come_back_with_the_same_numbers(bring, tmp_path):
    doubled = [*writingbench_rows(2, repeats=2), *writingbench_rows(3)[:3]]
    bring(writingbench_rows(1), "one", judge="claude")
    board = bring(doubled, "写作 model/two", judge="claude")
    files = scores_of(out_of(tmp_path, tmp_path / "results"))
    assert set(files) == {"one", "写作-model-two"}
    assert read(files["one"]) == writingbench_rows(1)
    for stem, name in (("one", "one"), ("写作-model-two", "写作 model/two")):
        again = bring(files[stem], name, results="again", judge="claude")
    assert numbers(again) == numbers(board)
    assert [file.doubled for file in again.score_files] == [file.doubled for file in board.score_files]
    queries = {row["index"]: row for row in read(tmp_path / "queries.jsonl")}
    aggregates = {one.name: one for one in board.rubric[0].aggregates}
    for row in board.rubric[0].rows:
        made = calculate(files[{"one": "one"}.get(row.name, "写作-model-two")], queries)
        assert made["overall"] == pytest.approx(row.mean, abs=1e-6)
        assert {one.name: one.mean for one in aggregates[row.name].domains} == pytest.approx(made["domains"], abs=1e-6)


def test_outputs_come_back_as_the_same_entrant(tmp_path):
    queries = write_queries(tmp_path / "queries.jsonl")
    rows = [{"index": number, "response": f"Answer\u2028{number}."} for number in range(24)]
    path = write_jsonl(tmp_path / "mine.jsonl", rows)
    request = {"results": tmp_path / "results", "benchmark": str(queries)}
    first = import_outputs(OutputsRequest(path=path, **request))
    (written,) = out_of(tmp_path, tmp_path / "results").values()
    assert read(written) == rows
    again = import_outputs(OutputsRequest(path=written, **request))
    assert again.outputs.entrant.id == first.outputs.entrant.id
    assert again.added == 0


def test_a_second_answer_and_a_model_of_that_name_are_two_files(tmp_path):
    queries = write_queries(tmp_path / "queries.jsonl")
    request = {"results": tmp_path / "results", "benchmark": str(queries)}
    for name in ("m", "M-sample1"):
        path = write_jsonl(tmp_path / f"{name}.jsonl", [{"index": 0, "response": name}])
        import_outputs(OutputsRequest(path=path, **request))
    (mine,) = (tmp_path / "results").glob("*/outputs/m-*.jsonl")
    (row,) = read(mine)
    write_jsonl(
        mine, [row, row | {"sample": 1, "key": output_key(prompt=row["prompt"], entrant=row["entrant"], sample=1)}]
    )
    files = out_of(tmp_path, tmp_path / "results")
    assert sorted(path.stem[:9] for path in files.values()) == ["M-sample1", "m", "m-sample1"]
    assert [path.read_text("utf-8").count("response") for path in files.values()] == [1, 1, 1]


def test_scores_on_another_scale_are_no_writingbench_scores(tmp_path):
    benchmark = str(write_checklists(tmp_path / "prompts.jsonl"))
    path = write_jsonl(tmp_path / "h.jsonl", hellobench_rows(1))
    import_scores(ScoresRequest(path=path, results=tmp_path / "results", benchmark=benchmark))
    with pytest.raises(ExportUsageError, match="go from 0 to 1, and WritingBench's from 1 to 10"):
        out_of(tmp_path, tmp_path / "results")
    assert not (tmp_path / "out").exists()


def test_names_that_would_be_one_file_are_told_apart():
    names = file_names([("a" * 32, "Model"), ("b" * 32, "model"), ("c" * 32, "../../etc/passwd"), ("d" * 32, "...")])
    assert names == {
        "a" * 32: "Model-aaaaaaaa",
        "b" * 32: "model-bbbbbbbb",
        "c" * 32: "etc-passwd",
        "d" * 32: "unnamed",
    }


def test_a_place_is_a_board_a_benchmark_or_a_results_folder(bring, tmp_path):
    bring(writingbench_rows(1), "one", judge="claude")
    bring(writingbench_rows(2), "two", judge="critic")
    (benchmark,) = ResultsFolder(tmp_path / "results").benchmarks()
    places = sorted(board.path for board in benchmark.boards())
    for where, count in ((tmp_path / "results", 2), (benchmark.path, 2), (places[0], 1), (places[0] / "board.json", 1)):
        done = export(ExportRequest(where=where, to="writingbench", out=tmp_path / f"out{where.name}"))
        assert len(done.files) == count
    done = export(ExportRequest(where=tmp_path / "results", to="writingbench", out=tmp_path / "o", judge="critic"))
    assert [path.stem for path, _ in done.files] == ["two"]
    with pytest.raises(ExportUsageError, match=r"nothing in .* matches; there are: queries@.* \(claude .*, critic "):
        export(ExportRequest(where=tmp_path / "results", to="writingbench", out=tmp_path / "p", judge="gpt"))
    with pytest.raises(ExportUsageError, match="holds nothing to export"):
        export(ExportRequest(where=tmp_path / "nowhere", to="csv", out=tmp_path / "p"))
