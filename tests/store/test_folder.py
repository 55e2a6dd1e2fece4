"""Where everything lies: names that anybody chose stay inside the folder, and nothing stored is overwritten."""

import json
import os
import stat
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_write.benchmarks.prompts import Prompt
from arena_write.names import safe_name
from arena_write.store import (
    ConflictError,
    LabelRecord,
    ResultsFolder,
    RowError,
    SettingsRecord,
    StoreError,
    VersionError,
    WriteError,
    read_json,
    replace_file,
)
from arena_write.store import folder as folder_module
from arena_write.store.errors import ReadError
from arena_write.store.folder import JUDGES
from judges import Criterion, JudgeSpec, text_id

HOSTILE = [
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    ".",
    "...",
    "",
    " ",
    "a\0b",
    "a\nb",
    "a/b\\c",
    "x" * 300,
    "模型" * 150,
    "𠮷" * 300,
    "😀" * 5,
    "\ud83d",
    "~root",
    "$(reboot)",
    "-rf",
    "CON",
    "a:b*c?",
    ".hidden",
    "e\u0301",
    "\u202egnp.exe",
]
PROMPTS = (Prompt("p1", "Write.", "en"), Prompt("p2", "写作\u2028", "zh"))
SPEC = JudgeSpec("judge", "m", "t", {"temperature": 0.0})


@pytest.fixture
def benchmark(tmp_path):
    return ResultsFolder(tmp_path).benchmark("arena-write@1")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_inside_the_folder(name, tmp_path, output):
    results = ResultsFolder(tmp_path / "results")
    benchmark = results.benchmark(f"{name}@{name}")
    with benchmark.outputs_file(name=name, entrant="5" * 32).append() as writer:
        writer.write(output())
    board = benchmark.board(replace(SPEC, name=name))
    board.keep_judge(SPEC)
    with results.run(name).append():
        pass
    files = [path.relative_to(tmp_path).parts for path in tmp_path.rglob("*") if path.is_file()]
    (outputs,) = [parts for parts in files if parts[-2] == "outputs"]
    (judge,) = [parts for parts in files if parts[-1] == "judge.json"]
    (run,) = [parts for parts in files if parts[-2] == "runs"]
    assert [len(parts) for parts in (outputs, judge, run)] == [4, 4, 3]
    assert {parts[0] for parts in files} == {"results"}
    assert outputs[1] == judge[1] == benchmark.path.name
    assert outputs[-1].endswith("-55555555.jsonl")
    assert len(files) == 3
    assert list(benchmark.outputs()) == [output()]
    assert [found.path for found in benchmark.boards()] == [board.path]


@given(name=st.text() | st.sampled_from(HOSTILE))
def test_a_safe_name_is_a_part_of_a_file_name(name):
    safe = safe_name(name)
    assert 1 <= len(safe) <= 64
    assert len(safe.encode()) <= 120
    assert not set(safe) & set("/\\\0\n\r :*?\"<>|'$~")
    assert not safe.startswith((".", "-"))
    assert safe_name(safe) == safe


def test_people_recognise_a_safe_name():
    assert safe_name("Qwen/Qwen3-8B-Instruct_v1.5") == "Qwen-Qwen3-8B-Instruct_v1.5"
    assert safe_name("写作模型 一号") == "写作模型-一号"
    assert safe_name("") == safe_name("///") == "unnamed"


def test_entrants_of_one_safe_name_have_files_of_their_own(benchmark, output):
    rows = [
        output(f"{n}", entrant=f"{n}" * 32, entrant_name=name) for n, name in enumerate(["a/b", "a b", "a-b", "a?b"])
    ]
    for row in rows:
        with benchmark.outputs_file(name=row.entrant_name, entrant=row.entrant).append() as writer:
            writer.write(row)
    assert len(list((benchmark.path / "outputs").iterdir())) == 4
    assert {row.text for row in benchmark.outputs()} == set("0123")


