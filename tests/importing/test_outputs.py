"""Answers that another tool recorded: the same entrant as an evaluation of the file, and every row accounted for."""

import json

import pytest
from command import run
from writing import make_benchmark, write_jsonl

from arena_write.benchmarks.errors import UnknownBenchmarkError
from arena_write.generators import PromptMismatchError, RecordedOutputsError
from arena_write.importing import ImportingError, ImportingUsageError, OutputsRequest, import_outputs
from arena_write.store import ResultsFolder
from judges import text_id


@pytest.fixture
def paths(tmp_path):
    return make_benchmark(tmp_path, prompts=30, entrants=["one", "two"])


@pytest.fixture
def bring(tmp_path, paths):
    """Import a file, or rows written to one, into ./results."""

    def call(rows, *, file="mine.jsonl", **options):
        path = rows if not isinstance(rows, (list, bytes)) else tmp_path / file
        if isinstance(rows, list):
            write_jsonl(path, rows)
        elif isinstance(rows, bytes):
            path.write_bytes(rows)
        options = {"benchmark": str(paths["prompts"]), **options}
        return import_outputs(OutputsRequest(path=path, results=tmp_path / "results", **options))

    return call


def stored(tmp_path):
    (folder,) = ResultsFolder(tmp_path / "results").benchmarks()
    return {(row.entrant_name, row.prompt_id): row for row in folder.outputs()}


def answers(count=30, **fields):
    return [{"index": f"p{number}", "response": f"Answer {number}."} | fields for number in range(count)]


def conversation(number, prompts, **content):
    return {
        "uid": f"p{number}",
        "ans_id": f"a{number}",
        "model": "gpt-x",
        "messages": [
            {"role": "user", "content": prompts[number]},
            {"role": "assistant", "content": {"answer": f"Answer {number}."} | content},
        ],
        "tstamp": 1.0,
    }


@pytest.fixture
def prompts(paths):
    return [json.loads(line)["text"] for line in paths["prompts"].read_text("utf-8").splitlines()]


def test_the_entrant_is_the_one_that_an_evaluation_of_the_file_makes(bring, paths, tmp_path):
    done = bring(paths["one"])
    assert (done.added, done.matched, done.faults, done.missing) == (30, 30, (), ())
    options = ["--benchmark", paths["prompts"], "--baseline", paths["two"], "--judge", "builtin/textstats"]
    judged = run("eval", "--model", paths["one"], *options, "--results", tmp_path / "results")
    assert judged.returncode == 0, judged.stderr
    rows = [row for key, row in stored(tmp_path).items() if key[0] == "one"]
    assert {row.entrant for row in rows} == {done.outputs.entrant.id}
    assert {row.plan.partition(":")[0] for row in rows} == {"import"}, "the evaluation wrote nothing anew"
    assert {(row.origin, row.source) for row in rows} == {("recorded", "one.jsonl")}
    assert bring(paths["one"]).added == 0


def test_arena_hard_keeps_the_answer_the_thought_and_the_name(bring, prompts, tmp_path):
    rows = [conversation(number, prompts) for number in range(29)]
    rows.append(conversation(29, prompts, thought="First I plan.") | {"metadata": {"token_len": 9}})
    done = bring(rows)
    assert done.outputs.format == "arena-hard"
    kept = stored(tmp_path)
    assert kept["gpt-x", "p29"].thinking == "First I plan."
    assert kept["gpt-x", "p29"].text == "Answer 29."
    assert kept["gpt-x", "p3"].thinking is None


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ("none", "expected the fields of the rows before, arena-hard"),
        ([{"role": "user", "content": "x"}], "expected the fields of the rows before, arena-hard"),
        ([{"role": "assistant", "content": {"answer": 7}}], "expected 'answer' to be a string, found 7"),
        ([{"role": "assistant", "content": {"answer": "a"}}] * 2, "expected the fields of the rows before"),
    ],
)
def test_conversations_that_hold_no_single_answer_are_named(bring, prompts, messages, said):
    rows = [conversation(number, prompts) for number in range(29)]
    done = bring([*rows, {"uid": "p29", "model": "gpt-x", "messages": messages}])
    (fault,) = done.faults
    assert fault.startswith("line 30: ")
    assert said in fault
    assert done.missing == ("p29",)


def test_a_null_answer_is_a_failure_of_the_model_and_not_an_empty_text(bring, tmp_path):
    done = bring([*answers(29), {"index": "p29", "response": None}])
    assert done.matched == 30
    assert done.report.rows[0].texts.no_answer == 1
    assert stored(tmp_path)["mine", "p29"].failure == "no_answer"


