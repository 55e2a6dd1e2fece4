"""Names on the hub, and the cache that an earlier download left."""

import os
import shutil
import subprocess
import sys

import pytest
from checkpoints.folders import make_folder, safetensors

from arena_write.checkpoints import BadFolderError, Checkpoints, checkpoint_id

REVISION = "a" * 40


@pytest.fixture
def cache(tmp_path):
    """A cache with the snapshot of org/tiny."""
    repository = tmp_path / "home" / "hub" / "models--org--tiny"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(REVISION, encoding="utf-8")
    make_folder(repository / "snapshots" / REVISION)
    return repository


def find(target, home, *, cwd):
    """Open a checkpoint in a process of its own: the hub's client reads its variables when it is imported."""
    script = (
        "import sys\n"
        "from arena_write.checkpoints import Checkpoints, CheckpointError\n"
        "try: print(Checkpoints().open(sys.argv[1]).id)\n"
        "except CheckpointError as error: sys.exit(f'{type(error).__name__}: {error}')\n"
    )
    env = os.environ | {"HF_HOME": str(home), "HF_HUB_OFFLINE": "1"}
    return subprocess.run(
        [sys.executable, "-c", script, target], env=env, cwd=cwd, capture_output=True, text=True, check=False
    )


def test_a_snapshot_in_the_cache_is_the_same_checkpoint_as_a_copy(cache, tmp_path):
    done = find("org/tiny", tmp_path / "home", cwd=tmp_path)
    assert done.stdout.strip() == checkpoint_id(make_folder(tmp_path / "copy")), done.stderr


def test_weights_for_torch_alone_are_found_too(cache, tmp_path):
    snapshot = cache / "snapshots" / REVISION
    (snapshot / "model.safetensors").rename(snapshot / "pytorch_model.bin")
    assert find("org/tiny", tmp_path / "home", cwd=tmp_path).stdout.startswith("checkpoint:")


def test_a_download_that_broke_off_is_named(cache, tmp_path):
    snapshot = cache / "snapshots" / REVISION
    (snapshot / "model.safetensors").write_bytes(safetensors(b"weights")[:-3])
    done = find("org/tiny", tmp_path / "home", cwd=tmp_path)
    assert "BadFolderError" in done.stderr
    assert "still being written or copied?" in done.stderr


def test_a_folder_of_that_name_comes_first(cache, tmp_path):
    make_folder(tmp_path / "org" / "tiny", weights=b"other")
    done = find("org/tiny", tmp_path / "home", cwd=tmp_path)
    assert done.stdout.strip() == checkpoint_id(tmp_path / "org" / "tiny")


@pytest.mark.parametrize("name", ["org/none", "no such name", "a//b"])
def test_without_network_and_copy_the_message_says_what_to_do(cache, tmp_path, name):
    done = find(name, tmp_path / "home", cwd=tmp_path)
    assert done.stderr.startswith("HubError: there is no folder")
    assert name in done.stderr
    assert "hf download" in done.stderr


@pytest.mark.parametrize("path", ["./gone", "/gone/away", "~/gone-away"])
def test_a_path_that_is_none_is_not_looked_for_on_the_hub(path):
    with pytest.raises(BadFolderError, match="there is no folder"):
        Checkpoints().open(path)


def test_one_run_opens_a_checkpoint_once_wherever_its_copies_lie(tmp_path):
    one = make_folder(tmp_path / "one")
    shutil.copytree(one, tmp_path / "two")
    opened = Checkpoints()
    engine = opened.open(str(one))
    assert opened.open(str(one / ".." / "one")) is engine
    assert opened.open(str(tmp_path / "two")) is engine
    assert engine.name == "one"