def test_outputs_come_sorted_by_key_whatever_the_files_are_called(benchmark, output):
    rows = [output(f"{n}", sample=n) for n in range(9)]
    for n, row in enumerate(rows):
        with benchmark.outputs_file(name=f"{n * 7 % 9}", entrant=f"{n}" * 32).append() as writer:
            writer.write(row)
    found = list(benchmark.outputs())
    assert all(one.key < other.key for one, other in pairwise(found))
    assert {row.key for row in found} == {row.key for row in rows}
    (benchmark.path / "outputs" / f"0-{'0' * 8}.jsonl").rename(benchmark.path / "outputs" / "renamed by a person.jsonl")
    assert list(benchmark.outputs()) == found


def test_of_two_outputs_of_one_key_the_earliest_counts(benchmark, output):
    early = output("early", at="2026-01-01T00:00:00.000001+00:00")
    late = output("late", at="2026-01-01T00:00:00.000002+00:00")
    for order in ([early, late], [late, early], [late, early, late]):
        file = benchmark.outputs_file(name="m", entrant="5" * 32)
        file.path.unlink(missing_ok=True)
        with file.append() as writer:
            for row in order:
                writer.write(row)
        assert list(benchmark.outputs()) == [early]
    twin = output("twin", at=early.at)
    with benchmark.outputs_file(name="other", entrant="6" * 32).append() as writer:
        writer.write(twin)
    assert list(benchmark.outputs()) == [min(early, twin, key=lambda row: row.text_id)]


def test_a_bad_output_is_named(benchmark, output):
    file = benchmark.outputs_file(name="m", entrant="5" * 32)
    with file.append() as writer:
        writer.write(output())
    file.path.write_bytes(file.path.read_bytes() + b"{}\n")
    with pytest.raises(RowError, match=r"m-55555555\.jsonl:2: field key"):
        list(benchmark.outputs())


def test_prompts_are_kept_and_read_back(benchmark):
    criteria = (Criterion("Depth", "How deep?", ("a", "b", "c", "d", "e")),)
    prompts = (*PROMPTS, Prompt("p3", "Score.", "en", domain="d", criteria=criteria))
    benchmark.keep_prompts(prompts)
    assert tuple(benchmark.prompts_file.read()) == prompts
    assert benchmark.prompts_file.path.read_bytes().count(b"\n") == 3


def test_prompts_kept_again_change_no_byte(benchmark):
    benchmark.keep_prompts(PROMPTS)
    before = benchmark.prompts_file.path.stat()
    benchmark.keep_prompts(PROMPTS)
    assert benchmark.prompts_file.path.stat().st_mtime_ns == before.st_mtime_ns
    assert benchmark.prompts_file.path.stat().st_ino == before.st_ino


def test_what_is_no_text_may_change(benchmark):
    benchmark.keep_prompts(PROMPTS)
    renamed = (replace(PROMPTS[0], domain="poetry"), PROMPTS[1])
    benchmark.keep_prompts(renamed)
    assert tuple(benchmark.prompts_file.read()) == renamed


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ((replace(PROMPTS[0], text="Write!"), PROMPTS[1]), "p1"),
        (PROMPTS[:1], "p2"),
        ((*PROMPTS, Prompt("p0", "More.", "en")), "p0"),
        ((replace(PROMPTS[0], id="q1"), PROMPTS[1]), "p1"),
        ((), "p1"),
    ],
    ids=["text", "fewer", "more", "id", "none"],
)
def test_changed_prompts_are_refused_and_the_stored_ones_stay(benchmark, changed, named, digest):
    benchmark.keep_prompts(PROMPTS)
    before = digest(benchmark.prompts_file.path)
    with pytest.raises(ConflictError, match=f"{named!r} differs") as caught:
        benchmark.keep_prompts(changed)
    assert "--results" in str(caught.value)
    assert digest(benchmark.prompts_file.path) == before


