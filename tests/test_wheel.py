"""A built wheel works away from the repository."""

import os
import subprocess
import sys
import sysconfig
import zipfile

import pytest
from command import REPOSITORY, environment


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Build the wheel and unpack it; the environment's other packages stay available. Return the folder."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(build, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run_installed(site, folder, *arguments):
    """Run the command from the unpacked wheel, which stands before the repository on the path."""
    script = (
        "from arena_write.cli.main import main\n"
        "import arena_write\n"
        f"assert arena_write.__file__.startswith({str(site)!r}), arena_write.__file__\n"
        "main()\n"
    )
    env = environment(PYTHONPATH=os.pathsep.join([str(site), sysconfig.get_paths()["purelib"]]))
    return subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=folder, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_it_holds_the_four_packages_and_nothing_else(installed):
    packages = {path.name for path in installed.iterdir() if path.suffix != ".dist-info"}
    assert packages == {"arena_write", "writingbench", "judges", "leaderboard_app"}


def test_the_first_command_works_from_it(installed, tmp_path):
    done = run_installed(
        installed, tmp_path,
        "eval", "--model", "builtin/example", "--benchmark", "starter", "--judge", "builtin/textstats",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "72 of 72 battles decided" in done.stdout
    assert list((tmp_path / "results").glob("starter@1/*/board.json"))


def test_the_app_is_found_in_it(installed):
    assert (installed / "leaderboard_app" / "main.py").exists()
