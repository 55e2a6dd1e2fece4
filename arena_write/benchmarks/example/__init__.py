"""The files with which a benchmark of one's own begins: a few prompts that work at once, and what their fields mean."""

from importlib.resources import files
from pathlib import Path

from arena_write.benchmarks.errors import BenchmarkError
from arena_write.names import safe_name

_SUFFIX = ".jsonl"


def begin_benchmark(target: str) -> tuple[Path, Path]:
    """Write a file of example prompts, and beside it a page that says what its fields mean; return both paths.

    Args:
        target: `NAME`, for `NAME.jsonl` in the working folder, or a path that ends with `.jsonl`. The benchmark is
            called after the file.

    Raises:
        BenchmarkError: The name cannot be one, a file is there already, or cannot be written.
    """
    prompts = Path(target if target.endswith(_SUFFIX) else f"{target}{_SUFFIX}").expanduser()
    name = prompts.name.removesuffix(_SUFFIX)
    if not name or safe_name(name) != name:
        raise BenchmarkError(
            f"a benchmark cannot be called {name!r}: give a name of letters, digits and ._- that begins and ends with "
            f"a letter or digit, such as {safe_name(name)!r}"
        )
    page = prompts.with_name(f"{name}.md")
    written = {prompts: "prompts.jsonl", page: "fields.md"}
    for path in written:
        if path.exists() or path.is_symlink():
            raise BenchmarkError(f"{path} is there already and is not written over: give another name, or move it away")
    try:
        prompts.parent.mkdir(parents=True, exist_ok=True)
        for path, source in written.items():
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write((files(__name__) / source).read_text(encoding="utf-8"))
    except OSError as error:
        raise BenchmarkError(
            f"{prompts.parent} cannot be written ({error.strerror or error}); give another path"
        ) from error
    return prompts, page