def test_benchmarks_are_those_with_prompts(tmp_path):
    results = ResultsFolder(tmp_path)
    assert results.benchmarks() == []
    for name in ("b@2", "a@1"):
        results.benchmark(name).keep_prompts(PROMPTS)
    (tmp_path / "runs").mkdir()
    (tmp_path / "published").mkdir()
    (tmp_path / "c@3").mkdir()
    assert [found.id for found in results.benchmarks()] == ["a@1", "b@2"]


def test_an_imported_file_is_a_benchmark_without_prompts(tmp_path, records, imported, digest):
    results = ResultsFolder(tmp_path)
    folder = results.benchmark("votes@1a2b3c4d")
    board = folder.board(SPEC)
    assert board.imported() is None
    board.keep_judge(SPEC)
    assert results.benchmarks() == []
    board.keep_import(records["import"])
    before = digest(board.import_path), board.import_path.stat().st_mtime_ns
    board.keep_import(records["import"])
    assert (digest(board.import_path), board.import_path.stat().st_mtime_ns) == before
    assert board.imported() == records["import"]
    board.keep_import(replace(records["import"], baselines=("other",)))
    assert board.imported().baselines == ("other",)
    with board.imports.append() as writer:
        writer.write(imported())
    assert list(board.imports.read()) == [imported()]
    assert [found.id for found in results.benchmarks()] == ["votes@1a2b3c4d"]
    assert [found.path for found in results.benchmarks()[0].boards()] == [board.path]


def test_a_judge_is_kept_once(benchmark, digest):
    board = benchmark.board(SPEC)
    board.keep_judge(SPEC)
    before = digest(board.judge_path)
    board.keep_judge(SPEC)
    board.keep_judge(replace(SPEC, label="other label"))
    assert digest(board.judge_path) == before
    found = board.judge()
    assert (found.id, found.name, found.decoding) == (SPEC.id, "judge", {"temperature": 0.0})
    assert JudgeSpec("x", found.model, found.template, found.decoding, found.reply_format).id == SPEC.id


def test_settings_are_kept_and_have_defaults(benchmark):
    board = benchmark.board(JudgeSpec("judge", "m", "t"))
    assert board.settings() == SettingsRecord()
    label = LabelRecord(name="写作\u2028", origin="recorded")
    settings = SettingsRecord(title="a title", context=8_000, min_coverage=0.9, labels={"5" * 32: label})
    board.keep_settings(settings)
    assert board.settings() == settings
    before = board.settings_path.stat().st_mtime_ns
    board.keep_settings(settings)
    assert board.settings_path.stat().st_mtime_ns == before


def test_two_judges_never_share_a_folder(benchmark, digest):
    board = benchmark.board(SPEC)
    board.keep_judge(SPEC)
    before = digest(board.judge_path)
    with pytest.raises(ConflictError, match="another judge"):
        board.keep_judge(replace(SPEC, model="m2"))
    assert digest(board.judge_path) == before


def test_two_judges_whose_ids_begin_alike_are_told_apart(benchmark):
    spec = replace(SPEC, model="m2")
    board = benchmark.board(spec)
    board.keep_judge(spec)
    stored = json.loads(board.judge_path.read_text())
    board.judge_path.write_text(json.dumps(stored | {"id": spec.id[:8] + "0" * 24}))
    with pytest.raises(ConflictError):
        benchmark.board(spec).keep_judge(spec)


def test_a_judge_keeps_its_folder_under_another_name(benchmark):
    # The name is for people. A judge called otherwise today must not be paid for its verdicts of yesterday again.
    board = benchmark.board(SPEC)
    assert board.path.name == f"judge-{SPEC.id[:8]}"
    board.keep_judge(SPEC)
    assert benchmark.board(replace(SPEC, name="my judge")).path == board.path
    assert benchmark.board(replace(SPEC, template="t2")).path != board.path
    assert len(benchmark.boards()) == 1


