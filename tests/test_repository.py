"""What the repository may not hold."""

import re
import subprocess

import pytest
from command import REPOSITORY

HOSTS = re.compile(r"https?://[^\s\"')]*(?:/simple/|/packages/|\.whl|\.tar\.gz)")


def tracked():
    done = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("this is no git checkout")
    return [REPOSITORY / name for name in done.stdout.decode("utf-8").split("\0") if name]


def test_no_lock_file_names_a_package_index():
    assert not HOSTS.search((REPOSITORY / "requirements.lock").read_text("utf-8"))
    names = {path.name for path in tracked()}
    assert not names & {"uv.lock", "pylock.toml", "poetry.lock"}


def test_every_locked_package_has_hashes():
    text = (REPOSITORY / "requirements.lock").read_text("utf-8")
    packages = re.findall(r"^[a-z0-9].*==.*$", text, re.MULTILINE)
    assert len(packages) > 60
    assert all(line.endswith("\\") for line in packages)
    assert text.count("--hash=sha256:") >= len(packages)


def test_torch_vllm_and_ray_are_not_locked():
    text = (REPOSITORY / "requirements.lock").read_text("utf-8")
    for package in ("torch", "vllm", "ray", "transformers"):
        assert not re.search(rf"^{package}==", text, re.MULTILINE)
