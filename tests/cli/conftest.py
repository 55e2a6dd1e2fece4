import pytest
from command import run
from writing import make_benchmark


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """A benchmark of nine prompts with four entrants."""
    return make_benchmark(tmp_path_factory.mktemp("small"), prompts=9, entrants=["cand", "base1", "base2", "base3"])


@pytest.fixture
def evaluate(small, tmp_path):
    """Run `eval` on the small benchmark; keyword arguments replace or (None) drop options."""

    def call(*more, results=tmp_path / "results", env=None, **changes):
        options = {
            "model": small["cand"],
            "benchmark": small["prompts"],
            "judge": "builtin/textstats",
            "results": results,
        } | changes
        baselines = (
            []
            if "baseline" in changes
            else [part for name in ("base1", "base2", "base3") for part in ("--baseline", small[name])]
        )
        named = [part for name, value in options.items() if value is not None for part in (f"--{name}", value)]
        return run("eval", *named, *baselines, *more, env=env)

    return call


@pytest.fixture
def board_bytes():
    """The bytes of the one board in a results folder."""

    def read(results):
        (path,) = results.glob("*@*/*/board.json")
        return path.read_bytes()

    return read
