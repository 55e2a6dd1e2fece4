"""The one rule: imports point one way, and start-up stays light."""

import ast
import subprocess
import sys

import pytest
from command import REPOSITORY

ROOMS = ("judges", "writingbench", "arena_write", "leaderboard_app")
"""From the bottom up: a room may import itself and what stands before it."""

PACKAGES = (
    "textstats",
    "ratings",
    "gating",
    "spending",
    "endpoints",
    "checkpoints",
    "serving",
    "benchmarks",
    "store",
    "generators",
    "judging",
    "battles",
    "scores",
    "reports",
    "evaluation",
    "verification",
    "importing",
    "exporting",
    "cli",
)
"""Inside the harness, from the bottom up."""

PURE = ("ratings", "textstats")
"""Packages that import no other package of the harness."""


def imported(path):
    """Return the modules that a file imports, `from x import y` as x.y and x."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def sources(folder):
    return sorted((REPOSITORY / folder).rglob("*.py"))


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_only_what_stands_below_them(room):
    above = ROOMS[ROOMS.index(room) + 1 :]
    faults = [
        f"{path.relative_to(REPOSITORY)} imports {module}"
        for path in sources(room)
        for module in imported(path)
        if module.split(".")[0] in above
    ]
    assert not faults


def package_of(module):
    parts = module.split(".")
    return parts[1] if parts[0] == "arena_write" and len(parts) > 1 and parts[1] in PACKAGES else None


def test_packages_of_the_harness_import_only_what_stands_below_them():
    faults = []
    for path in sources("arena_write"):
        relative = path.relative_to(REPOSITORY / "arena_write")
        package = relative.parts[0].removesuffix(".py")
        if package not in PACKAGES:
            continue
        for module in imported(path):
            other = package_of(module)
            if other and PACKAGES.index(other) > PACKAGES.index(package):
                faults.append(f"{relative} imports {module}")
            if other and package in PURE and other != package:
                faults.append(f"{relative} imports {module}, but {package} is pure")
    assert not faults


def test_every_package_of_the_harness_has_its_place():
    found = {path.name for path in (REPOSITORY / "arena_write").iterdir() if (path / "__init__.py").exists()}
    assert found <= set(PACKAGES)


def test_help_loads_nothing_heavy():
    heavy = ("numpy", "pandas", "pyarrow", "openai", "datasets", "streamlit", "altair", "scipy", "choix", "torch")
    script = (
        "import sys; sys.argv = ['arena-write', '--help']\n"
        "from arena_write.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"sys.exit(', '.join(m for m in {heavy!r} if m in sys.modules) or 0)"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert result.stderr == ""
    assert "eval" in result.stdout