def test_a_judge_called_outputs_has_a_folder_of_its_own(benchmark):
    for name in ("outputs", "votes", "judge"):
        spec = replace(SPEC, name=name, template=name)
        benchmark.board(spec).keep_judge(spec)
    assert len(benchmark.boards()) == 3
    assert list(benchmark.outputs()) == []


def test_the_folder_of_a_benchmark_can_be_moved(benchmark, tmp_path, battle):
    benchmark.keep_prompts(PROMPTS)
    board = benchmark.board(SPEC)
    board.keep_judge(SPEC)
    with board.battles.append() as writer:
        writer.write(battle())
    (tmp_path / "elsewhere").mkdir()
    benchmark.path.rename(tmp_path / "elsewhere" / benchmark.path.name)
    (moved,) = ResultsFolder(tmp_path / "elsewhere").benchmarks()
    assert moved.id == "arena-write@1"
    assert list(moved.board(SPEC).battles.read()) == [battle()]


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "a" / "board.json"
    replace_file(path, b"one")
    replace_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert [entry.name for entry in path.parent.iterdir()] == ["board.json"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_the_old_file_is_kept_if_the_new_one_cannot_be_written(tmp_path, monkeypatch, step):
    path = tmp_path / "board.json"
    replace_file(path, b"old")

    def fail(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*((os, "fsync") if step == "fsync" else (folder_module.Path, "replace")), fail)
    with pytest.raises(WriteError, match="No space left"):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["board.json"]


def test_an_interrupted_replacement_leaves_nothing_behind(tmp_path, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        replace_file(tmp_path / "board.json", b"new")
    assert list(tmp_path.iterdir()) == []


def test_a_read_only_folder_is_said(shared_folder, as_nobody):
    replace_file(shared_folder / "board.json", b"old")
    with as_nobody(), pytest.raises(WriteError, match=r"board\.json: Permission denied"):
        replace_file(shared_folder / "board.json", b"new")
    assert (shared_folder / "board.json").read_bytes() == b"old"
    (shared_folder / "board.json").chmod(0)
    with as_nobody(), pytest.raises(ReadError, match="Permission denied"):
        read_json(shared_folder / "board.json", JUDGES)


def test_a_folder_in_place_of_a_file_is_said(tmp_path):
    (tmp_path / "board.json").mkdir()
    with pytest.raises(WriteError, match="directory"):
        replace_file(tmp_path / "board.json", b"new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["board.json"]
    with pytest.raises(ReadError, match="directory"):
        read_json(tmp_path / "board.json", JUDGES)


@pytest.mark.parametrize(
    ("spoil", "kind", "what"),
    [
        (lambda fields: None, StoreError, "does not exist. Is this a results folder"),
        (lambda fields: "", RowError, "not a JSON object"),
        (lambda fields: json.dumps(fields)[:-1], RowError, "not a JSON object"),
        (lambda fields: json.dumps(fields | {"note": 1}), RowError, "field note:"),
        (lambda fields: json.dumps(fields | {"id": "x"}), RowError, "field id:"),
        (lambda fields: json.dumps({"name": "x"}), RowError, "field id:"),
        (lambda fields: json.dumps(fields | {"v": 2}), VersionError, "format 2"),
    ],
)
def test_a_bad_judge_file_says_what_and_where(benchmark, spoil, kind, what):
    board = benchmark.board(SPEC)
    board.keep_judge(SPEC)
    content = spoil(json.loads(board.judge_path.read_text()))
    board.judge_path.unlink()
    if content is not None:
        board.judge_path.write_text(content)
    with pytest.raises(kind) as caught:
        board.judge()
    assert str(board.judge_path) in str(caught.value)
    assert what in str(caught.value)
    assert "delete the line" not in str(caught.value)


def test_text_ids_of_stored_prompts_are_those_of_the_texts(benchmark):
    benchmark.keep_prompts(PROMPTS)
    assert [prompt.text_id for prompt in benchmark.prompts_file.read()] == [text_id(prompt.text) for prompt in PROMPTS]
