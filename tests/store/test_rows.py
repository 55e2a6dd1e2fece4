"""Append-only files: a kill tears at most the last line, and nothing else is ever lost."""

import resource
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena_write.store import RowError, StoreError, VersionError, WriteError
from arena_write.store.errors import ReadError
from arena_write.store.folder import BATTLES
from arena_write.store.rows import RowFile
from judges import Usage

WORDS = "a\u2028b\u2029c\u0085d\x1c 写作 😀"


@pytest.fixture
def file(tmp_path):
    return RowFile(tmp_path / "battles.jsonl", BATTLES)


def line(row):
    return BATTLES.dump_json(row) + b"\n"


def append(file, *rows):
    with file.append() as writer:
        for row in rows:
            writer.write(row)


def test_no_file_is_no_rows(file):
    assert list(file.read()) == []
    file.check()
    assert not file.path.exists()


def test_rows_come_back_in_order(file, battle):
    rows = [battle(str(number), detail=WORDS) for number in range(5)]
    append(file, *rows[:2])
    append(file)
    append(file, *rows[2:])
    assert list(file.read()) == rows
    assert file.path.read_bytes().count(b"\n") == 5


def test_a_row_is_on_disk_as_soon_as_it_is_written(file, battle):
    with file.append() as writer:
        writer.write(battle())
        assert list(file.read()) == [battle()]


def test_folders_are_made(tmp_path, battle):
    file = RowFile(tmp_path / "a" / "b" / "c.jsonl", BATTLES)
    append(file, battle())
    assert list(file.read()) == [battle()]


def test_closing_twice_does_no_harm_and_a_closed_writer_writes_nothing(file, battle):
    writer = file.append()
    writer.close()
    writer.close()
    with pytest.raises(WriteError):
        writer.write(battle())
    assert file.path.read_bytes() == b""


def test_a_file_torn_at_any_byte_loses_only_what_was_torn(file, battle):
    rows = [battle(str(number), detail=WORDS) for number in range(3)]
    data = b"".join(map(line, rows))
    ends = [0, *(at + 1 for at, byte in enumerate(data) if byte == 10)]
    later = battle("later")
    for cut in range(len(data) + 1):
        file.path.write_bytes(data[:cut])
        kept = sum(end <= cut for end in ends) - 1 + (cut + 1 in ends)  # a row that lost only its newline is whole
        assert list(file.read()) == rows[:kept]
        file.append().close()
        assert file.path.read_bytes() == b"".join(map(line, rows[:kept]))
        append(file, later)
        assert list(file.read()) == [*rows[:kept], later]


@settings(max_examples=150, deadline=None)
@given(details=st.lists(st.text(), max_size=4), data=st.data())
def test_any_torn_file_is_repaired(details, data, battle, tmp_path_factory):
    rows = [battle(str(number), detail=detail) for number, detail in enumerate(details)]
    content = b"".join(map(line, rows))
    cut = data.draw(st.integers(0, len(content)))
    file = RowFile(tmp_path_factory.mktemp("torn") / "rows.jsonl", BATTLES)
    file.path.write_bytes(content[:cut])
    found = list(file.read())
    assert found == rows[: len(found)]
    assert len(found) - content[:cut].count(b"\n") in (0, 1)
    append(file, battle("later"))
    assert list(file.read()) == [*found, battle("later")]


@pytest.mark.parametrize("size", [1, 65_535, 65_536, 65_537, 200_000])
@pytest.mark.parametrize("before", [0, 1])
def test_a_long_torn_line_is_dropped(file, battle, size, before):
    file.path.write_bytes(line(battle()) * before + b"x" * size)
    assert len(list(file.read())) == before
    append(file, battle("b"))
    assert list(file.read()) == [battle()] * before + [battle("b")]


