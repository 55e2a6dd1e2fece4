"""Files of recorded outputs: nothing skipped, nothing guessed, and every fault found by its line."""

import json
from pathlib import Path
from typing import Any

import pytest

from arena_write.generators import RECORDED, Answer, Entrant, Failure, Profile, RecordedOutputsError, read_recorded
from judges import Usage, text_id

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "hellobench"


@pytest.fixture
def write(tmp_path: Path):
    def write(*rows: object, name: str = "model.jsonl") -> Path:
        lines = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
        path = tmp_path / name
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        return path

    return write


def own(number: int = 0, **fields: Any) -> dict[str, Any]:
    return {"prompt_id": f"p{number}", "text": f"Text {number}."} | fields


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(RecordedOutputsError) as caught:
        read_recorded(path, **options)
    assert caught.value.path == path
    return str(caught.value).removeprefix(str(path))


@pytest.mark.parametrize(
    ("row", "format", "prompt_id", "prompt_text"),
    [
        ({"prompt_id": "a", "text": "T"}, "results", "a", None),
        ({"prompt_id": 7, "text": "T"}, "results", "7", None),
        ({"id": "a", "instruction": "Write.", "response": "T"}, "hellobench", "a", "Write."),
        ({"id": 3, "response": "T"}, "hellobench", "3", None),
        ({"id": "a", "prompt": "Write.", "response": "T"}, "hellobench", "a", "Write."),
        ({"index": 16, "response": "T"}, "writingbench", "16", None),
        ({"index": 16, "query": "Write.", "response": "T"}, "writingbench", "16", "Write."),
        ({"prompt": "Write.", "response": "T", "length": 100}, "longbench-write", None, "Write."),
    ],
)
def test_formats(write, row: dict[str, Any], format: str, prompt_id: str | None, prompt_text: str | None) -> None:
    outputs = read_recorded(write(row))
    (answer,) = outputs.answers
    assert (outputs.format, answer.prompt_id, answer.prompt_text) == (format, prompt_id, prompt_text)
    assert answer.prompt_hash == (text_id(prompt_text) if prompt_text else None)
    assert answer.answer == Answer("T")
    assert (answer.sample, answer.line) == (0, 1)


def test_prompts_by_hash(write) -> None:
    digest = text_id("Write.")
    (answer,) = read_recorded(write({"prompt": digest, "text": "T"})).answers
    assert (answer.prompt_id, answer.prompt_hash, answer.reference) == (None, digest, digest)


def test_optional_fields(write) -> None:
    row = own(sample=2, finish_reason="length", model="gpt", seconds=1.5, usage={"completion_tokens": 9, "cost": 1})
    (answer,) = read_recorded(write(row)).answers
    assert (answer.sample, answer.finish_reason, answer.served_model, answer.seconds) == (2, "length", "gpt", 1.5)
    assert answer.usage == Usage(completion_tokens=9)
    assert answer.prompt_id == "p0"


def test_texts_are_cleaned_and_split(write) -> None:
    outputs = read_recorded(
        write(
            own(1, text="<think>Plan.</think>\nHalf \ud83d a pair."),
            own(2, text="<think>Plan"),
            own(3, text="Text.", thinking="Plan."),
            own(4, text=" "),
            own(5, text=None),
            own(6, text="", thinking="On and on", finish_reason="length"),
        )
    )
    assert [answer.answer for answer in outputs.answers] == [
        Answer("Half \ufffd a pair.", "Plan."),
        Answer("", "Plan", Failure.OPEN_THOUGHT),
        Answer("Text.", "Plan."),
        Answer(" ", None, Failure.EMPTY),
        Answer("", None, Failure.NO_ANSWER),
        Answer("", "On and on", Failure.OPEN_THOUGHT),
    ]


def test_lines_end_at_line_feeds_only(write) -> None:
    text = "One.\u2028Two.\u2029Three.\x85Four.\x0b\x0cFive."
    lines = [b"\xef\xbb\xbf" + json.dumps(own(1, text=text), ensure_ascii=False).encode() + b"\r", b"", b" \t\r"]
    outputs = read_recorded(write(*lines, own(2)))
    assert [(answer.line, answer.prompt_id) for answer in outputs.answers] == [(1, "p1"), (4, "p2")]
    assert outputs.answers[0].answer.text == text


