"""Digests that are remembered, and the quicker ones: never the digest of another file."""

import hashlib
import os
import time

import pytest
from checkpoints.folders import make_adapter, make_folder, safetensors

from arena_write.checkpoints import BadFolderError, checkpoint_id, digests
from arena_write.checkpoints.digests import file_digest, sampled_digest
from arena_write.checkpoints.finding import Finder


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The folder of remembered digests, which takes files of any size."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(digests, "_REMEMBERED_BYTES", 1)
    return tmp_path / "cache" / "arena-write" / "digests"


def write_long_ago(path, content):
    path.write_bytes(content)
    os.utime(path, (1_000_000_000, 1_000_000_000))


def test_a_file_is_read_once_and_again_when_anybody_wrote_to_it(tmp_path, cache):
    path = tmp_path / "weights"
    write_long_ago(path, b"one")
    one = hashlib.sha256(b"one").hexdigest()
    assert file_digest(path) == one
    (note,) = cache.iterdir()
    note.write_text("0" * 64 + "\n", encoding="ascii")
    assert file_digest(path) == "0" * 64  # it is remembered, so it is not read
    time.sleep(0.01)
    write_long_ago(path, b"two")  # of the same size, and with the time of its content set back
    assert file_digest(path) == hashlib.sha256(b"two").hexdigest()
    path.rename(tmp_path / "moved")
    assert file_digest(tmp_path / "moved") == hashlib.sha256(b"two").hexdigest()


def test_a_file_that_was_written_just_now_is_not_remembered(tmp_path, cache):
    (tmp_path / "weights").write_bytes(b"fresh")
    file_digest(tmp_path / "weights")
    assert not cache.exists()


@pytest.mark.parametrize("content", ["", "abc", "z" * 64, "\xff"])
def test_a_damaged_cache_is_read_over(tmp_path, cache, content):
    path = tmp_path / "weights"
    write_long_ago(path, b"one")
    file_digest(path)
    (note,) = cache.iterdir()
    note.write_text(content, encoding="latin-1")
    assert file_digest(path) == hashlib.sha256(b"one").hexdigest()


def test_no_cache_is_no_matter(tmp_path, cache):
    cache.parent.mkdir(parents=True)
    cache.write_text("a file where the folder should be", encoding="utf-8")
    write_long_ago(tmp_path / "weights", b"one")
    assert file_digest(tmp_path / "weights") == hashlib.sha256(b"one").hexdigest()


def test_samples_reach_from_the_first_byte_to_the_last(tmp_path):
    path = tmp_path / "weights"
    content = bytearray(os.urandom(20 * 2**20))
    path.write_bytes(content)
    found = {sampled_digest(path)}
    for place in (0, -1):
        content[place] ^= 1
        path.write_bytes(content)
        found.add(sampled_digest(path))
    path.write_bytes(content + b"x")
    found.add(sampled_digest(path))
    assert len(found) == 4


def test_a_fast_id_is_another_statement_than_a_full_one(tmp_path):
    folder = make_folder(tmp_path / "one")
    assert Finder(fast=True).find(str(folder)).id.startswith("checkpoint-fast:")
    assert Finder().find(str(folder)).id == checkpoint_id(folder)


class TestAdapters:
    def id_of(self, folder):
        return Finder().find(str(folder)).id

    def test_base_and_adapter_both_count_and_their_places_do_not(self, tmp_path):
        base, moved, other = (make_folder(tmp_path / name) for name in ("base", "moved", "other"))
        (other / "model.safetensors").write_bytes(safetensors(b"Weights"))
        tuned = make_adapter(tmp_path / "tuned", base=base)
        same = make_adapter(tmp_path / "same", base=moved, inference_mode=False)
        assert self.id_of(tuned) == self.id_of(same)
        different = [
            make_adapter(tmp_path / "a", base=other),
            make_adapter(tmp_path / "b", base=base, weights=b"Adapter"),
            make_adapter(tmp_path / "c", base=base, lora_alpha=32),
        ]
        assert len({self.id_of(tuned), *map(self.id_of, different), self.id_of(base)}) == 5
        assert self.id_of(tuned).startswith("checkpoint:")

    @pytest.mark.parametrize(
        ("config", "words"),
        [
            ({"peft_type": "IA3"}, "only LORA can be served"),
            ({"base_model_name_or_path": ""}, "does not name its base model"),
            ({"r": "8"}, "gives no rank"),
            ({"base_model_name_or_path": "/nowhere/base"}, "that base cannot be used"),
        ],
    )
    def test_what_cannot_be_served(self, tmp_path, config, words):
        with pytest.raises(BadFolderError, match=words):
            Finder().find(str(make_adapter(tmp_path / "tuned", **({"base": "/nowhere/base"} | config))))

    def test_an_adapter_on_an_adapter(self, tmp_path):
        lower = make_adapter(tmp_path / "lower", base=make_folder(tmp_path / "base"))
        with pytest.raises(BadFolderError, match="an adapter itself"):
            Finder().find(str(make_adapter(tmp_path / "upper", base=lower)))