def test_line_separators_within_a_text_stay_in_it(bring, tmp_path):
    text = "One\u2028two\u2029three\u0085four\x0bfive."
    bring("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in answers(30, response=text)).encode())
    assert {row.text for row in stored(tmp_path).values()} == {text}


def test_a_half_written_file_is_counted_where_an_evaluation_stops(bring, paths, tmp_path):
    data = b"".join(json.dumps(row).encode() + b"\n" for row in answers())
    done = bring(data[:-15])
    assert done.added == 29
    (fault,) = done.faults
    assert fault.startswith("line 30: expected one JSON object, found invalid JSON at column ")
    judged = run("eval", "--model", tmp_path / "mine.jsonl", "--benchmark", paths["prompts"], "--no-judge",
                 "--results", tmp_path / "other")  # fmt: skip
    assert judged.returncode == 1
    assert "mine.jsonl:30: expected one JSON object" in judged.stderr


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"index": "p0", "response": "Once more."}, "a second answer to prompt 'p0', sample 0; the first is in line 1"),
        ({"index": "p99", "response": "x"}, "its prompt, 'p99', is not in the benchmark"),
        ({"index": 1.5, "response": "x"}, "expected 'index' to be a non-empty string or a whole number"),
        ({"index": "p29", "response": ["x"]}, "expected 'response' to be a string, found ['x']"),
        ({"text": "x"}, "expected the fields of the rows before, writingbench"),
    ],
)
def test_rows_that_cannot_be_used_are_counted_and_past_a_twentieth_refused(bring, bad, said, tmp_path):
    done = bring([*answers(29), bad])
    assert done.added == 29
    (fault,) = done.faults
    assert said in fault
    rows = [*answers(20), bad, bad | {"more": 1}]
    with pytest.raises(ImportingError, match=r"2 of 22 rows cannot be used, more than 5%\. line 21: "):
        bring(rows, file="worse.jsonl")
    assert len(bring(rows, file="worse.jsonl", allow_invalid=True).faults) == 2


def test_nothing_usable_is_never_imported(bring, tmp_path):
    with pytest.raises(ImportingError, match="none of 3 rows is an answer to a prompt of"):
        bring([{"index": f"q{number}", "response": "x"} for number in range(3)], allow_invalid=True)
    with pytest.raises(RecordedOutputsError, match=r"mine\.jsonl:1: expected one JSON object"):
        bring(b'{"index": 1, "respo\n{"index"', allow_invalid=True)
    with pytest.raises(ImportingError, match="the file is empty"):
        bring(b"\n")
    with pytest.raises(ImportingUsageError, match="there is no such file"):
        bring(tmp_path / "gone.jsonl")
    assert not (tmp_path / "results").exists()


def test_answers_to_other_texts_under_the_same_ids_are_refused(bring):
    with pytest.raises(PromptMismatchError, match="was written for another text than the benchmark's"):
        bring(answers(30, query="Another text."))


def test_two_files_with_one_name_are_told_apart_or_refused(bring, paths, tmp_path):
    bring(paths["one"], name="mine")
    with pytest.raises(ImportingUsageError, match=r"'mine' is the name of other answers in .*, read from one\.jsonl; "):
        bring(paths["two"], name="mine")
    bring(paths["two"], name="yours")
    assert {name for name, _ in stored(tmp_path)} == {"mine", "yours"}


def test_options_that_name_what_is_not_there(bring, paths):
    with pytest.raises(ImportingUsageError, match="have the fields of results, and --from says hellobench"):
        bring(paths["one"], format="hellobench")
    with pytest.raises(UnknownBenchmarkError):
        bring(paths["one"], benchmark="nowhere")


def test_the_origin_is_in_the_log_of_the_run(paths, tmp_path):
    from hashlib import sha256

    done = run("import", "outputs", paths["one"], "--benchmark", paths["prompts"], "--results", tmp_path / "r")
    assert done.returncode == 0, done.stderr
    assert "30 of 30 answers added (results)" in done.stderr
    assert " eval --model " in done.stdout.rstrip().splitlines()[-1]
    (log,) = (tmp_path / "r" / "runs").glob("*.jsonl")
    start, end = map(json.loads, log.read_text("utf-8").splitlines())
    assert start["plan"]["import"] == sha256(paths["one"].read_bytes()).hexdigest()
    assert start["plan"]["file"] == "one.jsonl"
    assert end["rows"] == {"outputs": 30, "invalid": 0}


def test_hostile_names_and_texts_cannot_act_on_a_terminal(paths, tmp_path):
    rows = [{"index": f"p{number}", "response": f"\x1b[31m {number}"} for number in range(28)]
    rows += [{"index": "\x1b[2Jp99", "response": "x"}]
    path = write_jsonl(tmp_path / "h.jsonl", rows)
    done = run("import", "outputs", path, "--benchmark", paths["prompts"], "--name", "../\x1b[31mred",
               "--results", tmp_path / "r")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    (file,) = (tmp_path / "r").glob("*/outputs/*")
    assert file.parent.parent.parent == tmp_path / "r"
    assert text_id("\x1b[31m 3") in {json.loads(line)["text_id"] for line in file.read_text("utf-8").splitlines()}