def test_names(write) -> None:
    path = write(own(), name="Qwen3 v1.2.jsonl")
    assert read_recorded(path).entrant.name == "Qwen3 v1.2"
    assert read_recorded(path, name="q").entrant.name == "q"
    assert read_recorded(path, name="q").entrant.id == read_recorded(path).entrant.id


def test_outputs_are_known_by_their_content_alone(write) -> None:
    rows = [own(1), own(2), own(2, sample=1, text="Another.")]
    first = read_recorded(write(*rows)).entrant
    assert first.profile is RECORDED
    assert first.model.startswith("recorded:")
    again = read_recorded(write(*reversed(rows), name="renamed.jsonl")).entrant
    assert again.id == first.id
    extra = [own(1, seconds=2), *rows[1:]]
    assert read_recorded(write(*extra)).entrant.id == first.id
    cut = [own(1, finish_reason="length"), *rows[1:]]
    assert read_recorded(write(*cut)).entrant.id != first.id
    changed = [
        [own(1, text="Text 1!"), *rows[1:]],
        rows[1:],
        [*rows, own(3)],
        [own(3, text="Text 1."), *rows[1:]],
        [*rows[:2], own(2, sample=2, text="Another.")],
    ]
    ids = {read_recorded(write(*rows)).entrant.id for rows in changed}
    assert len(ids) == len(changed)
    assert first.id not in ids


STORED = Entrant("zero", "sha256:abc", Profile("p", temperature=0.6, stop=("</answer>",)))


def stored(number: int = 0, **fields: Any) -> dict[str, Any]:
    identity = {
        "entrant": STORED.id,
        "entrant_name": STORED.name,
        "model": STORED.model,
        "profile": STORED.profile.id,
        "settings": STORED.profile.settings(),
    }
    return own(number, prompt=text_id(f"Prompt {number}"), thinking=None, failure=None, **identity) | fields