@pytest.mark.parametrize("size", [1, 65_535, 65_536, 65_537, 200_000])
def test_a_long_row_that_lost_its_newline_is_kept(file, battle, size):
    row = battle(detail="长" * size)
    file.path.write_bytes(line(battle("b")) + line(row)[:-1])
    append(file)
    assert list(file.read()) == [battle("b"), row]


@pytest.mark.parametrize("tail", [b"\0" * 4096, b"\xe5\x86", b"{", b'{"v":1,"key":"', b"[[[" * 10_000, b"\r"])
def test_what_a_crash_leaves_behind_the_last_newline_is_dropped(file, battle, tail):
    file.path.write_bytes(line(battle()) + tail)
    assert list(file.read()) == [battle()]
    append(file, battle("b"))
    assert file.path.read_bytes() == line(battle()) + line(battle("b"))


def test_a_whole_object_without_newline_is_never_deleted_even_if_it_is_no_valid_row(file, battle):
    newer = line(battle()).replace(b'"v":1', b'"v":2')
    file.path.write_bytes(newer[:-1])
    append(file)
    assert file.path.read_bytes() == newer
    with pytest.raises(VersionError):
        file.check()


def test_opening_a_sound_file_changes_no_byte(file, battle):
    append(file, battle())
    before = file.path.stat()
    append(file)
    assert file.path.stat().st_size == before.st_size
    assert file.path.stat().st_mtime_ns == before.st_mtime_ns


def test_files_of_two_writers_can_be_joined(tmp_path, battle):
    one, other = (RowFile(tmp_path / name, BATTLES) for name in ("one.jsonl", "other.jsonl"))
    append(one, battle("a"), battle("b"))
    append(other, battle("b"), battle("c"))
    one.path.write_bytes(one.path.read_bytes() + other.path.read_bytes())
    assert list(one.read()) == [battle("a"), battle("b"), battle("b"), battle("c")]


def test_two_writers_at_once_do_not_mix_lines(file, battle):
    with file.append() as one, file.append() as other:
        for number in range(50):
            one.write(battle(f"one {number}", detail=WORDS * 100))
            other.write(battle(f"other {number}"))
    assert len(list(file.read())) == 100


def test_carriage_returns_of_another_system_are_no_harm(file, battle):
    file.path.write_bytes((line(battle("a")) + line(battle("b"))).replace(b"\n", b"\r\n"))
    assert list(file.read()) == [battle("a"), battle("b")]


BAD_LINES = [
    (lambda row: b"\n", "not a JSON object"),
    (lambda row: b"   \n", "not a JSON object"),
    (lambda row: row[:-2] + b"\n", "not a JSON object"),
    (lambda row: row[:50] + row, "not a JSON object"),
    (lambda row: row[:-1] + row, "not a JSON object"),
    (lambda row: b"\xef\xbb\xbf" + row, "not a JSON object"),
    (lambda row: b"\0\0\0\n", "not a JSON object"),
    (lambda row: row.replace(b'"detail":""', b'"detail":"\xff"'), "not a JSON object"),
    (lambda row: row.replace(b'"detail":""', b'"detail":' + b"[" * 10_000), "not a JSON object"),
    (lambda row: b"[]\n", "row"),
    (lambda row: b"null\n", "row"),
    (lambda row: row.replace(b'"repeat":0', b'"repeat":0.0'), "field repeat:"),
    (lambda row: row.replace(b'"repeat":0,', b""), "field repeat:"),
    (lambda row: row.replace(b'"repeat":0', b'"repeat":0,"x":1'), "field x:"),
    (lambda row: row.replace(b'"prompt_tokens":null', b'"prompt_tokens":"1"'), "field usage.prompt_tokens:"),
    (lambda row: row.replace(b'"A>B"', b'"A<B"'), "field verdict:"),
    (lambda row: row.replace(b'"A>B"', b"null"), "either a verdict"),
]