def test_rows_of_a_results_folder_keep_identity_and_texts(write) -> None:
    text = "On </think> as a tag."
    outputs = read_recorded(
        write(stored(1, text=text), stored(2, text="", thinking="Plan", failure="unterminated_thought"))
    )
    assert outputs.entrant.id == STORED.id
    assert (outputs.entrant.name, outputs.entrant.model) == ("zero", "sha256:abc")
    assert outputs.entrant.profile.temperature == 0.6
    assert [item.answer for item in outputs.answers] == [
        Answer(text),
        Answer("", "Plan", Failure.OPEN_THOUGHT),
    ]
    assert outputs.answers[0].prompt_hash == text_id("Prompt 1")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], ": the file is empty; expected one JSON object per line"),
        ([b"", b" \r"], ": the file is empty; expected one JSON object per line"),
        ([own(), b'{"prompt_id": "x", '], ":2: expected one JSON object, found invalid JSON at column 20: "),
        ([own(), b"[1]"], ":2: expected one JSON object, found an array; write one object per line"),
        ([b"7"], ":1: expected one JSON object, found a number; write one object per line"),
        ([b"null"], ":1: expected one JSON object, found null; write one object per line"),
        ([b"[", b"{}", b"]"], ":1: the file is one JSON array; wanted is JSON Lines, one object per line"),
        ([b'{"prompt_id": "x", "text": NaN}'], ":1: expected one JSON object, found invalid JSON: NaN is not JSON; "),
        ([b'{"text": "a", "id": 1, "text": "b"}'], "invalid JSON: the name 'text' stands twice in one object"),
        ([b'{"a":' * 200000], ":1: expected one JSON object, found invalid JSON: "),
        ([own(), b'{"text": "\xff"}'], ":2: byte 49 of the file is not UTF-8; save the file as UTF-8"),
        ([b"\xef\xbb\xbf\xff"], ":1: byte 3 of the file is not UTF-8; save the file as UTF-8"),
        ([b"\xff\xfe{\x00}\x00"], ":1: byte 0 of the file is not UTF-8; save the file as UTF-8"),
        (
            [{"question": "x", "reply": "y"}],
            ":1: no known format of recorded outputs has the fields ['question', 'reply']; known are "
            "results {prompt_id and/or prompt (SHA-256), text}, hellobench {id, instruction, response}, "
            "writingbench {index, response}, longbench-write {prompt, response}",
        ),
        ([{"id": "a"}], ":1: no known format of recorded outputs has the fields ['id']; known are "),
        (
            [own(), {"id": "a", "response": "x"}],
            ":2: expected the fields of the rows before, results {prompt_id and/or prompt (SHA-256), text}, found "
            "['id', 'response']: every row of a file has the same format",
        ),
        ([own(), {"prompt_id": "p1"}], ":2: expected the fields of the rows before, results "),
        (
            [own(1), own(2), own(1)],
            ":3: a second answer to prompt 'p1', sample 0; the first is in line 1: remove one, or number them with "
            "`sample`",
        ),
        ([own(text=["a"])], ":1: expected 'text' to be a string, found ['a']"),
        ([own(thinking=1)], ":1: expected 'thinking' to be a string, found 1"),
        ([own(sample="1")], ":1: expected 'sample' to be a whole number from 0 on, found '1'"),
        ([own(sample=True)], ":1: expected 'sample' to be a whole number from 0 on, found True"),
        ([own(sample=-1)], ":1: expected 'sample' to be a whole number from 0 on, found -1"),
        ([own(usage={"prompt_tokens": 1.5})], ":1: expected 'prompt_tokens' to be a whole number from 0 on, found 1.5"),
        ([{"id": 1.5, "response": "x"}], ":1: expected 'id' to be a non-empty string or a whole number, found 1.5"),
        ([{"id": "", "response": "x"}], ":1: expected 'id' to be a non-empty string or a whole number, found ''"),
        ([{"id": None, "response": "x"}], ":1: the answer names no prompt: its id and its prompt are null"),
        (
            [{"prompt": "Write.", "text": "x"}],
            ":1: expected 'prompt' to be the SHA-256 of the prompt's text in 64 hex digits, found 'Write.': "
            "name prompts by `prompt_id` instead",
        ),
        (
            [own(1, model="a"), own(2, model="b")],
            ":2: expected one entrant per file, found b here and a in line 1: split the file",
        ),
        (
            [stored(1), own(2)],
            f":2: expected one entrant per file, found rows without a name here and zero sha256:abc {STORED.id} in "
            "line 1: split the file",
        ),
        (
            [stored(1, entrant="f" * 32)],
            f":1: entrant '{'f' * 32}' is not the id of the row's model and settings: restore the file from a copy, or "
            "remove the field 'entrant' from every row, and the outputs get an id of their own",
        ),
        ([stored(1, settings=None)], ":1: a row with 'entrant' also needs its 'model' and its 'settings'"),
        ([stored(1, settings={"heat": 1})], ":1: unknown setting 'heat' of a profile"),
        (
            [stored(1, failure="tired")],
            ":1: expected 'failure' to be null or one of ['no_answer', 'unterminated_thought', 'empty'], found 'tired'",
        ),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_faults_are_named(write, rows: list[object], message: str) -> None:
    assert message in refusal(write(*rows))
    if message.startswith(":"):
        assert refusal(write(*rows)).startswith(message[:3])


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone.jsonl") == ": cannot be read: No such file or directory"
    assert refusal(tmp_path) == ": is a folder; expected a file of JSON Lines"


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the HelloBench files of ../shared/data")
def test_hellobench_files() -> None:
    paths = sorted(SHARED.glob("hellobench_gen_*.jsonl"))
    assert paths
    ids = set()
    for path in paths:
        outputs = read_recorded(path)
        assert (len(outputs.answers), outputs.format) == (123, "hellobench")
        rows = [json.loads(line) for line in path.read_bytes().split(b"\n") if line]
        assert [answer.answer.text for answer in outputs.answers] == [row["response"] for row in rows]
        ids.add(outputs.entrant.id)
    assert len(ids) == len(paths)