@pytest.mark.parametrize(("spoil", "what"), BAD_LINES)
def test_a_bad_line_is_named_by_file_line_and_field(file, battle, spoil, what):
    good = line(battle())
    file.path.write_bytes(good + good + spoil(good) + good)
    rows = file.read()
    assert [next(rows), next(rows)] == [battle(), battle()]
    with pytest.raises(RowError) as caught:
        next(rows)
    assert str(caught.value).startswith(f"{file.path}:3: ")
    assert what in str(caught.value)
    assert "delete the line" in str(caught.value)
    assert (caught.value.path, caught.value.line) == (file.path, 3)
    assert not isinstance(caught.value, VersionError)
    with pytest.raises(RowError):
        file.check()


@pytest.mark.parametrize("version", [b"2", b"0", b'"1"', b"null"])
def test_a_row_of_another_format_says_so(file, battle, version):
    newer = line(battle()).replace(b'"v":1', b'"v":' + version).replace(b'"repeat":0', b'"round":0')
    file.path.write_bytes(line(battle()) + newer)
    with pytest.raises(VersionError, match="format") as caught:
        file.check()
    assert str(caught.value).startswith(f"{file.path}:2: ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_said(tmp_path, battle):
    (tmp_path / "rows.jsonl").symlink_to("/dev/full")
    file = RowFile(tmp_path / "rows.jsonl", BATTLES)
    assert list(file.read()) == []
    with file.append() as writer, pytest.raises(WriteError) as caught:
        writer.write(battle())
    assert "No space left" in str(caught.value)
    assert str(tmp_path / "rows.jsonl") in str(caught.value)
    assert "kept" in str(caught.value)


@pytest.fixture
def limit_file_size():
    """The system's own limit: a write goes through in part, and the next one fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_row_that_goes_through_in_part_is_taken_back(file, battle, limit_file_size):
    with file.append() as writer:
        writer.write(battle("a"))
        size = file.path.stat().st_size
        limit_file_size(size + 100)
        with pytest.raises(WriteError):
            writer.write(battle("b"))
        assert file.path.read_bytes() == line(battle("a"))
        limit_file_size(10 * size)
        writer.write(battle("c"))
    assert list(file.read()) == [battle("a"), battle("c")]


def test_a_read_only_file_and_folder_are_said(shared_folder, as_nobody, battle):
    file = RowFile(shared_folder / "rows.jsonl", BATTLES)
    append(file, battle())
    with as_nobody():
        for other in (file, RowFile(shared_folder / "new.jsonl", BATTLES), RowFile(shared_folder / "x" / "y", BATTLES)):
            with pytest.raises(WriteError, match=r"Permission denied.*permissions"):
                other.append()
        assert list(file.read()) == [battle()]
    file.path.chmod(0)
    with as_nobody(), pytest.raises(ReadError, match="Permission denied"):
        file.check()
    shared_folder.chmod(0)
    with as_nobody(), pytest.raises(ReadError, match="Permission denied"):
        file.check()


def test_a_folder_in_place_of_the_file_is_said(tmp_path):
    file = RowFile(tmp_path, BATTLES)
    with pytest.raises(ReadError, match="directory"):
        file.check()
    with pytest.raises(WriteError, match="directory"):
        file.append()
    (tmp_path / "flat").touch()
    with pytest.raises(WriteError):
        RowFile(tmp_path / "flat" / "rows.jsonl", BATTLES).append()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"price": -1.0}, "field price:"),
        ({"usage": Usage(prompt_tokens=1.5)}, "field usage.prompt_tokens:"),
        ({"detail": "\ud83d"}, "surrogates"),
    ],
)
def test_a_row_that_could_not_be_read_again_is_never_written(file, battle, change, what):
    with file.append() as writer:
        writer.write(battle())
        with pytest.raises(StoreError) as caught:
            writer.write(replace(battle("b"), **change))
        writer.write(battle("c"))
    assert what in str(caught.value)
    assert str(file.path) in str(caught.value)
    assert list(file.read()) == [battle(), battle("c")]
